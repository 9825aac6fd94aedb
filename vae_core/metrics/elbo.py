"""Held-out distortion, rate and ELBO, in nats for each example."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_core.latent import ACTIVE, BATCH, kl_per_dimension, unit_tensor
from vae_core.models.vae import VAE
from vae_core.objectives import Terms


@torch.no_grad()
def sampled_terms(model: VAE, x: Tensor, seed: int = 0) -> Terms:
    """Terms of every example of x (N, C, H, W), one latent sample each; `seed` fixes the samples."""
    generator = torch.Generator().manual_seed(seed)
    parts = [model(part, generator) for part in x.split(BATCH)]
    return Terms(torch.cat([p.distortion for p in parts]), torch.cat([p.rate for p in parts]))


def held_out(model: VAE, images: np.ndarray, mu: np.ndarray, log_var: np.ndarray) -> dict[str, Any]:
    """The figures of a finished run over `images` (N, C, H, W) with encodings (N, Z).

    "distortion", "rate", "elbo" with standard errors "..._se" (null for a single example), "n", "kl_per_dim",
    "active". The ELBO is minus the sum of distortion and rate, whatever beta the model was trained with.
    """
    terms = sampled_terms(model, unit_tensor(images))
    distortion, rate = terms.distortion.double(), terms.rate.double()  # (N,)
    kl = kl_per_dimension(mu, log_var)
    return {
        **_mean("distortion", distortion),
        **_mean("rate", rate),
        **_mean("elbo", -distortion - rate),
        "n": len(images),
        "kl_per_dim": [float(value) for value in kl],
        "active": int((kl >= ACTIVE).sum()),
    }


def _mean(name: str, values: Tensor) -> dict[str, float | None]:
    error = values.std().item() / len(values) ** 0.5 if len(values) > 1 else None
    return {name: values.mean().item(), f"{name}_se": error}
