"""The palette between four corners as a kind of file. What is said of it before it is made needs no torch."""

from pathlib import Path

import numpy as np

from vae_core import blends
from vae_core.errors import ExportError
from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.taking import paper
from vae_core.taking.kind import Choices, Kind, Tell
from vae_core.ways import Way

SIDE = 15  # pictures along a side
SIDES = (2, 40)  # fewest and most of them


def first_palette(run: Run) -> Way:
    """Four examples as anchors, those that the page begins with; without examples, codes around the origin.

    Raises RunError, RunDamagedError, BundleError.
    """
    meta, tensors = bundle.read(run.bundle())
    rows = blends.first_corners(tensors["points.mu"], tensors["points.label"])
    if rows:
        return Way(tuple(rows))
    codes = np.zeros((4, meta["latent"]))
    codes[:, :2] = (2 * blends.lattice(2) - 1)[:, : meta["latent"]]
    return Way(tuple(tuple(code) for code in codes.tolist()))


def _size(run: Run, choices: Choices) -> int:
    side = checked_side(choices.count or SIDE)
    return paper.size(run, side, side)


def checked_side(side: int) -> int:
    """Raises ExportError for a number of pictures along a side that no sheet has."""
    fewest, most = SIDES
    if not fewest <= side <= most:
        raise ExportError(f"A palette has {fewest} to {most} pictures along a side, found {side}.")
    return side


def _write(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    from vae_core.taking import palette

    palette.save(run, path, choices.way, choices.count or SIDE, choices.beta, tell)


PALETTE = Kind(
    "palette",
    "Palette to print (PNG)",
    "What lies between four corners, at 300 dots an inch.",
    "-palette.png",
    _size,
    _write,
    follows=True,
)
