"""What follows from how a training goes: held-out losses that no longer fall, a rate held at its target.

Each is a few numbers that travel in the checkpoint, so that a resumed run repeats an uninterrupted one.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

from vae_core.config import RunConfig

PROPORTIONAL = 0.01  # K_p of the controller, as Shao et al. set it
MOST = 50.0  # nats of error beyond which the proportional part no longer changes

FULL = 0.99  # of beta's schedule, from where held-out losses compare
PARTS = ("watch", "plateau", "control")


@dataclass
class Numbers:
    """A state of a few numbers."""

    def stored(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    def restored(self, numbers: dict[str, Any]) -> Self:
        """The same kind of state with the numbers that `stored` gave.

        Raises TypeError or ValueError where they are others.
        """
        made = type(self)(**numbers)
        for name, value in vars(made).items():
            if value is None and name == "best":
                continue
            if type(value) not in (int, float) or not math.isfinite(value):
                raise ValueError(f"{name} is no number")
        return made


@dataclass
class Watch(Numbers):
    """The smallest held-out loss so far, and how many looks since then brought none smaller."""

    best: float | None = None
    since: int = 0

    def look(self, loss: float) -> None:
        """Take note of a held-out loss in nats; one that is not finite is no improvement."""
        if math.isfinite(loss) and (self.best is None or loss < self.best):
            self.best, self.since = loss, 0
        else:
            self.since += 1

    def forget(self) -> None:
        """Begin anew, where losses no longer compare with those before."""
        self.best, self.since = None, 0


@dataclass
class Plateau(Watch):
    """Lowers the learning rate where held-out loss no longer falls (as torch's ReduceLROnPlateau, without a
    threshold: a loss in nats may be of either sign)."""

    factor: float = 1.0  # on the learning rate, from now on

    def lower(self, loss: float, patience: int, by: float) -> None:
        """Take note of a loss; after more than `patience` looks without a smaller one, multiply by `by`."""
        self.look(loss)
        if self.since > patience:
            self.factor, self.since = self.factor * by, 0


@dataclass
class RateControl(Numbers):
    """Holds the rate at a target by moving beta: a PI controller (ControlVAE, Shao et al. 2020, algorithm 1).

    beta(t) = K_p / (1 + exp(e(t))) - K_i sum e + beta_low, with e = target - rate, kept between two bounds.
    We depart from the paper in two places. Beta begins where the settings say, and follows from the rates up
    to the step before. And the sum itself is kept within the bounds; the paper stops summing outside of them,
    from where beta may never come back.
    """

    beta: float
    total: float  # -K_i sum e

    def follow(self, rate: float, target: float, gain: float, low: float, high: float) -> None:
        """Beta for the next step, after one of `rate` nats; `gain` is K_i, beta for each nat and step."""
        error = target - rate
        self.total = min(max(self.total - gain * error, 0.0), high - low)
        self.beta = min(PROPORTIONAL / (1 + math.exp(min(error, MOST))) + self.total + low, high)


class Feedback:
    """All that a training follows, as its config asks for it."""

    def __init__(self, config: RunConfig):
        self.config = config
        self.beta = config.beta  # that is wanted; its schedule comes on top
        self.watch, self.plateau = Watch(), Plateau()
        self.control = RateControl(config.beta, config.beta - config.objective.beta_low)

    @property
    def settled(self) -> bool:
        """Whether held-out loss has not fallen for so long that the training is to end."""
        return 0 < self.config.training.patience <= self.watch.since

    def weight(self, factor: float) -> float:
        """Of the rate in the next step; `factor` is that of the schedule, which a capacity leaves alone."""
        if self.config.kl == "controlled":
            return self.control.beta
        return self.beta if self.config.kl == "capacity" else self.beta * factor

    @property
    def lr(self) -> float:
        """Factor on the learning rate."""
        return self.plateau.factor

    def steer(self, beta: float) -> None:
        """Another beta is wanted from now on, with which held-out losses begin anew."""
        if beta != self.beta:
            self.beta = beta
            self.watch.forget()
            self.plateau.forget()

    def step(self, rate: float) -> None:
        """Take note of a step's rate, the mean over its pictures in nats."""
        goal = self.config.objective
        if self.config.kl == "controlled":
            self.control.follow(rate, goal.target_rate, goal.gain, goal.beta_low, goal.beta_high)

    def epoch(self, distortion: float, rate: float, factor: float) -> None:
        """Take note of held-out means in nats.

        What must fall is D + beta R, which with beta 1 is minus the ELBO; where a rate is aimed at, minus the
        ELBO itself. It counts only where beta's schedule is at its height, as losses at several betas do not
        compare.
        """
        training = self.config.training
        if factor < FULL:
            return
        loss = distortion + (1.0 if self.config.aims_at_rate else self.beta) * rate
        self.watch.look(loss)
        if training.lr_schedule == "plateau":
            self.plateau.lower(loss, training.plateau_patience, training.plateau_factor)

    def stored(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {name: getattr(self, name).stored() for name in PARTS}

    def restore(self, state: dict[str, Any]) -> None:
        """What `stored` gave; checkpoints from before there was feedback hold nothing of it.

        Raises AttributeError, TypeError or ValueError for what it did not give.
        """
        for name in PARTS:
            if name in state:
                setattr(self, name, getattr(self, name).restored(state[name]))
