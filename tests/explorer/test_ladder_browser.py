"""The dial over separately trained models, in headless Chromium: it steps between members and says so."""

import json

import pytest
from ladders import trained_ladder
from mounting import Stage
from playwright.sync_api import expect

from vae_core.ladder_bundle import pack

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> bytes:
    return pack(*trained_ladder(tmp_path_factory.mktemp("ladder")))


@pytest.fixture
def stage(browser_page, data) -> Stage:
    return Stage(browser_page, data, head=10, lab=True)


def turned(stage, beta):
    view = {**stage.state, "selected": -1, "z": [0.5, 0.2], "beta": beta}
    stage.page.evaluate(f"explorer.update({{state: {json.dumps(view)}}})")
    stage.frame()
    return stage.pixels()


def words(stage):
    return stage.find(".ls-dial-words").first


def test_it_says_whose_pictures_these_are(stage):
    expect(words(stage)).to_have_text("Separate models: pictures are those of the one trained at β 1.")
    turned(stage, 0.06)
    expect(words(stage)).to_have_text("Separate models: pictures are those of the one trained at β 0.05.")
    turned(stage, 0.05)
    expect(words(stage)).to_have_text("Separate models: pictures are those of the one trained at β 0.05.")


def test_the_hand_moves_the_cloud_and_the_words_stay(stage):
    expect(words(stage)).to_contain_text("trained at β 1.")
    before = stage.map_sum()
    stage.find(".ls-dial-slider").first.press("ArrowRight")
    stage.page.wait_for_function("explorer.getState().beta > 1")
    stage.frame()
    assert stage.map_sum() != before
    expect(words(stage)).to_have_text("Separate models: pictures are those of the one trained at β 1.")


def test_pictures_step_from_member_to_member(stage):
    expect(words(stage)).to_contain_text("trained at β 1.")
    assert turned(stage, 0.9) == turned(stage, 1.1) == turned(stage, 1.9)
    assert turned(stage, 2.1) == turned(stage, 4)
    assert turned(stage, 1.9) != turned(stage, 2.1)


def test_a_failed_member_is_a_gap_with_its_reason(stage):
    gap = stage.find(".ls-dial-gap")
    expect(gap).to_have_count(1)
    reason = "The loss was nan at step 70. A smaller learning rate may help."
    expect(gap).to_have_attribute("aria-label", f"No model: digits · 2-D, β 0.50. {reason}")
    beta = stage.state["beta"]
    gap.click()
    expect(words(stage)).to_contain_text("The loss was nan at step 70.")
    assert stage.state["beta"] == beta
    expect(stage.find(".ls-dial-model")).to_have_count(3)
