"""How fluid the explorer is, beside a Streamlit slider with a server round trip: one run, one table.

    python benchmarks/explorer.py            Fashion-MNIST if LATENTSCAPE_DATA has it, else shapes of our own

Sizes; decoding, dragging and drawing with the nets of nets.py; the lab's dial of dial.py; the crowded map of
points.py; the dragged anchor of interpolate.py; the Explore page from cold and under a hand; the usual way.
Headless Chromium without a graphics card; what it draws is drawn by the processor that also runs the test.
"""

import gzip
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import dial
import interpolate
import nets
import points
from e2e.hands import picture
from e2e.server import serve, serve_script
from measuring import ROOT, dragging, launch, row, targets
from playwright.sync_api import sync_playwright

from vae_core import data, pipeline
from vae_core.config import RunConfig
from vae_core.explorer import bundle, page
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.runs import Recorder, Run, RunStore

CROWD = 100_000
LOADS = 5
# 8 -> 512 -> 512 -> 784: the decoder of 0.67 million parameters that the aims are stated for.
NET = {"hidden": (512, 512), "latent": 8}

NEW_IMAGE = """
(before) => { const image = document.querySelector('img'); return image.src !== before && image.complete; }
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        run = trained(home)
        browser = launch(playwright)
        sizes(run)
        nets.measure(browser)
        dial.measure(browser)
        points.measure_all(browser, [CROWD])
        interpolate.measure_all(browser)
        with serve(home, home / "app.log") as server:
            address = f"{server.address}/explore?run={run.id}"
            loading(browser, address)
            fluidity(browser, address)
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


def loading(browser: Any, address: str) -> None:
    """From nothing cached to the first decoded picture."""
    times = []
    for _ in range(LOADS):
        tab = browser.new_page(viewport={"width": 1280, "height": 900})  # with a cache of its own
        began = time.perf_counter()
        tab.goto(address)
        picture(tab)
        times.append(time.perf_counter() - began)
        tab.close()
    first, *others = times
    row(
        "Explore, cold, to the first picture",
        f"{median(others):.1f} s, worst {max(others):.1f} s; {first:.1f} s on a fresh server",
    )


def fluidity(browser: Any, address: str) -> None:
    """The same hands in the app."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(address)
    picture(tab)
    tab.wait_for_timeout(1500)
    for name, place in targets(tab).items():
        row(f"Explore, drag on the {name}", dragging(tab, *place))
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


if __name__ == "__main__":
    main()
