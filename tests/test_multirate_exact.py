"""One linear model for every beta against the exact rate-distortion function.

For data with spectrum lambda and a decoder of variance 1 the optimum of D + beta R has, in nats and without
the constant of the Gaussian, R = 1/2 sum log+(lambda / beta) and D = 1/2 sum min(lambda, beta).
"""

import numpy as np
import torch

from vae_core.config import RunConfig
from vae_core.models import build
from vae_core.posteriors import DiagonalGaussian
from vae_core.training import train

SPECTRUM = np.array([32, 16, 8, 4, 2, 1, 0.5, 0.25])
COUNT, STEPS = 256, 2000
SHARE = 0.03  # of what the exact optimum gains over rate 0


def pictures(spectrum):
    """(256, 1, 2, Z / 2) whose own covariance has exactly this spectrum, in a random basis off the origin."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((COUNT, len(spectrum)))
    white = np.linalg.svd(white - white.mean(0), full_matrices=False)[0] * COUNT**0.5
    basis = np.linalg.qr(rng.standard_normal((len(spectrum), len(spectrum))))[0]
    flat = white * spectrum**0.5 @ basis + 3
    return torch.tensor(flat, dtype=torch.float32).reshape(COUNT, 1, 2, -1)


def test_it_is_near_the_exact_optimum_at_every_beta():
    torch.set_num_threads(1)
    spectrum, low, high = SPECTRUM, 0.01, 10.0
    images = pictures(spectrum)
    config = RunConfig.parse(
        {
            "model": {
                "kind": "multirate",
                "hidden": (),
                "latent": len(spectrum),
                "likelihood": "gaussian",
                "sigma": 1,
            },
            "objective": {"beta_low": low, "beta_high": high},
            "training": {"epochs": STEPS, "batch": COUNT, "lr": 0.02},
        }
    )
    model = build(config.model, tuple(images.shape[1:]), images.mean(0), betas=(low, high))
    for _ in train(config, model, images, images[:1]):
        pass
    for beta in np.geomspace(low, high, 25):
        rate, distortion = terms(model.at(beta), images)
        exact_rate = 0.5 * np.log(np.maximum(spectrum / beta, 1)).sum()
        exact = 0.5 * np.minimum(spectrum, beta).sum() + beta * exact_rate
        excess = distortion + beta * rate - exact
        gain = 0.5 * spectrum.sum() - exact
        assert -1e-3 * gain < excess <= SHARE * gain, f"beta {beta:.3g}: {excess / gain:.2%}"


@torch.no_grad()
def terms(model, images):
    """Mean rate and distortion, the latter's expectation over the latent noise in closed form."""
    mu, log_var = model.encode(images)
    rate = DiagonalGaussian(mu, log_var).kl().sum(1).mean().item()
    error = (images - model.decode(mu).mean).square().sum((1, 2, 3))
    spread = (log_var.exp() * model.decoder[0].weight.square().sum(0)).sum(1)
    return rate, 0.5 * (error + spread).mean().item()
