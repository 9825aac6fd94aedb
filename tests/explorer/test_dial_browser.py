"""The dial of beta under mouse, keys, fingers and typing, in headless Chromium."""

import json
import math
from typing import Any

import numpy as np
import pytest
from dial_bundle import HIGH, LOW, cloud, dial_bundle, extras, figures, parts, run
from dial_hands import at, dial_of, field, turn, wait_for_beta, words
from mounting import Stage
from playwright.sync_api import expect
from test_slow_browser import NO_WASM, WATCH

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

COUNT = 120


@pytest.fixture(scope="module")
def data() -> bytes:
    return dial_bundle(2, COUNT)


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    return Stage(browser_page, data, head=10)


def test_a_drag_draws_clouds_and_pictures_and_tells_the_host_at_its_end(stage: Stage) -> None:
    stage.page.evaluate(WATCH)
    stage.drag(at(stage, 1), at(stage, 0.02), moves=60)
    seen = stage.page.evaluate("seen")
    assert len({cloud for cloud, _ in seen}) >= 30
    assert len({picture for _, picture in seen}) >= 30
    assert stage.sent == []
    stage.page.mouse.up()
    stage.page.wait_for_function("sent.length === 1")
    assert stage.sent[0]["beta"] == pytest.approx(0.02, rel=0.02)
    stage.rest()
    assert len(stage.sent) == 1


@pytest.mark.parametrize("beta", [0.013, 0.2, 6.0])
def test_picture_and_figures_are_those_of_the_beta(stage: Stage, beta: float) -> None:
    turn(stage, beta)
    meta, tensors = parts(2, COUNT)
    state = stage.state
    there = (math.log(state["beta"]) - meta["dial"]["centre"]) * meta["dial"]["scale"]
    decoder = {name: tensor for name, tensor in tensors.items() if name.startswith("decoder.")}
    expected = run(meta["decoder"], decoder, np.array([state["z"]]), there)[0]
    found = np.array(stage.pixels()).reshape(-1, 4)[:, 0]
    assert np.abs(found - 255 * expected).max() < 1.5
    for d, nats in enumerate(figures(beta)["kl_per_dim"]):
        told = stage.find(".ls-nats").nth(d).text_content()
        assert float(told.removesuffix(" nats")) == pytest.approx(nats, abs=0.12)


def test_a_pin_on_the_selected_example_stays_on_it(stage: Stage) -> None:
    x, y = stage.at(0.5, 0.5)
    stage.page.mouse.click(x, y)
    stage.page.locator("[data-role=map]").press("Enter")
    stage.page.wait_for_function("explorer.getState().selected >= 0")
    stage.rest()
    row = stage.state["selected"]
    turn(stage, 0.05)
    assert stage.state["z"] == pytest.approx(cloud(math.log(0.05), COUNT)[0][row], abs=0.02)
    turn(stage, 8)
    assert stage.state["z"] == pytest.approx(cloud(math.log(8), COUNT)[0][row], abs=0.02)


def test_a_pin_beside_it_stays_where_it_is(stage: Stage) -> None:
    z = stage.state["z"]
    turn(stage, 0.05)
    assert stage.state["z"] == z


def test_the_runs_own_beta_is_as_if_the_dial_had_never_moved(stage: Stage) -> None:
    stage.rest()
    before = [stage.map_sum(), stage.pixels()]
    turn(stage, 0.05)
    assert stage.pixels() != before[1]
    dial_of(stage).press("Delete")
    stage.page.wait_for_function("explorer.getState().beta === 1")
    stage.rest()
    stage.page.mouse.move(0, 0)
    assert [stage.map_sum(), stage.pixels()] == before


