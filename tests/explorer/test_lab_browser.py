"""The views beside the dial, in headless Chromium."""

import base64
import json
import math
import re
from typing import Any

import dial_bundle
import numpy as np
import pytest
from lab_stage import (
    BETAS,
    LATENT,
    STRIP,
    WATCH_CIRCLES,
    extend,
    measured,
    on_plane,
    rates,
    rung,
    said,
    settled,
    turn,
)
from mounting import Stage
from playwright.sync_api import expect

from vae_core.config import RunConfig
from vae_core.conventions import as_news
from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

VIEWS = ("plane", "strip", "words", "bars", "prior", "elsewhere")


@pytest.fixture(scope="module")
def data() -> bytes:
    return dial_bundle.dial_bundle(LATENT)


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    browser_page.evaluate(WATCH_CIRCLES)
    stage = Stage(browser_page, data, head=10, lab=True)
    expect(stage.find(".ls-plane")).to_have_attribute("aria-valuetext", said(1.0))
    return stage


def test_views_are_there_only_where_they_are_wanted(browser_page: Any, data: bytes):
    stage = Stage(browser_page, data, head=10)
    assert stage.find("[data-panel=plane]").count() == 0
    stage = Stage(browser_page, data, head=10, lab=True, hide=["bars", "words"])
    for name in VIEWS:
        assert stage.find(f"section[data-panel={name}]").count() == (name not in ("bars", "words"))


@pytest.mark.parametrize("k", [0, 6, 12])
def test_the_strip_shows_what_the_decoder_makes_of_the_codes(stage: Stage, data: bytes, k: int):
    turn(stage, BETAS[k])
    meta, tensors = bundle.read(data)
    label = tensors["points.label"]
    rows = [int(np.flatnonzero(label == c)[0]) for c in range(3)]
    rows += [row for row in range(len(label)) if row not in rows][:5]
    dial = (math.log(BETAS[k]) - meta["dial"]["centre"]) * meta["dial"]["scale"]
    expected = 255 * dial_bundle.run(meta["decoder"], tensors, rung(data, BETAS[k])[0][rows], dial)
    stage.rest()
    np.testing.assert_allclose(np.array(stage.page.evaluate(STRIP)), expected, atol=1.01)


def test_originals_stand_above_where_there_are_any(stage: Stage):
    strip = stage.find(".ls-lab-strip")
    original = strip.locator(".ls-strip-original").first
    expect(original).to_be_hidden()
    extend(stage)
    expect(original).to_be_visible()
    inked = "() => document.querySelector('.ls-strip-original').width === 8"
    stage.page.wait_for_function(inked)


