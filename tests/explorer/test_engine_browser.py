"""The joined runtime in headless Chromium against torch."""

import base64
from typing import Any

import numpy as np
import pytest
import torch
from decoding import codes, packed, torch_output
from torch import nn

from vae_core.explorer import bundle
from vae_core.explorer.build import runtime_js

pytestmark = pytest.mark.browser

DECODE = """async ({bundle, z, backend}) => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const decoder = await runtime.createDecoder(runtime.parseBundle(bytes(bundle)), {backend});
  const output = decoder.decode(new Float32Array(bytes(z).buffer));
  return {backend: decoder.backend, output: Array.from(output)};
}"""


def open_runtime(page: Any, script_source: str) -> None:
    """The page of an exported file, as far as the runtime is concerned."""
    policy = f"default-src 'none'; script-src 'unsafe-inline' {script_source}"
    page.set_content(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<script type="module">{runtime_js()}\nwindow.runtime = {{createDecoder, parseBundle}};</script>'
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
