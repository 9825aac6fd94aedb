"""Hands and eyes for browser tests: drag, count the pictures drawn, watch what goes to the server."""

import time
from typing import Any

# Samples the decoded picture once a frame and keeps a hash of each: what a person could have seen.
WATCH_PICTURE = """
(canvas) => {
  const seen = new Set(), frames = [];
  const look = (now) => {
    if (!canvas.isConnected || watch.done) return;
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let hash = 0;
    for (let i = 0; i < pixels.length; i++) hash = (Math.imul(hash, 31) + pixels[i]) | 0;
    seen.add(hash); frames.push(now); requestAnimationFrame(look);
  };
  const watch = window.__watch = { seen, frames, done: false };
  requestAnimationFrame(look);
}
"""


def picture(page: Any) -> Any:
    """The decoded picture, once it has been drawn."""
    canvas = page.locator("canvas[data-role=picture]").first
    canvas.wait_for(timeout=60_000)
    page.wait_for_function(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
        ".some((value, i) => i % 4 === 3 && value > 0)",
        arg=canvas.element_handle(),
        timeout=60_000,
    )
    return canvas


def pixels(page: Any) -> list[int]:
    """All bytes of the decoded picture."""
    return picture(page).evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )


def watch(page: Any) -> None:
    picture(page).evaluate(WATCH_PICTURE)


def watched(page: Any) -> int:
    """Number of different pictures since `watch`."""
    return page.evaluate("() => { window.__watch.done = true; return window.__watch.seen.size; }")


Point = tuple[float, float]


def drag(page: Any, target: Any, start: Point, end: Point, seconds: float = 1.0) -> None:
    """Press at `start`, move to `end` (shares of the target's width and height) and release."""
    box = target.bounding_box()
    x0, y0, x1, y1 = (
        box["x"] + box["width"] * start[0],
        box["y"] + box["height"] * start[1],
        box["x"] + box["width"] * end[0],
        box["y"] + box["height"] * end[1],
    )
    page.mouse.move(x0, y0)
    page.mouse.down()
    began = time.monotonic()
    while (share := (time.monotonic() - began) / seconds) < 1:
        page.mouse.move(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)


FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def stride(page: Any, target: Any, start: Point, end: Point, moves: int = 40) -> None:
    """As `drag`, but a move waits for the page to draw: how often does not depend on how fast the machine is.

    The button stays down.
    """
    box = target.bounding_box()
    (left, top), (right, bottom) = start, end
    for k in range(moves + 1):
        x, y = left + (right - left) * k / moves, top + (bottom - top) * k / moves
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        if k == 0:
            page.mouse.down()
        page.evaluate(FRAME)


class Wire:
    """Counts what the page sends over its web sockets. Make it before the page is opened."""

    def __init__(self, page: Any) -> None:
        self.sent = 0
        page.on("websocket", lambda socket: socket.on("framesent", lambda _: self._count()))

    def _count(self) -> None:
        self.sent += 1
