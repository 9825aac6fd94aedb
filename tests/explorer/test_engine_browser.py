"""The joined runtime in headless Chromium against torch."""

import base64
from typing import Any

import numpy as np
import pytest
import torch
from any_net import CASES, lively, packed_encoder, packed_model
from decoding import codes, packed, torch_output
from torch import nn

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.explorer import bundle
from vae_core.explorer.build import runtime_js

pytestmark = pytest.mark.browser

DECODE = """async ({bundle, z, backend}) => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const decoder = await runtime.createDecoder(runtime.parseBundle(bytes(bundle)), {backend});
  const output = decoder.decode(new Float32Array(bytes(z).buffer));
  return {backend: decoder.backend, output: Array.from(output)};
}"""


ENCODE = """async ({bundle, extras, pixels, backend}) => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const parsed = runtime.parseBundle(bytes(bundle));
  const encoder = await runtime.createEncoder(parsed, runtime.parseExtras(bytes(extras)), {backend});
  const {mu, logVar} = encoder.encode(new Float32Array(bytes(pixels).buffer));
  return [Array.from(mu), Array.from(logVar)];
}"""


def open_runtime(page: Any, script_source: str) -> None:
    """The page of an exported file, as far as the runtime is concerned."""
    policy = f"default-src 'none'; script-src 'unsafe-inline' {script_source}"
    page.set_content(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<script type="module">{runtime_js()}\n'
        "window.runtime = {createDecoder, createEncoder, parseBundle, parseExtras};</script>"
    )
    page.wait_for_function("window.runtime")


def decode(page: Any, data: bytes, z: np.ndarray, backend: str = "auto") -> tuple[np.ndarray, str]:
    request = {
        "bundle": base64.b64encode(data).decode(),
        "z": base64.b64encode(z.tobytes()).decode(),
        "backend": backend,
    }
    reply = page.evaluate(DECODE, request)
    return np.array(reply["output"]).reshape(len(z), -1), reply["backend"]


@pytest.fixture(scope="module")
def decoder() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(3, 65), nn.GELU(), nn.Linear(65, 30), nn.SiLU(), nn.Linear(30, 35), nn.Sigmoid()
    )


@pytest.mark.parametrize(
    ("asked", "script_source", "used"),
    [
        ("auto", "'wasm-unsafe-eval'", "wasm"),
        ("js", "'wasm-unsafe-eval'", "js"),
        ("auto", "", "js"),  # the page's policy refuses WebAssembly
    ],
)
def test_decodes_as_torch(
    browser_page: Any, decoder: nn.Module, asked: str, script_source: str, used: str
) -> None:
    open_runtime(browser_page, script_source)
    data, z = packed(decoder, 3, (1, 5, 7)), codes(7, 3)
    expected = torch_output(decoder, z)
    for bytes_, tolerance in ((data, 1e-5), (bundle.to_half(data), 2e-3)):
        output, backend = decode(browser_page, bytes_, z, asked)
        assert backend == used
        assert np.abs(output - expected).max() < tolerance * np.abs(expected).max()


@pytest.mark.parametrize("backend", ["wasm", "js"])
def test_nets_are_as_in_torch(browser_page: Any, backend: str) -> None:
    open_runtime(browser_page, "'wasm-unsafe-eval'")
    for settings, shape in CASES:
        net = lively(ModelConfig.model_validate(settings), shape)
        data, z = packed_model(net), codes(3, net.latent)
        expected = latent.decode(net, z).reshape(3, -1)
        for bytes_, tolerance in ((data, 1e-5), (bundle.to_half(data), 5e-3)):
            output, _ = decode(browser_page, bytes_, z, backend)
            assert np.abs(output - expected).max() < tolerance * np.abs(expected).max()
        images = np.random.default_rng(0).random((2, *shape), np.float32)
        request = {
            "bundle": base64.b64encode(data).decode(),
            "extras": base64.b64encode(packed_encoder(net)).decode(),
            "pixels": base64.b64encode(images.tobytes()).decode(),
            "backend": backend,
        }
        found = browser_page.evaluate(ENCODE, request)
        for ours, theirs in zip(found, latent.encode(net, images)):
            assert np.abs(np.array(ours) - theirs.ravel()).max() < 1e-5 * np.abs(theirs).max()
