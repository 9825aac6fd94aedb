"""Held-out distortion, rate and ELBO, in nats for each example."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_core.latent import ACTIVE, BATCH, unit_tensor
from vae_core.likelihoods import PACE, floored
from vae_core.models import VAE, Autoencoder, MultiRate
from vae_core.objectives import Terms


@torch.no_grad()
def sampled_terms(model: VAE, x: Tensor, seed: int = 0) -> Terms:
    """Terms of every example of x (N, C, H, W), one latent sample each; `seed` fixes the samples."""
    generator = torch.Generator().manual_seed(seed)
    parts = [model(part, generator) for part in x.split(BATCH)]
    rates = [p.rates for p in parts if p.rates is not None]
    return Terms(
        torch.cat([p.distortion for p in parts]),
        torch.cat([p.rate for p in parts]),
        torch.cat(rates) if rates else None,
    )


def sampled_curve(model: MultiRate, x: Tensor, betas: Iterable[float]) -> list[list[float]]:
    """[beta, distortion, rate] over x (N, C, H, W), one latent sample each, the same for every beta.

    Raises ConfigError for a beta outside the model's range.
    """
    rows = []
    for beta in betas:
        terms = sampled_terms(model.at(beta), x)
        rows.append([beta, terms.distortion.mean().item(), terms.rate.mean().item()])
    return rows


def held_out(
    model: VAE, images: np.ndarray, mu: np.ndarray, log_var: np.ndarray, terms: Terms | None = None
) -> dict[str, Any]:
    """The figures of a finished run over `images` (N, C, H, W) with encodings (N, Z).

    "distortion", "rate", "elbo" with standard errors "..._se" (null for a single example), "n", "kl_per_dim",
    "active", and "sigma" where all pixels share a learned standard deviation. The ELBO is minus the sum of
    distortion and rate, whatever beta the model was trained with. A plain autoencoder has none (null), its
    rate is 1/2 |mu|^2 and "kl_per_dim" half the variance of each dimension, see `Autoencoder`. `terms` are
    those of `sampled_terms`, where they are known already.
    """
    terms = terms or sampled_terms(model, unit_tensor(images))
    distortion, rate = terms.distortion.double(), terms.rate.double()  # (N,)
    rates = model.rates(torch.from_numpy(mu).double(), torch.from_numpy(log_var).double())
    bound = {"elbo": None, "elbo_se": None}
    return {
        **_mean("distortion", distortion),
        **_mean("rate", rate),
        **(bound if isinstance(model, Autoencoder) else _mean("elbo", -distortion - rate)),
        "n": len(images),
        "kl_per_dim": rates.tolist(),
        "active": int((rates >= ACTIVE).sum()),
        **({} if model.log_variance is None else {"sigma": sigma(model)}),
    }


@torch.no_grad()
def squared_errors(model: VAE, x: Tensor, mu: Tensor) -> Tensor:
    """(N,) mean over pixel values of (x - reconstruction at `mu`)^2, for x (N, C, H, W) and mu (N, Z)."""
    parts = [
        (part - model.decode(codes).mean).square().flatten(1).mean(1)
        for part, codes in zip(x.split(BATCH), mu.split(BATCH))
    ]
    return torch.cat(parts)


def sigma(model: VAE) -> float:
    """The learned standard deviation that all pixels of `model` share, in pixel units (white = 1)."""
    assert model.log_variance is not None
    return (0.5 * floored(PACE * model.log_variance.detach())).exp().item()


def _mean(name: str, values: Tensor) -> dict[str, float | None]:
    error = values.std().item() / len(values) ** 0.5 if len(values) > 1 else None
    return {name: values.mean().item(), f"{name}_se": error}
