"""Paths through a latent space: from example to example, straight, over the sphere, as drawn by hand.

A curve is a function of t (T,) that gives codes (T, Z); 0 is its beginning, 1 its end, and what lies beyond
is overshoot. Frames are a curve's codes at some t: evenly in t, or so that each step changes the picture
alike. Needs no torch: what decodes is handed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from vae_core.errors import PathError

Curve = Callable[[np.ndarray], np.ndarray]  # t (T,) -> codes (T, Z)
Decode = Callable[[np.ndarray], np.ndarray]  # codes (T, Z) -> pictures (T, ...)
Kind = Literal["linear", "spherical"]

ANCHORS = (2, 8)  # fewest and most
SMALL = 1e-6  # radians and lengths below which a direction means nothing
ROUNDS = 30  # of evening out steps, at most
EVEN = 0.01  # how far the longest step may be above the mean one


def line(start: np.ndarray, end: np.ndarray) -> Curve:
    """The straight line between two codes (Z,)."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    return lambda t: start + np.asarray(t)[:, None] * (end - start)


def arc(start: np.ndarray, end: np.ndarray) -> Curve:
    """Spherical interpolation between two codes (Z,) (Shoemake 1985, "Animating rotation with quaternion
    curves").

    Shoemake's ends have length 1. Of others the direction moves along the great circle at constant speed
    while the length changes evenly from one to the other, which for equal lengths is his. The usual shortcut,
    his weights put on codes of unequal lengths, bulges outwards between them. From or to the origin there is
    no direction to turn from, and between opposite codes there are many ways: both go straight.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) < SMALL:
        return line(start, end)
    first, last = start / lengths[0], end / lengths[1]
    # Of arccos(first @ last) half the digits are lost where the two are close or opposite; this keeps them.
    angle = 2 * np.arctan2(np.linalg.norm(first - last), np.linalg.norm(first + last))
    if angle < SMALL or np.pi - angle < SMALL:
        return line(start, end)

    def curve(t: np.ndarray) -> np.ndarray:
        t = np.asarray(t, np.float64)[:, None]
        direction = (np.sin((1 - t) * angle) * first + np.sin(t * angle) * last) / np.sin(angle)
        return direction * (lengths[0] + t * (lengths[1] - lengths[0]))

    return curve


def polyline(points: np.ndarray) -> Curve:
    """The line through points (P, Z) in turn, at constant speed; what lies beyond goes on straight.

    Raises PathError for fewer than two different ones.
    """
    points = np.asarray(points, np.float64)
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    points = points[np.concatenate([[True], gaps > 0])]
    if len(points) < 2:
        raise PathError("A path needs two different places. Choose another place for its end.")
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    reached = np.concatenate([[0], np.cumsum(steps)]) / steps.sum()

    def curve(t: np.ndarray) -> np.ndarray:
        t = np.asarray(t, np.float64)
        piece = np.clip(np.searchsorted(reached, t, side="right") - 1, 0, len(steps) - 1)
        share = (t - reached[piece]) / (reached[piece + 1] - reached[piece])
        return points[piece] + share[:, None] * (points[piece + 1] - points[piece])

    return curve


def joined(curves: Sequence[Curve]) -> Curve:
    """Curves one after the other, each in an equal share of t; the last one goes on beyond 1."""

    def curve(t: np.ndarray) -> np.ndarray:
        place = np.asarray(t, np.float64) * len(curves)
        piece = np.clip(np.floor(place).astype(int), 0, len(curves) - 1)
        codes = [np.empty((0, 0))] * len(place)
        for number in np.unique(piece):
            rows = np.flatnonzero(piece == number)
            for row, code in zip(rows, curves[number](place[rows] - number)):
                codes[row] = code
        return np.array(codes)

    return curve


def steady(points: np.ndarray) -> Curve:
    """The line through points (P, Z) in turn, each piece in an equal share of t, however long it is."""
    return joined([line(start, end) for start, end in pairwise(np.asarray(points, np.float64))])


def through(anchors: np.ndarray, kind: Kind = "linear", loop: bool = False) -> Curve:
    """From anchor to anchor (A, Z), and back to the first one in a loop. Raises PathError (see `checked`)."""
    anchors = checked(anchors)
    stops = np.concatenate([anchors, anchors[:1]]) if loop else anchors
    between = {"linear": line, "spherical": arc}[kind]
    return joined([between(start, end) for start, end in pairwise(stops)])


def drawn(stroke: np.ndarray, smoothing: float = 0.05) -> Curve:
    """A stroke by hand (P, Z) without the hand's tremor; its ends stay where they are.

    The stroke is taken at even distances and averaged with a Gaussian whose standard deviation is `smoothing`
    of its length. Beyond its ends it is continued by its mirror image through them, so that they hold still.
    Raises PathError for a stroke without two different places.
    """
    even = polyline(stroke)(np.linspace(0, 1, 257))  # (257, Z)
    width = round(smoothing * (len(even) - 1))
    if width == 0:
        return polyline(even)
    reach = min(3 * width, len(even) - 1)
    before = 2 * even[0] - even[reach:0:-1]
    after = 2 * even[-1] - even[-2 : -reach - 2 : -1]
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    longer = np.concatenate([before, even, after])
    smooth = [np.convolve(column, weights / weights.sum(), mode="valid") for column in longer.T]
    return polyline(np.stack(smooth, axis=1))


def checked(anchors: np.ndarray) -> np.ndarray:
    """Anchors (A, Z) as float64. Raises PathError for another number of them, or one that is not finite."""
    anchors = np.asarray(anchors, np.float64)
    fewest, most = ANCHORS
    if anchors.ndim != 2 or not fewest <= len(anchors) <= most:
        found = len(anchors) if anchors.ndim == 2 else f"something of shape {anchors.shape}"
        raise PathError(f"A path goes through {fewest} to {most} anchors, found {found}.")
    if not np.isfinite(anchors).all():
        raise PathError("An anchor of the path is not finite. Choose it anew.")
    return anchors


def even(curve: Curve, count: int) -> np.ndarray:
    """(count, Z) float32 codes evenly in t, both ends included."""
    return curve(np.linspace(0, 1, count)).astype(np.float32)


def alike(curve: Curve, count: int, decode: Decode, fine: int = 256) -> np.ndarray:
    """t (count,) at which the picture changes by the same amount in each step, both ends included.

    The change is the Euclidean distance of one picture to the next. A fine first look gives the curve's
    length in picture space; then the steps themselves are evened out, as a chord is shorter than its arc.
    Where the picture never changes, t is even.
    """
    t = np.linspace(0, 1, max(fine, count))
    reached = _reached(decode(curve(t).astype(np.float32)))
    if reached[-1] <= 0:
        return np.linspace(0, 1, count)
    t = _at(reached, t, count)
    best, spread = t, np.inf
    for _ in range(ROUNDS):
        reached = _reached(decode(curve(t).astype(np.float32)))
        steps = np.diff(reached)
        unevenness = steps.max() / steps.mean() - 1 if steps.mean() > 0 else 0.0
        if unevenness < spread:
            best, spread = t, unevenness
        if unevenness <= EVEN:
            break
        t = _at(reached, t, count)
    return best


@dataclass(frozen=True)
class Shape:
    """A path's frames in one space."""

    length: float  # of all steps together
    direct: float  # from the first frame to the last, in one
    smoothness: (
        float  # mean cosine between a step and the next: 1 straight on, 0 a right angle, -1 back again
    )
    evenness: float  # the mean step by the longest: 1 where all are alike


