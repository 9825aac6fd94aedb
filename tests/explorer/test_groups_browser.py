"""Many points, colours, groups, tags and the search, under hands and keys in headless Chromium."""

import base64
import json
import re
from typing import Any

import numpy as np
import pytest
from mounting import Stage, sample
from playwright.sync_api import expect
from safetensors.numpy import save

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

SHAPE = (1, 6, 6)

# Colours on the map that are not faint, as words 'r,g,b', and how often each is there.
COLOURS = """() => {
  const canvas = document.querySelector('[data-role=map]');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const counts = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200) continue;
    const word = [data[i], data[i + 1], data[i + 2]].map(value => Math.round(value / 8)).join();
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}"""


def rich(count: int = 120, latent: int = 2, **options: Any) -> tuple[bytes, dict[str, np.ndarray]]:
    """A bundle with errors and a known factor; its tensors."""
    meta, tensors = bundle.read(sample(latent=latent, count=count, **options))
    random = np.random.default_rng(1)
    tensors["points.index"] = (np.arange(count) * 3 + 5).astype(np.int32)
    tensors["points.error"] = random.gamma(2, 0.01, count).astype(np.float32)
    tensors["factors.0"] = random.integers(0, 4, count).astype(np.float32)
    return bundle.write(meta | {"factors": ["size"]}, tensors), tensors


def pictures(count: int = 120) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (count, *SHAPE)).astype(np.uint8)


def extend(stage: Stage, thumbs: np.ndarray) -> None:
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    text = base64.b64encode(save({"thumbs": thumbs}, {"latentscape": json.dumps(note)})).decode()
    stage.page.evaluate(
        "data => explorer.extend(Uint8Array.from(atob(data), sign => sign.charCodeAt(0)))", text
    )
    stage.frame()


@pytest.fixture
def stage(browser_page: Any) -> Stage:
    stage = Stage(browser_page, rich()[0])
    stage.page.evaluate("window.asked = []")
    return stage


def asking(browser_page: Any, data: bytes) -> Stage:
    """A stage that notes what is asked of its host."""
    stage = Stage(browser_page, data)
    stage.page.evaluate(
        """async data => {
          explorer.destroy();
          window.asked = [];
          const onEvent = (name, value) => asked.push([name, value]);
          await start(document.querySelector('#explorer'), data, {onEvent});
        }""",
        base64.b64encode(data).decode(),
    )
    stage.page.wait_for_timeout(50)
    return stage


def title(stage: Stage) -> str:
    return stage.find(".ls-members h3").inner_text().replace("\n", " ")


def draw(stage: Stage, shape: str, corners: list[tuple[float, float]], modifier: str = "") -> None:
    """Around shares of the map's sides, with the tool in hand."""
    button = stage.find(f".ls-{shape}")
    if button.get_attribute("aria-pressed") != "true":
        button.click()
    places = [stage.at(*corner) for corner in corners]
    if modifier:
        stage.page.keyboard.down(modifier)
    stage.page.mouse.move(*places[0])
    stage.page.mouse.down()
    for place in places[1:]:
        stage.page.mouse.move(*place, steps=5)
    stage.page.mouse.up()
    if modifier:
        stage.page.keyboard.up(modifier)
    stage.frame()


