"""How fluid a replay is: frames a second while it plays, and what one takes of the main thread's time.

    python benchmarks/replay.py

Frames a second suffer from whatever else the machine does; processor time does not. Headless Chromium
without a graphics card; 2,000 points of 28 x 28 pixels at 59 moments, made of those of the digits starter.
"""

import base64
import dataclasses
from typing import Any

import numpy as np
from measuring import busy, launch, row
from playwright.sync_api import sync_playwright

from vae_core import replay
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.runs import RunStore

COUNT, SIDE, SECONDS = 2_000, 28, 5.0
SCREENS = (
    (1280, 900, 1),
    (1920, 1080, 1),
    (1280, 900, 2),
    (390, 844, 3),
)  # width, height, pixels a CSS pixel
PAGE = """<!doctype html><meta charset="utf-8"><style>{css}</style><div id="place"></div>
<script type="module">{js}
const bytes = Uint8Array.from(atob("{data}"), letter => letter.charCodeAt(0));
window.handle = mountReplay(document.getElementById('place'), bytes);
</script>"""
WATCH = """seconds => new Promise(done => {
  const frames = [];
  const look = now => {
    frames.push(now);
    if (now - frames[0] < 1000 * seconds) requestAnimationFrame(look);
    else done(frames);
  };
  requestAnimationFrame(look);
})"""


def main() -> None:
    packed = replay.pack(crowd())
    row("bytes of the replay", f"{len(packed) / 1e6:.2f} MB")
    page = PAGE.format(css=runtime_css(), js=runtime_js(), data=base64.b64encode(packed).decode())
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width, height, density in SCREENS:
            measure(browser, page, width, height, density)


def crowd() -> replay.Replay:
    """The starter's replay with as many points and as large pictures as a run has."""
    made = replay.moments(RunStore().get("digits"))
    random = np.random.default_rng(0)
    rows = np.arange(COUNT) % len(made.examples.labels)
    away = random.normal(size=(1, COUNT, 2)).astype(np.float32) * 0.1
    views = tuple(
        dataclasses.replace(view, places=view.places[:, rows] + away * view.spans[:, None, None] / 4)
        for view in made.views
    )
    large = np.kron(made.examples.images, np.ones((4, 4), np.uint8))[..., 2:-2, 2:-2]
    drawn = np.kron(made.reconstructions, np.ones((4, 4), np.uint8))[..., 2:-2, 2:-2]
    examples = dataclasses.replace(made.examples, images=large[rows], labels=made.examples.labels[rows])
    return dataclasses.replace(made, views=views, examples=examples, reconstructions=drawn)


def measure(browser: Any, page: str, width: int, height: int, density: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=density)
    tab = context.new_page()
    tab.set_content(page)
    tab.wait_for_function("window.handle")
    thread = context.new_cdp_session(tab)
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.get_by_role("button", name="Play").click()
    began = busy(thread)
    gaps = np.diff(tab.evaluate(WATCH, SECONDS))
    cpu = 1000 * (busy(thread) - began) / len(gaps)
    row(
        f"{width} x {height}, {density} pixels a pixel",
        f"{1000 / gaps.mean():.0f} frames/s (median gap {np.median(gaps):.0f} ms, "
        f"p95 {np.percentile(gaps, 95):.0f} ms), {cpu:.1f} ms of processor a frame",
    )
    context.close()


if __name__ == "__main__":
    main()
