"""A cloud of codes that moves with beta, kept at a few betas and interpolated between them in log beta.

Cubic Hermite: between two rungs the curve has the values and slopes of both. The slope at a rung is that of
the parabola through it and its two neighbours, at an end that of the parabola through the first or last
three, with two rungs that of the straight line. It is exact for parabolas, whatever the distances. The
browser's ladder.js computes the same. Needs no torch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

COUNTS = (7, 13, 25, 49)  # rungs that are tried, each time with one more between any two
ERROR = 0.02  # of the cloud's spread, below which no more rungs are needed
HALF = 65504  # where half precision ends

Clouds = Callable[[float], tuple[np.ndarray, np.ndarray]]  # log beta -> means and log-variances (N, Z)


@dataclass(frozen=True)
class Ladder:
    """Exact encodings at some betas, and how far the ones between them are off."""

    log_betas: np.ndarray  # (K,) ascending
    mu: np.ndarray  # (K, N, Z) floats, of half precision where that holds them
    log_var: np.ndarray  # (K, N, Z) likewise
    error: float  # largest at a midpoint, as a share of the spread, see `build`

    def at(self, log_beta: float) -> tuple[np.ndarray, np.ndarray]:
        """Means and log-variances (N, Z) float32 at a log beta within the ladder."""
        chosen = weights(self.log_betas, log_beta)
        near = np.flatnonzero(chosen)
        mu, log_var = (
            np.tensordot(chosen[near], rungs[near].astype(np.float64), 1) for rungs in (self.mu, self.log_var)
        )
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


def build(clouds: Clouds, low: float, high: float) -> Ladder:
    """Exact encodings `clouds(log beta)` from beta `low` to `high`, with as few rungs as the error asks for.

    The error is the largest over the midpoints of neighbouring rungs, where the exact cloud is encoded too,
    of the means' distance and of the standard deviations' (root mean squares over points), each divided by
    the spread of the exact cloud: the root mean square distance of its means to their centre. Where
    everything has collapsed to one place a tenth of the widest cloud's spread counts instead. Rungs are of
    half precision where that holds the numbers; the error includes it.
    """
    known: dict[float, tuple[np.ndarray, np.ndarray]] = {}

    def exact(at: float) -> tuple[np.ndarray, np.ndarray]:
        if at not in known:
            known[at] = clouds(at)
        return known[at]

    for count in COUNTS:
        rungs = _knots(low, high, count)
        mu, log_var = (_small(np.stack(arrays)) for arrays in zip(*map(exact, rungs.tolist())))
        ladder = Ladder(rungs, mu, log_var, 0.0)
        widest = max(spread(cloud) for cloud in mu)
        middles = _knots(low, high, 2 * count - 1)[1::2].tolist()
        error = max(_off(ladder.at(at), exact(at), widest) for at in middles)
        if error < ERROR:
            break
    return replace(ladder, error=error)


def spread(mu: np.ndarray) -> float:
    """Root mean square distance of codes (N, Z) to their mean."""
    exact = mu.astype(np.float64)
    return math.sqrt(np.square(exact - exact.mean(0)).sum(1).mean())


def _knots(low: float, high: float, count: int) -> np.ndarray:
    """Evenly spread log betas; finer ones share those of coarser ones to the last bit."""
    finest = np.linspace(math.log(low), math.log(high), 2 * COUNTS[-1] - 1)
    return finest[:: (len(finest) - 1) // (count - 1)]


def _off(found: tuple[np.ndarray, np.ndarray], exact: tuple[np.ndarray, np.ndarray], widest: float) -> float:
    scale = max(spread(exact[0]), widest / 10)
    sigmas = [np.exp(0.5 * log_var) for log_var in (found[1], exact[1])]
    off = max(_distance(found[0], exact[0]), _distance(*sigmas))
    return off / scale if scale else 0.0


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Root mean square over rows (N, Z) of their distance."""
    return math.sqrt(np.square(a.astype(np.float64) - b).sum(1).mean())


def _small(rungs: np.ndarray) -> np.ndarray:
    """In half precision, unless that ends before the numbers do."""
    return rungs.astype(np.float16 if np.abs(rungs).max(initial=0) < HALF else np.float32)
