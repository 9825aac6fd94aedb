"""What a finished multi-rate model is worth at every beta of its range: curve, health, advice, ladder."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vae_core import ladder, latent
from vae_core.beta_advice import advise
from vae_core.config import RunConfig
from vae_core.data import Dataset
from vae_core.metrics.curve import Measurement, betas_of
from vae_core.models import MultiRate


@dataclass(frozen=True)
class AlongBeta:
    """What the report and the bundle hold besides those of one beta."""

    figures: dict[str, Any]  # "curve", "measured", "health", "advice", "ladder", see docs/architecture.md
    ladder: ladder.Ladder


def along_beta(
    model: MultiRate,
    config: RunConfig,
    dataset: Dataset,
    shown: np.ndarray,
    stopped: Callable[[], bool] = lambda: False,
) -> AlongBeta | None:
    """Measures `model`, which `config` describes, over its range, and encodes the pictures `shown` (n,).

    `stopped` is asked before every beta; None where it said so.
    """
    betas = (config.objective.beta_low, config.objective.beta_high)
    measurement = Measurement(config.model, dataset)
    curve = []
    for beta in betas_of(*betas):
        if stopped():
            return None
        curve.append(measurement.row(model.at(beta), beta))
    images = dataset.to_unit(shown)  # (n, C, H, W), at most 2,000
    rungs = ladder.build(lambda at: latent.encode(model.at(math.exp(at)), images), *betas)
    figures = {
        "curve": curve,
        "measured": measurement.about(),
        "health": [*measurement.health(), *_coarseness(rungs.error)],
        "advice": advise(curve),
        "ladder": {"rungs": len(rungs.log_betas), "error": rungs.error},
    }
    return AlongBeta(figures, rungs)


def _coarseness(error: float) -> list[str]:
    """A sentence where the ladder is further off than it should be even with the most rungs."""
    if error < ladder.ERROR:
        return []
    return [
        f"Between the betas that were encoded the map is interpolated and lies up to {error:.1%} of its "
        f"spread off, where it should be less than {ladder.ERROR:.0%}: it changes fast somewhere along β."
    ]
