"""How long the browser takes for one picture, and for one encoding: nets of several sizes, one table.

    python benchmarks/decoders.py

Headless Chromium; untrained weights cost as much as trained ones. Multiply-adds are those of the layers as
they are defined; a nearest-neighbour doubling and the convolution behind it are computed with 4/9 of theirs.
"""

from typing import Any

import numpy as np
from measuring import as_text, decode_times, launch, net_of, packed, percentiles, row
from playwright.sync_api import sync_playwright

from vae_core.config import ModelConfig
from vae_core.explorer.build import runtime_js
from vae_core.models import VAE
from vae_core.sizes import decoder_multiply_adds

NETS: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "MLP 512-512, 1x28x28": ({"hidden": (512, 512), "latent": 8}, (1, 28, 28)),
    "conv 16-32-64, 1x32x32": ({"net": "conv", "latent": 8}, (1, 32, 32)),
    "conv 32-64-128, 1x32x32": ({"net": "conv", "channels": (32, 64, 128), "latent": 8}, (1, 32, 32)),
    "conv 16-32-64, 3x64x64": ({"net": "conv", "latent": 8}, (3, 64, 64)),
    "the same, upsampling": ({"net": "conv", "up": "upsample", "latent": 8}, (3, 64, 64)),
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
        browser = launch(playwright)
        for name, (settings, shape) in NETS.items():
            net = net_of(settings, shape)
            work = decoder_multiply_adds(ModelConfig.model_validate(settings), shape) / 1e6
            for backend in ("wasm", "js"):
                figures = times(browser, net, backend)
                row(
                    name if backend == "wasm" else f"  {work:.1f} million multiply-adds",
                    f"{backend}  {figures}",
                )


def times(browser: Any, net: VAE, backend: str) -> str:
    bundle, extras = packed(net)
    decoding = decode_times(browser, bundle, backend)
    tab = browser.new_page()
    encoding = tab.evaluate(TIME_ENCODER, [runtime_js(), as_text(bundle), as_text(extras), backend])
    tab.close()
    return (
        f"decode {percentiles(decoding['times'])}, first {decoding['first']:.0f} ms with loading; "
        f"encode p50 {np.median(encoding):.2f} ms"
    )


if __name__ == "__main__":
    main()
