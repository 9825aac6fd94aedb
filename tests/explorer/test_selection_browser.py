"""Selecting, going back, going anywhere, fingers and keys, in headless Chromium."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from mounting import Stage, sample
from playwright.sync_api import expect
from safetensors.numpy import save

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

# Strokes of ellipses on the map from now on: [x, y, longer, shorter half axis, rotation], a frame's worth.
WATCH_ELLIPSES = """() => {
  const {prototype} = CanvasRenderingContext2D;
  const {ellipse, clearRect} = prototype;
  window.ellipses = [];
  prototype.clearRect = function (...box) { window.ellipses = []; clearRect.call(this, ...box); };
  prototype.ellipse = function (...shape) { ellipses.push(shape.slice(0, 5)); ellipse.call(this, ...shape); };
}"""


def extras(data: bytes, factor: int = 1, count: int | None = None) -> bytes:
    """Extras of a bundle with random pictures of its first `count` points."""
    meta, tensors = bundle.read(data)
    channels, height, width = meta["shape"]
    shape = (channels, -(-height // factor), -(-width // factor))
    known = len(tensors["points.mu"]) if count is None else count
    thumbs = np.random.default_rng(5).integers(0, 256, (known, *shape)).astype(np.uint8)
    note = {"format": 1, "kind": "extras", "factor": factor, "problems": []}
    return save({"thumbs": thumbs}, {"latentscape": json.dumps(note)})


def extend(stage: Stage, data: bytes) -> None:
    text = base64.b64encode(data).decode()
    stage.page.evaluate(f"explorer.extend(Uint8Array.from(atob('{text}'), c => c.charCodeAt(0)))")
    stage.frame()


def with_meta(data: bytes, **changes: Any) -> bytes:
    meta, tensors = bundle.read(data)
    return bundle.write(meta | changes, tensors)


def code(data: bytes, row: int) -> list[float]:
    return bundle.read(data)[1]["points.mu"][row].tolist()


def place(stage: Stage, x: float, y: float) -> tuple[float, float]:
    """On the screen, of a place on a map whose view is set."""
    box = stage.map.bounding_box()
    left, bottom, span = stage.state["view"]
    scale = min(box["width"], box["height"]) / span
    return box["x"] + box["width"] / 2 + (x - left) * scale, box["y"] + box["height"] / 2 - (
        y - bottom
    ) * scale


@pytest.fixture
def data() -> bytes:
    return sample(latent=4, count=60)


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    stage = Stage(browser_page, data, state={"view": [2, 0, 5]})
    extend(stage, extras(data))
    return stage


def test_a_click_on_a_point_selects_it_with_its_whole_code(stage: Stage, data: bytes):
    panel = stage.find(".ls-selection")
    expect(panel).to_be_hidden()
    z = code(data, 7)
    stage.page.mouse.click(*place(stage, z[0], z[1]))
    stage.rest()
    assert stage.state["selected"] == 7
    assert stage.state["z"] == pytest.approx(z, abs=1e-4)
    expect(stage.find(".ls-selection header .ls-muted")).to_have_text("#7")
    pictures = panel.locator("canvas")
    assert [pictures.nth(k).evaluate("node => [node.width, node.height]") for k in range(3)] == [[6, 6]] * 3
    expect(panel.locator("figcaption")).to_have_text(["original", "reconstruction", "difference"])
    expect(stage.find(".ls-hint")).to_contain_text("the other 2 dimensions stay as in")
    expect(stage.find(".ls-live")).to_contain_text("Selected: ")
    assert stage.sent[-1]["selected"] == 7


def test_the_squared_error_is_that_of_original_and_reconstruction(stage: Stage, data: bytes):
    stage.page.evaluate("explorer.update({state: {selected: 3}})")
    stage.rest()
    _, tensors = bundle.read(data)
    logits = tensors["points.mu"][3] @ tensors["decoder.0.weight"].T
    original = np.random.default_rng(5).integers(0, 256, (60, 36))[3] / 255
    error = ((1 / (1 + np.exp(-logits)) - original) ** 2).mean()
    assert float(stage.find(".ls-told b").text_content()) == pytest.approx(error, abs=6e-5)


def test_the_error_known_to_the_bundle_is_shown(browser_page: Any, data: bytes):
    meta, tensors = bundle.read(data)
    tensors["points.error"] = np.linspace(0, 1, 60, dtype=np.float32)
    stage = Stage(browser_page, bundle.write(meta, tensors), state={"selected": 59})
    expect(stage.find(".ls-told b")).to_have_text("1.0000")
    expect(stage.find(".ls-pair canvas").nth(1)).to_be_visible()
    expect(stage.find(".ls-pair canvas").first).to_be_hidden()  # no pictures have come
    extend(stage, extras(data, factor=4, count=60))
    assert stage.find(".ls-pair canvas").nth(1).evaluate("node => [node.width, node.height]") == [2, 2]
    extend(stage, extras(data, count=10))
    expect(stage.find(".ls-pair canvas").first).to_be_hidden()  # none of this one


def test_ellipses_stand_at_the_selected_point_with_the_deviations_of_q(browser_page: Any):
    meta, tensors = bundle.read(sample(latent=3, count=50))
    tensors["points.log_var"][:] = np.log(np.float32([0.25, 0.01, 4]))
    stage = Stage(browser_page, bundle.write(meta, tensors), state={"view": [2, 0, 5], "selected": 4})
    stage.page.evaluate(WATCH_ELLIPSES)
    stage.map.press("Shift")
    stage.page.evaluate("explorer.inform({})")
    stage.frame()
    drawn = stage.page.evaluate("ellipses")
    box = stage.map.bounding_box()
    scale = min(box["width"], box["height"]) / 5
    x, y = place(stage, *tensors["points.mu"][4, :2].tolist())
    assert len(drawn) == 4  # two, each with a halo
    for shape, k in zip(drawn, [2, 2, 1, 1], strict=True):
        expected = [x - box["x"], y - box["y"], k * 0.5 * scale, k * 0.1 * scale, 0]
        assert shape == pytest.approx(expected, abs=0.01)
    stage.page.evaluate("explorer.update({state: {axes: [1, 2]}})")
    stage.frame()
    longer, shorter, turn = stage.page.evaluate("ellipses.at(-1).slice(2)")
    assert [longer / shorter, abs(turn)] == pytest.approx([20, np.pi / 2], abs=1e-3)
    stage.page.evaluate("explorer.update({state: {chart: 'pca'}})")
    stage.frame()
    assert abs(stage.page.evaluate("ellipses.at(-1)[4]")) > 0.001  # tilted
    expect(stage.find(".ls-note")).to_contain_text("1σ and 2σ")


def test_an_autoencoder_has_no_spread_to_draw_from(browser_page: Any, data: bytes):
    given = with_meta(data, posterior={"deterministic": True, "log_var": -9.0}, encoder=[{"op": "relu"}])
    stage = Stage(browser_page, given, state={"selected": 2})
    stage.page.evaluate(WATCH_ELLIPSES)
    stage.page.evaluate("explorer.inform({})")
    stage.frame()
    assert stage.page.evaluate("ellipses") == []
    expect(stage.find(".ls-note")).to_contain_text("one point")
    expect(stage.find("text=Resample")).to_be_hidden()


def test_a_map_for_the_eye_has_no_ellipses_and_says_why(stage: Stage):
    stage.page.evaluate(WATCH_ELLIPSES)
    places = np.random.default_rng(0).normal(size=(60, 2)).astype("<f4").tobytes()
    made = {"tsne": {"places": base64.b64encode(places).decode(), "trustworthiness": 0.9}}
    stage.page.evaluate(f"explorer.inform({{maps: {json.dumps({'made': made})}}})")
    stage.page.evaluate("explorer.update({state: {selected: 3, chart: 'tsne'}})")
    stage.rest()
    assert stage.page.evaluate("ellipses") == []
    expect(stage.find(".ls-note")).to_contain_text("No ellipses")
    stage.page.evaluate("explorer.update({state: {chart: 'axes'}})")
    stage.rest()
    assert len(stage.page.evaluate("ellipses")) == 4


def test_resampling_moves_within_q_and_mean_returns(stage: Stage, data: bytes):
    stage.page.evaluate("explorer.update({state: {selected: 5}})")
    draws = []
    for _ in range(4):
        stage.find("text=Resample").click()
        stage.rest()
        draws.append(stage.state["z"])
    assert len({tuple(z) for z in draws}) == 4
    assert stage.state["selected"] == 5
    assert np.abs(np.array(draws) - code(data, 5)).max() < 6  # its deviations are 1
    stage.find("text=Mean").click()
    stage.rest()
    assert stage.state["z"] == pytest.approx(code(data, 5), abs=1e-4)


def test_the_three_nearest_are_named_shown_and_gone_to(stage: Stage, data: bytes):
    _, tensors = bundle.read(data)
    mu, spread = tensors["points.mu"], np.sqrt(tensors["points.mu"].var(0) + 1)
    stage.page.evaluate("explorer.update({state: {z: [1, 0.3, -0.2, 0.1]}})")
    stage.rest()
    order = np.argsort(np.linalg.norm((mu - [1, 0.3, -0.2, 0.1]) / spread, axis=1))[:3]
    cells = stage.find(".ls-example")
    expect(cells).to_have_count(3)
    names = [bundle.read(data)[0]["labels"][tensors["points.label"][row]] for row in order]
    expect(cells.locator("bdi")).to_have_text(names)
    assert cells.locator("canvas").first.evaluate("node => [node.width, node.height]") == [6, 6]
    cells.nth(2).click()
    stage.rest()
    assert stage.state["selected"] == order[2]
    assert stage.state["z"] == pytest.approx(mu[order[2]].tolist(), abs=1e-4)


def test_a_quiet_sign_where_no_data_encode_and_nothing_jumps(stage: Stage):
    sign = stage.find(".ls-far")
    boxes = """() => ['.ls-near', '.ls-side', '.ls-stage'].map(
      name => JSON.stringify(document.querySelector(name).getBoundingClientRect()))"""
    stage.rest()
    before = stage.page.evaluate(boxes)
    assert not sign.evaluate("node => node.classList.contains('ls-on')")
    stage.page.evaluate("explorer.update({state: {z: [30, 30, 30, 30]}})")
    stage.rest()
    assert sign.evaluate("node => node.classList.contains('ls-on')")
    expect(stage.find(".ls-live")).to_contain_text("no data encode here")
    assert stage.page.evaluate(boxes) == before


def test_the_list_stays_calm_while_the_hand_moves(stage: Stage):
    stage.page.evaluate(
        """() => {
          window.changes = new Set();
          const list = document.querySelector('.ls-examples');
          const note = () => changes.add(Math.floor(performance.now() / 100));
          new MutationObserver(note).observe(list, {subtree: true, childList: true, attributes: true});
          window.began = performance.now();
        }"""
    )
    stage.drag(stage.at(0.1, 0.2), stage.at(0.9, 0.8), moves=60)
    stage.page.mouse.up()
    spans, tenths = stage.page.evaluate("[changes.size, (performance.now() - began) / 100]")
    assert 2 <= spans <= tenths + 2


def test_undo_and_redo_one_step_a_gesture(stage: Stage, data: bytes):
    undo, redo = stage.find("[aria-label=Undo]"), stage.find("[aria-label=Redo]")
    start = stage.state["z"]
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    stage.drag(stage.at(0.3, 0.3), stage.at(0.6, 0.7), moves=8)
    stage.page.mouse.up()
    dragged = stage.state["z"]
    z = code(data, 7)
    stage.page.mouse.click(*place(stage, z[0], z[1]))
    stage.map.press("Control+z")
    stage.rest()
    assert stage.state["z"] == dragged
    assert stage.state["selected"] == -1
    expect(stage.find(".ls-selection")).to_be_hidden()
    undo.click()
    stage.rest()
    assert stage.state["z"] == pytest.approx(start, abs=1e-4)
    expect(undo).to_be_disabled()
    stage.map.press("Control+Shift+z")
    stage.map.press("Control+y")
    stage.rest()
    assert stage.state["selected"] == 7
    expect(redo).to_be_disabled()
    assert stage.sent[-1]["selected"] == 7
    stage.find("[type=range]").first.press("Control+z")  # from wherever the focus is
    stage.rest()
    assert stage.state["z"] == dragged
    stage.map.press("ArrowRight")
    stage.rest()
    expect(redo).to_be_disabled()  # another way was taken


def test_quick_journeys_are_steps_of_their_own_and_arrive(stage: Stage):
    for key in ("x", "x", "x"):
        stage.map.press(key)
    stage.rest()
    landed = stage.state
    assert landed["selected"] >= 0
    for _ in range(3):
        stage.map.press("Control+z")
    stage.rest()
    assert stage.state["selected"] == -1
    expect(stage.find("[aria-label=Undo]")).to_be_disabled()
    for _ in range(3):
        stage.map.press("Control+y")
    stage.rest()
    assert stage.state["z"] == landed["z"]


def test_random_codes_of_the_prior_and_of_the_data(browser_page: Any):
    data = sample(latent=2, count=40)
    meta, tensors = bundle.read(data)
    tensors["points.mu"] += 100
    tensors["points.log_var"][:] = -20
    stage = Stage(browser_page, bundle.write(meta, tensors))
    stage.find("text=Random").click()
    stage.rest()
    prior = stage.state["z"]
    assert max(abs(value) for value in prior) < 6
    x, y, span = stage.state["view"]
    assert abs(prior[0] - x) < span  # the map has come along
    assert abs(prior[1] - y) <= span / 2
    stage.find(".ls-split select").select_option("data")
    stage.rest()
    assert np.abs(tensors["points.mu"] - stage.state["z"]).max(1).min() < 0.01
    assert stage.state["selected"] == -1


def test_a_trail_of_the_last_moves(stage: Stage):
    stage.page.evaluate("explorer.update({state: {hidden: [0, 1, 2], z: [0.2, -1.5, 0, 0]}})")
    stage.page.mouse.move(5, 5)
    stage.rest()
    before = stage.inked()
    stage.page.evaluate("explorer.update({state: {z: [3.8, 1.5, 0, 0]}})")
    stage.rest()
    assert stage.inked() > before + 200


def test_hovering_over_a_point_shows_its_whole_code_passing_does_not(stage: Stage, data: bytes):
    z = code(data, 7)
    x, y = place(stage, z[0], z[1])
    stage.page.mouse.move(x + 5, y)
    stage.rest()
    shown = stage.find("output").all_text_contents()
    assert [float(text.replace("−", "-")) for text in shown] == pytest.approx(z, abs=0.006)
    rest = stage.page.evaluate(
        """([x, y]) => {
          const map = document.querySelector('[data-role=map]');
          const kind = {pointerType: 'mouse', bubbles: true, clientY: y};
          const pass = dx => map.dispatchEvent(new PointerEvent('pointermove', {...kind, clientX: x + dx}));
          [-60, -40, -20, 0].forEach(pass);
          return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
            () => done([...document.querySelectorAll('output')].slice(2).map(node => node.textContent)))));
        }""",
        [x, y],
    )
    pinned = stage.state["z"][2:]
    assert [float(text.replace("−", "-")) for text in rest] == pytest.approx(pinned, abs=0.006)
    stage.rest()  # it has come to rest on the point
    expect(stage.find("output")).to_have_text(shown)


def test_escape_takes_back_a_drag_then_the_selection(stage: Stage):
    stage.page.evaluate("explorer.update({state: {selected: 2}})")
    start = stage.state["z"]
    stage.map.focus()
    stage.drag(stage.at(0.2, 0.8), stage.at(0.7, 0.2), moves=5)
    stage.page.keyboard.press("Escape")
    stage.page.mouse.move(*stage.at(0.1, 0.1))
    stage.page.mouse.up()
    assert stage.state["z"] == start
    assert stage.state["selected"] == 2
    stage.page.keyboard.press("Escape")
    assert stage.state["selected"] == -1
    stage.rest()
    expect(stage.find(".ls-selection")).to_be_hidden()


def test_keys_alone_select_resample_and_wander(stage: Stage, data: bytes):
    press = stage.page.keyboard.press
    stage.map.focus()
    press("ArrowRight")
    press("Enter")
    stage.rest()
    first = stage.state["selected"]
    assert first >= 0
    press("2")
    stage.rest()
    assert stage.state["selected"] not in (first, -1)
    press("q")
    stage.rest()
    drawn = stage.state["z"]
    assert drawn != pytest.approx(code(data, stage.state["selected"]), abs=1e-3)
    press("c")
    stage.rest()
    assert stage.state["z"] == pytest.approx(code(data, stage.state["selected"]), abs=1e-3)
    seen = {tuple(stage.state["z"])}
    for key in ("r", "Shift+R", "x"):
        press(key)
        stage.rest()
        seen.add(tuple(stage.state["z"]))
    assert len(seen) >= 3


def test_a_sheet_names_the_keys_and_gives_the_focus_back(stage: Stage):
    stage.map.focus()
    stage.page.keyboard.press("?")
    sheet = stage.find("dialog")
    expect(sheet).to_be_visible()
    text = sheet.inner_text()
    for words in ("Ctrl+Z", "Two fingers", "Surprise me", "Select the nearest example"):
        assert words in text
    z = stage.state["z"]
    stage.page.keyboard.press("r")  # nothing happens below
    stage.page.keyboard.press("Escape")
    sheet.wait_for(state="detached")
    assert stage.state["z"] == z
    assert stage.page.evaluate("document.activeElement.dataset.role") == "map"
    stage.find(".ls-help").click()
    expect(sheet).to_be_visible()


def test_panels_can_be_left_out(browser_page: Any, data: bytes):
    stage = Stage(browser_page, data, hide=["selection", "near", "history"], state={"selected": 1})
    stage.rest()
    for name in (".ls-selection", ".ls-near", "[aria-label=Undo]"):
        expect(stage.find(name)).to_be_hidden()
    stage.map.press("x")
    stage.rest()
    expect(stage.find(".ls-selection")).to_be_hidden()


@pytest.mark.parametrize(("latent", "count", "labels"), [(1, 30, ("a", "b")), (2, 0, ()), (3, 2, ())])
def test_any_bundle(browser_page: Any, latent: int, count: int, labels: tuple[str, ...]):
    stage = Stage(browser_page, sample(latent=latent, count=count, labels=labels))
    stage.map.focus()
    for key in ("x", "Enter", "q", "c", "r", "Shift+R", "1", "3", "Control+z", "Control+y", "Escape"):
        stage.page.keyboard.press(key)
        stage.page.wait_for_timeout(60)
    stage.rest()
    assert len(stage.state["z"]) == latent


def touching(context: Any) -> tuple[Stage, Any]:
    page = context.new_page()
    stage = Stage(page, sample(latent=3), head=130)
    session = page.context.new_cdp_session(page)

    def send(kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return stage, send


def test_a_finger_that_holds_still_peeks_and_one_that_taps_puts_the_pin(chromium: Any):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    stage, send = touching(context)
    start, pinned = stage.state, stage.pixels()
    send("touchStart", stage.at(0.5, 0.3))
    stage.page.wait_for_timeout(650)
    peeked = stage.pixels()
    assert peeked != pinned
    send("touchMove", stage.at(0.7, 0.8))
    stage.frame()
    assert stage.pixels() != peeked
    send("touchEnd")
    stage.rest()
    assert stage.state == start
    assert stage.pixels() == pinned
    assert stage.sent == []
    send("touchStart", stage.at(0.5, 0.3))
    send("touchEnd")
    stage.rest()
    assert stage.state["z"] != start["z"]
    tapped = stage.state["z"]
    send("touchStart", stage.at(0.4, 0.5))  # a pinch never moves the pin
    send("touchStart", stage.at(0.4, 0.5), stage.at(0.6, 0.5))
    send("touchMove", stage.at(0.3, 0.5), stage.at(0.7, 0.5))
    send("touchEnd")
    stage.rest()
    assert stage.state["z"] == tapped
    assert stage.state["view"] is not None
    context.close()


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_page_scrolls_in_the_gutters_beside_the_map(chromium: Any, side: str):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    stage, send = touching(context)
    box = stage.map.bounding_box()
    x = box["x"] - 10 if side == "left" else box["x"] + box["width"] + 10
    assert 0 < x < 390
    y = box["y"] + 0.8 * box["height"]
    start = stage.state
    send("touchStart", (x, y))
    for k in range(1, 12):
        send("touchMove", (x, y - 20 * k))
        stage.frame()
    send("touchEnd")
    stage.rest()
    assert stage.page.evaluate("scrollY") > 80
    assert stage.state == start
    assert box["x"] >= 24
    assert 390 - box["x"] - box["width"] >= 24
    context.close()


@pytest.mark.parametrize("width", [320, 390, 700, 900, 1280])
def test_a_selection_and_a_group_fit_any_width(browser_page: Any, data: bytes, width: int):
    browser_page.set_viewport_size({"width": width, "height": 900})
    stage = Stage(browser_page, data, head=20, state={"selected": 3})
    extend(stage, extras(data))
    stage.find(".ls-search").fill("a")
    stage.page.keyboard.press("Enter")
    stage.frame()
    expect(stage.find(".ls-members")).to_be_visible()
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width
