"""The replay in Chromium: scrubbing, playing, keys, a training that goes on, and where it comes to rest."""

import base64

import moving_clouds
import numpy as np
import pytest
from mounting import MAP
from moving_clouds import STEPS
from playwright.sync_api import expect

from vae_core import replay
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.runs import RunStore

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><style>:root {{ color-scheme: light dark }} {css}</style>
<div id="place" style="width: {width}px"></div>
<script type="module">{js}
window.rests = [];
window.unpacked = data => Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
window.start = (data, place) => {{
  const onRest = found => rests.push(found);
  window.handle = mountReplay(document.getElementById('place'), unpacked(data), {{place, onRest}});
}};
window.started = true;
</script>"""

CLOUD = MAP.replace("=map]", "=cloud]")


def packed(store, **settings):
    return base64.b64encode(replay.pack(replay.moments(moving_clouds.run(store, **settings)))).decode()


@pytest.fixture
def opened(browser_page, tmp_path):
    def open_with(data=None, place=None, width=1100):
        page = browser_page
        page.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), width=width))
        page.wait_for_function("window.started")
        data = data or packed(RunStore(tmp_path), changes=[(25, 4.0, None)])
        page.evaluate("([data, place]) => start(data, place)", [data, place or {}])
        return page

    return open_with


def stands_at(page, step):
    page.wait_for_function("step => handle.getPlace().step === step", arg=step)


def test_scrubbing_moves_the_cloud_and_everything_beside_it(opened):
    page = opened()
    scrubber = page.get_by_role("slider", name="Moment of the training")
    expect(page.locator(".lr-epoch-now")).to_have_text("10.0")  # it begins where the map is ready
    end = page.evaluate(CLOUD)
    scrubber.fill("5000")  # half of the square root: a quarter of the steps
    expect(page.locator(".lr-epoch-now")).to_have_text("2.5")
    expect(scrubber).to_have_attribute("aria-valuetext", "epoch 2.5 of 10.0")
    expect(page.locator(".lr-distortion .lr-value")).to_have_text("28.5 nats")
    expect(page.locator(".lr-rate .lr-value")).to_have_text("1.3 nats")
    expect(page.locator(".lr-key .lr-value")).to_have_text("Here: β → 4")
    assert page.evaluate(CLOUD) != end
    page.wait_for_function("rests.at(-1)?.step === 25")
    copy = page.locator(".lr-pair canvas").nth(1)
    grey = copy.evaluate("canvas => canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0]")
    assert grey == 20 * STEPS.index(25)
    page.locator(".lr-rate canvas").click(position={"x": 200, "y": 30})  # the curves are scrubbers too
    page.wait_for_function("handle.getPlace().step !== 25")


def test_space_plays_on_a_fresh_page_and_writes_in_a_field(opened):
    page = opened()
    page.keyboard.press("Home")
    stands_at(page, 0)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {id: 'field'}))")
    page.locator("#field").focus()
    page.keyboard.type("k k")
    expect(page.locator("#field")).to_have_value("k k")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_keys_step_play_and_change_speed(opened):
    page = opened()
    page.locator("[data-role=cloud]").focus()
    page.keyboard.press("ArrowLeft")
    stands_at(page, 81)
    page.keyboard.press("Shift+ArrowLeft")
    stands_at(page, STEPS[0])
    page.keyboard.press("ArrowRight")
    stands_at(page, 1)
    for _ in range(2):
        page.keyboard.press("+")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("End")
    stands_at(page, 100)
    assert page.evaluate("handle.getPlace().speed") == 4
    expect(page.locator(".ls-live")).to_contain_text("Epoch 10.0, distortion 21.0 nats")


def test_it_plays_to_the_end_and_says_so(opened):
    page = opened(place={"step": 64, "speed": 4})
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=20_000)
    stands_at(page, 100)
    page.wait_for_function("rests.at(-1)?.step === 100")


def test_reduced_motion_shows_only_moments(browser_page, opened):
    browser_page.emulate_media(reduced_motion="reduce")
    page = opened(place={"step": 36, "speed": 4})
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => { seen.add(handle.getPlace().step); requestAnimationFrame(look); };
          look();
        }"""
    )
    page.get_by_role("button", name="Play").click()
    stands_at(page, 100)
    assert set(page.evaluate("[...seen]")) <= set(STEPS)


def test_an_example_is_chosen_on_the_map_and_by_its_picture(opened):
    page = opened()
    page.get_by_role("button", name="Select example 3, tall").first.click()
    expect(page.locator(".lr-selected-name")).to_have_text("Example 3, tall")
    page.wait_for_function("rests.at(-1)?.selected === 2")
    place = page.evaluate(
        """() => {
          const {clientWidth: width, clientHeight: height} = document.querySelector('[data-role=cloud]');
          return [width, height];
        }"""
    )
    x, y = moving_clouds.final()[30]
    span = replay.spans(np.stack(moving_clouds.growing()))[-1]
    scale = min(place) / 2 / span
    page.locator("[data-role=cloud]").click(
        position={"x": place[0] / 2 + x * scale, "y": place[1] / 2 - y * scale}
    )
    expect(page.locator(".lr-selected-name")).not_to_have_text("Example 3, tall")
    page.get_by_role("button", name="flat", exact=True).click()
    expect(page.get_by_role("button", name="flat", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="flat", exact=True)).to_have_attribute("aria-pressed", "false")


def test_a_training_that_goes_on_is_followed_until_a_hand_comes(opened, tmp_path):
    some = [packed_until(RunStore(tmp_path / str(k)), k) for k in (5, 7, 9)]
    page = opened(some[0])
    expect(page.get_by_text("still training")).to_be_visible()
    stands_at(page, 16)
    page.evaluate("data => handle.update(unpacked(data))", some[1])
    stands_at(page, 36)
    page.locator("[data-role=cloud]").focus()
    page.keyboard.press("ArrowLeft")
    stands_at(page, 25)
    page.evaluate("data => handle.update(unpacked(data))", some[2])
    stands_at(page, 25)
    assert page.evaluate("document.activeElement.dataset.role") == "cloud"


def packed_until(store, count):
    run = moving_clouds.run(store, moving_clouds.growing()[:count], STEPS[:count], end=False)
    with run.lock():
        return base64.b64encode(replay.pack(replay.moments(run))).decode()


@pytest.mark.parametrize("width", [358, 900, 1376])
def test_nothing_sticks_out_and_nothing_overlaps(opened, width):
    page = opened(width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= Math.max(innerWidth, 1392)")
    boxes = page.evaluate(
        """() => ['steps', 'track', 'rest', 'stage', 'curves', 'pairs', 'selected']
          .map(name => `.lr-${name}`).map(name => document.querySelector(name).getBoundingClientRect())
          .map(({left, right, top, bottom}) => [left, right, top, bottom])"""
    )
    root = page.locator(".lr").bounding_box()
    for n, (left, right, top, bottom) in enumerate(boxes):
        assert left >= root["x"] - 1
        assert right <= root["x"] + root["width"] + 1
        for other in boxes[:n]:
            apart = (
                right <= other[0] + 1 or left >= other[1] - 1 or bottom <= other[2] + 1 or top >= other[3] - 1
            )
            assert apart


def test_what_is_no_replay_ends_as_a_sentence(opened):
    page = opened(base64.b64encode(b"nothing of the kind").decode())
    expect(page.get_by_role("alert")).to_contain_text("cannot be opened")
