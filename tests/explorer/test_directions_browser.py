"""The page of attributes in Chromium: sliders move the picture, films are gone to, groups are drawn, an
analogy's nearest examples; and kept directions as sliders in Explore."""

import base64
import json
import re

import numpy as np
import pytest
from mounting import PIXELS, Stage, sample
from playwright.sync_api import expect
from safetensors.numpy import load

from vae_core.explorer.build import runtime_css, runtime_js

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><style>:root {{ color-scheme: light dark }} {css}</style>
<div id="place" style="width: {width}px"></div>
<script type="module">{js}
window.told = [];
window.events = [];
window.start = (bundle, options) => {{
  const bytes = Uint8Array.from(atob(bundle), letter => letter.charCodeAt(0));
  const onChange = place => told.push(place);
  const onEvent = (name, value) => events.push([name, value]);
  const place = document.getElementById('place');
  window.handle = mountDirections(place, bytes, null, {{...options, onChange, onEvent}});
  return handle.ready;
}};
window.started = true;
</script>"""

LATENT = 3
TALL = {"name": "", "title": "tall − others", "note": "", "z": [1.0, 0.5, 0.0], "zero": 0.2}
OLD = {"name": "old", "title": "old", "note": "b − c", "z": [0.0, -0.5, 1.0], "zero": 0.0}


class Stand:
    def __init__(self, page, data, **options):
        self.page = page
        self.tensors = load(data)
        self.mu = self.tensors["points.mu"]
        page.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), width=options.pop("width", 1000)))
        page.wait_for_function("window.started")
        text = base64.b64encode(data).decode()
        assert page.evaluate(f"start('{text}', {json.dumps(options)})")

    @property
    def place(self):
        return self.page.evaluate("handle.getState()")

    def slider(self, title):
        return self.page.get_by_role("slider", name=f"How much of {title} is added")

    def is_seen(self, z):
        """Whether the picture is the decoder's at z, in grey levels."""
        weight, bias = self.tensors["decoder.0.weight"], self.tensors["decoder.0.bias"]
        wanted = 255 / (1 + np.exp(-(weight @ z + bias)))
        self.page.wait_for_function(
            f"wanted => ({PIXELS})().every((value, i) => i % 4 || Math.abs(value - wanted[i / 4]) <= 1)",
            arg=wanted.tolist(),
        )


def kinds(count, having, without):
    found = np.zeros(count, np.uint8)
    found[without], found[having] = 1, 2
    return base64.b64encode(found.tobytes()).decode()


@pytest.fixture
def stand(browser_page):
    data = sample(latent=LATENT)
    news = {"directions": [TALL, OLD], "kinds": kinds(120, [0, 1], [2, 3]), "start": 7}
    return Stand(browser_page, data, news=news)


def test_several_directions_are_added_at_once(stand):
    stand.is_seen(stand.mu[7])
    stand.slider("tall − others").fill("1.5")
    stand.is_seen(stand.mu[7] + 1.5 * np.array(TALL["z"]))
    stand.slider("old").fill("-1")
    z = stand.mu[7] + 1.5 * np.array(TALL["z"]) - np.array(OLD["z"])
    stand.is_seen(z)
    expect(stand.page.locator(".lp-reading")).to_have_text(re.compile(r"^Support \d+ % · nearest "))
    away = ((stand.mu - z) ** 2).sum(1)
    expect(stand.page.locator(".lp-reading")).to_contain_text(f"example {away.argmin()}")
    stand.page.wait_for_function("told.at(-1)?.amounts.length === 2")
    assert stand.place == {"start": None, "amounts": [["", 1.5], ["old", -1]], "analogy": None}
    stand.page.get_by_role("button", name="Nothing added").click()
    stand.is_seen(stand.mu[7])


def test_keys_a_click_on_the_film_and_a_double_click_move_it(stand):
    slider = stand.slider("tall − others")
    slider.focus()
    stand.page.keyboard.press("ArrowRight")
    stand.is_seen(stand.mu[7] + 0.05 * np.array(TALL["z"]))
    film = stand.page.locator(".la-film").first
    box = film.bounding_box()
    film.click(position={"x": box["width"] - 4, "y": 10})
    stand.is_seen(stand.mu[7] + 2 * np.array(TALL["z"]))
    expect(slider).to_have_attribute("aria-valuetext", "+2.00")
    slider.dblclick()
    stand.is_seen(stand.mu[7])


