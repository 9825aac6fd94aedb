"""The data set's own pictures through the pad's pipeline: they come out unchanged and encode as in torch."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from any_net import lively, packed_encoder, packed_model
from decoding import NodeRuntime

from vae_core import data, latent
from vae_core.config import DataConfig, ModelConfig
from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

SETTLE = """
import {readFileSync} from 'node:fs';
const {measureInk} = await import(process.env.WEB + 'ink.js');
const {settlePicture} = await import(process.env.WEB + 'settle.js');
const {shape, known, drawn, times} = JSON.parse(readFileSync(0, 'utf8'));
const [channels, height, width] = shape;
const large = [channels, height * times, width * times];
const enlarge = values => Float32Array.from({length: channels * height * width * times * times}, (_, i) => {
  const [x, y, c] = [i % large[2], Math.floor(i / large[2]) % large[1], Math.floor(i / large[2] / large[1])];
  return values[(c * height + Math.floor(y / times)) * width + Math.floor(x / times)];
});
const values = row => Float32Array.from(known[row], value => value / 255);
const style = measureInk({count: known.length, shape, values});
const settled = drawn.map(values => Array.from(settlePicture(enlarge(values), large, shape, style)));
console.log(JSON.stringify({style, settled}));
"""


def settle(node: str, images: np.ndarray, times: int) -> tuple[dict[str, Any], np.ndarray]:
    """The style measured from pictures (N, C, H, W) uint8, and the first 60 enlarged and settled again."""
    request = {
        "shape": list(images.shape[1:]),
        "known": images.reshape(len(images), -1).tolist(),
        "drawn": (images[:60].reshape(60, -1) / 255).tolist(),
        "times": times,
    }
    done = subprocess.run(
        [node, "--input-type=module", "-e", SETTLE],
        env={"WEB": WEB.as_uri() + "/"},
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(done.stdout)
    return found["style"], np.array(found["settled"], np.float32).reshape(-1, *images.shape[1:])


def check(node: str, runtime: NodeRuntime, source: str, times: int, share: float = 1) -> dict[str, Any]:
    """The style of a source, of whose pictures at least `share` are of its usual length and place."""
    dataset = data.load(DataConfig.model_validate({"source": source}))
    images = dataset.to_bytes(dataset.test[:400])
    style, settled = settle(node, images, times)
    original = images[:60].astype(np.float32) / 255
    kept = np.isclose(settled, original, rtol=0, atol=1e-6).all(axis=(1, 2, 3))
    assert kept.mean() >= share
    net = lively(ModelConfig(latent=6, hidden=(32,)), dataset.shape)
    found, _ = runtime.encode(packed_model(net), packed_encoder(net), settled[kept])
    expected, _ = latent.encode(net, original[kept])
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    return style


@pytest.mark.parametrize("times", [1, 8])
def test_digits(node: str, runtime: NodeRuntime, times: int):
    style = check(node, runtime, "digits", times, 0.95)
    assert style["place"] == "box"  # scaled until they touch two edges
    assert style["extent"] == 1
    assert style["centre"] == pytest.approx([0.5, 0.5], abs=0.02)


def test_mnist(node: str, runtime: NodeRuntime, data_dir: Path):
    style = check(node, runtime, "mnist", 4)
    assert style["place"] == "mass"
    assert style["extent"] == pytest.approx(20 / 28)  # LeCun: a box of 20 by 20, centre of mass in the middle
    assert style["centre"] == pytest.approx([14.5 / 28] * 2, abs=0.01)
    assert style["background"] == [0]
    assert style["colours"] == [[1]]


def test_fashion(node: str, runtime: NodeRuntime, data_dir: Path):
    style = check(node, runtime, "fashion-mnist", 4, 0.9)
    assert style["place"] == "box"
    assert style["extent"] == 1


@pytest.mark.parametrize("source", ["shapes", "colour-shapes"])
def test_sets_that_lie_anywhere_are_not_moved(node: str, runtime: NodeRuntime, source: str):
    assert check(node, runtime, source, 2)["place"] == ""
