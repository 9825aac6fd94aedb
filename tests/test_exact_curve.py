"""A linear VAE with fixed variance against its exact rate-distortion curve.

For data with spectrum lambda and a decoder of variance 1 the optimum of D + beta R has, in nats and without
the constant of the Gaussian, R = 1/2 sum log+(lambda / beta) and D = 1/2 sum min(lambda, beta).
"""

import numpy as np
import pytest
import torch

from vae_core.config import RunConfig
from vae_core.models import build
from vae_core.posteriors import DiagonalGaussian
from vae_core.training import train

SPECTRUM = np.array([8, 4, 2, 1, 0.5, 0.25])
COUNT, SHAPE, STEPS = 256, (1, 2, 3), 2500


@pytest.fixture(scope="module")
def pictures():
    """(256, 1, 2, 3) whose own covariance has exactly this spectrum, in a random basis off the origin."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((COUNT, 6))
    white = np.linalg.svd(white - white.mean(0), full_matrices=False)[0] * COUNT**0.5
    basis = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    flat = white * SPECTRUM**0.5 @ basis + 3
    assert np.allclose(np.sort(np.linalg.eigvalsh(np.cov(flat.T, bias=True))), np.sort(SPECTRUM))
    return torch.tensor(flat, dtype=torch.float32).reshape(COUNT, *SHAPE)


@pytest.mark.parametrize("beta", [0.35, 0.7, 1.4, 2.8, 5.6])
def test_linear_vae_lies_on_the_exact_curve(pictures, beta):
    torch.set_num_threads(1)
    config = RunConfig.parse(
        {
            "model": {"hidden": (), "latent": 6, "likelihood": "gaussian", "sigma": 1},
            "objective": {"beta": beta},
            "training": {"epochs": STEPS, "batch": COUNT, "lr": 0.03},
        }
    )
    model = build(config.model, SHAPE, pictures.mean(0))
    for _ in train(config, model, pictures, pictures[:1]):
        pass
    rate, distortion = terms(model, pictures)
    exact_rate = 0.5 * np.log(np.maximum(SPECTRUM / beta, 1)).sum()
    exact_distortion = 0.5 * np.minimum(SPECTRUM, beta).sum()
    assert rate == pytest.approx(exact_rate, rel=0.01, abs=0.01)
    assert distortion == pytest.approx(exact_distortion, rel=0.01, abs=0.01)


@torch.no_grad()
def terms(model, pictures):
    """Mean rate and distortion, the latter's expectation over the latent noise in closed form."""
    mu, log_var = model.encode(pictures)
    rate = DiagonalGaussian(mu, log_var).kl().sum(1).mean().item()
    error = (pictures - model.decode(mu).mean).square().sum((1, 2, 3))
    spread = (log_var.exp() * model.decoder[0].weight.square().sum(0)).sum(1)
    return rate, 0.5 * (error + spread).mean().item()
