"""Shapes we draw ourselves, so that what made every picture is known: shape, size, position, angle.

Lengths are in pixels. The picture spans 0 to 32 on both axes, x to the right and y down, and (x, y) is the
shape's centroid. A shape of size s covers s² pixels whatever its form. Angles are degrees counter-clockwise
as seen; they span 80, less than the 90 after which the most symmetric shape, the square, repeats, so that no
two angles give the same picture.
"""

import math

import numpy as np

from vae_core.config import DataConfig
from vae_core.data.dataset import Dataset, Progress, SourceInfo, fingerprint, hold_out

SHAPES = ("square", "ellipse", "triangle", "heart")
COUNT = 6000
WIDTH = 32
SIZES = (7.0, 11.0)
POSITIONS = (10.5, 21.5)  # the farthest corner, a triangle's, is 0.88 sizes from the centroid: all fits
ANGLES = (-40.0, 40.0)
ASPECT = 1.6  # of the ellipse, long axis level at angle 0


def draw(count: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """`count` random shapes: images (count, 1, 32, 32) uint8 and their factors, (count,) each.

    The factors are independent and uniform; every shape occurs equally often, to within one.
    """
    generator = np.random.default_rng(seed)
    factors = {
        "shape": generator.permutation(np.arange(count) % len(SHAPES)),
        "size": generator.uniform(*SIZES, count),
        "x": generator.uniform(*POSITIONS, count),
        "y": generator.uniform(*POSITIONS, count),
        "angle": generator.uniform(*ANGLES, count),
    }
    return render(**factors), factors


def render(
    shape: np.ndarray, size: np.ndarray, x: np.ndarray, y: np.ndarray, angle: np.ndarray
) -> np.ndarray:
    """White on black, (n, 1, 32, 32) uint8, from factors of (n,) each; `shape` indexes SHAPES.

    A pixel's grey is the share of it that is covered.
    """
    return np.rint(255 * coverage(shape, size, x, y, angle)).astype(np.uint8)[:, None]


def coverage(
    shape: np.ndarray,
    size: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    width: int = WIDTH,
) -> np.ndarray:
    """The share of each pixel that the shape covers, (n, width, width) float32, from factors of (n,) each.

    The span of 32 is divided into `width` pixels. The share is taken from the signed distance (in pixels) of
    the pixel's centre to the outline: half a pixel inside is 1, half a pixel outside is 0, linear between.
    """
    shares = np.empty((len(shape), width, width), np.float32)
    for kind, distance in enumerate((_square, _ellipse, _triangle, _heart)):
        chosen = np.flatnonzero(shape == kind)
        scale = size[chosen, None, None].astype(np.float32)
        u, v = _local(scale, x[chosen], y[chosen], angle[chosen], width)
        shares[chosen] = np.clip(0.5 - width / WIDTH * scale * distance(u, v), 0, 1)
    return shares


def load(info: SourceInfo, config: DataConfig, progress: Progress | None = None) -> Dataset:
    """(6000, 1, 32, 32) uint8, always the same pictures; labels are the shapes, factors as in `draw`."""
    images, factors = draw(COUNT, seed=0)
    labels = factors["shape"]
    split = hold_out(info.title, labels, config)
    if progress:
        progress(len(images), len(images))
    return info.dataset(images, labels, split, fingerprint(images, labels), factors)


def _local(
    scale: np.ndarray, x: np.ndarray, y: np.ndarray, angle: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pixel centres as the shape sees them: u to its right, v up, in units of its size.

    (n, width, width) each.
    """
    centres = (np.arange(width, dtype=np.float32) + 0.5) * (WIDTH / width)
    right = centres[None, None, :] - x[:, None, None].astype(np.float32)
    up = y[:, None, None].astype(np.float32) - centres[None, :, None]
    radians = np.deg2rad(angle[:, None, None]).astype(np.float32)
    cosine, sine = np.cos(radians) / scale, np.sin(radians) / scale
    return cosine * right + sine * up, cosine * up - sine * right


# Signed distances to outlines of area 1 with their centroid at the origin, negative inside. Exact across
# straight edges and circles, first order elsewhere, which is all that a rim of one pixel needs.


def _square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(u), np.abs(v)) - 0.5


def _ellipse(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """From f = (u/a)² + (v/b)² - 1, whose distance to zero is f / |grad f| near the outline."""
    a, b = math.sqrt(ASPECT / math.pi), math.sqrt(1 / (ASPECT * math.pi))
    slope = 2 * np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2)
    return ((u / a) ** 2 + (v / b) ** 2 - 1) / np.maximum(slope, 1e-6)  # the slope is 0 at the centre


def _triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Equal sides, pointing up; the inner circle's radius is side / (2 sqrt 3), and area 1 fixes the side."""
    radius = math.sqrt(4 / math.sqrt(3)) / (2 * math.sqrt(3))
    slanted = math.sqrt(0.75) * np.abs(u) + 0.5 * v
    return np.maximum(slanted, -v) - radius


def _heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A square on its tip with half a disc on each upper side."""
    side = 1 / math.sqrt(1 + math.pi / 4)  # square 1, two half discs of diameter 1 together pi / 4
    square_height = side / math.sqrt(2)  # of the centroids above the tip
    disc_height = (1.5 + 2 / (3 * math.pi)) * side / math.sqrt(2)
    centroid = side**2 * (square_height + math.pi / 4 * disc_height)
    up = v + centroid - square_height  # from the square's centre
    square = (np.abs(u) + np.abs(up)) / math.sqrt(2) - side / 2
    middle = side / math.sqrt(8)  # of the square's upper right side, along both axes
    disc = np.hypot(np.abs(u) - middle, up - middle) - side / 2
    return np.minimum(square, disc)


INFO = SourceInfo(
    name="shapes",
    title="Shapes",
    blurb="6,000 drawn shapes whose size, position and angle are known: see which dimension finds which.",
    source="Drawn by Latentscape",
    licence="CC0 1.0",
    count=COUNT,
    shape=(1, WIDTH, WIDTH),
    classes=SHAPES,
    load=load,
)
