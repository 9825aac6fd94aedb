"""What a one-file page may hold besides its map, and which modules of `web/` each of that needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vae_core.explorer import extras
from vae_core.run import Run

PARTS = ("thumbs", "sliders", "player")  # that an author may leave out

DRAWING = ("draw.js",)  # need the encoder
DIALS = ("dial.js", "twins.js", "lab.js")  # need a dial
HOSTED = ("compare.js",)  # need a server
ROOTS = {"mount": "mount.js", "mountPath": "path.js", "mountReplay": "replay.js"}


@dataclass(frozen=True)
class Inside:
    """What a page holds besides its map."""

    notes: str = ""  # the author's, as in page_words.paragraphs
    extras: bytes = b""  # of explorer.extras: the examples' pictures, the encoder, either or both
    place: Mapping[str, Any] | None = (
        None  # where its player stands (Way.place()), {} for its own; None: none
    )
    news: Mapping[str, Any] | None = None  # what the player is told: a shortest way, see web/path_shortest.js
    comes_first: bool = False  # whether the player stands above the map
    sliders: bool = True
    moments: bytes = b""  # of replay.pack: how its latent space formed
    strip: np.ndarray = field(default_factory=lambda: np.zeros((0, 1, 1, 1), np.uint8))  # (F, C, H, W) uint8
    said: str = ""  # what the strip shows, in words


def extras_of(run: Run, without: tuple[str, ...], encoder: bool) -> bytes:
    """The extras for a page that lacks these of PARTS. Raises as `extras.extras`."""
    thumbs = "thumbs" not in without
    return extras.extras(run, encoder=encoder, thumbs=thumbs) if thumbs or encoder else b""


def modules(
    meta: Mapping[str, Any], inside: Inside, has_encoder: bool
) -> tuple[frozenset[str], frozenset[str]]:
    """(public names that the page calls, features of features.js that it can do without)."""
    wanted = {"mount"}
    wanted |= {"mountPath"} if inside.place is not None else set()
    wanted |= {"mountReplay"} if inside.moments else set()
    left = {*HOSTED, *(() if has_encoder else DRAWING), *(() if "dial" in meta else DIALS)}
    return frozenset(wanted), frozenset(left)
