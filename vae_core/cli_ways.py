"""How the command line names a way through a latent space: the words of the Interpolate page's address."""

import argparse
from typing import Any

from vae_core.errors import ConfigError
from vae_core.ways import KINDS, SPACINGS, Way, read

WORDS = ("way", "steps", "more", "stroke", "axes")  # that go with --through


def add_grammar(command: Any) -> None:
    """Adds `--through` and what goes with it."""
    text = "From anchor to anchor: examples by number, codes behind a z, such as 12~87~z0.5,-1.3."
    command.add_argument("--through", metavar="ANCHORS", help=text)
    text = "The kind of path; by default straight."
    command.add_argument("--way", choices=KINDS, help=text)
    text = "Frames evenly along the path (the default), or so that each changes the picture alike."
    command.add_argument("--steps", choices=SPACINGS, help=text)
    text = "Of loop and beyond, with a comma between: back to the first anchor, frames past the ends."
    command.add_argument("--more", metavar="WORDS", help=text)
    text = "Of a path drawn by hand: share of the way, across, up; places with ~ between."
    command.add_argument("--stroke", metavar="PLACES", help=text)
    text = (
        "Of a path drawn by hand: the two dimensions of its map, such as 0,3; by default the principal plane."
    )
    command.add_argument("--axes", metavar="NUMBERS", help=text)


def way(words: argparse.Namespace) -> Way | None:
    """The way that the words name, None where they name none. Raises ConfigError, PathError."""
    given = {name: getattr(words, name) for name in WORDS if getattr(words, name) is not None}
    if words.through is None:
        if given:
            raise ConfigError(f"--{next(iter(given))} goes with --through.")
        return None
    return read(words.through, **given)


def spoken(found: Way) -> list[str]:
    """The words that name a way, as `way` reads them."""
    anchors = "~".join(str(a) if isinstance(a, int) else "z" + _joined(a) for a in found.anchors)
    more = ",".join(word for word in ("loop", "beyond") if getattr(found, word))
    words = {"through": anchors, "way": found.kind, "steps": found.by, "more": more}
    words["stroke"] = "~".join(_joined(place) for place in found.stroke)
    words["axes"] = _joined(found.axes)
    return [f"--{name}={text}" for name, text in words.items() if text]


def _joined(numbers: tuple[float, ...]) -> str:
    return ",".join(f"{number:.10g}" for number in numbers)
