"""Other charts than two dimensions, strips, tint and traversal sheet, under hands and keys in Chromium."""

import base64
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from mounting import Stage, sample
from PIL import Image
from playwright.sync_api import expect

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

LATENT = 5


def codes(data: bytes) -> np.ndarray:
    """(N, Z)"""
    return bundle.read(data)[1]["points.mu"].astype(np.float64)


def places(count: int = 120) -> np.ndarray:
    """Of a map for the eye (N, 2), on a ring."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)]).astype("<f4")


def told(**changes: Any) -> dict[str, Any]:
    """News of a t-SNE map that was made and an LDA map that can be."""
    text = base64.b64encode(places().tobytes()).decode()
    made = {"tsne": {"places": text, "trustworthiness": 0.934, "neighbours": 10, "arranged": 120}}
    return {"made": made, "can": ["lda"], "making": "", **changes}


@pytest.fixture
def stage(browser_page: Any) -> Stage:
    return Stage(browser_page, sample(latent=LATENT))


def chart(stage: Stage) -> Any:
    return stage.find("select[aria-label='What the map shows']")


def inform(stage: Stage, maps: Any) -> None:
    stage.page.evaluate("maps => explorer.inform({maps})", maps)
    stage.page.wait_for_timeout(300)


def choose(stage: Stage, value: str) -> None:
    chart(stage).select_option(value)
    stage.page.wait_for_timeout(350)  # the points glide


def hint(stage: Stage) -> str:
    return stage.find(".ls-left > .ls-hint").text_content()


def test_moving_in_the_pca_plane_keeps_what_stands_across_it(stage: Stage):
    mu = codes(sample(latent=LATENT))
    centred = mu - mu.mean(0)
    plane = np.linalg.svd(centred)[2][:2]
    start = np.array(stage.state["z"])
    choose(stage, "pca")
    assert stage.state["chart"] == "pca"
    assert "principal components" in hint(stage)
    assert stage.find(".ls-edge").all_text_contents()[0].startswith("PC1 · ")
    expect(stage.find(".ls-axis select").first).to_be_hidden()
    stage.drag(stage.at(0.3, 0.3), stage.at(0.6, 0.5), moves=5)
    stage.page.mouse.up()
    moved = np.array(stage.state["z"]) - start
    assert np.abs(moved).max() > 0.1
    np.testing.assert_allclose(plane.T @ (plane @ moved), moved, atol=1e-3)


def test_an_arrow_key_moves_along_a_component(stage: Stage):
    choose(stage, "pca")
    start = np.array(stage.state["z"])
    stage.map.press("ArrowRight")
    moved = np.array(stage.state["z"]) - start
    mu = codes(sample(latent=LATENT))
    first = np.linalg.svd(mu - mu.mean(0))[2][0]
    assert abs(moved @ first) == pytest.approx(np.linalg.norm(moved), rel=1e-2)


def test_a_map_for_the_eye_snaps_to_examples_and_says_so(stage: Stage):
    inform(stage, told())
    choose(stage, "tsne")
    assert "snaps to the z of the nearest encoded example" in hint(stage)
    assert "0.93" in hint(stage)
    mu = codes(sample(latent=LATENT))
    for x, y in ((0.5, 0.5), (0.1, 0.9), (0.95, 0.4)):
        stage.page.mouse.click(*stage.at(x, y))
        np.testing.assert_allclose(mu[stage.state["selected"]], stage.state["z"], atol=1e-4)
    before = stage.state["selected"]
    stage.drag(stage.at(0.9, 0.5), stage.at(0.2, 0.5), moves=10)
    stage.page.mouse.up()
    assert stage.state["selected"] != before
    np.testing.assert_allclose(mu[stage.state["selected"]], stage.state["z"], atol=1e-4)


def test_arrow_keys_go_from_example_to_example_on_such_a_map(stage: Stage):
    inform(stage, told())
    choose(stage, "tsne")
    stage.page.mouse.click(*stage.at(0.5, 0.97))
    seen = [places()[stage.state["selected"]]]
    for _ in range(3):
        stage.map.press("ArrowRight")
        seen.append(places()[stage.state["selected"]])
    assert all(after[0] > before[0] for before, after in pairwise(seen))


def test_a_map_that_is_asked_for_is_shown_when_it_comes(browser_page: Any):
    stage = Stage(browser_page, sample(latent=LATENT))
    inform(stage, {"made": {}, "can": ["tsne", "lda"], "making": ""})
    stage.page.evaluate("window.heard = []")
    assert chart(stage).locator("option").all_text_contents()[2:] == ["Make t-SNE map…", "Make LDA map…"]
    chart(stage).select_option("make:tsne")
    assert stage.state["chart"] == "axes"
    inform(stage, {"made": {}, "can": ["tsne", "lda"], "making": "tsne"})
    expect(chart(stage)).to_contain_text("t-SNE is being made")
    inform(stage, told())
    assert stage.state["chart"] == "tsne"
    expect(chart(stage)).to_have_value("tsne")


def test_a_link_to_a_map_waits_for_it_and_without_one_shows_the_axes(browser_page: Any):
    stage = Stage(browser_page, sample(latent=LATENT), state={"chart": "tsne", "view": [0, 0, 2]})
    expect(chart(stage)).to_have_value("axes")
    assert "changes z1 and z2" in hint(stage)
    inform(stage, told())
    expect(chart(stage)).to_have_value("tsne")
    assert stage.state["view"] == [0, 0, 2]
    inform(stage, {"made": {}, "can": [], "making": ""})
    expect(chart(stage)).to_have_value("axes")


@pytest.mark.parametrize("wrong", [{}, {"made": 7}, {"made": {"tsne": 5, "x": {}}, "can": "abc"}])
def test_news_that_make_no_sense_are_passed_over(stage: Stage, wrong: Any):
    inform(stage, wrong)
    expect(chart(stage).locator("option")).to_have_text(["Axes", "PCA plane"])


def test_m_goes_through_the_maps(stage: Stage):
    inform(stage, told())
    shown = []
    for _ in range(4):
        stage.map.press("m")
        shown.append(stage.state["chart"])
    assert shown == ["pca", "tsne", "axes", "pca"]


@pytest.mark.parametrize("latent", [1, 2])
def test_up_to_two_dimensions_are_the_map(browser_page: Any, latent: int):
    stage = Stage(browser_page, sample(latent=latent))
    inform(stage, told())
    expect(chart(stage)).to_have_count(0)
    stage.map.press("m")
    stage.page.wait_for_timeout(500)
    assert inked_strips(stage) == [True] * latent


INKED = """canvas => {
  const {width, height} = canvas;
  return width > 0 && canvas.getContext('2d').getImageData(0, 0, width, height).data.some(value => value > 0);
}"""
SUM = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
  .reduce((sum, value, i) => (sum * 31 + value * (i % 7)) % 1000003, 0)"""