def test_a_selected_example_can_be_put_into_the_strip(stage: Stage):
    put = stage.find(".ls-strip-put").nth(4)
    expect(put).to_be_hidden()
    stage.page.evaluate("explorer.update({state: {selected: 41}})")
    expect(put).to_be_visible()
    stage.rest()
    before = stage.page.evaluate(STRIP)
    put.click()
    expect(put).to_be_hidden()
    stage.rest()
    after = stage.page.evaluate(STRIP)
    assert [a == b for a, b in zip(before, after)] == [k != 4 for k in range(8)]
    stage.find(".ls-strip-column").nth(0).click()
    stage.page.wait_for_function("explorer.getState().selected === 0")
    expect(stage.find(".ls-strip-column").nth(0)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("k", [0, 12])
def test_bars_count_what_carries_information(stage: Stage, data: bytes, k: int):
    turn(stage, BETAS[k])
    exact = rates(data, BETAS[k])
    active = int((exact >= 0.01).sum())
    bars = stage.find(".ls-lab-bars")
    verb = "carries" if active == 1 else "carry"
    expect(bars.locator(".ls-lab-meaning")).to_have_text(
        f"{active} of {LATENT} dimensions {verb} information."
    )
    expect(bars.locator(".ls-lab-foot")).to_contain_text(f"{exact.sum():.1f} nats together")
    order = np.argsort(-rates(data, dial_bundle.LOW), kind="stable")
    named = ", ".join(f"z{d + 1} {exact[d]:.1f}" for d in order)
    expect(bars.locator("canvas")).to_have_attribute("aria-label", f"Nats of each dimension: {named}")
    expect(stage.find(".ls-word").first).to_contain_text(f"{active} of {LATENT}")


def test_words_come_from_the_curve_and_explain_themselves(stage: Stage):
    row = dial_bundle.figures(1.0, LATENT)
    words = stage.find(".ls-words")
    expect(words).to_contain_text(f"{row['rate']:.1f} nats")
    expect(words).to_contain_text(f"{row['rate'] / math.log(2):.1f} bits")
    expect(words).to_contain_text(f"{100 * row['precision']:.0f}%of prior samples")
    expect(words).to_contain_text(f"{100 - 100 * row['contrast']:.0f}%of the contrast is lost")
    why = stage.find(".ls-words-why")
    expect(why).to_be_hidden()
    rate = words.locator(".ls-word").nth(1)
    rate.click()
    expect(why).to_contain_text("KL divergence of q(z|x) from the prior")
    expect(rate).to_have_attribute("aria-expanded", "true")
    rate.click()
    expect(why).to_be_hidden()


def test_advice_goes_to_its_beta(stage: Stage):
    knee = stage.find(".ls-advice-go").first
    expect(knee).to_have_attribute("aria-pressed", "false")
    knee.click()
    settled(stage, 0.5)
    expect(knee).to_have_attribute("aria-pressed", "true")


def test_the_distance_from_the_prior_falls_and_its_rings_can_be_left_out(stage: Stage):
    prior = stage.find(".ls-lab-prior")
    turn(stage, dial_bundle.LOW)
    expect(prior.locator(".ls-lab-meaning")).to_contain_text("Farthest from the prior: z1, by ")
    turn(stage, 10)
    expect(prior.locator("canvas")).to_have_attribute(
        "aria-label", re.compile(r"Distance of codes from the prior: z1 0\.0")
    )
    stage.rest()
    before = stage.map_sum()
    prior.locator("input").uncheck()
    stage.rest()
    assert stage.map_sum() != before


def test_other_conventions_have_their_numbers_and_code(stage: Stage):
    section = stage.find("section[data-panel=elsewhere]")
    expect(section).to_be_hidden()
    config = RunConfig.model_validate({"model": {"latent": LATENT, "likelihood": "bernoulli"}})
    rows = as_news(config, (1, 28, 28))
    stage.page.evaluate(f"explorer.inform({json.dumps({'conventions': [*rows, None]})})")
    expect(section).to_be_visible()
    section.locator("summary").click()
    turn(stage, 2)
    norm = next(row for row in rows if row["key"] == "beta_norm")
    line = section.locator("li").filter(has_text=norm["title"])
    number = f"{2 * LATENT / 784:.4g}"
    expect(line.locator("b")).to_have_text(number)
    line.get_by_role("button", name="Code").click()
    expect(line.locator("code")).to_contain_text(f"beta = {number} *")
    section.locator("input").fill("0.1")
    squared = section.locator("li").filter(has_text="Sum of squared errors").first
    expect(squared.locator("b")).to_have_text(f"{2 * 2 * 0.01:.4g}")


def test_without_a_curve_the_rest_still_works(browser_page: Any):
    meta, tensors = dial_bundle.parts(LATENT)
    for key in ("curve", "advice"):
        del meta["report"][key]
    stage = Stage(browser_page, bundle.write(meta, tensors), head=10, lab=True)
    expect(stage.find(".ls-lab-empty")).to_contain_text("No rate-distortion curve")
    expect(stage.find(".ls-lab-bars .ls-lab-meaning")).to_contain_text("dimensions")
    expect(stage.find(".ls-word").nth(1)).to_be_hidden()
    expect(stage.find(".ls-word").first).to_be_visible()


def test_separate_models_have_the_same_views(browser_page: Any):
    stage = Stage(browser_page, bundle.write(*dial_bundle.separate()), head=10, lab=True)
    turn(stage, 0.1)
    expect(stage.find(".ls-plane")).to_have_attribute("aria-valuetext", re.compile("β 0.10: rate"))


def test_where_pictures_take_long_the_strip_lags_and_the_hand_does_not(
    browser_page: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dial_bundle, "SIDE", 32)
    monkeypatch.setattr(dial_bundle, "WIDTH", 1500)
    slow = dial_bundle.dial_bundle(LATENT)
    meta, tensors = bundle.read(slow)
    browser_page.evaluate("() => { WebAssembly.instantiate = () => Promise.reject(new Error('refused')); }")
    browser_page.evaluate(WATCH_CIRCLES)
    stage = Stage(browser_page, slow, head=10, lab=True)
    places = measured(stage)
    before = stage.map_sum()
    stage.drag(on_plane(stage, places[3]), on_plane(stage, places[9]), moves=20)
    assert stage.map_sum() != before
    stage.page.mouse.up()
    stage.find(".ls-plane").focus()
    stage.page.keyboard.press("End")
    dial = (math.log(dial_bundle.HIGH) - meta["dial"]["centre"]) * meta["dial"]["scale"]
    code = rung(slow, dial_bundle.HIGH)[0][:1]
    wanted = 255 * dial_bundle.run(meta["decoder"], tensors, code, dial)[0]
    made = f"wanted => ({STRIP})()[0].every((grey, i) => Math.abs(grey - wanted[i]) <= 1.01)"
    stage.page.wait_for_function(made, arg=wanted.tolist(), timeout=20_000)


def test_an_update_may_come_before_the_plane_is_drawn(stage: Stage, data: bytes):
    text = base64.b64encode(data).decode()
    start = f"start(document.querySelector('#second'), '{text}', {{lab: true}})"
    stage.page.evaluate(f"() => {{ {start}; explorer.update({{state: {{beta2: 5}}}}); }}")
    expect(stage.find("#second .ls-plane")).to_have_attribute("aria-valuetext", said(1.0))


@pytest.mark.parametrize("width", [320, 390, 640, 820, 959, 1280, 1920])
def test_nothing_is_wider_than_the_page(browser_page: Any, data: bytes, width: int):
    browser_page.set_viewport_size({"width": width, "height": 900})
    stage = Stage(browser_page, data, head=10, lab=True, state={"selected": 5})
    extend(stage)
    stage.page.evaluate("explorer.update({state: {beta2: 5}})")
    stage.rest()
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width
    stage.page.evaluate("explorer.update({state: {beta2: null}})")
    stage.rest()
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width