def test_an_example_is_chosen_on_the_map_and_from_the_strip(stand):
    stand.page.get_by_role("button", name="example 7", exact=False).first.click()
    stand.page.get_by_role("searchbox").fill("example 11")
    stand.page.get_by_role("button", name=re.compile("Choose .*example 11$")).click()
    stand.is_seen(stand.mu[11])
    assert stand.place["start"] == {"row": 11}
    expect(stand.page.locator(".lp-search")).to_be_hidden()
    expect(stand.page.locator(".la-from")).to_be_focused()  # where the search was opened
    box = stand.page.locator("[data-role=map]").bounding_box()
    stand.page.mouse.click(box["x"] + 12, box["y"] + box["height"] - 40)
    place = stand.place["start"]
    assert place["row"] == -1
    stand.is_seen(np.array(place["z"]))


def test_a_group_drawn_on_the_map_is_told(stand):
    page = stand.page
    page.get_by_role("button", name="Draw those without it").click()
    box = page.locator("[data-role=map]").bounding_box()
    left, top, right, low = (
        box["x"] + 4,
        box["y"] + 4,
        box["x"] + box["width"] - 4,
        box["y"] + box["height"] - 4,
    )
    page.mouse.move(left, top)
    page.mouse.down()
    for place in ((right, top), (right, low), (left, low)):
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    page.wait_for_function("events.length === 1")
    name, value = page.evaluate("events[0]")
    assert (name, value["group"]) == ("drawn", "without")
    assert len(value["rows"]) > 100
    assert stand.place["start"] is None  # the lasso chose no example
    expect(page.get_by_role("button", name="Draw those without it")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_an_analogys_nearest_examples_leave_the_three_out(stand):
    page = stand.page
    page.get_by_role("button", name="Try an analogy").click()
    expect(page.locator(".la-told")).to_have_text(re.compile("nearest example is"))
    a, b, c = (stand.mu[row] for row in stand.place["analogy"])
    away = ((stand.mu - (a - b + c)) ** 2).sum(1).argsort()
    wanted = [int(row) for row in away if row not in stand.place["analogy"]][:4]
    shown = page.locator(".la-near .la-slot")
    expect(shown).to_have_count(4)
    for k, row in enumerate(wanted):
        expect(shown.nth(k)).to_have_attribute("title", re.compile(f"example {row}$"))
    if away[0] in stand.place["analogy"]:
        expect(page.locator(".la-told")).to_contain_text("itself")
    page.get_by_title("Begin the directions here").click()
    stand.is_seen(a - b + c)


def test_news_change_the_directions_and_keep_what_was_added(stand):
    stand.slider("old").fill("0.5")
    stand.page.evaluate(f"handle.inform({json.dumps({'directions': [OLD], 'start': 3})})")
    stand.is_seen(stand.mu[3] + 0.5 * np.array(OLD["z"]))
    expect(stand.page.get_by_role("slider")).to_have_count(1)
    stand.page.evaluate("handle.inform({directions: 'x', kinds: 5, start: -1})")
    stand.is_seen(stand.mu[0])
    expect(stand.page.get_by_role("slider")).to_have_count(0)


@pytest.mark.parametrize("width", [340, 1000])
def test_the_thumb_stands_below_its_frame(browser_page, width):
    stand = Stand(browser_page, sample(latent=LATENT), news={"directions": [TALL]}, width=width)
    expect(browser_page.locator(".la-film")).to_be_visible()
    stand.is_seen(stand.mu[0])
    film, slider = (browser_page.locator(name).bounding_box() for name in (".la-film", ".la-slider input"))
    frames = 17 if width > 480 else 9
    first = film["x"] + film["width"] / frames / 2
    assert slider["x"] + 8 == pytest.approx(first, abs=1.5)
    assert slider["x"] + slider["width"] / 2 == pytest.approx(film["x"] + film["width"] / 2, abs=1.5)


def test_in_explore_a_kept_direction_is_a_slider_that_moves_z_along_it_alone(browser_page):
    data = sample(latent=LATENT)
    stage = Stage(browser_page, data)
    z = np.array(stage.state["z"])
    stage.page.evaluate(f"explorer.inform({json.dumps({'directions': [OLD]})})")
    slider = stage.page.get_by_role("slider", name="old")
    direction = np.array(OLD["z"])
    standing = z @ direction / (direction @ direction)
    expect(slider).to_have_attribute("aria-valuetext", f"{standing:.2f}".replace("-", "−"))
    slider.fill("1")
    stage.page.wait_for_function("sent.length > 0")
    moved = np.array(stage.state["z"])
    assert moved @ direction / (direction @ direction) == pytest.approx(1, abs=2e-3)
    assert moved - z == pytest.approx((1 - standing) * direction, abs=2e-3)
    order = stage.page.evaluate(
        "[...document.querySelector('.ls-side').children].map(node => node.className)"
    )
    assert order.index("ls-directions") > order.index("ls-sliders")