def on_map(stage: Stage, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """Where the points stand, as shares of the map's sides (N, 2); the view is set to know that."""
    stage.page.evaluate("explorer.update({state: {view: [2, 0, 10]}})")
    stage.frame()
    box = stage.map.bounding_box()
    units = 10 / min(box["width"], box["height"])  # a CSS pixel
    x, y = tensors["points.mu"][:, 0], tensors["points.mu"][:, 1]
    return np.stack([0.5 + (x - 2) / units / box["width"], 0.5 - y / units / box["height"]], axis=1)


def test_a_box_holds_what_numpy_finds_in_it(browser_page: Any):
    data, tensors = rich()
    stage = Stage(browser_page, data)
    extend(stage, pictures())
    at = on_map(stage, tensors)
    low, high = np.array([0.3, 0.2]), np.array([0.6, 0.7])
    draw(stage, "box", [(0.3, 0.2), (0.6, 0.7)])
    inside = ((at > low) & (at < high)).all(axis=1)
    near_the_edge = (np.abs(at - low) < 0.004).any(axis=1) | (np.abs(at - high) < 0.004).any(axis=1)
    count = int(re.match(r"\d+", title(stage))[0])
    assert 10 < inside.sum() < 110
    assert abs(count - inside.sum()) <= near_the_edge.sum()


def test_a_group_shows_its_average_its_spread_and_its_members(browser_page: Any):
    data, tensors = rich(labels=("a", "b", "c"))
    thumbs = pictures()
    stage = Stage(browser_page, data)
    extend(stage, thumbs)
    stage.find(".ls-search").fill("b")
    stage.page.keyboard.press("Enter")
    rows = np.flatnonzero(tensors["points.label"] == 1)
    assert title(stage) == f"b {len(rows)} examples"

    shown = stage.find(".ls-faces canvas").first.evaluate(
        """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 6, 6).data)
          .filter((_, i) => i % 4 === 0)"""
    )
    assert np.abs(np.array(shown) - thumbs[rows].mean(axis=0).ravel()).max() <= 0.51

    mu = tensors["points.mu"].astype(np.float64)
    for d in range(2):
        text = stage.find(".ls-spread-row").nth(d).get_attribute("title").replace("−", "-")
        figures = [float(number) for number in re.findall(r"-?\d+\.\d+", text)]
        wanted = [mu[rows, d].mean(), mu[rows, d].std(), mu[:, d].mean(), mu[:, d].std()]
        assert figures == pytest.approx(wanted, abs=0.0051)

    away = (((mu[rows] - mu[rows].mean(0)) / mu.std(0)) ** 2).sum(1)
    wanted_rows = rows[np.argsort(away)]
    names = stage.find(".ls-faces-list .ls-plain")
    numbers = [int(name.get_attribute("title").split()[-1]) for name in names.all()]
    assert numbers == [int(tensors["points.index"][row]) for row in wanted_rows[: len(numbers)]]
    names.nth(3).click()
    stage.rest()
    assert stage.state["selected"] == wanted_rows[3]
    assert stage.state["z"] == pytest.approx(mu[wanted_rows[3]], abs=1e-4)


def test_the_decoded_mean_is_gone_to_by_a_click(browser_page: Any):
    data, tensors = rich(latent=3)
    stage = Stage(browser_page, data)
    stage.find(".ls-search").fill("c")
    stage.page.keyboard.press("Enter")
    stage.find(".ls-faces button").click()
    stage.rest()
    wanted = tensors["points.mu"][tensors["points.label"] == 2].mean(axis=0)
    assert stage.state["z"] == pytest.approx(wanted, abs=1e-3)


def test_shift_adds_alt_removes_and_escape_clears_one_thing_at_a_time(stage: Stage):
    everything = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)]
    left, right = [(0.02, 0.02), (0.5, 0.98)], [(0.5, 0.02), (0.98, 0.98)]
    before = stage.state
    draw(stage, "lasso", everything)
    assert title(stage) == "120 examples"
    draw(stage, "box", left)
    count = int(title(stage).split()[0])
    assert 0 < count < 120
    draw(stage, "box", right, "Shift")
    assert title(stage) == "120 examples"
    draw(stage, "box", right, "Alt")
    assert int(title(stage).split()[0]) == pytest.approx(count, abs=1)
    assert {**stage.state} == before  # neither pin nor view has moved
    stage.map.focus()
    stage.page.keyboard.press("Escape")
    expect(stage.find(".ls-members")).to_be_hidden()
    expect(stage.find(".ls-box")).to_have_attribute("aria-pressed", "true")
    stage.page.keyboard.press("Escape")
    expect(stage.find(".ls-box")).to_have_attribute("aria-pressed", "false")
    stage.page.keyboard.press("l")
    expect(stage.find(".ls-lasso")).to_have_attribute("aria-pressed", "true")