def test_keys_turn_it_finely_and_coarsely(stage: Stage) -> None:
    handle = dial_of(stage)
    for key, beta in [
        ("ArrowRight", 10 ** (1 / 40)),
        ("ArrowDown", 1),
        ("Shift+ArrowUp", 10 ** (1 / 8)),
        ("PageDown", 1),
        ("PageDown", 0.5),
        ("PageUp", 1),
        ("End", HIGH),
        ("ArrowRight", HIGH),
        ("Home", LOW),
        ("PageDown", LOW),
    ]:
        handle.press(key)
        wait_for_beta(stage, beta)
    expect(handle).to_have_attribute("aria-valuetext", "β 0.010")
    expect(handle).to_have_attribute("aria-valuenow", "0.01")
    stage.map.press(".")
    wait_for_beta(stage, LOW * 10 ** (1 / 40))


@pytest.mark.parametrize(
    ("typed", "beta", "sentence"),
    [
        ("0,32", 0.32, "Smaller β keeps more"),
        ("4", 4, "Smaller β keeps more"),
        ("50", HIGH, "β 50.0 is outside the range that was trained: held at 10.0."),
        ("1e-5", LOW, "is outside the range that was trained: held at 0.010."),
        ("much", 1, "β is a number above 0, such as 0.3 or 4."),
        ("-3", 1, "β is a number above 0"),
        ("0", 1, "β is a number above 0"),
    ],
)
def test_typed_numbers_are_taken_or_answered(stage: Stage, typed: str, beta: float, sentence: str) -> None:
    before = words(stage).bounding_box()
    field(stage).fill(typed)
    field(stage).press("Enter")
    expect(words(stage)).to_contain_text(sentence)
    wait_for_beta(stage, beta)
    assert words(stage).bounding_box() == before  # nothing below it moves


def test_a_double_click_returns_to_the_runs_own_beta(stage: Stage) -> None:
    stage.page.mouse.dblclick(*at(stage, 0.1))
    stage.page.wait_for_function("explorer.getState().beta === 1")


def test_a_press_takes_hold_of_the_knob_where_it_is(stage: Stage) -> None:
    x, y = at(stage, 1)
    stage.page.mouse.move(x + 9, y)
    stage.page.mouse.down()
    stage.frame()
    assert stage.state["beta"] == 1
    stage.page.mouse.move(x + 9 - 40, y)
    stage.frame()
    width = dial_of(stage).bounding_box()["width"]
    assert stage.state["beta"] == pytest.approx((HIGH / LOW) ** (-40 / width), rel=0.01)
    stage.page.mouse.up()


def test_advice_is_told_and_leads_there(stage: Stage) -> None:
    mark = stage.page.get_by_role("button", name="Turn to Knee of the curve, β 0.50. Made up for a test.")
    mark.hover()
    expect(words(stage)).to_have_text("Knee of the curve, β 0.50. Made up for a test.")
    stage.page.mouse.move(0, 0)
    expect(words(stage)).to_contain_text("Smaller β")
    mark.focus()
    expect(words(stage)).to_contain_text("Knee")
    mark.press("Enter")
    stage.page.wait_for_function("explorer.getState().beta === 0.5")


def test_undo_takes_the_dial_back(stage: Stage) -> None:
    turn(stage, 0.1)
    stage.rest()
    stage.page.get_by_role("button", name="Undo").click()
    stage.page.wait_for_function("explorer.getState().beta === 1")
    stage.page.get_by_role("button", name="Redo").click()
    wait_for_beta(stage, 0.1)


def test_a_state_from_outside_turns_it_without_an_echo(stage: Stage) -> None:
    stage.page.evaluate("explorer.update({state: {beta: 0.05}})")
    wait_for_beta(stage, 0.05)
    expect(field(stage)).to_have_value("0.050")
    stage.rest()
    assert stage.sent == []
    stage.page.evaluate("explorer.update({state: {beta: 1e9}})")
    wait_for_beta(stage, HIGH)


def test_it_opens_where_a_link_says(browser_page: Any, data: bytes) -> None:
    stage = Stage(browser_page, data, head=10, state={"beta": 0.1, "selected": 7})
    assert stage.state["beta"] == 0.1
    assert stage.state["z"] == pytest.approx(cloud(math.log(0.1), COUNT)[0][7], abs=0.02)
    expect(field(stage)).to_have_value("0.10")


