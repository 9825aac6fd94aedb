"""Blends of four codes on a square: what lies between the corners of a palette. Needs no torch.

Corners (4, Z) stand top left, top right, bottom left, bottom right. Places (P, 2) are shares of the square
from 0 to 1, to the right and downwards. `web/corners_blend.js` reckons the same.
"""

from typing import Literal

import numpy as np

from vae_core.errors import PathError

Blend = Literal["bilinear", "spherical"]
BLENDS: tuple[Blend, ...] = ("bilinear", "spherical")

SMALL = 1e-6  # lengths and angles below which a direction means nothing
TRIES = 1_000  # at a half-space that holds all directions; finds any that does so by more than 2 degrees
ROUNDS = 200  # of Buss and Fillmore's iteration at most; some twenty are needed
CLOSE = 1e-10  # radians, a step below which it has arrived


def weights(places: np.ndarray) -> np.ndarray:
    """(P, 4) bilinear weights of the corners at places (P, 2), at least 0 within the square, of sum 1."""
    across, down = np.asarray(places, np.float64).T
    left, up = 1 - across, 1 - down
    return np.stack([left * up, across * up, left * down, across * down], axis=1)


def bilinear(corners: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Codes (P, Z): straight between corners, and straight between what is so on two opposite edges.

    Raises PathError (see `checked`).
    """
    return weights(places) @ checked(corners)


def spherical(corners: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Codes (P, Z): directions are spherical averages of the corners', lengths are theirs bilinear.

    The spherical average of directions p_i with weights w_i, here `weights`, is the direction whose squared
    angles to them, times the weights, have the least sum (Buss and Fillmore 2001, "Spherical averages and
    applications to spherical splines and interpolation", ACM Transactions on Graphics 20(2), algorithm A1).
    It treats both ways across the square alike, which a slerp of two slerps does not, and along an edge it is
    `paths.arc`.

    It is one direction alone where a half-space holds all corners (their theorem 1). Where none does, as with
    corners around the origin, and from or to a corner at the origin, the blend is the bilinear one
    (see `is_spherical`). Raises PathError (see `checked`).
    """
    corners = checked(corners)
    shares = weights(places)
    if not is_spherical(corners):
        return shares @ corners
    lengths = np.linalg.norm(corners, axis=1)
    units = corners / lengths[:, None]
    return (shares @ lengths)[:, None] * (_averages(units @ units.T, shares) @ units)


def is_spherical(corners: np.ndarray) -> bool:
    """Whether the corners (4, Z) have one spherical average: none at the origin, all in one half-space.

    A half-space is looked for by the perceptron (Novikoff 1962: found within 1 / sin(margin)^2 tries).
    """
    lengths = np.linalg.norm(corners, axis=1)
    if lengths.min() < SMALL:
        return False
    units = np.asarray(corners, np.float64) / lengths[:, None]
    cosines = units @ units.T
    counts = np.ones(len(units))  # of each direction in the sum that points into the half-space
    for _ in range(TRIES):
        inside = cosines @ counts
        worst = int(inside.argmin())
        if inside[worst] > SMALL:
            return True
        counts[worst] += 1
    return False


def between(corners: np.ndarray, places: np.ndarray, blend: Blend = "bilinear") -> np.ndarray:
    """Codes (P, Z) at places (P, 2) of the square. Raises PathError (see `checked`)."""
    return {"bilinear": bilinear, "spherical": spherical}[blend](corners, places)


def lattice(side: int) -> np.ndarray:
    """(side * side, 2) places of a square of `side` by `side` pictures, row by row, corners included."""
    even = np.linspace(0, 1, side)
    across, down = np.meshgrid(even, even)
    return np.stack([across.ravel(), down.ravel()], axis=1)


def checked(corners: np.ndarray) -> np.ndarray:
    """Corners (4, Z) as float64. Raises PathError for another number of them, or one that is not finite."""
    corners = np.asarray(corners, np.float64)
    if corners.ndim != 2 or len(corners) != 4:
        found = len(corners) if corners.ndim == 2 else f"something of shape {corners.shape}"
        raise PathError(f"A palette has four corners, found {found}.")
    if not np.isfinite(corners).all():
        raise PathError("A corner of the palette is not finite. Choose it anew.")
    return corners


def first_corners(mu: np.ndarray, label: np.ndarray) -> list[int]:
    """Four examples of mu (N, Z) to begin with, as their rows: typical ones of classes far apart.

    Beginning with the first, each next is the one farthest from those before; among the examples nearest to
    the middles of their classes where there are four classes, else among all. label (N,) is -1 where there is
    none. Of fewer than four examples some come twice; without any there are none.
    """
    mu = np.asarray(mu, np.float64)
    middles = [mu[label == k].mean(0) for k in np.unique(label[label >= 0])]
    rows = [int(((mu - middle) ** 2).sum(1).argmin()) for middle in middles]
    if len(rows) < 4:
        rows = list(range(len(mu)))
    if not rows:
        return []
    chosen = [rows[0]]
    apart = np.full(len(rows), np.inf)
    while len(chosen) < 4:
        apart = np.minimum(apart, ((mu[rows] - mu[chosen[-1]]) ** 2).sum(1))
        chosen.append(rows[int(apart.argmax())])
    return _opposed(mu, chosen)


def _opposed(mu: np.ndarray, rows: list[int]) -> list[int]:
    """Four rows in the order whose diagonals are longest, so that the square does not fold over itself."""
    a, b, c, d = rows
    orders = [[a, b, c, d], [a, b, d, c], [a, c, d, b]]
    codes = [mu[order] for order in orders]
    diagonals = [np.linalg.norm(z[0] - z[3]) + np.linalg.norm(z[1] - z[2]) for z in codes]
    return orders[int(np.argmax(diagonals))]


def _averages(cosines: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Spherical averages (P, 4), as coefficients of the four directions, whose cosines (4, 4) are known.

    Each step goes to the weighted mean of where the directions lie, as angles, in the plane that touches the
    sphere.
    """
    found = shares / np.sqrt(_squares(shares, cosines))[:, None]
    for _ in range(ROUNDS):
        to_each = np.clip(found @ cosines, -1, 1)  # cosines of the angles to the four
        angle = np.arccos(to_each)
        sine = np.sin(angle)
        pull = shares * np.where(sine > SMALL, angle / np.maximum(sine, SMALL), 1.0)
        step = pull - (pull * to_each).sum(1, keepdims=True) * found
        length = np.sqrt(np.maximum(_squares(step, cosines), 0))[:, None]
        scaled = np.where(length > 0, np.sin(length) / np.maximum(length, 1e-300), 1.0)
        found = np.cos(length) * found + scaled * step
        found /= np.sqrt(_squares(found, cosines))[:, None]
        if length.max() < CLOSE:
            break
    return found


def _squares(rows: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """(P,) squared lengths of combinations (P, 4) of directions with these cosines (4, 4)."""
    return ((rows @ cosines) * rows).sum(1)
