"""Mounts the explorer on a bare page in Chromium, and looks at what it does."""

import base64
import json
from typing import Any

import numpy as np
from decoding import describe

from vae_core.explorer import bundle
from vae_core.explorer.build import runtime_css, runtime_js

PAGE = """<!doctype html>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }} body {{ margin: 0 16px }} #head {{ height: {head}px }}
{css}</style>
<div id="head"></div><div id="explorer"></div><div id="second"></div>
<script type="module">{js}
window.sent = [];
window.start = (target, data, options) => {{
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const onChange = (state, {{final}}) => sent.push({{state, final}});
  window.explorer = mount(target, bytes, {{onChange, ...options}});
  return explorer.ready;
}};
window.started = true;
</script>"""

# Counts the different pictures drawn, once a frame.
WATCH = """() => {
  const canvas = document.querySelector('[data-role=picture]');
  const seen = window.seen = new Set();
  const look = () => {
    if (window.seen !== seen) return;
    seen.add(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join());
    requestAnimationFrame(look);
  };
  look();
}"""

PIXELS = """() => {
  const canvas = document.querySelector('[data-role=picture]');
  return Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);
}"""

# What is on the map: how many pixels are inked at all, and a sum that changes when any of them does.
MAP = """() => {
  const canvas = document.querySelector('[data-role=map]');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let [inked, sum] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    sum = (Math.imul(sum, 31) + data[i]) | 0;
    if (i % 4 === 3 && data[i] > 0) inked++;
  }
  return [inked, sum];
}"""


def sample(
    latent: int = 2,
    shape: tuple[int, int, int] = (1, 6, 6),
    count: int = 120,
    labels: tuple[str, ...] = ("a", "b", "c"),
    dead: int = 0,
) -> bytes:
    """A bundle with a random decoder (sigmoid of one layer).

    Classes stand side by side along z1, and the first dimensions have the highest rate.
    """
    random = np.random.default_rng(0)
    size = int(np.prod(shape))
    ops = [{"op": "linear", "weight": "decoder.0.weight", "bias": "decoder.0.bias"}, {"op": "sigmoid"}]
    label = random.integers(0, len(labels), count) if labels else np.full(count, -1)
    mu = random.normal(size=(count, latent)).clip(-2, 2) * 0.4
    mu[:, 0] += 2 * label
    meta = describe(latent, shape, ops)
    meta |= {"labels": list(labels), "range": [[-6, 6]] * latent}
    meta["kl"] = [3 / (d + 1) if d < latent - dead else 0.001 for d in range(latent)]
    tensors = {
        "decoder.0.weight": random.normal(size=(size, latent)).astype(np.float32),
        "decoder.0.bias": np.zeros(size, np.float32),
        "points.mu": mu.astype(np.float32),
        "points.log_var": np.zeros((count, latent), np.float32),
        "points.label": label.astype(np.int16),
        "points.index": np.arange(count, dtype=np.int32),
    }
    return bundle.write(meta, tensors)


class Stage:
    """A page with an explorer on it."""

    def __init__(self, page: Any, data: bytes, head: int = 150, **options: Any):
        self.page = page
        page.set_content(PAGE.format(head=head, css=runtime_css(), js=runtime_js()))
        page.wait_for_function("window.started")
        self.ready = self.mount("document.querySelector('#explorer')", data, **options)
        page.wait_for_timeout(50)  # sizes are told after a frame

    def mount(self, target: str, data: bytes, **options: Any) -> bool:
        text = base64.b64encode(data).decode()
        return self.page.evaluate(f"start({target}, '{text}', {json.dumps(options)})")

    @property
    def state(self) -> dict[str, Any]:
        return self.page.evaluate("explorer.getState()")

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The states told so far."""
        assert all(self.page.evaluate("sent.map(message => message.final)"))
        return self.page.evaluate("sent.map(message => message.state)")

    def pixels(self) -> list[int]:
        """Of the decoded picture, RGBA."""
        return self.page.evaluate(PIXELS)

    def inked(self) -> int:
        """Pixels of the map that are not bare."""
        return self.page.evaluate(MAP)[0]

    def map_sum(self) -> int:
        return self.page.evaluate(MAP)[1]

    def find(self, selector: str) -> Any:
        return self.page.locator(selector)

    @property
    def map(self) -> Any:
        return self.find("[data-role=map]")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place on the screen, from shares of the map's width and height."""
        box = self.map.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.at(x, y))
        self.frame()

    def drag(self, start: tuple[float, float], end: tuple[float, float], moves: int = 40) -> None:
        """Press and move, a frame apart; the button stays down."""
        (x0, y0), (x1, y1) = start, end
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        for k in range(1, moves + 1):
            self.page.mouse.move(x0 + (x1 - x0) * k / moves, y0 + (y1 - y0) * k / moves)
            self.frame()

    def watch(self) -> None:
        self.page.evaluate(WATCH)

    @property
    def seen(self) -> int:
        return self.page.evaluate("seen.size")

    def frame(self) -> None:
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def rest(self) -> None:
        """Until what moves has come to rest, in 200 ms of the page's own clock, and is told, 200 ms later."""
        self.frame()
        self.page.evaluate("new Promise(done => setTimeout(done, 500))")
        self.frame()
