"""The shapes of `shapes` in colour, on a ground that is darker or lighter: six known factors and the ground.

The eight hues are those that Okabe and Ito chose so that people who see few colours tell them apart ("Color
Universal Design", 2008), without black and with a light grey for it. Lengths are as in `shapes`, the picture
spans 0 to 32 whatever its number of pixels. Drawn once in a process and kept in memory.
"""

import functools

import numpy as np

from vae_core.config import DataConfig
from vae_core.data import shapes
from vae_core.data.dataset import Dataset, Progress, SourceInfo, fingerprint, hold_out

COUNT = 8000
PIECE = 500  # pictures drawn at a time: floats of 64x64 take 8 MB
GROUNDS = (0.0, 0.25)  # grey of what lies behind, 0 black to 1 white
HUES = {  # sRGB
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "green": (0, 158, 115),
    "yellow": (240, 228, 66),
    "blue": (0, 114, 178),
    "vermilion": (213, 94, 0),
    "purple": (204, 121, 167),
    "grey": (225, 225, 225),
}


def draw(count: int, width: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`count` random shapes: images (count, 3, width, width) uint8 and their factors, (count,) each.

    Factors are independent and uniform: shape (index of shapes.SHAPES), hue (index of HUES), size, x, y,
    angle, ground. Every pair of shape and hue occurs equally often, to within one.
    """
    generator = np.random.default_rng(seed)
    pair = generator.permutation(np.arange(count) % (len(shapes.SHAPES) * len(HUES)))
    factors = {
        "shape": pair % len(shapes.SHAPES),
        "hue": pair // len(shapes.SHAPES),
        "size": generator.uniform(*shapes.SIZES, count),
        "x": generator.uniform(*shapes.POSITIONS, count),
        "y": generator.uniform(*shapes.POSITIONS, count),
        "angle": generator.uniform(*shapes.ANGLES, count),
        "ground": generator.uniform(*GROUNDS, count),
    }
    images = np.empty((count, 3, width, width), np.uint8)
    for first in range(0, count, PIECE):
        piece = slice(first, first + PIECE)
        images[piece] = render(**{name: values[piece] for name, values in factors.items()}, width=width)
    return images, factors


def render(
    shape: np.ndarray,
    hue: np.ndarray,
    size: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    ground: np.ndarray,
    width: int,
) -> np.ndarray:
    """(n, 3, width, width) uint8 from factors of (n,) each; a pixel mixes colours by its covered share."""
    share = shapes.coverage(shape, size, x, y, angle, width)[:, None]  # (n, 1, width, width)
    colour = np.array(list(HUES.values()), np.float32)[hue][:, :, None, None]  # (n, 3, 1, 1)
    behind = 255 * ground[:, None, None, None].astype(np.float32)
    return np.rint(behind + share * (colour - behind)).astype(np.uint8)


def load(info: SourceInfo, config: DataConfig, progress: Progress | None = None) -> Dataset:
    """(8000, 3, W, W) uint8, always the same pictures; labels are the shapes, factors as in `draw`."""
    images, factors, checksum = _drawn(info.shape[1])
    labels = factors["shape"]
    split = hold_out(info.title, labels, config)
    if progress:
        progress(len(images), len(images))
    return info.dataset(images, labels, split, checksum, dict(factors))


@functools.lru_cache(maxsize=2)
def _drawn(width: int) -> tuple[np.ndarray, dict[str, np.ndarray], str]:
    """The pictures, read-only, with their factors and fingerprint."""
    images, factors = draw(COUNT, width, seed=0)
    for array in (images, *factors.values()):
        array.flags.writeable = False
    return images, factors, fingerprint(images, factors["shape"])


def _info(name: str, title: str, width: int) -> SourceInfo:
    return SourceInfo(
        name=name,
        title=title,
        blurb=f"{COUNT:,} drawn shapes in eight hues, {width}×{width} pixels; what made each is known.",
        source="Drawn by Latentscape; hues by Okabe and Ito",
        licence="CC0 1.0",
        count=COUNT,
        shape=(3, width, width),
        classes=shapes.SHAPES,
        load=load,
    )


SMALL = _info("colour-shapes", "Colour shapes", 32)
LARGE = _info("colour-shapes-64", "Colour shapes 64×64", 64)
