"""How fluid the explorer is with three decoders, compiled and in plain JavaScript; from the pen to the map.

    python benchmarks/nets.py

A bare page in headless Chromium without a graphics card, 2,000 points; the nets are not trained.
"""

from typing import Any

import numpy as np
from measuring import (
    NO_WASM,
    as_text,
    decode_times,
    dragging,
    launch,
    net_of,
    packed,
    percentiles,
    row,
    targets,
)
from mounting import Stage
from playwright.sync_api import sync_playwright

POINTS = 2_000
NETS: dict[str, tuple[dict[str, Any], tuple[int, int, int]]] = {
    "MLP 512-512, 1x28x28": ({"hidden": (512, 512), "latent": 8}, (1, 28, 28)),
    "conv, 1x32x32": ({"net": "conv", "latent": 8}, (1, 32, 32)),
    "conv, 3x64x64": ({"net": "conv", "latent": 8}, (3, 64, 64)),
    # not one of the aims: a decoder that is too slow for a frame in plain JavaScript
    "conv 32-64-128 upsampled, 3x64x64": (
        {"net": "conv", "channels": (32, 64, 128), "up": "upsample", "latent": 8},
        (3, 64, 64),
    ),
}

# From a move of the pen, as the browser got it, to the end of the frame in which the pin stands elsewhere.
WATCH_PEN = """() => {
  const times = window.penTimes = [];
  const place = () => JSON.stringify(explorer.getState().z);
  let [movedAt, before] = [0, ''];
  document.querySelector('.ls-pad').addEventListener('pointermove', event => {
    if (!event.buttons || movedAt) return;
    [movedAt, before] = [event.timeStamp, place()];
  }, {capture: true});
  const look = () => {
    if (movedAt && place() !== before) {
      const began = movedAt;
      movedAt = 0;
      const channel = new MessageChannel(); // its turn comes once the frame is done
      channel.port1.onmessage = () => times.push(performance.now() - began);
      channel.port2.postMessage(null);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def measure(browser: Any) -> None:
    for name, (settings, shape) in NETS.items():
        bundle, extras = packed(net_of(settings, shape), POINTS)
        for backend in ("wasm", "js"):
            label = f"{name}, {backend}"
            times = decode_times(browser, bundle, backend, 400 if backend == "wasm" else 60)
            row(label, f"decode {percentiles(times['times'])}, first {times['first']:.0f} ms with loading")
            stage = opened(browser, bundle, backend)
            for target, place in targets(stage.page).items():
                row(f"  drag on the {target}", dragging(stage.page, *place))
            row("  pen to map", drawing(stage, extras))
            stage.page.close()


def opened(browser: Any, bundle: bytes, backend: str) -> Stage:
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    if backend == "js":
        tab.evaluate(NO_WASM)
    stage = Stage(tab, bundle, head=20)
    tab.wait_for_timeout(1500)
    return stage


def drawing(stage: Stage, extras: bytes) -> str:
    """Milliseconds from a move of the pen to its place on the map, over a few strokes."""
    tab = stage.page
    tab.evaluate(f"explorer.extend(Uint8Array.from(atob('{as_text(extras)}'), c => c.charCodeAt(0)))")
    tab.get_by_role("button", name="Draw").click()
    pad = tab.locator(".ls-pad")
    pad.scroll_into_view_if_needed()
    tab.wait_for_timeout(1500)
    tab.evaluate(WATCH_PEN)
    box = pad.bounding_box()
    for stroke in range(4):
        x0, y0 = box["x"] + box["width"] * (0.2 + 0.15 * stroke), box["y"] + 0.2 * box["height"]
        tab.mouse.move(x0, y0)
        tab.mouse.down()
        for step in range(25):
            tab.mouse.move(x0 + step, y0 + step * 0.02 * box["height"])
            tab.wait_for_timeout(40)
        tab.mouse.up()
    tab.wait_for_timeout(300)
    times = tab.evaluate("penTimes")
    if not times:
        return "no move was seen on the map"
    return f"{percentiles(times)} over {len(times)} moves, longest {np.max(times):.0f} ms"


if __name__ == "__main__":
    with sync_playwright() as playwright:
        measure(launch(playwright))
