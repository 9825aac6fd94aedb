"""Two betas of one run side by side; the dial at every width, under a finger and damaged, in Chromium."""

import json
from typing import Any

import pytest
from dial_bundle import LOW, dial_bundle
from dial_damage import damaged_dials
from dial_hands import at, turn, wait_for_beta
from mounting import MAP, Stage
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data() -> bytes:
    return dial_bundle(2, 120)


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    return Stage(browser_page, data, head=10)


MAPS = f"() => [{MAP}, {MAP.replace('[data-role=map]', '[data-role=map-beside]')}].map(look => look()[1])"


def test_two_betas_of_one_run_stand_side_by_side(stage: Stage) -> None:
    stage.page.get_by_role("button", name="Compare two β").click()
    second = stage.page.get_by_role("slider", name="β of the map beside")
    expect(second).to_have_attribute("aria-valuetext", "β 10.0")
    expect(stage.find(".ls-head").first).to_have_text("β₁ 1.00")
    stage.rest()
    before = stage.page.evaluate(MAPS)
    second.press("Home")
    wait_for_beta(stage, LOW, "beta2")
    expect(stage.find(".ls-head").nth(1)).to_contain_text("β₂ 0.010")
    stage.rest()
    assert stage.page.evaluate(MAPS)[1] != before[1]
    assert stage.state["beta"] == 1
    assert stage.sent[-1]["beta2"] == LOW
    between = stage.page.evaluate(MAPS)
    stage.hover(0.4, 0.6)
    stage.frame()
    assert all(a != b for a, b in zip(stage.page.evaluate(MAPS), between))
    stage.page.get_by_role("button", name="Compare two β").click()
    expect(second).to_have_count(0)
    assert stage.state["beta2"] is None


def test_two_betas_open_from_a_link(browser_page: Any, data: bytes) -> None:
    stage = Stage(browser_page, data, head=10, state={"beta": 0.05, "beta2": 5})
    expect(stage.find(".ls-head").first).to_have_text("β₁ 0.050")
    expect(stage.find(".ls-head").nth(1)).to_contain_text("β₂ 5.00")


def test_a_run_beside_follows_the_dial(stage: Stage, data: bytes) -> None:
    text = json.dumps(list(data))
    stage.page.evaluate(f"explorer.inform({{beside: new Uint8Array({text})}})")
    expect(stage.find(".ls-facts").nth(1)).to_contain_text("β 1")
    turn(stage, 0.1)
    expect(stage.find(".ls-facts").nth(1)).to_contain_text("β 0.10")
    expect(stage.find("[data-panel=twins]")).to_be_hidden()


@pytest.mark.parametrize("kind", ["range reversed", "missing rung", "a single value", "no members"])
def test_a_damaged_dial_is_a_sentence_on_the_page(browser_page: Any, kind: str) -> None:
    stage = Stage(browser_page, damaged_dials()[kind][0])
    assert not stage.ready
    expect(stage.page.get_by_role("alert")).to_contain_text("This model file cannot be opened: ")


@pytest.mark.parametrize("width", [320, 390, 1280, 1920])
def test_it_fits_every_width(browser_page: Any, data: bytes, width: int) -> None:
    browser_page.set_viewport_size({"width": width, "height": 844})
    stage = Stage(browser_page, data, head=10, lab=True, state={"beta2": 0.1})
    stage.rest()
    assert stage.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    overlaps = """() => {
      const boxes = Array.from(document.querySelectorAll('.ls-dial-body:first-child .ls-dial-tick'))
        .filter(tick => tick.textContent)
        .map(tick => {
          const range = document.createRange();
          range.selectNodeContents(tick);
          return range.getBoundingClientRect();
        }).sort((a, b) => a.left - b.left);
      return boxes.some((box, k) => k > 0 && box.left < boxes[k - 1].right + 2);
    }"""
    assert not stage.page.evaluate(overlaps)


def test_a_finger_turns_it(chromium: Any, data: bytes) -> None:
    context = chromium.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    stage = Stage(context.new_page(), data, head=10)
    x, y = at(stage, 0.1)
    stage.page.touchscreen.tap(x, y)
    wait_for_beta(stage, 0.1)
    context.close()
