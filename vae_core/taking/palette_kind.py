"""The palette between four corners as a kind of file. What is said of it before it is made needs no torch."""

import math
from pathlib import Path

from vae_core.run import Run
from vae_core.taking.kind import Choices, Kind, Tell

SIDE = 15  # pictures along a side


def _size(run: Run, choices: Choices) -> int:
    """Grey levels of its pictures and the words around them."""
    return (choices.count or SIDE) ** 2 * math.prod(run.examples().images.shape[1:]) + 60_000


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
