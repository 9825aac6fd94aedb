"""The rows of a training as arrays, for those who judge how it goes. Needs no torch.

Rows come from a folder that anyone may have written: what is not as the recorder writes it is passed over.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from vae_core.config import RunConfig

MOST = 2_000  # rows of the curves that are looked at; a run has at most 800
SAME = 0.01  # share by which two betas may differ and still count as one

STEP = ("step", "distortion", "rate", "beta")
LOOK = ("step", "epoch", "distortion", "rate")


@dataclass(frozen=True)
class Look:
    """Held-out figures of one epoch, means in nats per example; what a model has not is None."""

    step: int
    epoch: float
    distortion: float
    rate: float
    rates: tuple[float, ...] | None = None  # of each dimension
    sigma: float | None = None
    floored: float | None = None
    silent: tuple[tuple[str, int, int], ...] | None = None  # of each ReLU: layer, silent units, units

    def silence(self, layer: str) -> float:
        """Share of the units of a ReLU that gave nothing; 0 of one that is not there."""
        return next(
            (silent / units for name, silent, units in self.silent or () if name == layer and units), 0.0
        )


class Course:
    """What `rows` of metrics.jsonl say, as far as they go; `total` steps are planned, 0 where unknown."""

    def __init__(self, config: RunConfig, rows: Iterable[Mapping[str, Any]], total: int = 0) -> None:
        self.config, self.total = config, total
        given = list(rows)
        steps = [_numbers(row, STEP) for row in given if row.get("kind") == "step"][:MOST]
        self.step, self.distortion, self.rate, self.beta = (
            np.array([row for row in steps if row], float).reshape(-1, len(STEP)).T
        )  # (n,) each: means since the row before
        looks = [_look(row) for row in given if row.get("kind") == "epoch"]
        self.looks = [look for look in looks if look]
        turns = [row.get("step") for row in given if row.get("kind") == "steered"]
        self.turned = max((turn for turn in turns if type(turn) is int), default=0)  # last change of course

    @property
    def now(self) -> int:
        """Steps done at the last row."""
        return max(int(self.step[-1]) if len(self.step) else 0, self.looks[-1].step if self.looks else 0)

    @property
    def share(self) -> float:
        """Of the training that is done; 0 while its length is unknown."""
        return min(1.0, self.now / self.total) if self.total > 0 else 0.0

    @cached_property
    def level(self) -> list[Look]:
        """The last looks since the rate is weighed as it is now, its schedule at its height.

        Empty as long as that is not so. Where a rate is aimed at, those of the second half, once the target
        has grown to its full size.
        """
        if not len(self.step):
            return []
        if self.config.aims_at_rate:
            begun = self.total * max(0.5, self.config.objective.rise) if self.total else math.inf
        else:
            highest, beta = self.beta[self.step > self.turned].max(initial=0.0), self.beta[-1]
            away = np.flatnonzero(np.abs(self.beta - beta) > SAME * abs(beta))
            begun = self.step[away[-1]] if len(away) else 0.0
            if self.config.kl != "constant" and (beta < (1 - SAME) * highest or beta < self._wanted()):
                return []
        return [look for look in self.looks if look.step > max(begun, self.turned)]

    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """What is minimised, held-out and on the pictures trained on, at each look of `level`: (k,) nats.

        The second is the mean over the steps since the look before, while the weights moved.
        """
        weight = 1.0 if self.config.aims_at_rate else float(self.beta[-1])
        held = np.array([look.distortion + weight * look.rate for look in self.level])
        trained = self.distortion + weight * self.rate
        ends = [0, *(look.step for look in self.looks)]
        begins = {end: begin for begin, end in pairwise(ends)}
        own = [trained[(self.step > begins[look.step]) & (self.step <= look.step)] for look in self.level]
        return held, np.array([part.mean() if len(part) else math.nan for part in own])

    def behind(self, window: int) -> tuple[np.ndarray, np.ndarray]:
        """By how many nats each row's loss is above the smallest before, and how far that is below the first
        row's: (n,) each, rows being medians over `window` of them (odd).

        Losses at several betas do not compare. So the rows before are weighed at the beta of the row itself:
        their weights, had they been kept, would have had that loss, whatever beta did meanwhile.
        """
        distortion, rate = _medians(self.distortion, window), _medians(self.rate, window)
        losses = distortion[None, :] + self._costs(rate)  # (n, n): of row j in column j, weighed as in row i
        best = np.where(np.tril(np.ones(losses.shape, bool)), losses, np.inf).min(1)
        return np.diag(losses) - best, losses[:, 0] - best

    def _costs(self, rate: np.ndarray) -> np.ndarray:
        """What rates (n,) cost as they are weighed at each row, (n, n) or (n, 1).

        Where a rate is aimed at with a pull, how far it is off swings by many nats in a sound training too.
        """
        if self.config.kl == "capacity":
            return np.zeros((len(rate), 1))
        free = 0.0
        if self.config.kl == "free_bits":
            groups = math.ceil(self.config.model.latent / self.config.objective.free_group)
            free = groups * self.config.objective.free_bits
        return np.outer(self.beta, np.maximum(rate - free, 0.0))

    def _wanted(self) -> float:
        """Where the schedule of beta is at its height, unless somebody changed the course."""
        return 0.0 if self.turned else (1 - SAME) * self.config.beta


def _numbers(row: Mapping[str, Any], names: Sequence[str]) -> list[float] | None:
    values = [_number(row.get(name)) for name in names]
    return None if None in values else [value for value in values if value is not None]


def _look(row: Mapping[str, Any]) -> Look | None:
    numbers = _numbers(row, LOOK)
    if numbers is None:
        return None
    step, epoch, distortion, rate = numbers
    rates, silent = row.get("rates"), row.get("silent")
    return Look(
        int(step),
        epoch,
        distortion,
        rate,
        tuple(rates) if isinstance(rates, list) and rates and None not in map(_number, rates) else None,
        _number(row.get("sigma")),
        _number(row.get("floored")),
        tuple(map(tuple, silent)) if isinstance(silent, list) and _is_silent(silent) else None,
    )


def _medians(values: np.ndarray, window: int) -> np.ndarray:
    """Of each value and its neighbours, (n,)."""
    sides = np.pad(values, window // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(sides, window), axis=1))


def _is_silent(rows: list[Any]) -> bool:
    return all(
        isinstance(row, list) and [type(value) for value in row] == [str, int, int] and 0 <= row[1] <= row[2]
        for row in rows
    )


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and math.isfinite(value) else None
