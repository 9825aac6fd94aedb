"""How long the browser takes for one picture, and for one encoding: nets of several sizes, one table.

    python benchmarks/decoders.py

Headless Chromium; untrained weights cost as much as trained ones. Multiply-adds are those of the layers as
they are defined; a nearest-neighbour doubling and the convolution behind it are computed with 4/9 of theirs.
"""

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from explorer import TIME_DECODER, row
from playwright.sync_api import sync_playwright
from safetensors.numpy import save

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import CHROMIUM_FLAGS  # noqa: E402

from vae_core.config import ModelConfig  # noqa: E402
from vae_core.explorer.build import runtime_js  # noqa: E402
from vae_core.explorer.pack import encoder_ops, pack_model  # noqa: E402
from vae_core.models import VAE, build  # noqa: E402
from vae_core.sizes import decoder_multiply_adds  # noqa: E402

NETS: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "MLP 512-512, 1x28x28": ({"hidden": (512, 512), "latent": 8}, (1, 28, 28)),
    "conv 16-32-64, 1x32x32": ({"net": "conv", "latent": 8}, (1, 32, 32)),
    "conv 32-64-128, 1x32x32": ({"net": "conv", "channels": (32, 64, 128), "latent": 8}, (1, 32, 32)),
    "conv 16-32-64, 3x64x64": ({"net": "conv", "latent": 8}, (3, 64, 64)),
    "the same, transposed": ({"net": "conv", "up": "transposed", "latent": 8}, (3, 64, 64)),
    "with residual blocks": ({"net": "conv", "blocks": 1, "norm": "batch", "latent": 8}, (3, 64, 64)),
    "conv 16-32-64-128, 3x128x128": (
        {"net": "conv", "channels": (16, 32, 64, 128), "latent": 8},
        (3, 128, 128),
    ),
}
TIME_ENCODER = """
async ([text, bundle, extras, backend]) => {
  const module = new Blob([text], {type: 'text/javascript'});
  const {parseBundle, parseExtras, createEncoder} = await import(URL.createObjectURL(module));
  const bytes = encoded => Uint8Array.from(atob(encoded), c => c.charCodeAt(0));
  const encoder = await createEncoder(parseBundle(bytes(bundle)), parseExtras(bytes(extras)), {backend});
  const pixels = new Float32Array(encoder.shape.reduce((a, b) => a * b)).fill(0.3);
  return Array.from({length: 100}, () => {
    const start = performance.now();
    encoder.encode(pixels);
    return performance.now() - start;
  });
}
"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        for name, (settings, shape) in NETS.items():
            model = ModelConfig.model_validate(settings)
            net = build(model, shape)
            work = decoder_multiply_adds(model, shape) / 1e6
            for backend in ("wasm", "js"):
                figures = times(browser, net, backend)
                row(
                    name if backend == "wasm" else f"  {work:.1f} million multiply-adds",
                    f"{backend}  {figures}",
                )


def times(browser: Any, net: VAE, backend: str) -> str:
    bundle, extras = packed(net)
    tab = browser.new_page()
    decoding = tab.evaluate(TIME_DECODER, [runtime_js(), bundle, backend])
    encoding = tab.evaluate(TIME_ENCODER, [runtime_js(), bundle, extras, backend])
    tab.close()
    p50, p95 = np.percentile(decoding["times"][20:], [50, 95])
    return (
        f"decode p50 {p50:.2f} p95 {p95:.2f} ms, first {decoding['first']:.0f} ms with loading; "
        f"encode p50 {np.median(encoding):.2f} ms"
    )


def packed(net: VAE) -> tuple[str, str]:
    """Bundle and extras in base64."""
    codes = np.zeros((1, net.latent), np.float32)
    words: dict[str, Any] = {"title": "", "run": "", "data": {}, "beta": 1, "report": {}, "label_names": ()}
    bundle = pack_model(
        net, mu=codes, log_var=codes, labels=None, index=np.arange(1), kl=np.ones(net.latent), **words
    )
    tensors = {name: np.ascontiguousarray(array) for name, array in encoder_ops(net.encoder)[1].items()}
    note = {"latentscape": json.dumps({"format": 1, "kind": "extras"})}
    return base64.b64encode(bundle).decode(), base64.b64encode(save(tensors, note)).decode()


if __name__ == "__main__":
    main()
