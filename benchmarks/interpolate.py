"""How a strip of 24 frames follows a dragged anchor: frames a second, and how much of the strip is new.

    python benchmarks/interpolate.py

Headless Chromium without a graphics card, 1280 x 900. Of three anchors the last is dragged: twelve frames of
the strip change with every move. The seventh from the hand is watched: where it is new in every frame
of the page, so are the nearer ones. Frames a second suffer from whatever else the machine does; processor
time does not. The first decoder is the one of 0.67 million parameters that the aims are stated for.
"""

from typing import Any

import numpy as np
from measuring import Shape, as_text, busy, launch, net_of, packed, row
from playwright.sync_api import sync_playwright

from vae_core.explorer.build import runtime_css, runtime_js

COUNT, MOVES = 5_000, 240
NETS: dict[str, tuple[dict[str, Any], Shape]] = {
    "MLP 8-512-512-784": ({"hidden": (512, 512), "latent": 8}, (1, 28, 28)),
    "MLP 2-512-512-784": ({"hidden": (512, 512), "latent": 2}, (1, 28, 28)),
    "convolutional, 64 x 64 x 3": ({"net": "conv", "latent": 16}, (3, 64, 64)),
}
PAGE = """<!doctype html><meta charset="utf-8"><style>{css}</style><div id="place"></div>
<script type="module">{js}
const unpacked = data => Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
const parts = [unpacked("{bundle}"), unpacked("{extras}")];
const place = {{anchors: [{{row: 0}}, {{row: 1}}]}};
window.handle = mountPath(document.getElementById('place'), ...parts, {{place}});
handle.ready.then(() => {{ window.isReady = true; }});
</script>"""
# Adds an anchor and moves it on a circle, once a frame; -> gaps, and how often the watched frame changed.
DRAG = """async moves => {
  const map = document.querySelector('[data-role=map]');
  const film = document.querySelector('.lp-film-linear');
  const box = map.getBoundingClientRect();
  const fire = (type, x, y) => map.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId: 1,
    pointerType: 'mouse', buttons: 1, clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
  map.setPointerCapture = () => {};
  const side = Math.floor(film.width / 24);
  const corner = [17 * film.width / 24 + side / 4, side / 4].map(Math.round);
  const seen = () => film.getContext('2d').getImageData(...corner, side / 2, side / 2).data.join();
  fire('pointerdown', 0.9, 0.5);
  const gaps = [];
  let [changes, before, last] = [0, seen(), performance.now()];
  for (let k = 0; k < moves; k++) {
    fire('pointermove', 0.6 + 0.3 * Math.cos(k / 25), 0.5 + 0.3 * Math.sin(k / 25));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    const after = seen();
    changes += Number(after !== before);
    before = after;
  }
  fire('pointerup', 0.5, 0.5);
  return [gaps, changes];
}"""


def main() -> None:
    with sync_playwright() as playwright:
        measure_all(launch(playwright))


def measure_all(browser: Any) -> None:
    print("\nan anchor of a path is dragged, the strip of 24 frames follows")
    for name, (settings, shape) in NETS.items():
        measure(browser, name, settings, shape)


def measure(browser: Any, name: str, settings: dict[str, Any], shape: Shape) -> None:
    bundle, extras = packed(net_of(settings, shape), COUNT)
    texts = {"bundle": as_text(bundle), "extras": as_text(extras)}
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), **texts))
    tab.wait_for_function("window.isReady")
    tab.wait_for_timeout(15_000)  # support is measured, pictures are there
    thread = context.new_cdp_session(tab)
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = busy(thread)
    gaps, changes = tab.evaluate(DRAG, MOVES)
    cpu = 1000 * (busy(thread) - began) / len(gaps)
    row(
        name,
        f"{1000 / np.mean(gaps):.0f} frames/s (median gap {np.median(gaps):.0f} ms, "
        f"p95 {np.percentile(gaps, 95):.0f} ms), the 7th new in {100 * changes / len(gaps):.0f} % of them, "
        f"{cpu:.1f} ms of processor a frame",
    )
    context.close()


if __name__ == "__main__":
    main()
