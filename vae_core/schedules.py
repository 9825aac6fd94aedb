"""Quantities that change while training, as plain functions of where training stands.

`progress` is the share of the run that is done, from 0 to 1. What instead follows from how training goes is
in `feedback`.
"""

import math
from dataclasses import dataclass

import numpy as np

from vae_core.sections import ObjectiveConfig, TrainingConfig

STEEPNESS = 10.0  # of the sigmoid: from 0.7 % to 99.3 % within its share of the run


def one_cycle(progress: float, rise: float = 0.25) -> float:
    """Share of the highest learning rate at `progress` in [0, 1] (Smith & Topin 2018).

    Two half cosines: up from 1/25 during the first `rise` of the run, then down to 0. The long descent to
    nothing is why a run of any length ends settled.
    """
    if progress < rise:
        return 1 / 25 + (1 - 1 / 25) * _ease(progress / rise)
    return 1 - _ease((progress - rise) / (1 - rise))


def cosine(progress: float) -> float:
    """Share of the highest learning rate: from 1 to 0 along half a cosine (Loshchilov & Hutter 2017, eq. 5,
    without restarts)."""
    return 1 - _ease(progress)


def warmup(progress: float, share: float) -> float:
    """Factor on beta: grows evenly from 0 to 1 over the first `share` of the run, then stays 1."""
    return min(1.0, progress / share) if share > 0 else 1.0


def cyclical(progress: float, cycles: int, rise: float) -> float:
    """Factor on beta: in each of `cycles` equal parts of the run it grows evenly from 0 to 1 over the first
    `rise` of the part and stays there for the rest of it (Fu et al. 2019, eqs. 6 and 7)."""
    return warmup(cycles * progress % 1, rise) if progress < 1 else 1.0


def sigmoid(progress: float, share: float) -> float:
    """Factor on beta: a logistic curve (Bowman et al. 2016, section 3.1), half way up at half of `share`."""
    return 1 / (1 + math.exp(STEEPNESS * (0.5 - progress / share)))


def beta_factor(objective: ObjectiveConfig, progress: float) -> float:
    """By what beta is multiplied; of a capacity its target, which grows as linear warm-up does
    (Burgess et al. 2018, section 4)."""
    match objective.kl:
        case "linear":
            return warmup(progress, objective.warmup)
        case "cyclical":
            return cyclical(progress, objective.cycles, objective.rise)
        case "sigmoid":
            return sigmoid(progress, objective.rise)
        case "capacity":
            return warmup(progress, objective.rise)
    return 1.0


def lr_factor(training: TrainingConfig, progress: float) -> float:
    """Share of the highest learning rate; of a plateau as long as it has not lowered it."""
    factors = {"one_cycle": one_cycle, "cosine": cosine}
    schedule = factors.get(training.lr_schedule)
    return schedule(progress) if schedule else 1.0


@dataclass(frozen=True)
class Curves:
    """Both schedules over a run, to be drawn."""

    progress: np.ndarray  # (n,) from 0 to 1
    beta: np.ndarray  # (n,) factors on beta or, of a capacity, on the target rate
    lr: np.ndarray  # (n,) shares of the highest learning rate


def curves(objective: ObjectiveConfig, training: TrainingConfig, count: int = 401) -> Curves:
    """Both schedules at `count` evenly spaced moments. What follows from how training goes, a plateau or a
    controlled rate, is drawn as it begins."""
    moments = [k / (count - 1) for k in range(count)]
    return Curves(
        np.array(moments),
        np.array([beta_factor(objective, at) for at in moments]),
        np.array([lr_factor(training, at) for at in moments]),
    )


def snapshot_steps(total: int, count: int = 60) -> frozenset[int]:
    """About `count` steps from 0 to `total`, both included, dense early, when the map changes most."""
    return frozenset(round(total * (i / (count - 1)) ** 2) for i in range(count))


def _ease(t: float) -> float:
    """0 to 1 along half a cosine."""
    return 0.5 - 0.5 * math.cos(math.pi * t)
