"""The Interpolate page in Chromium: anchors by hand, kinds of path, the player, what is said of frames."""

import base64
import json
import re

import numpy as np
import pytest
from mounting import PIXELS, sample
from PIL import Image
from playwright.sync_api import expect
from safetensors.numpy import load, save

from vae_core import paths
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
  window.handle = mountPath(document.getElementById('place'), unpacked(bundle), unpacked(extras), options);
  return handle.ready;
}};
window.started = true;
</script>"""

FILM = """name => {
  const canvas = document.querySelector(`.lp-film-${name}`);
  return Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).join();
}"""

COUNT = 120


def extras() -> bytes:
    pictures = np.random.default_rng(1).integers(0, 256, (COUNT, 1, 6, 6)).astype(np.uint8)
    return save(
        {"thumbs": pictures}, {"latentscape": json.dumps({"format": 1, "kind": "extras", "factor": 1})}
    )


class Stand:
    def __init__(self, page, data):
        self.page = page
        self.tensors = load(data)
        self.mu = self.tensors["points.mu"]

    @property
    def state(self):
        return self.page.evaluate("handle.getState()")

    def anchors(self):
        """Codes (A, Z)."""
        return np.array([self.mu[a["row"]] if a["row"] >= 0 else a["z"] for a in self.state["anchors"]])

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def is_pressed(self, name):
        expect(self.page.get_by_role("button", name=name, exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )

    def settled(self):
        """Every figure of the table has come."""
        expect(self.page.locator(".lp-figures tbody")).to_contain_text("Cross-fade")
        expect(self.page.locator(".lp-figures tbody")).not_to_contain_text("…")
        expect(self.page.locator(".lp-line .lp-note").first).to_have_text("")

    def seen(self, frame):
        """The decoded picture at a frame, in grey levels (36,)."""
        self.page.get_by_role("slider", name="Place along the path").fill(str(100 * frame))
        expect(self.page.locator(".lp-reading")).to_contain_text(f"Frame {frame + 1} of 24")
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        return np.array(self.page.evaluate(PIXELS))[::4]

    def decoded(self, z):
        weight, bias = self.tensors["decoder.0.weight"], self.tensors["decoder.0.bias"]
        return 255 / (1 + np.exp(-(np.asarray(z) @ weight.T + bias)))

    def at(self, x, y):
        """A place on the screen, from shares of the map."""
        box = self.page.locator("[data-role=map]").bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]


def mount(page, data, more, place=None, width=1200):
    page.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), width=width))
    page.wait_for_function("window.started")
    sent = [part and base64.b64encode(part).decode() for part in (data, more)]
    assert page.evaluate("parts => start(...parts)", [*sent, place])


@pytest.fixture
def opened(browser_page):
    def open_with(place=None, latent=2, width=1200, with_pictures=True):
        page, data = browser_page, sample(latent=latent, count=COUNT)
        mount(page, data, extras() if with_pictures else None, place, width)
        return Stand(page, data)

    return open_with


def test_it_begins_between_two_classes_and_says_how_far_the_way_can_be_trusted(opened):
    stand = opened()
    stand.settled()
    ends = stand.anchors()
    labels = stand.tensors["points.label"][[anchor["row"] for anchor in stand.state["anchors"]]]
    assert sorted(labels) == [0, 2]  # the classes that lie farthest apart
    codes = paths.even(paths.line(*ends), 24)
    for frame in (0, 9, 23):
        assert np.abs(stand.seen(frame) - stand.decoded(codes[frame])).max() <= 1
    standing = Support(stand.mu).of(codes)
    share = f"support {round(100 * standing.support[23])} %"
    expect(stand.page.locator(".lp-reading")).to_contain_text(share)
    row = stand.page.locator(".lp-figures tbody tr").first
    mean, least = (round(100 * value) for value in (standing.support.mean(), standing.support.min()))
    expect(row).to_contain_text(f"{mean} %, least {least} %")
    pictures = stand.decoded(codes)
    shape, fade = paths.shape(pictures), paths.shape(paths.cross_fade(pictures[0], pictures[-1], 24))
    expect(row).to_contain_text(f"{shape.length / fade.length:.2f}×")
    expect(row).to_contain_text(f"{shape.smoothness:.2f}")
    for name in ("linear", "nearest", "fade"):
        expect(stand.page.locator(f".lp-film-{name}")).to_be_visible()


def test_a_dragged_anchor_takes_the_film_along_while_it_is_held(opened):
    stand = opened({"anchors": [{"z": [-1, 0]}, {"z": [4, 0]}]})
    stand.settled()
    page, before, map_box = stand.page, stand.anchors(), stand.page.locator("[data-role=map]")
    drawn, fade = page.evaluate(FILM, "linear"), page.evaluate(FILM, "fade")
    place = map_box.bounding_box()
    page.mouse.move(*find_anchor(stand, 1))
    page.mouse.down()
    page.mouse.move(place["x"] + 0.8 * place["width"], place["y"] + 0.2 * place["height"], steps=4)
    page.wait_for_function(f"([name, before]) => ({FILM})(name) !== before", arg=["linear", drawn])
    page.wait_for_function(f"([name, before]) => ({FILM})(name) !== before", arg=["fade", fade])
    assert not page.evaluate("told.length")  # nothing is told while a hand holds it
    page.mouse.up()
    page.wait_for_function("told.length")
    after = stand.anchors()
    assert np.allclose(after[0], before[0])
    assert not np.allclose(after[1], before[1], atol=0.5)
    assert page.evaluate("told.at(-1)") == stand.state
    assert stand.state["at"] == 23  # the anchor under the hand is what is seen


def find_anchor(stand, k):
    """Where an anchor stands on the screen: the one disc in the colour of z, asked for by its number."""
    found = stand.page.evaluate(
        """() => {
          const canvas = document.querySelector('[data-role=map]');
          const {width, height} = canvas;
          const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
          const columns = new Map();
          for (let i = 0; i < data.length; i += 4) {
            if (data[i] !== 0 || data[i + 1] !== 158 || data[i + 2] !== 115) continue;
            const [x, y] = [i / 4 % width, Math.floor(i / 4 / width)];
            columns.set(x, [...(columns.get(x) ?? []), y]);
          }
          return [...columns];
        }"""
    )
    xs = np.array([x for x, ys in found for _ in ys])
    ys = np.array([y for _, ys in found for y in ys])
    side = xs < (xs.min() + xs.max()) / 2 if k == 0 else xs > (xs.min() + xs.max()) / 2
    box = stand.page.locator("[data-role=map]").bounding_box()
    return box["x"] + np.median(xs[side]), box["y"] + np.median(ys[side])


def test_anchors_are_added_ordered_and_removed(opened):
    stand = opened({"anchors": [{"row": 3}, {"row": 5}]})
    page = stand.page
    page.mouse.click(*stand.at(0.5, 0.9))
    expect(page.locator(".lp-anchor")).to_have_count(3)
    stand.press("Add")
    page.get_by_role("searchbox", name="Search the examples").fill("example 17")
    page.get_by_role("button", name="Go through").first.click()
    expect(page.locator(".lp-anchor")).to_have_count(4)
    assert stand.state["anchors"][3] == {"row": 17}
    page.get_by_role("textbox", name="A code: 2 numbers").fill("1, two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("A code of this model has 2 numbers")
    page.get_by_role("textbox", name="A code: 2 numbers").fill("−1, 0.5")
    page.keyboard.press("Enter")
    expect(page.locator(".lp-anchor")).to_have_count(5)
    assert stand.state["anchors"][4] == {"z": [-1, 0.5], "row": -1}
    for _ in range(3):
        stand.press("Random sample")
    expect(page.locator(".lp-anchor")).to_have_count(8)
    expect(page.get_by_role("button", name="Add", exact=True).first).to_be_disabled()
    page.mouse.click(*stand.at(0.9, 0.9))
    expect(page.locator(".lp-reading")).to_contain_text("Eight anchors are the most")
    page.keyboard.press("Escape")
    open_first = page.locator(".lp-anchor-open").first
    open_first.focus()
    page.keyboard.press("Alt+ArrowRight")
    assert [anchor["row"] for anchor in stand.state["anchors"][:2]] == [5, 3]
    expect(page.locator(".lp-anchor-open").nth(1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.locator(".lp-anchor")).to_have_count(7)
    assert stand.state["anchors"][0]["row"] == 5


def test_a_picture_is_dragged_to_another_place_of_the_row(opened):
    stand = opened({"anchors": [{"row": 3}, {"row": 5}, {"row": 7}]})
    page = stand.page
    first, last = (page.locator(".lp-anchor-open").nth(k).bounding_box() for k in (0, 2))
    page.mouse.move(first["x"] + 28, first["y"] + 28)
    page.mouse.down()
    page.mouse.move(last["x"] + 50, last["y"] + 28, steps=5)
    page.mouse.up()
    expect(page.locator(".lp-anchor-open").nth(2)).to_have_attribute("title", re.compile("example 3"))
    assert [anchor["row"] for anchor in stand.state["anchors"]] == [5, 7, 3]


def test_equal_change_makes_steps_alike(opened):
    stand = opened({"anchors": [{"z": [-2, -2]}, {"z": [6, 2]}], "by": "change"})
    stand.settled()
    expect(stand.page.locator(".lp-figures tbody tr").first).to_contain_text("1.0")
    codes = paths.line(np.array([-2, -2]), np.array([6, 2]))
    t = paths.alike(codes, 24, stand.decoded)
    for frame in (5, 12, 20):
        assert np.abs(stand.seen(frame) - stand.decoded(codes(t))[frame]).max() <= 2


def test_kinds_ends_and_loops_change_the_frames(opened):
    ends = np.array([[-1.0, 2.0], [4.0, 1.0]])
    stand = opened({"anchors": [{"z": list(z)} for z in ends]})
    stand.press("Spherical")
    stand.settled()
    codes = paths.even(paths.arc(*ends), 24)
    assert np.abs(stand.seen(12) - stand.decoded(codes[12])).max() <= 1
    stand.press("Past the ends")
    expect(stand.page.locator(".lp-reading")).not_to_contain_text("past the end")
    overshoot = paths.arc(*ends)(np.array([-3 / 17]))
    assert np.abs(stand.seen(0) - stand.decoded(overshoot)[0]).max() <= 1
    expect(stand.page.locator(".lp-reading")).to_contain_text("past the end")
    stand.settled()  # figures are of what lies between the ends
    expect(stand.page.locator(".lp-figures tr").last.locator("td").last).to_have_text("1.00×")
    stand.press("Past the ends")
    stand.press("Back to 1")
    assert np.abs(stand.seen(23) - stand.decoded(ends[0])).max() <= 1
    stand.press("Compare kinds")
    for name in ("spherical", "linear", "data", "fade"):
        expect(stand.page.locator(f".lp-film-{name}")).to_be_visible()
    stand.settled()
    stand.press("Along the data")
    stand.settled()
    stand.is_pressed("Along the data")
    expect(stand.page.locator(".lp-line").first).to_contain_text("Along the data")


def test_a_way_is_drawn_by_hand(opened):
    stand = opened(latent=3)
    page = stand.page
    stand.press("By hand")
    stand.is_pressed("By hand")
    page.mouse.move(*stand.at(0.35, 0.6))
    page.mouse.down()
    for x, y in ((0.4, 0.2), (0.5, 0.15), (0.6, 0.3), (0.62, 0.6)):
        page.mouse.move(*stand.at(x, y), steps=4)
    page.mouse.up()
    stand.settled()
    assert stand.state["kind"] == "drawn"
    assert len(stand.state["anchors"]) == 2
    assert stand.state["stroke"][0] == [0, 0, 0]
    assert 4 < len(stand.state["stroke"]) <= 24
    assert stand.state["stroke"][-1] == pytest.approx([1, 0, 0], abs=1e-3)
    length = stand.page.locator(".lp-figures tbody tr td").nth(1).inner_text()
    around, straight = (float(part) for part in length.replace(")", "").split(" ("))
    assert around > 1.2 * straight
    page.wait_for_function("told.at(-1)?.kind === 'drawn'")
    stand.press("Back to 1")
    stand.is_pressed("Straight")  # a way by hand leads from one end to the other


def test_it_plays_pauses_and_goes_on_from_frame_to_frame(opened):
    stand = opened({"anchors": [{"row": 3}, {"row": 5}], "repeat": "once", "speed": 4, "ease": "even"})
    page = stand.page
    page.locator("[data-role=map]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("handle.getState().at === 1")
    page.keyboard.press("End")
    page.wait_for_function("handle.getState().at === 23")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()  # from the end it begins anew
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=30_000)
    assert stand.state["at"] == 23
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("handle.getState().at === 22")
    page.wait_for_function("told.at(-1)?.at === 22")
    page.locator(".lp-film-fade").click(position={"x": 2, "y": 5})
    page.wait_for_function("handle.getState().at === 0")


def test_of_a_place_only_what_fits_the_model_is_taken(opened):
    stand = opened(
        {"anchors": [{"row": 3}, {"z": [1]}], "kind": "drawn", "by": "x", "speed": 3, "at": -5, "ease": {}}
    )
    assert len(stand.state["anchors"]) == 2
    assert stand.state["anchors"][0] != {"row": 3}
    assert (stand.state["kind"], stand.state["by"], stand.state["speed"], stand.state["at"]) == (
        "linear",
        "parameter",
        1,
        0,
    )


def test_a_picture_of_ones_own_becomes_an_anchor(browser_page, tmp_path):
    run = RunStore().get("digits")
    data, more = run.bundle(), run_extras(run)
    mount(browser_page, data, more)
    stand = Stand(browser_page, data)
    Image.fromarray(load(more)["thumbs"][7, 0]).save(tmp_path / "seven.png")
    (tmp_path / "text.png").write_text("no picture")
    stand.press("Add")
    chooser = browser_page.get_by_label("A picture of yours")
    chooser.set_input_files(tmp_path / "text.png")
    expect(browser_page.locator(".lp-reading")).to_contain_text("could not be read as a picture")
    chooser.set_input_files(tmp_path / "seven.png")
    expect(browser_page.locator(".lp-anchor")).to_have_count(3)
    assert stand.anchors()[2] == pytest.approx(stand.mu[7].astype(np.float32), abs=0.01)
    stand.press("✎ Draw")
    box = browser_page.locator(".ls-pad").bounding_box()
    browser_page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    browser_page.mouse.down()
    browser_page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=6)
    browser_page.mouse.up()
    stand.press("Use drawing")
    expect(browser_page.locator(".lp-anchor")).to_have_count(4)
    apart = np.linalg.norm(stand.mu - stand.anchors()[3], axis=1)
    labels = stand.tensors["points.label"].astype(int)[np.argsort(apart)[:9]]
    assert np.bincount(labels).argmax() == 1  # a vertical stroke


@pytest.mark.parametrize(("latent", "width"), [(1, 1200), (16, 358)])
def test_it_works_in_one_dimension_in_many_and_on_a_phone(opened, latent, width):
    stand = opened(latent=latent, width=width, with_pictures=latent == 1)
    stand.settled()
    assert stand.page.locator("#place").evaluate("place => place.scrollWidth") <= width
    expect(stand.page.locator(".lp-film-nearest")).to_have_count(int(latent == 1))


# Fingers on the map, [type, pointer, share across, share down].
FINGERS = """moves => {
  const map = document.querySelector('[data-role=map]');
  const box = map.getBoundingClientRect();
  map.setPointerCapture = () => {}; // made-up pointers cannot be captured
  for (const [type, pointerId, x, y] of moves) {
    map.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId, pointerType: 'touch',
      clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
  }
}"""


def test_a_second_finger_takes_an_anchor_back_that_the_first_one_set(opened):
    stand = opened({"anchors": [{"row": 3}, {"row": 5}], "at": 7})
    stand.page.evaluate(
        FINGERS, [["pointerdown", 1, 0.5, 0.9], ["pointermove", 1, 0.6, 0.9], ["pointerdown", 2, 0.3, 0.5]]
    )
    expect(stand.page.locator(".lp-anchor")).to_have_count(2)
    stand.page.evaluate(FINGERS, [["pointerup", 2, 0.3, 0.5], ["pointerup", 1, 0.6, 0.9]])
    expect(stand.page.locator(".lp-reading")).to_contain_text("Frame 8 of 24")
    assert (stand.state["anchors"], stand.state["at"]) == ([{"row": 3}, {"row": 5}], 7)


def test_a_frame_of_another_kind_is_seen_under_the_pointer(opened):
    ends = np.array([[-1.0, 2.0], [4.0, 1.0]])
    stand = opened({"anchors": [{"z": list(z)} for z in ends], "isCompared": True})
    stand.settled()
    film = stand.page.locator(".lp-film-spherical")
    film.scroll_into_view_if_needed()
    box = film.bounding_box()
    stand.page.mouse.move(box["x"] + 12.5 * box["width"] / 24, box["y"] + 10)
    expect(stand.page.locator(".lp-reading")).to_contain_text("Frame 13 of 24")
    wanted = stand.decoded(paths.even(paths.arc(*ends), 24)[12])
    stand.page.wait_for_function(
        f"wanted => ({PIXELS})().every((value, i) => i % 4 || Math.abs(value - wanted[i / 4]) <= 1)",
        arg=wanted.tolist(),
    )


def test_a_page_that_goes_while_it_is_presented_leaves_nothing_behind(opened):
    stand = opened({"anchors": [{"row": 3}, {"row": 5}], "isLoop": True})
    page = stand.page
    page.get_by_role("button", name="Present", exact=True).click()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Anchor 1: a, example 3", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.wait_for_function("handle.getState().at === 23")
    steps = page.locator(".lp-talk-step")
    grounds = steps.evaluate_all("steps => steps.map(step => getComputedStyle(step).backgroundColor)")
    assert grounds[0] == "rgb(0, 158, 115)" != grounds[1]  # the one it stands at is seen
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Present", exact=True)).to_be_focused()
    page.wait_for_function("told.at(-1)?.at === 23")
    page.get_by_role("button", name="Present", exact=True).click()
    expect(page.locator("html")).to_have_class("ls-presenting")
    page.evaluate("handle.destroy()")
    expect(page.locator("html")).to_have_class("")
    assert page.evaluate("getComputedStyle(document.body).overflow") == "visible"
