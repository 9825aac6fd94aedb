"""The beta lab on a page, and what it should show."""

import base64
import math

import dial_bundle
import numpy as np
from mounting import Stage

from vae_core.explorer import bundle

LATENT = 5
BETAS = np.geomspace(dial_bundle.LOW, dial_bundle.HIGH, 13)

# Circles that are drawn on the plane: those of measurements, and the one where the dial stands.
WATCH_CIRCLES = """() => {
  for (const {prototype} of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const {arc} = prototype;
    prototype.arc = function (x, y, radius, ...rest) {
      if (radius === 2.75) (window.measured ??= []).push([x, y]);
      if (radius === 7 && this.canvas.matches?.('.ls-plane')) window.point = [x, y];
      arc.call(this, x, y, radius, ...rest);
    };
  }
}"""

# Of the reconstructions in the strip: grey values of each, 0 to 255.
STRIP = """() => Array.from(document.querySelectorAll('.ls-strip-made'), canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).filter((_, i) => i % 4 === 0);
})"""


def said(beta: float) -> str:
    row = dial_bundle.figures(beta, LATENT)
    return f"β {beta:.2f}: rate {row['rate']:.1f} nats, distortion {row['distortion']:.1f} nats"


def turn(stage: Stage, beta: float) -> None:
    stage.page.evaluate(f"explorer.update({{state: {{beta: {beta}}}}})")


def extend(stage: Stage) -> None:
    text = base64.b64encode(dial_bundle.extras(LATENT)).decode()
    stage.page.evaluate("t => explorer.extend(Uint8Array.from(atob(t), c => c.charCodeAt(0)))", text)


def on_plane(stage: Stage, place: list[float]) -> tuple[float, float]:
    box = stage.find(".ls-plane").bounding_box()
    return box["x"] + place[0], box["y"] + place[1]


def measured(stage: Stage) -> list[list[float]]:
    """Where the thirteen points stand on the plane, by beta."""
    stage.page.wait_for_function("window.measured?.length >= 13")
    return stage.page.evaluate("measured.slice(-13)")


def settled(stage: Stage, beta: float, within: float = 0.01) -> None:
    stage.page.wait_for_function(
        "([beta, within]) => Math.abs(Math.log(explorer.getState().beta / beta)) <= within",
        arg=[beta, within],
    )


def rung(data: bytes, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Means and log-variances of a beta at which there is a rung."""
    meta, tensors = bundle.read(data)
    k = int(np.argmin(np.abs(np.array(meta["ladder"]["log_betas"]) - math.log(beta))))
    return tensors["ladder.mu"][k].astype("f8"), tensors["ladder.log_var"][k].astype("f8")


def rates(data: bytes, beta: float) -> np.ndarray:
    mu, log_var = rung(data, beta)
    return 0.5 * (mu**2 + np.exp(log_var) - log_var - 1).mean(0)