def test_what_has_no_dial_shows_none(browser_page: Any) -> None:
    meta, tensors = parts(2, COUNT)
    ops = [{"op": "linear", "weight": "decoder.1.weight"}, {"op": "silu"}]
    ops += [{"op": "linear", "weight": "decoder.7.weight"}]
    plain = {key: meta[key] for key in meta if key not in ("dial", "ladder", "encoder", "posterior")}
    stage = Stage(browser_page, bundle.write(plain | {"decoder": ops}, tensors), lab=True)
    assert stage.ready
    assert "beta" not in stage.state
    expect(stage.find(".ls-dial")).to_be_hidden()
    expect(stage.page.get_by_role("button", name="Compare two β")).to_have_count(0)


def test_a_drawing_is_encoded_at_the_beta_of_the_dial(stage: Stage) -> None:
    text = json.dumps(list(extras(2, COUNT)))
    stage.page.evaluate(f"explorer.extend(new Uint8Array({text}))")
    stage.page.get_by_role("button", name="Draw").click()
    pad = stage.find(".ls-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    start, end = [(box["x"] + s * box["width"], box["y"] + s * box["height"]) for s in (0.3, 0.7)]
    stage.drag(start, end, moves=8)
    stage.page.mouse.up()
    stage.page.wait_for_function("explorer.getState().selected === -1")
    before = stage.state["z"]
    turn(stage, 0.05)
    stage.page.wait_for_function(f"explorer.getState().z.join() !== '{','.join(map(str, before))}'")


def test_the_principal_plane_is_kept_under_the_hand_and_renewed_at_rest(browser_page: Any) -> None:
    stage = Stage(browser_page, dial_bundle(5, COUNT), head=10, state={"chart": "pca"})
    first = stage.find(".ls-edge").first.text_content()
    stage.drag(at(stage, 1), at(stage, 9), moves=20)
    assert stage.find(".ls-edge").first.text_content() == first
    stage.page.mouse.up()
    expect(stage.find(".ls-edge").first).not_to_have_text(first)


def test_a_slow_decoder_holds_neither_hand_nor_cloud(browser_page: Any) -> None:
    """Every frame moves the cloud; pictures come as they are made, and the last is that of the last beta."""
    meta, tensors = parts(2, COUNT)
    wide = 2400
    ops = meta["decoder"]
    random = np.random.default_rng(0)
    for place, (rows, columns) in {1: (wide, 2), 4: (wide, wide), 7: (64, wide)}.items():
        tensors[f"decoder.{place}.weight"] = (random.standard_normal((rows, columns)) / 40).astype(np.float32)
        tensors[f"decoder.{place}.bias"] = np.zeros(rows, np.float32)
    for place in (2, 5):
        film = next(spec for spec in ops if spec.get("weight") == f"decoder.{place}.weight")
        features = tensors[film["hidden_bias"]].size
        tensors[film["weight"]] = (random.standard_normal((2 * wide, features)) / 4).astype(np.float32)
        tensors[film["bias"]] = np.zeros(2 * wide, np.float32)
    browser_page.evaluate(NO_WASM)
    stage = Stage(browser_page, bundle.write(meta, tensors), head=10)
    stage.page.evaluate(WATCH)
    stage.drag(at(stage, 1), at(stage, 0.02), moves=40)
    seen = stage.page.evaluate("seen")
    clouds, pictures = (len(set(kind)) for kind in zip(*seen))
    assert clouds >= 30
    assert pictures > 1
    stage.page.mouse.up()
    stage.rest()
    state = stage.state
    there = (math.log(state["beta"]) - meta["dial"]["centre"]) * meta["dial"]["scale"]
    decoder = {name: tensor for name, tensor in tensors.items() if name.startswith("decoder.")}
    expected = 255 * run(ops, decoder, np.array([state["z"]]), there)[0]
    found = np.array(stage.pixels()).reshape(-1, 4)[:, 0]
    assert np.abs(found - expected).max() < 1.5
