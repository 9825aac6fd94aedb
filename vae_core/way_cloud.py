"""A run's examples as ways see them: their codes at a beta, the dimensions that count, the map's plane.

The browser computes the same from the same bundle (web/moving.js, web/pca.js). Needs no torch.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vae_core.errors import ConfigError
from vae_core.explorer import bundle
from vae_core.ladder import weights
from vae_core.run import Run

ACTIVE = 0.01  # nats; a dimension that carries less is called dead
PLANE = 20_000  # examples at most, evenly spread, that determine the plane
SLACK = 1e-6  # of a beta at the end of the range


@dataclass(frozen=True)
class Cloud:
    """N examples."""

    mu: np.ndarray  # (N, Z) float32
    scale: np.ndarray  # (Z,) 1 for dimensions that count, 0 for those that carry nothing
    own: np.ndarray | None = None  # (N, Z) the codes at the run's own beta, where that is another

    def plane(self) -> np.ndarray:
        """(2, Z), or fewer rows: directions of the map that the Interpolate page opens with.

        The two largest principal components; of two dimensions or one these themselves. At the run's own beta
        each has its largest entry positive, at every other they face the way they do there.
        """
        latent = self.mu.shape[1]
        if latent <= 2 or len(self.mu) < 2:
            return np.eye(latent)[:2]
        own = _components(self.mu if self.own is None else self.own)
        own *= np.where(own[[0, 1], np.abs(own).argmax(1)] < 0, -1, 1)[:, None]
        rows = _components(self.mu)
        return rows * np.where((rows * own).sum(1) < 0, -1, 1)[:, None]


def _components(mu: np.ndarray) -> np.ndarray:
    """(2, Z) the two largest of codes (N, Z), facing any way."""
    taken = mu[:: max(1, -(-len(mu) // PLANE))].astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(taken.T, bias=True))
    return vectors.T[np.argsort(-values, kind="stable")[:2]]


def cloud_of(run: Run, beta: float | None = None) -> Cloud:
    """The examples of a finished run; of a model for every beta as they lie at `beta`, by default the run's.

    Raises ConfigError for a beta that it does not have, RunError, RunDamagedError, BundleError.
    """
    meta, tensors = bundle.read(run.bundle())
    dial, mu = meta.get("dial"), tensors["points.mu"]
    own = None
    if dial is None and beta is not None and beta != run.config.beta:
        raise ConfigError(f"Beta is {beta:g}; this run has one beta alone, {run.config.beta:g}.")
    if dial and beta is not None and beta != dial["beta"]:
        low, high = dial["low"], dial["high"]
        if not low * (1 - SLACK) <= beta <= high * (1 + SLACK):
            raise ConfigError(f"Beta is {beta:g}; this model was trained for {low:.4g} to {high:.4g}.")
        chosen = weights(np.array(meta["ladder"]["log_betas"]), math.log(beta))
        near = np.flatnonzero(chosen)
        own = mu.astype(np.float32)
        mu = np.tensordot(chosen[near], tensors["ladder.mu"][near].astype(np.float64), 1)
    peak = _peak(meta, tensors) if dial else np.array(meta["kl"], np.float64)
    scale = (peak >= ACTIVE).astype(np.float64)
    return Cloud(mu.astype(np.float32), scale if scale.any() else np.ones_like(scale), own)


def _peak(meta: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """(Z,) nats of each dimension at its highest along the dial: as measured, else from the rungs."""
    report = meta.get("report")
    curve = report.get("curve") if isinstance(report, dict) else None
    if isinstance(curve, list) and len(curve) > 1 and all(_is_row(row, meta["latent"]) for row in curve):
        rates = np.array([row["kl_per_dim"] for row in curve], np.float64)
    else:
        mu, log_var = (tensors[name].astype(np.float64) for name in ("ladder.mu", "ladder.log_var"))
        rates = ((mu**2 + np.exp(log_var) - 1 - log_var) / 2).mean(1)
    return np.maximum(rates.max(0), meta["kl"])


def _is_row(row: Any, latent: int) -> bool:
    if not isinstance(row, dict) or not _is_number(row.get("beta")) or row["beta"] <= 0:
        return False
    rates = row.get("kl_per_dim")
    return isinstance(rates, list) and len(rates) == latent and all(_is_number(rate) for rate in rates)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
