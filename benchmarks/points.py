"""How fluid a crowded map is: frames a second while a hand pans, zooms, hovers and drags.

    python benchmarks/points.py [100000 ...]

Frames a second suffer from whatever else the machine does; what one of them takes of the main thread's own
processor time does not.

Headless Chromium without a graphics card, at 1280 x 900; the model is the Fashion-MNIST starter, whose 2,000
encodings are drawn again and again from their own posteriors until there are enough points.
"""

import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from measuring import busy, launch, row
from mounting import Stage
from playwright.sync_api import sync_playwright

from vae_core.explorer import bundle
from vae_core.runs import RunStore

SECONDS = 3.0
COUNTS = (2_000, 20_000, 100_000)

WATCH = """() => {
  const frames = window.frames_ = [];
  const look = now => { if (window.frames_ === frames) { frames.push(now); requestAnimationFrame(look); } };
  requestAnimationFrame(look);
}"""
SEEN = "() => { const frames = window.frames_; window.frames_ = null; return frames; }"


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or COUNTS
    with sync_playwright() as playwright:
        measure_all(launch(playwright), counts)


def measure_all(browser: Any, counts: Sequence[int]) -> None:
    starter = RunStore().get("fashion-mnist").bundle()
    for count in counts:
        measure(browser, crowd(starter, count), count)


def crowd(data: bytes, count: int) -> bytes:
    """The bundle with `count` points, drawn from the posteriors of its own."""
    meta, tensors = bundle.read(data)
    random = np.random.default_rng(0)
    rows = np.arange(count) % len(tensors["points.mu"])
    mu = tensors["points.mu"][rows].astype(np.float32)
    deviation = np.exp(tensors["points.log_var"][rows].astype(np.float32) / 2)
    drawn = mu + deviation * random.standard_normal(mu.shape, np.float32)
    mine = {
        "points.mu": drawn,
        "points.log_var": tensors["points.log_var"][rows].astype(np.float32),
        "points.label": tensors["points.label"][rows],
        "points.index": np.arange(count, dtype=np.int32),
        "points.error": random.gamma(2.0, 0.01, count).astype(np.float32),
    }
    return bundle.write(meta, tensors | mine)


def measure(browser: Any, data: bytes, count: int) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    stage = Stage(tab, data)
    stage.page.wait_for_timeout(2500)
    thread = tab.context.new_cdp_session(tab)
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})
    gestures: dict[str, Callable[[float], None]] = {
        "hover": lambda t: move(stage, t),
        "drag": lambda t: move(stage, t),
        "pan": lambda t: move(stage, t),
        "zoom": lambda t: tab.mouse.wheel(0, -40 if t < 0.5 else 40),
        "pan, zoomed in": lambda t: move(stage, t),
    }
    for name, gesture in gestures.items():
        began = busy(thread)
        gaps = frames(stage, name, gesture)
        cpu = 1000 * (busy(thread) - began) / (len(gaps) + 1)
        p95, longest = np.percentile(gaps, 95), gaps.max()
        row(
            f"{count:,} points, {name}",
            f"{1000 / gaps.mean():.0f} frames/s (p95 gap {p95:.0f} ms, longest {longest:.0f} ms), "
            f"{cpu:.1f} ms of processor a frame",
        )
    tab.close()


def frames(stage: Stage, name: str, gesture: Callable[[float], None]) -> np.ndarray:
    """Runs a gesture for a while, told how far it has come from 0 to 1; milliseconds from frame to frame."""
    mouse = stage.page.mouse
    if name == "pan, zoomed in":
        mouse.wheel(0, -1000)
        stage.page.wait_for_timeout(500)
    gesture(0)
    if name != "hover" and name != "zoom":
        mouse.down(button="left" if name == "drag" else "right")
    stage.page.evaluate(WATCH)
    began = time.monotonic()
    while (share := (time.monotonic() - began) / SECONDS) < 1:
        gesture(share)
    gaps = np.diff(stage.page.evaluate(SEEN))
    mouse.up(button="left")
    mouse.up(button="right")
    return gaps


def move(stage: Stage, share: float) -> None:
    """On a circle about the middle of the map."""
    angle = 2 * math.pi * share * 2
    stage.page.mouse.move(*stage.at(0.5 + 0.2 * math.cos(angle), 0.5 + 0.2 * math.sin(angle)))


if __name__ == "__main__":
    main()
