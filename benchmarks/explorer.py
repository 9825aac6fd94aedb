"""How fluid the explorer is, beside a Streamlit slider with a server round trip: one run, one table.

    python benchmarks/explorer.py            Fashion-MNIST if LATENTSCAPE_DATA has it, else shapes of our own

Headless Chromium without a graphics card; what it draws is drawn by the processor that also runs the test.
"""

import base64
import gzip
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import CHROMIUM_FLAGS  # noqa: E402
from e2e.hands import drag, picture, watch, watched  # noqa: E402
from e2e.server import serve, serve_script  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from vae_core import data, pipeline  # noqa: E402
from vae_core.config import RunConfig  # noqa: E402
from vae_core.explorer import bundle, page  # noqa: E402
from vae_core.explorer.build import runtime_css, runtime_js  # noqa: E402
from vae_core.runs import Recorder, Run, RunStore  # noqa: E402

SECONDS = 4.0
# 8 -> 512 -> 512 -> 784: the decoder of 0.67 million parameters that the aims are stated for.
NET = {"hidden": (512, 512), "latent": 8}

TIME_DECODER = """
async ([text, encoded, backend]) => {
  const module = new Blob([text], {type: 'text/javascript'});
  const {parseBundle, createDecoder} = await import(URL.createObjectURL(module));
  const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0));
  const began = performance.now();
  const decoder = await createDecoder(parseBundle(bytes), {backend});
  const draw = () => Float32Array.from({length: decoder.latent}, () => 4 * Math.random() - 2);
  decoder.decode(draw());
  const first = performance.now() - began;
  const times = [];
  for (let i = 0; i < 400; i++) {
    const z = draw(), start = performance.now();
    decoder.decode(z);
    times.push(performance.now() - start);
    if (i % 20 === 19) await new Promise(requestAnimationFrame);
  }
  return {first, times, backend: decoder.backend};
}
"""

NEW_IMAGE = """
(before) => { const image = document.querySelector('img'); return image.src !== before && image.complete; }
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        run = trained(home)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        sizes(run)
        decoding(browser, run)
        with serve(home, home / "app.log") as server:
            fluidity(browser, f"{server.address}/explore?run={run.id}")
        variables = {"LATENTSCAPE_BENCHMARK_RUN": str(run.path)}
        with serve_script(
            ROOT / "benchmarks" / "roundtrip_app.py", home / "usual.log", **variables
        ) as server:
            round_trip(browser, server.address)


def trained(home: Path) -> Run:
    """A briefly trained run; how good it is does not matter here."""
    source = "fashion-mnist" if data.available("fashion-mnist") else "shapes"
    config = RunConfig.parse(
        {"data": {"source": source}, "model": NET, "training": {"epochs": 0.3, "threads": 2}}
    )
    run = RunStore(home).create(config)
    recorder = Recorder(run)
    with run.lock():
        for event in pipeline.execute(config, run=run.id):
            recorder.write(event)
    row("decoder", f"{source}, {run.report()['parameters'] / 1e6:.2f} M parameters with its encoder")
    return run


def sizes(run: Run) -> None:
    runtime = (runtime_js() + runtime_css()).encode()
    row("runtime, bytes", f"{len(runtime):,} as text, {len(gzip.compress(runtime)):,} compressed")
    full = run.bundle()
    row("bundle, bytes", f"{len(full):,} in f32, {len(bundle.to_half(full)):,} in f16")
    row("one-file HTML, bytes", f"{len(page.html(full).encode()):,}")


def decoding(browser: Any, run: Run) -> None:
    encoded = base64.b64encode(run.bundle()).decode()
    for backend in ("wasm", "js"):
        tab = browser.new_page()
        result = tab.evaluate(TIME_DECODER, [runtime_js(), encoded, backend])
        p50, p95 = np.percentile(result["times"], [50, 95])
        row(
            f"decode, {backend}, ms",
            f"p50 {p50:.2f}, p95 {p95:.2f}, first {result['first']:.0f} with loading",
        )
        tab.close()


def fluidity(browser: Any, address: str) -> None:
    """Frames a second in which the picture was another one, while a hand drags."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    began = time.perf_counter()
    tab.goto(address)
    picture(tab)
    row("explorer, page to first picture, s", f"{time.perf_counter() - began:.1f}")
    tab.wait_for_timeout(1500)
    targets = {
        "map": (tab.locator("canvas[data-role=map]").first, (0.2, 0.3), (0.8, 0.7)),
        "slider": (tab.locator("input[type=range]").first, (0.1, 0.5), (0.9, 0.5)),
    }
    for name, (target, start, end) in targets.items():
        watch(tab)
        drag(tab, target, start, end, SECONDS)
        frames = tab.evaluate("() => window.__watch.frames")
        different = watched(tab)
        tab.mouse.up()
        gaps = np.diff(frames)
        row(
            f"drag on the {name}",
            f"{1000 / np.mean(gaps):.0f} frames/s (p95 gap {np.percentile(gaps, 95):.0f} ms), "
            f"{different / SECONDS:.0f} different pictures/s",
        )
    tab.close()


def round_trip(browser: Any, address: str) -> None:
    """From an arrow key on st.slider to the new image."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(address)
    image = tab.locator("img").first
    image.wait_for(timeout=60_000)
    tab.locator("input[type=range]").first.focus()
    tab.wait_for_timeout(1000)
    times = []
    for _ in range(30):
        before = image.evaluate("(image) => image.src")
        began = time.perf_counter()
        tab.keyboard.press("ArrowRight")
        tab.wait_for_function(NEW_IMAGE, arg=before)
        times.append(time.perf_counter() - began)
    row(
        "st.slider + st.image",
        f"{1 / median(times):.1f} different pictures/s, {1000 * median(times):.0f} ms each",
    )
    tab.close()


def row(name: str, value: str) -> None:
    print(f"{name:36} {value}", flush=True)


if __name__ == "__main__":
    main()
