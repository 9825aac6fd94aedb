"""What a kind of file to take along is, and what can be chosen of it; `kinds` lists them all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vae_core.run import Run

Tell = Callable[[float], None]  # hears the share done, from 0 to 1, and may raise to call it off


@dataclass(frozen=True)
class Choices:
    """What can be chosen besides the kind."""

    replay: bool = False  # of an HTML file: with how its latent space formed
    checkpoint: bool = True  # of a zip: with what training goes on from
    beta: float | None = None  # of a model for every beta: which one; by default the run's
    sheet: str = "traversal"  # of a PNG: one of SHEETS


@dataclass(frozen=True)
class Kind:
    """One kind of file. `write` raises RunError, RunDamagedError, ExportError, StorageError."""

    name: str  # the option of the command line
    title: str  # as a person reads it
    help: str
    ending: str  # of the file's name
    size: Callable[[Run, Choices], int]  # bytes, about, told before it is made
    write: Callable[[Run, Path, Choices, Tell], None]
    obstacle: Callable[[], str] = str  # why it cannot be made here, or nothing
