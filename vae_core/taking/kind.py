"""What a kind of file to take along is, and what can be chosen of it; `kinds` lists them all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vae_core.run import Run
from vae_core.ways import Way

Tell = Callable[[float], None]  # hears the share done, from 0 to 1, and may raise to call it off


@dataclass(frozen=True)
class Choices:
    """What can be chosen besides the kind."""

    replay: bool = False  # of an HTML file: with how its latent space formed
    checkpoint: bool = True  # of a zip: with what training goes on from
    beta: float | None = None  # of a model for every beta: which one; by default the run's
    sheet: str = "traversal"  # of a PNG: one of SHEETS
    way: Way | None = None  # the path that the file is of, or holds; by default the run's first one
    labels: bool = False  # of films and strips: with what is to be known of each frame
    count: int = 0  # frames; 0: the kind's own number
    repeat: Literal["once", "loop", "swing"] = "swing"  # of films: what follows at the end
    speed: float = 1.0  # of films: as the page's player has it, from SPEEDS
    ease: Literal["even", "soft", "pauses"] = "soft"  # of films
    pixels: int = 0  # of films: the picture's longer side, about; 0: the kind's own
    nearest: bool = False  # of strips: with the nearest real examples
    dark: bool = False  # of films: on dark paper
    title: str = ""  # of an HTML file: the author's words; by default the run's title
    notes: str = ""  # of an HTML file: paragraphs, below its title
    view: str = ""  # of an HTML file: where its map opens, as the query of a share link
    without: tuple[str, ...] = ()  # of an HTML file: parts that it lacks, of page.PARTS
    encoder: bool = False  # of an HTML file: with what encodes pictures of one's own


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
    remark: Callable[[], str] = str  # what is to be known of it here, or nothing
    follows: bool = False  # whether it is of a path, and offered where there is one
    endings: Callable[[], str] | None = None  # of the name, where that depends on this machine
