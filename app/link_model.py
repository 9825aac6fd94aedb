"""What addresses and views of a run are checked against."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vae_core import ladder
from vae_core.errors import LatentscapeError

View = dict[str, Any]  # the explorer's plain state, see vae_core/explorer/web/state.js

ROUNDED = 1e-4  # share by which a beta may be off after a way through an address or a browser


class LinkError(LatentscapeError):
    """An address names something that is not there, or not in the right form; `instead` is what is shown."""

    def __init__(self, sentence: str, instead: View | None = None) -> None:
        super().__init__(sentence)
        self.instead = instead or {}


@dataclass(frozen=True)
class Dial:
    """The range of beta that a run was trained for, and its codes along it."""

    low: float
    high: float
    beta: float  # that of the map's own codes
    log_betas: np.ndarray  # (K,) ascending
    mu: np.ndarray  # (K, N, Z)

    def holds(self, beta: float) -> bool:
        """Whether it lies within the range, but for what rounding does to it."""
        return self.low * (1 - ROUNDED) <= beta <= self.high * (1 + ROUNDED)

    def nearest(self, beta: float) -> float:
        return min(max(beta, self.low), self.high)


@dataclass(frozen=True)
class Model:
    """What an address is checked against."""

    latent: int
    classes: int
    mu: np.ndarray  # (N, Z) codes of the examples
    index: np.ndarray  # (N,) their numbers in the data set
    dial: Dial | None = None

    def at(self, beta: float | None) -> "Model":
        """The same with the codes of another beta, as the browser interpolates them."""
        if beta is None or self.dial is None:
            return self
        weights = ladder.weights(self.dial.log_betas, math.log(beta))
        used = np.flatnonzero(weights)
        mu = np.tensordot(weights[used], self.dial.mu[used].astype(np.float32), 1)
        return replace(self, mu=mu.astype(np.float32))


def numbers(values: Any, count: int) -> list[float] | None:
    """`count` finite numbers of a sane size, else None."""
    if not isinstance(values, list) or len(values) != count:
        return None
    try:
        found = [float(value) for value in values]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if all(math.isfinite(number) and abs(number) < 1000 for number in found) else None
