"""The four-corner palette in Chromium: corners, blends, the puck, a path for it, what is said of a place."""

import base64
import re

import numpy as np
import pytest
from mounting import PIXELS, sample
from playwright.sync_api import expect
from safetensors.numpy import load
from test_path_browser import COUNT, extras

from vae_core import blends
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.explorer.extras import extras as run_extras
from vae_core.runs import RunStore
from vae_core.support import Support

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><style>:root {{ color-scheme: light dark }} {css}</style>
<div id="place" style="width: {width}px"></div>
<script type="module">{js}
window.told = [];
window.unpacked = data => data && Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
window.start = (bundle, extras, place) => {{
  const options = {{place, onChange: state => told.push(state)}};
  window.handle = mountCorners(document.getElementById('place'), unpacked(bundle), unpacked(extras), options);
  return handle.ready;
}};
window.started = true;
</script>"""

# The picture at a place of the square, read from the middle of its pixels: each is a share of the square.
SQUARE = """([side, across, down, size]) => {
  const canvas = document.querySelector('.lc-square');
  const {width, height} = canvas;
  const pen = canvas.getContext('2d');
  const values = [];
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
    const [u, v] = [(across + (x + 0.5) / size) / side, (down + (y + 0.5) / size) / side];
    values.push(pen.getImageData(Math.floor(u * width), Math.floor(v * height), 1, 1).data[0]);
  }
  return values;
}"""

# The last pictures to come are in the corners.
WHOLE = """() => {
  const pen = document.querySelector('.lc-square').getContext('2d');
  const {width, height} = pen.canvas;
  const places = [[5, 5], [width - 5, 5], [5, height - 5], [width - 5, height - 5]];
  return places.every(([x, y]) => pen.getImageData(x, y, 1, 1).data[3] > 0);
}"""

# Whether the decoded picture is one, in grey levels.
SHOWN = f"([wanted, within]) => wanted.every((value, k) => Math.abs(({PIXELS})()[4 * k] - value) <= within)"

CORNERS = [{"z": [-2.0, 1.0]}, {"z": [3.0, 2.0]}, {"z": [-1.0, -2.0]}, {"row": 5}]
APART = [{"z": [1.0, 0.0]}, {"z": [0.0, 1.0]}, {"z": [0.0, -1.0]}, {"z": [-1.0, 0.0]}]


class Palette:
    def __init__(self, page, data):
        self.page = page
        self.tensors = load(data)
        self.mu = self.tensors["points.mu"]

    @property
    def state(self):
        return self.page.evaluate("handle.getState()")

    def codes(self):
        """Of the corners, (4, Z)."""
        return np.array([self.mu[c["row"]] if c["row"] >= 0 else c["z"] for c in self.state["corners"]])

    def blend(self, place, kind="bilinear"):
        return blends.between(self.codes(), np.array([place]), kind)[0]

    def decoded(self, z):
        weight, bias = self.tensors["decoder.0.weight"], self.tensors["decoder.0.bias"]
        return 255 / (1 + np.exp(-(np.asarray(z) @ weight.T + bias)))

    def shows(self, z, within=1):
        """The decoded picture is that of z."""
        wanted = self.decoded(z).round().tolist()
        self.page.wait_for_function(SHOWN, arg=[wanted, within])

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def hands(self):
        return self.page.locator(".lc-hands")

    def at(self, u, v):
        box = self.hands.bounding_box()
        return box["x"] + u * box["width"], box["y"] + v * box["height"]


@pytest.fixture
def opened(browser_page):
    def open_with(place=None, latent=2, width=1200, with_pictures=True):
        page, data = browser_page, sample(latent=latent, count=COUNT)
        page.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), width=width))
        page.wait_for_function("window.started")
        sent = [
            part and base64.b64encode(part).decode() for part in (data, extras() if with_pictures else None)
        ]
        assert page.evaluate("parts => start(...parts)", [*sent, place])
        return Palette(page, data)

    return open_with


def test_the_square_shows_blends_of_its_corners_and_the_puck_is_seen_large(opened):
    stand = opened({"corners": CORNERS, "puck": [0.25, 0.75]})
    stand.shows(stand.blend([0.25, 0.75]))
    stand.page.wait_for_function(WHOLE)
    for across, down in ((0, 0), (14, 0), (7, 4), (3, 14)):
        wanted = stand.decoded(stand.blend([across / 14, down / 14]))
        stand.page.wait_for_function(
            f"([asked, wanted]) => ({SQUARE})(asked).every((value, k) => Math.abs(value - wanted[k]) <= 2)",
            arg=[[15, across, down, 6], wanted.tolist()],
        )


def test_the_puck_is_dragged_stepped_and_told_when_let_go(opened):
    stand = opened({"corners": CORNERS})
    page = stand.page
    page.mouse.move(*stand.at(0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*stand.at(0.8, 0.3), steps=5)
    stand.shows(stand.blend([0.8, 0.3]), within=2)
    assert not page.evaluate("told.length")  # nothing is told while a hand holds it
    page.mouse.up()
    page.wait_for_function("told.length")
    assert page.evaluate("told.at(-1)") == stand.state
    u, v = stand.state["puck"]
    assert (u, v) == (pytest.approx(0.8, abs=0.01), pytest.approx(0.3, abs=0.01))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert stand.state["puck"] == pytest.approx([u + 0.02, v + 0.1], abs=2e-3)
    for _ in range(10):
        page.keyboard.press("Shift+ArrowLeft")
    assert stand.state["puck"][0] == 0
    page.mouse.move(*stand.at(0.6, 0.6))  # only looked at
    stand.shows(stand.blend([0.6, 0.6]), within=2)
    page.mouse.move(2, 2)
    stand.shows(stand.blend(stand.state["puck"]))


def test_what_is_said_of_a_place_is_its_support_and_the_nearest_example(opened):
    stand = opened({"corners": CORNERS, "puck": [0.4, 0.1]})
    standing = Support(stand.mu).of(stand.blend([0.4, 0.1])[None])
    expect(stand.page.locator(".lp-reading")).to_have_text(
        f"40 % across, 10 % down · support {round(100 * standing.support[0])} %"
    )
    expect(stand.page.locator(".lc-near bdi")).to_have_text(re.compile(f"example {standing.nearest[0]}$"))


def test_corners_are_chosen_from_the_strip_typed_clicked_and_dragged_on_the_map(opened):
    stand = opened()
    page = stand.page
    labels = stand.tensors["points.label"][[corner["row"] for corner in stand.state["corners"]]]
    assert len(labels) == 4  # typical examples to begin with
    page.get_by_role("button", name="Corner 2, top right").click()
    page.get_by_role("searchbox", name="Search the examples").fill("example 17")
    page.get_by_role("button", name="Put there").first.click()
    assert stand.state["corners"][1] == {"row": 17}
    page.get_by_role("textbox", name="A code: 2 numbers").fill("1.5, -1")
    page.keyboard.press("Enter")
    assert stand.state["corners"][1] == {"z": [1.5, -1], "row": -1}
    stand.press("Random sample")
    assert stand.state["corners"][1]["z"] != [1.5, -1]
    page.keyboard.press("Escape")
    expect(page.locator(".lp-search")).to_be_hidden()
    others = stand.state["corners"]
    box = page.locator("[data-role=map]").bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] - 12)
    page.mouse.down()  # far from every example: a code, which goes on with the hand
    before = stand.state["corners"][1]
    assert before["row"] == -1
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 40, steps=3)
    page.mouse.up()
    after = stand.state["corners"]
    assert after[1]["z"] != before["z"]
    assert [after[k] for k in (0, 2, 3)] == [others[k] for k in (0, 2, 3)]


def test_the_spherical_blend_is_the_librarys_and_says_where_there_is_none(opened):
    stand = opened(
        {"corners": CORNERS[1:2] * 2 + [{"z": [3.0, -1.0]}, {"z": [1.0, 3.0]}], "puck": [0.3, 0.6]}
    )
    stand.press("Spherical")
    stand.shows(stand.blend([0.3, 0.6], "spherical"))
    assert not np.allclose(stand.blend([0.3, 0.6], "spherical"), stand.blend([0.3, 0.6]), atol=0.1)


def test_where_corners_lie_around_the_origin_it_says_that_spherical_is_bilinear(opened):
    stand = opened({"corners": APART, "blend": "spherical", "puck": [0.3, 0.6]})
    stand.shows(stand.blend([0.3, 0.6]))
    expect(stand.page.locator(".lp-reading")).to_contain_text("around the origin")
    stand.press("Bilinear")
    expect(stand.page.locator(".lp-reading")).not_to_contain_text("around the origin")


def test_a_path_is_drawn_played_and_cleared(opened):
    stand = opened({"corners": CORNERS, "repeat": "once"})
    page = stand.page
    expect(page.get_by_role("button", name="Play")).to_be_hidden()
    stand.press("Draw a path")
    page.mouse.move(*stand.at(0.2, 0.2))
    page.mouse.down()
    for u, v in ((0.8, 0.2), (0.8, 0.8)):
        page.mouse.move(*stand.at(u, v), steps=6)
    page.mouse.up()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()  # plays at once
    route = np.array(stand.state["route"])
    assert 2 <= len(route) <= 48
    assert np.allclose(route[[0, -1]], [[0.2, 0.2], [0.8, 0.8]], atol=0.01)
    page.get_by_role("combobox", name="Speed").select_option("4")
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=30_000)
    page.wait_for_function("Math.abs(handle.getState().puck[1] - 0.8) < 0.02")
    page.get_by_role("slider", name="Place along the path").fill("0")
    page.wait_for_function("Math.abs(handle.getState().puck[0] - 0.2) < 0.02")
    page.wait_for_function("told.at(-1)?.route?.length > 1")
    stand.press("Clear path")
    assert stand.state["route"] is None
    expect(page.get_by_role("button", name="Play")).to_be_hidden()


def test_a_path_is_made_by_keyboard(opened):
    stand = opened({"corners": CORNERS})
    stand.hands.focus()
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter", "Enter", "Backspace"):
        stand.page.keyboard.press(key)
    assert stand.state["route"] == [[0.5, 0.5], [0.6, 0.5]]
    stand.page.keyboard.press("Space")
    expect(stand.page.get_by_role("button", name="Pause")).to_be_visible()
    stand.page.wait_for_function("handle.getState().puck[0] > 0.51")
    stand.hands.press("Backspace")  # nothing left to play
    expect(stand.page.get_by_role("button", name="Play", include_hidden=True)).to_have_count(1)


def test_a_second_finger_neither_moves_nor_drops_the_puck(opened):
    stand = opened({"corners": CORNERS})
    stand.page.evaluate(
        """moves => {
          const hands = document.querySelector('.lc-hands');
          const box = hands.getBoundingClientRect();
          hands.setPointerCapture = () => {}; // made-up pointers cannot be captured
          for (const [type, pointerId, u, v] of moves) {
            hands.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId, pointerType: 'touch',
              clientX: box.left + u * box.width, clientY: box.top + v * box.height}));
          }
        }""",
        [
            ["pointerdown", 1, 0.5, 0.5],
            ["pointerdown", 2, 0.1, 0.1],
            ["pointermove", 2, 0.2, 0.1],
            ["pointerup", 2, 0.2, 0.1],
            ["pointermove", 1, 0.75, 0.25],
        ],
    )
    assert stand.state["puck"] == pytest.approx([0.75, 0.25], abs=0.005)
    assert not stand.page.evaluate("told.length")  # one finger still holds it


def test_support_frames_the_pictures_in_its_colour(opened):
    stand = opened({"corners": CORNERS, "hasSupport": False})
    expect(stand.page.locator(".lc-key")).to_be_hidden()
    stand.press("Support")
    expect(stand.page.locator(".lc-key")).to_be_visible()
    assert stand.state["hasSupport"]
    far = Support(stand.mu).of(stand.blend([1, 0])[None])
    assert far.support[0] == 0
    # The darkest blue of cividis, at the edge of the picture at the top right.
    stand.page.wait_for_function(
        "() => { const pen = document.querySelector('.lc-square').getContext('2d');"
        " return pen.getImageData(pen.canvas.width - 3, 2, 1, 1).data.join() === '0,34,78,255'; }"
    )


@pytest.mark.parametrize(
    "place",
    [
        {"corners": CORNERS[:3]},
        {"corners": [*CORNERS[:3], {"z": [1]}]},
        {"corners": [*CORNERS[:3], {"row": COUNT}], "puck": [9, -1], "route": [[0, 0]], "blend": "toString"},
    ],
)
def test_of_a_place_only_what_fits_the_model_is_taken(opened, place):
    state = opened(place).state
    assert all(corner["row"] >= 0 for corner in state["corners"])
    assert (state["blend"], state["route"]) == ("bilinear", None)
    assert all(0 <= share <= 1 for share in state["puck"])


@pytest.mark.parametrize(("latent", "width"), [(1, 1200), (16, 358)])
def test_it_works_in_one_dimension_in_many_and_on_a_phone(opened, latent, width):
    stand = opened(latent=latent, width=width, with_pictures=latent == 1)
    expect(stand.page.locator(".lp-reading")).to_contain_text("support")
    assert stand.page.locator("#place").evaluate("place => place.scrollWidth") <= width
    expect(stand.page.locator(".lc-near canvas")).to_be_visible(visible=latent == 1)


def test_a_drawing_becomes_a_corner(browser_page):
    run = RunStore().get("digits")
    data, more = run.bundle(), run_extras(run)
    page = browser_page
    page.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), width=1200))
    page.wait_for_function("window.started")
    sent = [base64.b64encode(part).decode() for part in (data, more)]
    assert page.evaluate("parts => start(...parts)", sent)
    page.get_by_role("button", name="Corner 1, top left").click()
    page.get_by_role("button", name="✎ Draw").click()
    use = page.get_by_role("button", name="Use drawing")
    expect(use).to_be_disabled()
    box = page.locator(".ls-pad").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=6)
    page.mouse.up()
    use.click()
    [corner] = [corner for corner in page.evaluate("handle.getState().corners") if corner["row"] < 0]
    tensors = load(data)
    labels = tensors["points.label"].astype(int)
    apart = np.linalg.norm(tensors["points.mu"] - corner["z"], axis=1)
    assert np.bincount(labels[np.argsort(apart)[:9]]).argmax() == 1  # a vertical stroke
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(use).to_be_disabled()
