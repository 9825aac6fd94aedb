"""What a model's pictures look much like, without decoding: for telling the size of a file beforehand."""

import io
import math

import numpy as np
from PIL import Image

from vae_core.run import Run

MANY = 12  # pictures that a sheet's size is told from


def drawn(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (K, C, H, W) uint8 that the model drew at the end, and the real ones that they are of.

    Where none were kept, the real ones twice. Raises RunError, RunDamagedError.
    """
    real, latest = run.examples().images, run.last_snapshot()
    if latest is None or not len(latest.reconstructions):
        return real, real
    made = latest.reconstructions[: len(real)]
    return (made, real[: len(made)]) if made.shape[1:] == real.shape[1:] else (real, real)


def of_rows(run: Run, rows: list[int]) -> np.ndarray:
    """For examples in a row (R,) pictures (R, C, H, W) uint8 like theirs, neighbours never the same one if
    there are two. Raises RunError, RunDamagedError.
    """
    (made, source), images = drawn(run), run.examples().images
    if len(made) == len(images):
        return made[rows]
    flat = source.reshape(len(source), -1).astype(np.float32)
    chosen: list[int] = []
    for row in rows:
        apart = ((flat - images[row].reshape(1, -1)) ** 2).sum(1)
        order = np.argsort(apart, kind="stable")
        chosen.append(int(order[1] if chosen[-1:] == [order[0]] and len(order) > 1 else order[0]))
    return made[chosen]


def sheet_bytes(run: Run, rows: int, columns: int, zoom: int) -> int:
    """Bytes, about, of so many pictures as PNG, each pixel a square of `zoom` by `zoom`."""
    some = drawn(run)[0][:MANY]
    side = np.concatenate(list(some.transpose(0, 2, 3, 1)), axis=1)
    pixels = (side if side.shape[2] == 3 else side.repeat(3, 2)).repeat(zoom, 0).repeat(zoom, 1)
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    return math.ceil(len(held.getvalue()) * rows * columns / len(some))
