"""Two runs side by side under one cursor, in headless Chromium."""

import base64
from typing import Any

import numpy as np
import pytest
from mounting import MAP, PIXELS, Stage, sample
from playwright.sync_api import expect

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

BESIDE_PIXELS = PIXELS.replace("=picture]", "=picture-beside]")
BESIDE_MAP = MAP.replace("=map]", "=map-beside]")

# Notes what both pictures show, once a frame.
WATCH_BOTH = """() => {
  const pictures = ['picture', 'picture-beside'].map(role => document.querySelector(`[data-role=${role}]`));
  const read = node => node.getContext('2d').getImageData(0, 0, node.width, node.height).data.join();
  window.both = [new Set(), new Set()];
  const look = () => {
    pictures.forEach((node, k) => both[k].add(read(node)));
    requestAnimationFrame(look);
  };
  look();
}"""


def other(latent: int = 2, **meta: Any) -> bytes:
    """A second run: the examples in another order, the cloud turned, scaled and moved, another decoder."""
    about, tensors = bundle.read(sample(latent=latent))
    random = np.random.default_rng(1)
    order = random.permutation(len(tensors["points.index"]))
    turn = np.linalg.qr(random.normal(size=(latent, latent)))[0]
    tensors = {name: value[order] if name.startswith("points.") else value for name, value in tensors.items()}
    tensors["points.mu"] = (1.5 * tensors["points.mu"] @ turn + 0.5).astype(np.float32)
    tensors["decoder.0.weight"] = tensors["decoder.0.weight"][:, ::-1].copy()
    about |= {"title": "The other", "beta": 8.0, "report": {"rate": 4.2, "distortion": 25.3}} | meta
    return bundle.write(about, tensors)


def put_beside(stage: Stage, data: bytes | None) -> None:
    bytes_of = "null"
    if data is not None:
        text = base64.b64encode(data).decode()
        bytes_of = f"Uint8Array.from(atob('{text}'), c => c.charCodeAt(0))"
    stage.page.evaluate(f"explorer.inform({{beside: {bytes_of}}})")
    stage.page.wait_for_timeout(300)


@pytest.fixture
def stage(browser_page: Any) -> Stage:
    stage = Stage(browser_page, sample())
    put_beside(stage, other())
    return stage


def beside(stage: Stage) -> list[int]:
    return stage.page.evaluate(BESIDE_PIXELS)


def beside_at(stage: Stage, x: float, y: float) -> tuple[float, float]:
    box = stage.find("[data-role=map-beside]").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def expected(data: bytes, index: int) -> np.ndarray:
    """What a run decodes from its own code of the example of that number: values in [0, 1]."""
    _, tensors = bundle.read(data)
    code = tensors["points.mu"][list(tensors["points.index"]).index(index)]
    return 1 / (1 + np.exp(-(tensors["decoder.0.weight"] @ code + tensors["decoder.0.bias"])))


def assert_shows(found: list[int], values: np.ndarray) -> None:
    assert np.abs(np.array(found[::4]) - 255 * values).max() <= 1


def test_both_decode_the_same_example_by_its_number(stage: Stage):
    for row in (5, 77):
        code = bundle.read(sample())[1]["points.mu"][row]
        stage.page.evaluate(f"explorer.update({{state: {{z: {code.tolist()}}}}})")
        stage.frame()
        assert_shows(stage.pixels(), expected(sample(), row))
        assert_shows(beside(stage), expected(other(), row))


def test_colours_and_the_group_are_the_same_beside(stage: Stage):
    def seen() -> int:
        stage.rest()
        return stage.page.evaluate(BESIDE_MAP)[1]

    classes = seen()
    stage.find(".ls-colour").select_option("z1")
    coloured = seen()
    assert coloured != classes
    stage.find(".ls-search").fill("b")
    stage.page.keyboard.press("Enter")
    assert seen() != coloured
    stage.page.keyboard.press("Escape")  # from the map, where the keys are meant now
    stage.find(".ls-colour").select_option("class")
    assert seen() == classes


def test_one_cursor_moves_both_in_every_frame(stage: Stage):
    stage.page.get_by_role("button", name="Same z").click()
    stage.page.evaluate(WATCH_BOTH)
    stage.drag(stage.at(0.2, 0.2), stage.at(0.8, 0.7))
    stage.page.mouse.up()
    own, besides = stage.page.evaluate("both.map(seen => seen.size)")
    assert min(own, besides) >= 30
    assert abs(own - besides) <= 2  # neither lags behind the other


def test_a_hand_on_the_map_beside_moves_the_one_state(stage: Stage):
    start = stage.state
    stage.page.mouse.move(*beside_at(stage, 0.4, 0.5))
    stage.frame()
    assert stage.state == start  # a peek
    peeked = stage.pixels()
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.pixels() != peeked
    stage.page.mouse.click(*beside_at(stage, 0.4, 0.5))
    stage.rest()
    row = stage.state["selected"]
    assert row >= 0
    assert stage.sent[-1] == stage.state
    assert_shows(beside(stage), expected(other(), row))
    assert_shows(stage.pixels(), expected(sample(), row))


def test_aligned_maps_share_their_view_and_the_same_z_stands_at_the_same_place(stage: Stage):
    stage.page.get_by_role("button", name="Align").click()
    stage.rest()
    assert stage.state["aligned"]
    expect(stage.find(".ls-beside-foot")).to_contain_text("explains 100 % of the spread")
    stage.page.get_by_role("button", name="Same z").click()
    stage.page.mouse.click(*beside_at(stage, 0.03, 0.1))
    beside_z = stage.state["z"]
    stage.page.mouse.click(*stage.at(0.03, 0.1))
    assert stage.state["z"] == pytest.approx(beside_z, abs=0.02)
    stage.page.mouse.move(*beside_at(stage, 0.3, 0.6))
    stage.page.mouse.wheel(0, -400)
    stage.frame()
    assert stage.state["view"] is not None  # of the first map, which both show
    stage.page.get_by_role("button", name="Align").click()
    assert not stage.state["aligned"]


