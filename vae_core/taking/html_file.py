"""A run as one HTML file: the explorer, a path that plays, and a strip of pictures for who runs no script.

Only the strip needs torch.
"""

import math
from pathlib import Path

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
    tell(0.1)
    strip, said = _strip(run, choices, view.get("beta") if "dial" in meta else None, tell)
    tell(0.6)
    inside = _inside(run, choices, strip, said)
    text = page.html(run.bundle(), choices.title or run.title, run.config, view or None, inside)
    tell(0.9)
    write_atomic(path, text.encode())


def _inside(run: Run, choices: Choices, strip: np.ndarray | None = None, said: str = "") -> Inside:
    from vae_core.replay import moments, pack

    place = choices.way.place() if choices.way else {}
    return Inside(
        notes=choices.notes,
        extras=extras_of(run, choices.without, choices.encoder),
        place=None if "player" in choices.without else place,
        comes_first=choices.way is not None,
        sliders="sliders" not in choices.without,
        moments=pack(moments(run)) if choices.replay else b"",
        strip=strip if strip is not None else np.zeros((0, 1, 1, 1), np.uint8),
        said=said,
    )


def _strip(run: Run, choices: Choices, beta: float | None, tell: Tell) -> tuple[np.ndarray, str]:
    """Decoded pictures (F, C, H, W) uint8 of the path, else of what the dimension that says most does."""
    if "player" not in choices.without:
        codes = ways.frames(
            run, choices.way or first_way(run), FRAMES, beta, lambda share: tell(0.1 + share / 2)
        ).codes
        said = f"{FRAMES} decoded pictures along a path"
    else:
        meta, _ = bundles.read(run.bundle())
        most = int(np.argmax(meta["kl"]))
        low, high = meta["range"][most]
        codes = np.repeat(np.array(meta["center"], np.float32)[None], FRAMES, axis=0)
        codes[:, most] = np.linspace(low, high, FRAMES)
        said = f"{FRAMES} decoded pictures, one latent dimension growing"
    try:
        pictures = np.rint(ways.pictures(run, codes, beta) * 255).astype(np.uint8)
    except RunDamagedError:  # its weights for torch; the page has its own
        return np.zeros((0, 1, 1, 1), np.uint8), ""
    return extras.pooled(pictures, _factor(pictures.shape)), said


def small_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of pictures (F, C, H, W) once they are small enough for the strip."""
    factor = _factor(shape)
    return (*shape[:2], -(-shape[2] // factor), -(-shape[3] // factor))


def _factor(shape: tuple[int, ...]) -> int:
    return max(1, -(-max(shape[2:]) // LARGEST))
