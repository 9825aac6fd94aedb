"""Changes of a run's beta and learning rate while it trains: at which step each took effect, to be repeated.

What is in force at a step follows from the changes up to it alone. So a run that is resumed, goes back, or is
trained again with the same changes takes the same course. Needs no torch.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from vae_core.config import RunConfig, options
from vae_core.control import Wish
from vae_core.errors import ConfigError
from vae_core.events import Steered

LR = (0.01, 100.0)  # factors on the learning rate that can be asked for
MOST = 10_000  # changes of one run


def steerable(config: RunConfig) -> frozenset[str]:
    """What of a run can be changed while it trains: "lr", and "beta" where the rate is weighed by one.

    A multi-rate model learns all betas, a plain autoencoder none, and where a rate is aimed at beta follows.
    """
    has_beta = config.model.kind == "vae" and not config.aims_at_rate
    return frozenset({"lr", "beta"}) if has_beta else frozenset({"lr"})


def check_wish(config: RunConfig, beta: float | None = None, lr: float | None = None) -> None:
    """Raises ConfigError where a run's beta or the factor on its learning rate cannot be set to this."""
    bounds = options()["objective.beta"]
    if beta is not None and "beta" not in steerable(config):
        raise ConfigError("The beta of this run cannot be changed: it was not trained with a single one.")
    if beta is not None and not _within(beta, (bounds.low or 0.0, bounds.high or 0.0)):
        raise ConfigError(f"Beta is {beta!r}, allowed is a number from {bounds.low:g} to {bounds.high:g}.")
    if lr is not None and not _within(lr, LR):
        raise ConfigError(
            f"The factor on the learning rate is {lr!r}, allowed is a number from {LR[0]:g} to {LR[1]:g}."
        )


def in_force(config: RunConfig, rows: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Beta and the factor on the learning rate after these rows of the curves, apart from their schedules."""
    beta, lr = config.beta, 1.0
    for row in rows:
        if row.get("kind") == "steered":
            beta = beta if row.get("beta") is None else row["beta"]
            lr = lr if row.get("lr") is None else row["lr"]
    return beta, lr


class Steering:
    """The changes of one run and what is in force; `changes` are known beforehand and will be repeated."""

    def __init__(self, config: RunConfig, changes: Iterable[Steered] = ()) -> None:
        self.config = config
        self.beta, self.lr = config.beta, 1.0  # in force: the weight of the rate, and a factor
        self._changes: dict[int, Steered] = {}
        self.learn(changes)

    def learn(self, changes: Iterable[Steered]) -> None:
        """Changes to come or to be repeated; at a step for which one is known already it stays."""
        for change in changes:
            self._changes.setdefault(change.step, change)

    def rewind(self, step: int) -> None:
        """What is in force after `step` steps, before what is changed there."""
        self.beta, self.lr = self.config.beta, 1.0
        for at in sorted(self._changes):
            if at < step:
                self._apply(self._changes[at])

    def turn(self, step: int, wish: Wish) -> Steered | None:
        """What changes after `step` steps: what did so before, and what is wished and not in force yet."""
        known = self._changes.get(step)
        if known:
            self._apply(known)
        beta = wish.beta if "beta" in steerable(self.config) and wish.beta != self.beta else None
        lr = wish.lr if wish.lr != self.lr else None
        if beta is None and lr is None:
            return known
        if known:
            beta, lr = known.beta if beta is None else beta, known.lr if lr is None else lr
        change = self._changes[step] = Steered(step, beta, lr)
        self._apply(change)
        return change

    def stored(self) -> list[list[Any]]:
        """All changes that are known, as JSON holds them: [step, beta, lr], ascending."""
        return as_rows(change for _, change in sorted(self._changes.items()))

    def _apply(self, change: Steered) -> None:
        self.beta = self.beta if change.beta is None else change.beta
        self.lr = self.lr if change.lr is None else change.lr


def as_rows(changes: Iterable[Steered]) -> list[list[Any]]:
    """Changes as JSON holds them: [step, beta, lr]."""
    return [[change.step, change.beta, change.lr] for change in changes]


def read(rows: Any) -> list[Steered]:
    """Changes as `as_rows` gave them. Raises TypeError or ValueError for anything else."""
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ValueError("no list of changes")
    return [_change(*row) for row in rows]


def logged(log: Iterable[Mapping[str, Any]], known: list[Any]) -> list[Steered]:
    """The changes among a run's notes and the rows `known` besides, ascending; at one step the last counts.

    Raises TypeError or ValueError where one is not as it was written.
    """
    noted = [
        [line.get("step"), line.get("beta"), line.get("lr")] for line in log if line.get("kind") == "steered"
    ]
    found = {change.step: change for change in read([*known, *noted])}
    return [found[step] for step in sorted(found)]


def _change(step: Any, beta: Any, lr: Any) -> Steered:
    if type(step) is not int or step < 0:
        raise ValueError("no step")
    high = options()["objective.beta"].high or 0.0
    if not (beta is None or _within(beta, (0.0, high))) or not (lr is None or _within(lr, LR)):
        raise ValueError("no number that can be asked for")
    return Steered(step, beta, lr)


def _within(value: Any, bounds: tuple[float, float]) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and bounds[0] <= value <= bounds[1]
