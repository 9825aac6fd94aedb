"""The rate-distortion plane under hands, in headless Chromium."""

import json
import math
from typing import Any

import dial_bundle
import pytest
from lab_stage import BETAS, LATENT, WATCH_CIRCLES, measured, on_plane, said, settled
from mounting import Stage
from playwright.sync_api import expect

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data() -> bytes:
    return dial_bundle.dial_bundle(LATENT)


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    browser_page.evaluate(WATCH_CIRCLES)
    stage = Stage(browser_page, data, head=10, lab=True)
    expect(stage.find(".ls-plane")).to_have_attribute("aria-valuetext", said(1.0))
    return stage


def test_a_click_on_the_curve_turns_the_dial(stage: Stage):
    places = measured(stage)
    for k in (3, 9):
        stage.page.mouse.click(*on_plane(stage, places[k]))
        settled(stage, BETAS[k], within=0.08)  # where pixels of the curve are dense in beta
        stage.rest()
        x, y = stage.page.evaluate("point")
        assert math.hypot(x - places[k][0], y - places[k][1]) < 1.5
    assert stage.sent[-1]["beta"] == pytest.approx(stage.state["beta"], rel=1e-3)


def test_a_drag_along_the_curve_moves_dial_and_cloud(stage: Stage):
    places = measured(stage)
    before = stage.map_sum()
    stage.drag(on_plane(stage, places[2]), on_plane(stage, places[6]), moves=30)
    assert stage.map_sum() != before
    assert not stage.sent  # the hand is still down
    stage.page.mouse.up()
    settled(stage, BETAS[6], within=0.3)
    stage.rest()
    assert len(stage.sent) == 1


def test_keys_on_the_plane_move_the_dial(stage: Stage):
    plane = stage.find(".ls-plane")
    plane.focus()
    stage.page.keyboard.press("ArrowRight")
    settled(stage, 10 ** (1 / 24))
    stage.page.keyboard.press("End")
    settled(stage, dial_bundle.HIGH)
    expect(plane).to_have_attribute("aria-valuenow", "1")
    stage.page.keyboard.press("Home")
    settled(stage, dial_bundle.LOW)
    expect(plane).to_have_attribute("aria-valuenow", "-2")


def test_hovering_tells_the_numbers(stage: Stage):
    tip = stage.find(".ls-plane-tip")
    stage.page.mouse.move(*on_plane(stage, measured(stage)[4]))
    expect(tip).to_be_visible()
    row = dial_bundle.figures(float(BETAS[4]), LATENT)
    expect(tip).to_contain_text(f"rate {row['rate']:.1f} ± 0.05 nats")
    expect(tip).to_contain_text(f"distortion {row['distortion']:.1f} ± 0.3 nats")
    expect(tip).to_contain_text(f"ELBO −{row['rate'] + row['distortion']:.1f} nats")
    stage.page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_a_separately_trained_run_has_a_point_with_its_name(stage: Stage):
    row = dial_bundle.figures(3.0, LATENT)
    single = {"run": "r", "title": "<b>alone</b>", "beta": 3.0, "rate": row["rate"], "note": "its own"}
    single |= {"distortion": row["distortion"] + 2}
    stage.page.evaluate(f"explorer.inform({json.dumps({'singles': [single, {'title': 'broken'}, None]})})")
    expect(stage.find(".ls-plane-legend")).to_be_visible()
    (x0, y0), (x1, y1) = measured(stage)[12], measured(stage)[6]
    far, near = (dial_bundle.figures(float(BETAS[k]), LATENT) for k in (12, 6))
    x = x0 + (single["rate"] - far["rate"]) / (near["rate"] - far["rate"]) * (x1 - x0)
    y = y0 + (single["distortion"] - far["distortion"]) / (near["distortion"] - far["distortion"]) * (y1 - y0)
    stage.page.mouse.move(*on_plane(stage, [x, y]))
    expect(stage.find(".ls-plane-tip")).to_contain_text("<b>alone</b>")
    expect(stage.find(".ls-plane-tip")).to_contain_text("its own")
    stage.page.mouse.click(*on_plane(stage, [x, y]))
    settled(stage, 3.0)


def test_the_line_touches_where_the_curve_is_optimal(stage: Stage):
    meaning = stage.find(".ls-lab-plane .ls-lab-meaning")
    expect(meaning).to_have_text(
        "The line touches the curve: one nat of rate buys 1.00 nats of distortion here."
    )


def test_a_curve_that_is_not_optimal_is_said_to_be_crossed(browser_page: Any):
    meta, tensors = dial_bundle.parts(LATENT)
    for row in meta["report"]["curve"]:
        row["distortion"] *= 3  # its slope is three times beta
    meta["report"]["health"] = ["Between β 1 and β 2 <i>nothing</i> holds."]
    stage = Stage(browser_page, bundle.write(meta, tensors), head=10, lab=True)
    meaning = stage.find(".ls-lab-plane .ls-lab-meaning")
    expect(meaning).to_contain_text("The line crosses the curve, whose slope here is −")
    expect(meaning).to_contain_text("β is 1.00.")
    expect(meaning).to_contain_text("nats less.")
    expect(meaning).to_contain_text("For this β the model has not found its best on held-out pictures")
    expect(stage.find(".ls-lab-health")).to_contain_text("<i>nothing</i>")


@pytest.mark.parametrize("view", ["near", "log"])
def test_other_axes_show_the_same_point(stage: Stage, view: str):
    before = stage.page.evaluate("point")
    stage.page.select_option(".ls-lab-plane select", view)
    stage.page.wait_for_function("before => window.point[0] !== before[0]", arg=before)
    stage.page.mouse.click(*on_plane(stage, stage.page.evaluate("point")))
    stage.rest()
    settled(stage, 1.0, within=0.03)


def test_a_finger_taps_or_slides_along_the_curve_and_still_scrolls_the_page(chromium: Any, data: bytes):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.evaluate(WATCH_CIRCLES)
    stage = Stage(page, data, head=10, lab=True)
    session = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )
        stage.frame()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    places = measured(stage)
    stage.find(".ls-plane").scroll_into_view_if_needed()
    touch("touchStart", on_plane(stage, places[3]))
    assert stage.state["beta"] == 1
    touch("touchEnd")
    settled(stage, BETAS[3], within=0.1)
    x, y = on_plane(stage, places[3])
    touch("touchStart", (x, y))
    touch("touchMove", (x - 20, y))
    touch("touchMove", on_plane(stage, places[9]))
    settled(stage, BETAS[9], within=0.2)
    touch("touchEnd")
    stage.rest()
    stands, scrolled = stage.state["beta"], page.evaluate("scrollY")
    touch("touchStart", (x, y))
    for k in range(1, 8):
        touch("touchMove", (x, y - 20 * k))
    touch("touchEnd")
    stage.rest()
    assert stage.state["beta"] == stands
    assert page.evaluate("scrollY") > scrolled
    context.close()