def inked_strips(stage: Stage) -> list[bool]:
    return [stage.find(".ls-strip").nth(d).evaluate(INKED) for d in range(stage.find(".ls-strip").count())]


def strip_sums(stage: Stage) -> list[int]:
    return [stage.find(".ls-strip").nth(d).evaluate(SUM) for d in range(stage.find(".ls-strip").count())]


def test_strips_are_made_at_rest_and_only_those_that_change(stage: Stage):
    stage.page.wait_for_timeout(800)
    assert all(inked_strips(stage))
    before = strip_sums(stage)
    box = stage.find("input[type=range]").nth(1).bounding_box()
    y = box["y"] + box["height"] / 2
    stage.drag((box["x"] + 20, y), (box["x"] + 100, y), moves=10)
    stage.rest()
    assert strip_sums(stage) == before  # while the hand holds on, nothing is made
    stage.page.mouse.up()
    stage.page.wait_for_timeout(800)
    after = strip_sums(stage)
    assert after[1] == before[1]
    assert all(a != b for d, (a, b) in enumerate(zip(after, before)) if d != 1)


def test_strips_of_folded_dimensions_are_made_when_they_are_unfolded(browser_page: Any):
    stage = Stage(browser_page, sample(latent=12))
    stage.page.wait_for_timeout(800)
    assert inked_strips(stage) == [True] * 7 + [False] * 5
    stage.find("summary").first.click()
    stage.page.wait_for_timeout(800)
    assert all(inked_strips(stage))


def test_strips_can_be_left_out(browser_page: Any):
    stage = Stage(browser_page, sample(latent=LATENT), hide=["strips", "sheet", "maps"])
    stage.page.wait_for_timeout(500)
    expect(stage.find(".ls-strip")).to_have_count(0)
    expect(chart(stage)).to_be_hidden()
    expect(stage.find(".ls-bar button:has-text('Sheet')")).to_be_hidden()