def test_hidden_classes_are_in_no_group_and_a_click_clears(browser_page: Any):
    data, tensors = rich()
    stage = Stage(browser_page, data, state={"hidden": [0, 2]})
    draw(stage, "box", [(0.02, 0.02), (0.98, 0.98)])
    assert title(stage) == f"{(tensors['points.label'] == 1).sum()} examples"
    expect(stage.find(".ls-live")).to_contain_text("in the group")
    stage.page.mouse.click(*stage.at(0.5, 0.5))
    expect(stage.find(".ls-members")).to_be_hidden()


def test_the_others_step_back(stage: Stage):
    full = sum(stage.page.evaluate(COLOURS).values())
    stage.find(".ls-search").fill("a")
    stage.page.keyboard.press("Enter")
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert sum(stage.page.evaluate(COLOURS).values()) < 0.7 * full


def test_colours_have_a_scale_that_says_what_they_mean(stage: Stage):
    select, scale = stage.find(".ls-colour"), stage.find(".ls-ramped")
    texts = select.locator("option").all_text_contents()
    assert texts == ["Class", "Reconstruction error", "Density", "size", "z1", "z2"]
    expect(scale).to_be_hidden()
    classes = set(stage.page.evaluate(COLOURS))
    for value, words in [
        ("error", "squared error of the reconstruction"),
        ("density", "examples on one unit square"),
        ("factor:size", "size"),
        ("z2", "z2 of each example"),
    ]:
        select.select_option(value)
        stage.frame()
        expect(scale).to_contain_text(words)
        assert stage.state["colour"] == value
        assert len(set(stage.page.evaluate(COLOURS)) - classes) > 3
    stage.rest()
    assert stage.sent[-1]["colour"] == "z2"
    select.select_option("class")
    stage.frame()
    expect(scale).to_be_hidden()


@pytest.mark.parametrize("colour", ["error", "factor:none", "tag:none", "z99", "nonsense", ""])
def test_a_colour_that_is_not_there_shows_the_classes(browser_page: Any, colour: str):
    stage = Stage(browser_page, sample(), state={"colour": colour})
    stage.rest()
    expect(stage.find(".ls-colour")).to_have_value("class")
    expect(stage.find(".ls-ramped")).to_be_hidden()


def test_tags_are_saved_shown_renamed_and_deleted(browser_page: Any):
    stage = asking(browser_page, rich()[0])
    draw(stage, "box", [(0.02, 0.02), (0.5, 0.98)])
    count = int(title(stage).split()[0])
    stage.find("text=Save as tag").click()
    stage.find(".ls-naming input").fill("<b>left</b>")
    stage.page.keyboard.press("Enter")
    assert title(stage) == f"<b>left</b> {count} examples"
    (name, tag), *rest = stage.page.evaluate("asked")
    assert (name, tag["name"], len(tag["rows"]), rest) == ("tag", "<b>left</b>", count, [])

    stage.find("text=Colour by it").click()
    assert stage.state["colour"] == "tag:<b>left</b>"
    expect(stage.find(".ls-ramped")).to_have_text(f"<b>left</b> · {count} examples")

    stage.find("text=Rename").click()
    stage.find(".ls-naming input").fill("west")
    stage.page.keyboard.press("Enter")
    assert stage.state["colour"] == "tag:west"
    expect(stage.find(".ls-tag")).to_have_text(["west"])

    stage.find("text=Delete tag").click()
    expect(stage.find(".ls-tag")).to_have_count(0)
    assert stage.state["colour"] == "class"
    assert title(stage) == f"{count} examples"  # still there to be saved again
    assert [name for name, _ in stage.page.evaluate("asked")] == ["tag", "tag-renamed", "tag-deleted"]


def test_tags_that_the_host_tells_are_chips_and_found(stage: Stage):
    stage.page.evaluate("explorer.inform({tags: [{name: 'odd ones', rows: [1, 3, 500, 'x']}]})")
    chip = stage.find(".ls-tag")
    expect(chip).to_have_text("odd ones")
    chip.click()
    assert title(stage) == "odd ones 2 examples"
    chip.click()
    expect(stage.find(".ls-members")).to_be_hidden()
    stage.find(".ls-search").fill("odd")
    stage.page.keyboard.press("Enter")
    assert title(stage) == "odd ones 2 examples"
    stage.page.evaluate("explorer.update({state: {colour: 'tag:odd ones'}})")
    expect(stage.find(".ls-ramped")).to_have_text("odd ones · 2 examples")