def test_its_own_view_zooms_by_itself_and_comes_back(stage: Stage):
    before = stage.page.evaluate(BESIDE_MAP)[1]
    stage.page.mouse.move(*beside_at(stage, 0.5, 0.5))
    stage.page.mouse.wheel(0, -400)
    stage.frame()
    assert stage.state["view"] is None
    assert stage.page.evaluate(BESIDE_MAP)[1] != before
    stage.find(".ls-hint ~ .ls-stage").get_by_text("Show all").click()
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.page.evaluate(BESIDE_MAP)[1] == before


def test_classes_switched_off_vanish_beside_too(stage: Stage):
    before = stage.page.evaluate(BESIDE_MAP)[0]
    stage.find(".ls-chip").nth(1).click()
    stage.frame()
    assert stage.page.evaluate(BESIDE_MAP)[0] < before


def test_runs_of_different_sizes_share_examples_only(browser_page: Any):
    stage = Stage(browser_page, sample(latent=3))
    put_beside(stage, other(latent=5))
    expect(stage.page.get_by_role("button", name="Same z")).to_be_disabled()
    stage.page.get_by_role("button", name="Align").click()
    stage.rest()
    expect(stage.find(".ls-beside-foot")).to_contain_text("of the spread of the first")
    stage.page.mouse.click(*beside_at(stage, 0.5, 0.5))
    assert stage.state["selected"] >= 0


def test_on_the_principal_plane_each_shows_its_own_until_they_are_aligned(browser_page: Any):
    stage = Stage(browser_page, sample(latent=5), state={"chart": "pca"})
    put_beside(stage, other(latent=5))
    row = stage.page.evaluate("explorer.getState().selected")
    stage.page.mouse.click(*beside_at(stage, 0.4, 0.6))
    assert stage.state["selected"] != row
    for name in ("Align", "Same z"):
        stage.page.get_by_role("button", name=name).click()
        stage.rest()
    stage.page.mouse.click(*beside_at(stage, 0.03, 0.1))
    besides = stage.state["z"]
    stage.page.evaluate("explorer.update({state: {z: [0, 0, 0, 0, 0]}})")
    stage.page.mouse.click(*stage.at(0.03, 0.1))
    first = stage.state["z"]
    places = [np.array(z) - np.array(besides) for z in (besides, first)]
    mu = bundle.read(sample(latent=5))[1]["points.mu"]
    plane = np.linalg.svd(mu - mu.mean(0), full_matrices=False)[2][:2]
    assert plane @ places[1] == pytest.approx(plane @ places[0], abs=0.02)  # the same place of one plane


def test_point_sets_without_a_common_example_say_so(browser_page: Any):
    meta, tensors = bundle.read(other())
    tensors["points.index"] = tensors["points.index"] + 1000
    stage = Stage(browser_page, sample())
    put_beside(stage, bundle.write(meta, tensors))
    expect(stage.find(".ls-beside-foot")).to_contain_text("no example in common")
    expect(stage.page.get_by_role("button", name="Align")).to_be_disabled()


def test_facts_tell_them_apart_and_it_closes(stage: Stage):
    expect(stage.find(".ls-facts").nth(1)).to_have_text("β 8rate 4.2 natsdistortion 25.3 nats")
    expect(stage.find(".ls-head bdi")).to_have_text(["Test", "The other"])
    stage.page.evaluate("window.asked = []")
    stage.page.get_by_role("button", name="Close The other").click()
    expect(stage.find("[data-role=map-beside], .ls-head, .ls-facts")).to_have_count(0)
    expect(stage.find(".ls-twin")).to_have_count(0)
    stage.page.mouse.click(*stage.at(0.3, 0.6))
    stage.rest()
    assert stage.sent


def test_a_broken_run_beside_is_a_sentence_and_the_first_stays(browser_page: Any):
    stage = Stage(browser_page, sample())
    put_beside(stage, other()[:-9])
    notice = stage.find(".ls-notice").text_content()
    assert "The run beside cannot be shown. This model file cannot be opened" in notice
    stage.page.mouse.click(*stage.at(0.3, 0.6))
    put_beside(stage, other())
    expect(stage.find(".ls-notice")).to_have_count(0)
    expect(stage.find("[data-role=map-beside]")).to_have_count(1)
    put_beside(stage, None)
    expect(stage.find("[data-role=map-beside]")).to_have_count(0)


def test_hidden_it_stays_away(browser_page: Any):
    stage = Stage(browser_page, sample(), hide=["compare"])
    put_beside(stage, other())
    expect(stage.find("[data-role=map-beside]")).to_have_count(0)


@pytest.mark.parametrize("latent", [1, 2, 8])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_maps_and_pictures_lie_side_by_side_or_stacked(
    browser_page: Any, width: int, height: int, latent: int
):
    browser_page.set_viewport_size({"width": width, "height": height})
    stage = Stage(browser_page, sample(latent=latent), head=60)
    put_beside(stage, other(latent=latent))
    first, second = (stage.find(f"[data-role={role}]").bounding_box() for role in ("map", "map-beside"))
    assert first["width"] == pytest.approx(second["width"], abs=1)
    assert first["height"] == pytest.approx(second["height"], abs=1)
    assert (first["y"] == second["y"]) == (width == 1280)
    own, besides = (stage.find(f"[data-role=picture{end}]").bounding_box() for end in ("", "-beside"))
    assert own["y"] == besides["y"]
    assert own["width"] == besides["width"] >= 100
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width