def tint(stage: Stage) -> Any:
    return stage.find(".ls-tint")


def test_pointing_at_a_name_tints_what_it_moves_and_a_click_keeps_it(stage: Stage):
    expect(tint(stage)).to_be_hidden()
    name = stage.find("button.ls-name").nth(2)
    name.hover()
    stage.page.wait_for_timeout(100)
    expect(tint(stage)).to_be_visible()
    expect(stage.find(".ls-tint-key")).to_have_text("z3 ↑brighterdarker")
    stage.page.mouse.move(5, 5)
    stage.page.wait_for_timeout(100)
    expect(tint(stage)).to_be_hidden()
    name.click()
    stage.page.mouse.move(5, 5)
    stage.page.wait_for_timeout(100)
    assert stage.state["tint"] == 2
    expect(name).to_have_attribute("aria-pressed", "true")
    expect(tint(stage)).to_be_visible()
    before = tint(stage).evaluate(SUM)
    stage.page.mouse.click(*stage.at(0.2, 0.2))
    stage.page.wait_for_timeout(300)
    assert tint(stage).evaluate(SUM) != before  # it follows the picture
    name.click()
    assert stage.state["tint"] == -1


def test_the_tint_is_orange_where_pixels_become_brighter_and_blue_where_darker(browser_page: Any):
    meta, tensors = bundle.read(sample(latent=3, shape=(1, 1, 2)))
    tensors["decoder.0.weight"] = np.array([[1, 0, 0], [-1, 0, 0]], np.float32)
    tensors["points.mu"][:] = 0
    stage = Stage(browser_page, bundle.write(meta, tensors), state={"tint": 0})
    stage.page.wait_for_timeout(100)
    brighter, darker = tint(stage).evaluate(
        "canvas => [0, 1].map(x => [...canvas.getContext('2d').getImageData(x, 0, 1, 1).data])"
    )
    assert brighter[0] > brighter[2]
    assert darker[2] > darker[0]
    assert brighter[3] == darker[3] == 255
    screen = Image.open(BytesIO(stage.find(".ls-frame").screenshot())).convert("RGB")
    left, right = (screen.getpixel((screen.width * k // 4, screen.height // 2)) for k in (1, 3))
    assert left[0] > left[2]  # the tint lies over the picture
    assert right[2] > right[0]
    for key, sentence in (("t", "z2 moves nothing here"), ("t", "z3 moves nothing here")):
        stage.map.press(key)
        stage.page.wait_for_timeout(100)
        expect(stage.find(".ls-tint-key")).to_have_text(sentence)
    stage.map.press("t")
    stage.page.wait_for_timeout(100)
    expect(tint(stage)).to_be_hidden()


def test_the_names_are_reached_by_keyboard(stage: Stage):
    stage.find("button.ls-name").first.focus()
    stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("Tab")
    stage.page.wait_for_timeout(100)
    assert stage.find(".ls-tint-key").text_content().startswith("z2 ↑")
    stage.page.keyboard.press("Enter")
    assert stage.state["tint"] == 1


def test_the_sheet_shows_live_dimensions_goes_where_one_clicks_and_is_saved(browser_page: Any):
    stage = Stage(browser_page, sample(latent=6, dead=2))
    before = stage.state["z"]
    stage.map.press("s")
    sheet = stage.find(".ls-traversal")
    stage.page.wait_for_timeout(800)
    assert "4 rows" in sheet.get_attribute("aria-label")
    with stage.page.expect_download() as download:
        stage.find("dialog button:has-text('Save as PNG')").click()
    assert download.value.suggested_filename == "Test traversal.png"
    with open(download.value.path(), "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    box = sheet.bounding_box()
    stage.page.mouse.click(box["x"] + box["width"] - 10, box["y"] + 30)
    stage.page.wait_for_timeout(400)
    expect(stage.find("dialog")).to_have_count(0)
    assert stage.state["z"] == [6, *before[1:]]
    stage.map.press("Control+s")
    expect(stage.find("dialog")).to_have_count(0)  # the browser's own
    stage.find(".ls-bar button:has-text('Sheet')").click()
    stage.page.keyboard.press("Escape")
    stage.find("dialog").wait_for(state="detached")
