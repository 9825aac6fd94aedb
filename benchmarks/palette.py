"""How the four-corner palette follows a hand: a dragged puck, and a dragged corner with the square between.

    python benchmarks/palette.py

Headless Chromium without a graphics card, 1280 x 900; nets as in benchmarks/interpolate.py. Of the puck, how
often the decoded picture is new; of a corner, how often the square is new beside it, and how long the whole
square takes once the hand lets go. Frames a second suffer from whatever else the machine does; processor time
does not.
"""

from typing import Any

import numpy as np
from interpolate import COUNT, NETS
from measuring import Shape, as_text, busy, launch, net_of, packed, row
from playwright.sync_api import sync_playwright

from vae_core.explorer.build import runtime_css, runtime_js

MOVES = 240
PAGE = """<!doctype html><meta charset="utf-8"><style>{css}</style><div id="place"></div>
<script type="module">{js}
const unpacked = data => Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
const parts = [unpacked("{bundle}"), unpacked("{extras}")];
window.handle = mountCorners(document.getElementById('place'), ...parts);
handle.ready.then(() => {{ window.isReady = true; }});
</script>"""
# Moves a pointer from place to place of an element, once a frame; -> gaps, how often the watched picture
# changed, and, if that is wanted, milliseconds from letting go until it stands still for half a second.
DRAG = """async ([held, watched, places, isAwaited]) => {
  const target = document.querySelector(held);
  const seen = document.querySelector(watched);
  const box = target.getBoundingClientRect();
  target.setPointerCapture = () => {};
  const fire = (type, [x, y]) => target.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId: 1,
    pointerType: 'mouse', buttons: 1, clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
  const look = () => seen.getContext('2d').getImageData(0, 0, 60, 60).data.join();
  fire('pointerdown', places[0]);
  const gaps = [];
  let [changes, before, last] = [0, look(), performance.now()];
  for (const place of places) {
    fire('pointermove', place);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    const after = look();
    changes += Number(after !== before);
    before = after;
  }
  fire('pointerup', places.at(-1));
  const start = performance.now();
  const whole = () => seen.getContext('2d').getImageData(0, 0, seen.width, seen.height).data.join();
  before = whole();
  for (last = start; isAwaited && performance.now() - last < 500;) {
    await new Promise(requestAnimationFrame);
    const after = whole();
    if (after !== before) [before, last] = [after, performance.now()];
  }
  return [gaps, changes, last - start];
}"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (settings, shape) in NETS.items():
            measure(browser, name, settings, shape)


def measure(browser: Any, name: str, settings: dict[str, Any], shape: Shape) -> None:
    bundle, extras = packed(net_of(settings, shape), COUNT)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    texts = {"bundle": as_text(bundle), "extras": as_text(extras)}
    tab.set_content(PAGE.format(css=runtime_css(), js=runtime_js(), **texts))
    tab.wait_for_function("window.isReady")
    tab.wait_for_timeout(15_000)  # the square is whole, support is measured
    thread = context.new_cdp_session(tab)
    thread.send("Performance.enable", {"timeDomain": "threadTicks"})
    turn = np.arange(MOVES) / 25
    circle = np.stack([0.5 + 0.4 * np.cos(turn), 0.5 + 0.4 * np.sin(turn)], axis=1)
    hands = (("puck", ".lc-hands", "[data-role=picture]"), ("corner", "[data-role=map]", ".lc-square"))
    for hand, held, watched in hands:
        began = busy(thread)
        gaps, changes, _ = tab.evaluate(DRAG, [held, watched, circle.tolist(), False])
        cpu = 1000 * (busy(thread) - began) / len(gaps)
        *_, rest = tab.evaluate(DRAG, [held, watched, circle[:20].tolist(), True])
        whole = f", whole {rest:.0f} ms after it lets go" if hand == "corner" else ""
        row(
            f"{name}, {hand}",
            f"{1000 / np.mean(gaps):.0f} frames/s (median gap {np.median(gaps):.0f} ms, p95 "
            f"{np.percentile(gaps, 95):.0f} ms), new in {100 * changes / len(gaps):.0f} % of them, "
            f"{cpu:.1f} ms of processor a frame{whole}",
        )
    context.close()


if __name__ == "__main__":
    main()
