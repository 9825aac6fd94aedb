"""What the benchmarks share: nets without training, a browser, frames and pictures under a hand, rows."""

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "explorer")]

from conftest import CHROMIUM_FLAGS  # noqa: E402
from e2e.hands import drag, watch, watched  # noqa: E402
from e2e.server import serve  # noqa: E402

from vae_core.config import ModelConfig  # noqa: E402
from vae_core.explorer.build import runtime_js  # noqa: E402
from vae_core.explorer.operations import encoder_ops  # noqa: E402
from vae_core.explorer.pack import pack_model  # noqa: E402
from vae_core.models import VAE, build  # noqa: E402

__all__ = ["serve"]  # besides what is made here

Shape = tuple[int, int, int]
SECONDS = 4.0
# For pages that are to do without WebAssembly.
NO_WASM = "() => { WebAssembly.instantiate = () => Promise.reject(new Error('refused')); }"

TIME_DECODER = """
async ([text, encoded, backend, count]) => {
  const module = new Blob([text], {type: 'text/javascript'});
  const {parseBundle, createDecoder} = await import(URL.createObjectURL(module));
  const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0));
  const began = performance.now();
  const decoder = await createDecoder(parseBundle(bytes), {backend});
  const draw = () => Float32Array.from({length: decoder.latent}, () => 4 * Math.random() - 2);
  decoder.decode(draw());
  const first = performance.now() - began;
  const times = [];
  for (let i = 0; i < count; i++) {
    const z = draw(), start = performance.now();
    decoder.decode(z);
    times.push(performance.now() - start);
    if (i % 20 === 19) await new Promise(requestAnimationFrame);
  }
  return {first, times: times.slice(count / 10)};
}
"""


def launch(playwright: Any) -> Any:
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)


def net_of(settings: dict[str, Any], shape: Shape) -> VAE:
    """A net of these settings: untrained weights cost as much as trained ones."""
    return build(ModelConfig.model_validate(settings), shape)


def packed(net: VAE, count: int = 1) -> tuple[bytes, bytes]:
    """Bundle with `count` points drawn from the prior, and extras with the encoder."""
    codes = np.random.default_rng(0).normal(size=(count, net.latent)).astype(np.float32)
    words: dict[str, Any] = {"title": "", "run": "", "data": {}, "beta": 1, "report": {}, "label_names": ()}
    kl = np.linspace(3, 1, net.latent)
    bundle = pack_model(
        net, mu=codes, log_var=codes * 0 - 2, labels=None, index=np.arange(count), kl=kl, **words
    )
    tensors = {name: np.ascontiguousarray(array) for name, array in encoder_ops(net.encoder)[1].items()}
    note = {"latentscape": json.dumps({"format": 1, "kind": "extras", "factor": 1, "problems": []})}
    return bundle, save(tensors, note)


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode_times(browser: Any, bundle: bytes, backend: str, count: int = 400) -> dict[str, Any]:
    """Milliseconds of single pictures, and of the first one with loading."""
    tab = browser.new_page()
    result: dict[str, Any] = tab.evaluate(TIME_DECODER, [runtime_js(), as_text(bundle), backend, count])
    tab.close()
    return result


def percentiles(times: Any) -> str:
    p50, p95 = np.percentile(times, [50, 95])
    return f"p50 {p50:.2f}, p95 {p95:.2f} ms"


def dragging(tab: Any, target: Any, start: tuple[float, float], end: tuple[float, float]) -> str:
    """Frames a second while a hand drags, and how many different pictures they showed."""
    watch(tab)
    drag(tab, target, start, end, SECONDS)
    frames = tab.evaluate("() => window.__watch.frames")
    different = watched(tab)
    tab.mouse.up()
    gaps = np.diff(frames)
    return (
        f"{1000 / np.mean(gaps):.0f} frames/s (p95 gap {np.percentile(gaps, 95):.0f} ms), "
        f"{different / SECONDS:.0f} different pictures/s"
    )


def targets(tab: Any) -> dict[str, tuple[Any, tuple[float, float], tuple[float, float]]]:
    """Where hands drag, and from where to where, in shares of the target's size."""
    return {
        "map": (tab.locator("canvas[data-role=map]").first, (0.2, 0.3), (0.8, 0.7)),
        "slider": (tab.locator("input[type=range]").first, (0.1, 0.5), (0.9, 0.5)),
    }


def busy(thread: Any) -> float:
    """Seconds of processor time that the page's main thread has taken."""
    metrics = thread.send("Performance.getMetrics")["metrics"]
    return next(entry["value"] for entry in metrics if entry["name"] == "TaskDuration")


def row(name: str, value: str) -> None:
    print(f"{name:40} {value}", flush=True)
