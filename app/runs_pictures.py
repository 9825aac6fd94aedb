"""Small pictures of runs' maps: points in the colours of their classes, drawn once for each bundle."""

import base64
import io
import time
from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image

from app import beta_card, services
from vae_core.errors import LatentscapeError
from vae_core.explorer import bundle
from vae_core.run import Run

SIDE, EDGE = 112, 6  # pixels: twice what the table shows, and a margin
MOST = 3_000  # points of one picture
REACH = 0.995  # share of the points, in each direction, that the frame holds
LEAST = 1.0  # that the frame holds at least, where the prior's deviation is 1: a collapsed map is one dot
TURN = 0.618034  # golden: spreads the points of a map of one dimension evenly over its height
NONE = ""
MOST_KEPT = 4_000  # pictures of 3 kB in memory


def pictures(runs: Sequence[Run], seconds: float) -> tuple[dict[str, str], bool]:
    """Data URIs by id, and whether all are there: drawing ends once that time is spent.

    What is drawn already takes no time, so that who asks again and again is done at last.
    """
    palette = tuple(beta_card.DARK if st.context.theme.type == "dark" else beta_card.LIGHT)
    kept, ends = _kept(), time.monotonic() + seconds
    found: dict[str, str] = {}
    missing = []
    for run in runs:
        if run.state == "finished":
            key = (str(run.path), services.stamp(run), palette)
            if key in kept:
                found[run.id] = kept[key]
            else:
                missing.append((run, key))
    for run, key in missing:
        if time.monotonic() > ends:
            return found, False
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)), None)
        found[run.id] = kept[key] = _picture(run, palette)
    return found, True


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[str, int, tuple[str, ...]], str]:
    """Pictures by the run's folder, the bundle's stamp and the colours; the oldest first."""
    return {}


def _picture(run: Run, palette: tuple[str, ...]) -> str:
    """Nothing for a run whose bundle cannot be read."""
    try:
        meta, tensors = bundle.read(run.bundle())
    except LatentscapeError:
        return NONE
    pixels = draw(tensors["points.mu"], tensors["points.label"], meta["kl"], palette)
    stream = io.BytesIO()
    Image.fromarray(pixels).quantize(64).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def draw(mu: np.ndarray, labels: np.ndarray, kl: Sequence[float], palette: Sequence[str]) -> np.ndarray:
    """Pixels (SIDE, SIDE, 4) uint8, clear where no point is, of codes mu (N, Z) and labels (N,), -1 unknown.

    Across and up are the two dimensions with the largest rate, as where the explorer opens, on one scale.
    """
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    if not len(mu):
        return pixels
    rows = np.linspace(0, len(mu) - 1, min(MOST, len(mu))).astype(int)
    axes = np.sort(np.argsort(-np.asarray(kl, np.float64), kind="stable")[:2])
    places = mu[rows][:, axes].astype(np.float64)
    if len(axes) == 1:
        spread = np.ptp(places) or 1.0
        places = np.column_stack([places, spread / 3 * (rows * TURN % 1)])
    low, high = np.quantile(places, [1 - REACH, REACH], axis=0)
    scale = (SIDE - 2 * EDGE) / max(*(high - low), LEAST)
    x, y = ((places - (low + high) / 2) * scale + SIDE / 2).T.round().astype(int)
    inks = np.array([[*bytes.fromhex(colour[1:]), 255] for colour in palette], np.uint8)
    colours = inks[np.where(labels[rows] < 0, len(inks) - 1, labels[rows] % len(inks))]
    dot = 2 if len(rows) > 800 else 3 if len(rows) > 100 else 5
    for dx in range(dot):
        for dy in range(dot):
            across, down = x + dx - 1, SIDE - y + dy - 1
            seen = (across >= 0) & (across < SIDE) & (down >= 0) & (down < SIDE)
            pixels[down[seen], across[seen]] = colours[seen]
    return pixels
