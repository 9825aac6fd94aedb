"""Figures of a model at many betas, on held-out pictures: its rate-distortion curve and what beta costs."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.data import Dataset
from vae_core.latent import unit_tensor
from vae_core.metrics.elbo import held_out, sampled_terms
from vae_core.metrics.health import violations
from vae_core.metrics.neighbours import accuracy, spread
from vae_core.metrics.pictures import LEAST, NEIGHBOURS, Realism, contrast_kept, count_for
from vae_core.models import VAE
from vae_core.sizes import multiply_adds

POINTS = 13  # betas of a stored curve
WORK = 6e10  # multiplications of one pass at all betas: four seconds on one core in all
FEWEST = 1_000  # pictures at a beta, whatever the work
REFERENCES = 3_000  # training pictures among which neighbours are found, and held-out ones that look for them
KEPT = ("distortion", "distortion_se", "rate", "rate_se", "elbo", "active", "kl_per_dim")

Row = dict[str, Any]


def betas_of(low: float, high: float) -> list[float]:
    """The 13 betas of a stored curve, evenly spread in log beta, both ends included."""
    return [float(beta) for beta in np.geomspace(low, high, POINTS)]


def affordable(model: ModelConfig, shape: tuple[int, int, int]) -> int:
    """Pictures of `shape` (C, H, W) looked at for each beta of a curve: 1,000, or what WORK allows."""
    return max(FEWEST, int(WORK / POINTS / max(1, multiply_adds(model, shape))))


def rate_distortion(model: VAE, images: np.ndarray) -> Row:
    """{"rate", "distortion", "rate_se", "distortion_se"} over images (N, C, H, W), see `held_out`."""
    figures = held_out(model, images, *latent.encode(model, images))
    return {name: figures[name] for name in ("rate", "distortion", "rate_se", "distortion_se")}


class Measurement:
    """One curve. The pictures, the noise and the prior's samples are the same at every beta, so that betas
    compare; what does not depend on the model is computed once.
    """

    def __init__(self, model: ModelConfig, dataset: Dataset):
        """`model` settles how many pictures are looked at, see `affordable`."""
        self.dataset = dataset
        self.test = spread(dataset.test, affordable(model, dataset.shape))
        self.images = dataset.to_unit(self.test)  # (n, C, H, W)
        self.looking = spread(np.arange(len(self.test)), REFERENCES)
        compared = spread(np.arange(len(self.test)), count_for(math.prod(dataset.shape)))
        self.compared = compared
        self.realism = Realism(unit_tensor(self.images[compared])) if len(compared) >= LEAST else None
        self.betas: list[float] = []
        self.distortions: list[np.ndarray] = []  # (n,) each
        self.rates: list[np.ndarray] = []

    def row(self, model: VAE, beta: float) -> Row:
        """What a report's curve holds for the ordinary model at `beta`; call it with ascending betas.

        {"beta", those of `held_out` in KEPT, "accuracy", "precision", "recall", "contrast",
        "bits_per_pixel"}, null where they do not exist.
        """
        mu, log_var = latent.encode(model, self.images)
        terms = sampled_terms(model, unit_tensor(self.images))
        self.betas.append(beta)
        self.distortions.append(terms.distortion.double().numpy())
        self.rates.append(terms.rate.double().numpy())
        figures = held_out(model, self.images, mu, log_var, terms)
        precision, recall = self._realism(model)
        looking = self.looking
        return {
            "beta": beta,
            **{name: figures[name] for name in KEPT},
            "accuracy": accuracy(model, self.dataset, self.test[looking], mu[looking], REFERENCES),
            "precision": precision,
            "recall": recall,
            "contrast": contrast_kept(self.images[self.compared], latent.decode(model, mu[self.compared])),
            "bits_per_pixel": bits_per_pixel(model, figures["elbo"]),
        }

    def health(self) -> list[str]:
        """What is wrong with the rows so far, see `violations`, and why figures are missing."""
        return [*violations(self.betas, np.stack(self.distortions), np.stack(self.rates)), *self._missing()]

    def about(self) -> dict[str, int]:
        """How much was looked at: pictures at every beta, pictures that precision and recall compare and
        their k, and among how many at most neighbours were found for the accuracy.
        """
        return {
            "pictures": len(self.test),
            "compared": len(self.compared),
            "neighbours": NEIGHBOURS,
            "references": min(REFERENCES, len(self.dataset.train)),
        }

    def _missing(self) -> list[str]:
        if self.realism is not None:
            return []
        return [
            "How much samples of the prior look like data was not measured: that takes at least "
            f"{LEAST} held-out pictures, and {len(self.compared)} could be compared."
        ]

    def _realism(self, model: VAE) -> tuple[float | None, float | None]:
        if self.realism is None:
            return None, None
        return self.realism.of(prior_samples(model, len(self.compared)))


@torch.no_grad()
def prior_samples(model: VAE, count: int, seed: int = 0) -> Tensor:
    """Pictures (count, C, H, W) drawn from p(x | z) for z drawn from the prior; `seed` fixes both.

    Not pixel means: those are a surface as thin as z, near which no real picture lies.
    """
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, model.latent, generator=generator)
    return torch.cat([model.decode(part).sample(generator) for part in z.split(latent.BATCH)])


def bits_per_pixel(model: VAE, elbo: float | None) -> float | None:
    """Minus the ELBO in bits for each pixel value. None for densities, whose nats are no lengths of codes.

    Of the Bernoulli likelihood with grey pixels it is the expected length for black and white pictures drawn
    with those probabilities.
    """
    if elbo is None or model.likelihood.name != "bernoulli":
        return None
    return -elbo / (math.prod(model.shape) * math.log(2))