def test_search_by_number_goes_there_by_keyboard_alone(browser_page: Any):
    data, tensors = rich()
    stage = Stage(browser_page, data, state={"hidden": [0, 1, 2]})
    stage.map.focus()
    stage.page.keyboard.press("/")
    stage.page.keyboard.type("#65")
    options = stage.find(".ls-found [role=option]")
    assert [option.locator("bdi").text_content() for option in options.all()] == ["example 65"]
    stage.page.keyboard.press("Enter")
    stage.rest()
    assert stage.state["selected"] == 20
    assert stage.state["z"] == pytest.approx(tensors["points.mu"][20], abs=1e-4)
    assert int(tensors["points.label"][20]) not in stage.state["hidden"]
    expect(stage.find(".ls-found")).to_be_hidden()
    stage.find(".ls-search").fill("zebra")
    expect(stage.find(".ls-found")).to_have_text("Nothing found. Try a class or a number.")
    stage.page.keyboard.press("Escape")
    expect(stage.find(".ls-found")).to_be_hidden()


def test_pictures_take_the_place_of_dots_when_zoomed_in_and_can_be_clicked(browser_page: Any):
    data, tensors = rich()
    stage = Stage(browser_page, data)
    plain = stage.map_sum()
    extend(stage, np.full((120, *SHAPE), 255, np.uint8))
    assert stage.map_sum() == plain  # the whole map stays a map of dots
    x, y = (float(value) for value in tensors["points.mu"][0])
    stage.page.evaluate(f"explorer.update({{state: {{view: [{x}, {y}, 1.5]}}}})")
    stage.page.mouse.move(5, 5)
    stage.rest()
    white = stage.page.evaluate(COLOURS)["32,32,32"]
    assert white > 300
    box = stage.map.bounding_box()
    stage.page.mouse.click(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2 - 12)
    assert stage.state["selected"] == 0


@pytest.mark.parametrize("latent", [1, 3])
def test_any_number_of_dimensions_and_nothing_to_show(browser_page: Any, latent: int):
    stage = Stage(browser_page, sample(latent=latent, labels=()))
    draw(stage, "box", [(0.02, 0.02), (0.98, 0.98)])
    assert title(stage) == "120 examples"
    assert stage.find(".ls-worded button").first.text_content().startswith("example ")
    stage.find(".ls-colour").select_option("density")
    stage = Stage(browser_page, sample(latent=latent, labels=(), count=0))
    expect(stage.find(".ls-lasso")).to_have_count(0)


def test_panels_can_be_hidden(browser_page: Any):
    stage = Stage(browser_page, rich()[0], hide=["group", "colour", "search"], state={"colour": "error"})
    stage.frame()
    for panel in ("group", "colour", "search"):
        assert not any(node.is_visible() for node in stage.find(f"[data-panel={panel}]").all())


def test_a_hundred_thousand_points(browser_page: Any):
    stage = Stage(browser_page, rich(count=100_000)[0])
    stage.hover(0.4, 0.5)
    stage.page.mouse.wheel(0, -600)
    stage.frame()
    assert stage.state["view"]
    draw(stage, "lasso", [(0.2, 0.2), (0.8, 0.2), (0.5, 0.8)])
    assert int(title(stage).split()[0].replace(",", "")) > 1000
    stage.find(".ls-colour").select_option("density")
    stage.rest()
    expect(stage.find(".ls-ramped")).to_be_visible()


def test_a_phone_has_it_all_in_its_width(browser_page: Any):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    stage = Stage(browser_page, rich(labels=tuple(f"a long class name {k}" for k in range(10)))[0])
    stage.find(".ls-search").fill("long")
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 390
    stage.page.keyboard.press("Enter")
    expect(stage.find(".ls-members")).to_be_visible()
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 390
