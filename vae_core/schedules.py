"""Quantities that change while training, as plain functions of where training stands."""

import math


def one_cycle(progress: float, rise: float = 0.25) -> float:
    """Share of the highest learning rate at `progress` in [0, 1] (Smith & Topin 2018).

    Two half cosines: up from 1/25 during the first `rise` of the run, then down to 0. The long descent to
    nothing is why a run of any length ends settled.
    """
    if progress < rise:
        return 1 / 25 + (1 - 1 / 25) * _ease(progress / rise)
    return 1 - _ease((progress - rise) / (1 - rise))


def warmup(progress: float, share: float) -> float:
    """Factor on beta: grows evenly from 0 to 1 over the first `share` of the run, then stays 1."""
    return min(1.0, progress / share) if share > 0 else 1.0


def snapshot_steps(total: int, count: int = 60) -> frozenset[int]:
    """About `count` steps from 0 to `total`, both included, dense early, when the map changes most."""
    return frozenset(round(total * (i / (count - 1)) ** 2) for i in range(count))


def _ease(t: float) -> float:
    """0 to 1 along half a cosine."""
    return 0.5 - 0.5 * math.cos(math.pi * t)
