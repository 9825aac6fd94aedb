"""A run as one HTML file: the explorer, a path that plays, and a strip of pictures for who runs no script.

Only the strip needs torch.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vae_core import ways
from vae_core.errors import RunDamagedError
from vae_core.explorer import bundle as bundles
from vae_core.explorer import extras, page, page_view
from vae_core.explorer.page_parts import Inside, extras_of
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.storage import write_atomic
from vae_core.taking.kind import Choices, Tell
from vae_core.way_cloud import cloud_of

FRAMES = 12  # of the strip
LARGEST = 64  # pixels of one of its pictures' longer side, at most


def size(run: Run, choices: Choices) -> int:
    """About how many bytes the file has. Raises PackError, RunError, RunDamagedError, BundleError."""
    bundle = run.bundle()
    shape = bundles.read(bundle)[0]["shape"]
    strip = math.prod(small_shape((FRAMES, *shape))) * 4 // 3
    return page.size(bundle, run.config, _inside(run, choices)) + strip


def write(run: Run, path: Path, choices: Choices, tell: Tell) -> None:
    """Write the page whole or not at all. Raises as `size`, PathError, ExportError, StorageError."""
    meta, tensors = bundles.read(run.bundle())
    view = page_view.read(choices.view, tensors["points.index"], tensors["points.mu"])
    beta = _held(view.get("beta"), meta.get("dial"))
    tell(0.1)
    inside = _inside(run, choices, beta)
    if inside.place is None:
        codes, said = _traversal(meta), f"{FRAMES} decoded pictures, one latent dimension growing"
    else:
        way, news = choices.way or first_way(run), None
        cloud = cloud_of(run, beta)
        curve = ways.curve_of(run, way, cloud, beta, lambda share: tell(0.1 + share / 2))
        if way.kind == "geodesic":
            news = {"way": way.place(), "beta": beta, "legs": [leg.tolist() for leg in ways.legs(way, curve)]}
        codes = ways.frames_along(run, way, curve, cloud, FRAMES, beta).codes
        inside, said = replace(inside, news=news), f"{FRAMES} decoded pictures along a path"
    inside = replace(inside, strip=_decoded(run, codes, beta), said=said)
    tell(0.6)
    text = page.html(run.bundle(), choices.title or run.title, run.config, view or None, inside)
    tell(0.9)
    write_atomic(path, text.encode())
    tell(1.0)


def _inside(run: Run, choices: Choices, beta: float | None = None) -> Inside:
    from vae_core.replay import moments, pack

    place = choices.way.place() if choices.way else {}
    place |= {} if beta is None else {"beta": beta}
    return Inside(
        notes=choices.notes,
        extras=extras_of(run, choices.without, choices.encoder),
        place=None if "player" in choices.without else place,
        comes_first=choices.way is not None,
        sliders="sliders" not in choices.without,
        moments=pack(moments(run)) if choices.replay else b"",
    )


def _held(beta: float | None, dial: Mapping[str, Any] | None) -> float | None:
    """A beta within the range of a dial; none without one."""
    return None if beta is None or dial is None else min(max(beta, dial["low"]), dial["high"])


def _traversal(meta: Mapping[str, Any]) -> np.ndarray:
    """Codes (FRAMES, Z) along the dimension that says most."""
    most = int(np.argmax(meta["kl"]))
    low, high = meta["range"][most]
    codes = np.repeat(np.array(meta["center"], np.float32)[None], FRAMES, axis=0)
    codes[:, most] = np.linspace(low, high, FRAMES)
    return codes


def _decoded(run: Run, codes: np.ndarray, beta: float | None) -> np.ndarray:
    """Small pictures (F, C, h, w) uint8 of codes (F, Z); none where the run's weights cannot be used."""
    try:
        pictures = ways.pictures(run, codes, beta)
    except RunDamagedError:  # the page has weights of its own, in the bundle
        return np.zeros((0, 1, 1, 1), np.uint8)
    return extras.pooled(np.rint(pictures * 255).astype(np.uint8), _factor(pictures.shape))


def small_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of pictures (F, C, H, W) once they are small enough for the strip."""
    factor = _factor(shape)
    return (*shape[:2], -(-shape[2] // factor), -(-shape[3] // factor))


def _factor(shape: tuple[int, ...]) -> int:
    return max(1, -(-max(shape[2:]) // LARGEST))