def shape(frames: np.ndarray) -> Shape:
    """Of codes (T, Z), or of pictures (T, ...), two or more. Steps of no length have no direction."""
    flat = np.asarray(frames, np.float64).reshape(len(frames), -1)
    steps = np.diff(flat, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    moving = lengths[:-1] * lengths[1:] > 0
    cosines = (steps[:-1] * steps[1:]).sum(1)[moving] / (lengths[:-1] * lengths[1:])[moving]
    longest = lengths.max(initial=0.0)
    return Shape(
        length=float(lengths.sum()),
        direct=float(np.linalg.norm(flat[-1] - flat[0])),
        smoothness=float(cosines.mean()) if len(cosines) else 1.0,
        evenness=float(lengths.mean() / longest) if longest > 0 else 1.0,
    )


def cross_fade(first: np.ndarray, last: np.ndarray, count: int) -> np.ndarray:
    """(count, ...) float32 blends of two pictures, pixel by pixel: what a path has to be better than."""
    shares = np.linspace(0, 1, count, dtype=np.float32).reshape(-1, *[1] * np.ndim(first))
    return (1 - shares) * np.asarray(first, np.float32) + shares * np.asarray(last, np.float32)


def _reached(pictures: np.ndarray) -> np.ndarray:
    """(T,) how far the picture has changed up to each frame."""
    flat = np.asarray(pictures, np.float64).reshape(len(pictures), -1)
    return np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(flat, axis=0), axis=1))])


def _at(reached: np.ndarray, t: np.ndarray, count: int) -> np.ndarray:
    """t (count,) at even shares of what is reached in the end; where nothing changes, in its middle."""
    rising = np.concatenate([[True], np.diff(reached) > 0])
    found = np.interp(np.linspace(0, reached[-1], count), reached[rising], t[rising])
    found[0], found[-1] = 0.0, 1.0
    return found
