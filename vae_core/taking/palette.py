"""The square between four corners as a sheet to print: 300 dots an inch, each pixel whole dots."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL.PngImagePlugin import PngInfo

from vae_core import blends, ways
from vae_core.errors import PathError
from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.taking import sheets
from vae_core.taking.kind import Tell
from vae_core.taking.palette_kind import checked_side, first_palette
from vae_core.taking.portable import model_of
from vae_core.taking.whole import whole
from vae_core.way_cloud import cloud_of
from vae_core.ways import Anchor, Way

BLEND_OF: dict[str, blends.Blend] = {"linear": "bilinear", "spherical": "spherical"}  # by kind of path
NAMES = ("Top left", "top right", "Bottom left", "bottom right")
TOLD = {
    "bilinear": "Bilinear: straight from corner to corner, and between opposite edges.",
    "spherical": "Spherical: directions are averages of the corners' on the sphere, lengths bilinear.",
    "": "Bilinear: the corners lie around the origin, so that there is no one spherical average.",
}


def save(
    run: Run,
    path: Path,
    way: Way | None,
    side: int,
    beta: float | None = None,
    tell: Tell = lambda share: None,
) -> None:
    """`side` by `side` pictures between the four anchors of `way`, as PNG; by default those of the page.

    Anchors stand top left, top right, bottom left, bottom right; a straight way is blended bilinearly, a
    spherical one spherically. `tell` hears the share done and may raise to call it off. Raises PathError for
    a way that is no palette, ExportError for a side that no sheet has, ConfigError, RunError, StorageError.
    """
    checked_side(side)
    tell(0.0)
    way = _checked(way or first_palette(run))
    cloud, blend = cloud_of(run, beta), BLEND_OF[way.kind]
    corners = blends.checked(ways.stops(way, cloud))
    model = model_of(run, beta)
    tell(0.2)
    codes = blends.between(corners, blends.lattice(side), blend)  # (side * side, Z)
    pictures = sheets.decoded(model, codes.reshape(side, side, -1).astype(np.float32))
    tell(0.6)
    about = f"{run.title}, β = {run.config.beta if beta is None else beta:g}"
    told = TOLD[blend if blend == "bilinear" or blends.is_spherical(corners) else ""]
    sheet = sheets.laid_out(pictures, (about, *_named(run, way), told), 0)
    tell(0.8)
    note = PngInfo()
    note.add_itxt("Title", f"{about}: palette")
    note.add_itxt("Software", "Latentscape")
    with whole(path) as temporary:
        sheet.image.save(temporary, "PNG", dpi=(sheets.DPI, sheets.DPI), pnginfo=note)
        tell(1.0)


def _checked(way: Way) -> Way:
    """Raises PathError for another number of anchors than four, or another kind of way."""
    if len(way.anchors) != 4:
        raise PathError(f"A palette has four corners, found {len(way.anchors)}. Name four anchors.")
    if way.kind not in BLEND_OF:
        raise PathError(f"A palette is blended straight or spherically, not as {way.kind!r} goes.")
    return replace(way, loop=False)


def _named(run: Run, way: Way) -> tuple[str, str]:
    """Which corner is what: those at the top, those at the bottom."""
    meta, tensors = bundle.read(run.bundle())
    labels, label, index = meta["labels"], tensors["points.label"], tensors["points.index"]

    def name(anchor: Anchor) -> str:
        if not isinstance(anchor, int):
            return "a code"
        own = [labels[label[anchor]]] if 0 <= label[anchor] < len(labels) else []
        return ", ".join([*own, f"example {index[anchor]}"])

    named = [f"{place} {name(anchor)}" for place, anchor in zip(NAMES, way.anchors, strict=True)]
    return f"{named[0]}; {named[1]}.", f"{named[2]}; {named[3]}."
