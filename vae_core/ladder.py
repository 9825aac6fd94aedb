"""A cloud of codes that moves with beta, kept at a few betas and interpolated between them in log beta.

Cubic Hermite: between two rungs the curve has the values and slopes of both. The slope at a rung is that of
the parabola through it and its two neighbours, at an end that of the parabola through the first or last
three, with two rungs that of the straight line. It is exact for parabolas, whatever the distances. The
browser's ladder.js computes the same. Needs no torch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

COUNTS = (7, 13, 25, 49)  # rungs that are tried, each time with one more between any two
ERROR = 0.02  # of the cloud's spread, where no more rungs are needed

Clouds = Callable[[float], tuple[np.ndarray, np.ndarray]]  # log beta -> means and log-variances (N, Z)


@dataclass(frozen=True)
class Ladder:
    """Exact encodings at some betas, and how far the ones between them are off."""

    log_betas: np.ndarray  # (K,) ascending
    mu: np.ndarray  # (K, N, Z) float32
    log_var: np.ndarray  # (K, N, Z) float32
    error: float  # largest at a midpoint, as a share of the spread, see `distance`

    def at(self, log_beta: float) -> tuple[np.ndarray, np.ndarray]:
        """Means and log-variances (N, Z) float32 at a log beta within the ladder."""
        chosen = weights(self.log_betas, log_beta)
        mu, log_var = (np.tensordot(chosen, rungs, 1) for rungs in (self.mu, self.log_var))
        return mu.astype(np.float32), log_var.astype(np.float32)


def weights(log_betas: np.ndarray, at: float) -> np.ndarray:
    """(K,) how much each rung counts at a log beta, which is held within the ends; at most four are not 0.

    `log_betas` (K,) ascend, K >= 2. The weights sum to 1.
    """
    knots = np.asarray(log_betas, np.float64)
    at = min(max(at, knots[0]), knots[-1])
    below = min(int(np.searchsorted(knots, at, "right")) - 1, len(knots) - 2)
    step = knots[below + 1] - knots[below]
    s = (at - knots[below]) / step
    found = np.zeros(len(knots))
    found[below] += (1 + 2 * s) * (1 - s) ** 2
    found[below + 1] += s**2 * (3 - 2 * s)
    found += step * s * (1 - s) ** 2 * slope(knots, below)
    found -= step * s**2 * (1 - s) * slope(knots, below + 1)
    return found


def slope(knots: np.ndarray, k: int) -> np.ndarray:
    """(K,) how much each rung's value counts for the slope at rung k."""
    found = np.zeros(len(knots))
    if len(knots) == 2:
        found[:] = np.array([-1, 1]) / (knots[1] - knots[0])
        return found
    first = min(max(k - 1, 0), len(knots) - 3)  # of the parabola's three rungs
    for i in range(first, first + 3):  # derivative of Lagrange's polynomials at knots[k]
        a, b = (j for j in range(first, first + 3) if j != i)
        found[i] = (2 * knots[k] - knots[a] - knots[b]) / ((knots[i] - knots[a]) * (knots[i] - knots[b]))
    return found


def distance(mu: np.ndarray, exact: np.ndarray) -> float:
    """How far codes (N, Z) are from where they should be: root mean square over points of the distance, as a
    share of the spread, which is the root mean square distance of the exact codes to their mean.
    """
    spread = math.sqrt(np.square(exact - exact.mean(0)).sum(1).mean())
    off = math.sqrt(np.square(mu - exact).sum(1).mean())
    return off / spread if spread else math.inf if off else 0.0
