"""A decoder that takes many frames for a picture: the hand goes on, pictures come as they are made."""

from typing import Any

import numpy as np
import pytest
import torch
from decoding import describe
from mounting import Stage
from torch import nn

from vae_core.explorer import bundle
from vae_core.explorer.pack import decoder_ops

pytestmark = pytest.mark.browser

# Plain JavaScript, as where WebAssembly is refused.
NO_WASM = "() => { WebAssembly.instantiate = () => Promise.reject(new Error('refused')); }"
SIDE = 32

# Of every frame: what the map looks like, and what the picture does.
WATCH = """() => {
  const hash = role => {
    const canvas = document.querySelector(`[data-role=${role}]`);
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (const pixel of new Uint32Array(data.buffer)) sum = (Math.imul(sum, 31) + pixel) | 0;
    return sum;
  };
  const seen = window.seen = [];
  const look = () => {
    if (window.seen !== seen) return;
    seen.push([hash('map'), hash('picture')]);
    requestAnimationFrame(look);
  };
  look();
}"""


def slow_bundle() -> bytes:
    """Some 200 million multiplications a picture."""
    torch.manual_seed(0)
    decoder = nn.Sequential(
        nn.Linear(3, SIDE * SIDE),
        nn.Unflatten(1, (1, SIDE, SIDE)),
        nn.Conv2d(1, 150, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(150, 150, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(150, 1, 3, padding=1),
        nn.Flatten(),
        nn.Tanh(),
        nn.ReLU(),
    )
    with torch.no_grad():
        decoder[6].weight *= 20
    ops, tensors = decoder_ops(decoder)
    meta = describe(3, (1, SIDE, SIDE), ops) | {"range": [[-4, 4]] * 3, "kl": [3.0, 2.0, 1.0]}
    random = np.random.default_rng(0)
    points = {
        "points.mu": random.normal(size=(200, 3)).astype(np.float32),
        "points.log_var": np.full((200, 3), -3, np.float32),
        "points.label": np.zeros(200, np.int16),
        "points.index": np.arange(200, dtype=np.int32),
    }
    return bundle.write(meta, tensors | points)


@pytest.fixture(scope="module")
def data() -> bytes:
    return slow_bundle()


@pytest.fixture
def stage(browser_page: Any, data: bytes) -> Stage:
    browser_page.evaluate(NO_WASM)
    return Stage(browser_page, data)


def expected(page: Any, data: bytes, state: dict[str, Any]) -> list[int]:
    """The picture of a state, made in one go by an explorer of its own."""
    other = page.context.new_page()
    made = Stage(other, data, state=state).pixels()
    other.close()
    return made


def settled(stage: Stage, wanted: list[int]) -> None:
    """Waits until the picture is the wanted one (WebAssembly rounds otherwise)."""
    for _ in range(200):
        if np.abs(np.subtract(stage.pixels(), wanted)).max() <= 1:
            return
        stage.page.wait_for_timeout(100)
    raise AssertionError("The last picture is not that of the last z.")


def test_a_hand_does_not_wait_for_pictures(stage: Stage, data: bytes):
    first = stage.pixels()
    stage.page.evaluate(WATCH)
    stage.drag(stage.at(0.3, 0.4), stage.at(0.7, 0.6), moves=80)
    seen = stage.page.evaluate("seen")
    stage.page.evaluate("window.seen = null")
    maps, pictures = (len({frame[k] for frame in seen}) for k in (0, 1))
    assert maps > 60
    assert 2 < pictures < maps  # they come while the hand moves, and take several frames
    stage.page.mouse.up()
    assert stage.pixels() != first
    settled(stage, expected(stage.page, data, stage.state))


def test_the_slider_and_its_reading_are_ahead_of_the_picture(stage: Stage, data: bytes):
    slider = stage.find("input[type=range]").first
    slider.focus()
    before = stage.find(".ls-z").text_content()
    stage.page.keyboard.press("End")
    stage.frame()
    assert stage.find(".ls-z").text_content() != before
    settled(stage, expected(stage.page, data, stage.state))


def test_what_can_wait_is_made_in_the_end(stage: Stage, data: bytes):
    """Selection, strips, tint and pictures behind the points, each in turn, while frames go on."""
    stage.page.evaluate("explorer.update({state: {selected: 3, tint: 0, grid: true}})")
    stage.page.evaluate(WATCH)
    stage.find(".ls-tint").wait_for(timeout=30_000)
    made = "() => document.querySelector('.ls-made canvas').width === 32"
    stage.page.wait_for_function(made, timeout=30_000)
    inked = """() => {
      const canvas = document.querySelector('.ls-strip');
      return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v > 0);
    }"""
    stage.page.wait_for_function(inked, timeout=30_000)
    assert len(stage.page.evaluate("seen")) > 30
    stage.page.mouse.move(*stage.at(0.5, 0.5))  # a peek comes before what waits
    stage.frame()
    peeked = stage.pixels()
    stage.page.wait_for_function(
        "before => JSON.stringify(Array.from(document.querySelector('[data-role=picture]').getContext('2d')"
        f".getImageData(0, 0, {SIDE}, {SIDE}).data)) !== before",
        arg=str(peeked).replace(" ", ""),
        timeout=5000,
    )
