"""A linear VAE with one learned variance is probabilistic PCA (Tipping & Bishop 1999; Lucas et al. 2019)."""

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA

from vae_core.config import RunConfig
from vae_core.metrics.elbo import held_out, sampled_terms
from vae_core.models import build
from vae_core.training import train

COUNT, SHAPE, LATENT = 400, (1, 3, 4), 3


@pytest.fixture(scope="module")
def pictures():
    """(400, 1, 3, 4) of three factors and noise of standard deviation 0.1, around 1/2."""
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((COUNT, LATENT)) * (0.5, 0.35, 0.25)
    flat = 0.5 + factors @ np.linalg.qr(rng.standard_normal((12, LATENT)))[0].T
    return torch.tensor(flat + 0.1 * rng.standard_normal((COUNT, 12)), dtype=torch.float32).reshape(
        -1, *SHAPE
    )


@pytest.fixture(scope="module")
def model(pictures):
    torch.set_num_threads(1)
    config = RunConfig.parse(
        {
            "model": {"hidden": (), "latent": LATENT, "likelihood": "gaussian_shared"},
            "training": {"epochs": 2500, "batch": COUNT, "lr": 0.02},
        }
    )
    model = build(config.model, SHAPE, pictures.mean(0))
    for _ in train(config, model, pictures, pictures[:1]):
        pass
    return model


def test_its_likelihood_is_that_of_pca(model, pictures):
    """sklearn divides by n - 1 where maximum likelihood divides by n; the difference is O(1/n)."""
    flat = pictures.flatten(1).double().numpy()
    reference = PCA(LATENT).fit(flat)
    weight, bias = (tensor.detach().double().numpy() for tensor in model.decoder[0].parameters())
    sigma = held_out(model, pictures.numpy(), *(t.detach().numpy() for t in model.encode(pictures)))["sigma"]
    covariance = weight @ weight.T + sigma**2 * np.eye(12)
    exact = multivariate_normal(bias, covariance).logpdf(flat).mean()
    assert exact == pytest.approx(reference.score(flat), abs=5 / COUNT)
    assert sigma**2 == pytest.approx(reference.noise_variance_, rel=5 / COUNT)


def test_its_bound_is_tight(model, pictures):
    """The posterior of a linear Gaussian model is Gaussian, so the ELBO is the likelihood."""
    flat = pictures.flatten(1).double().numpy()
    draws = [sampled_terms(model, pictures, seed) for seed in range(40)]
    bound = np.mean([-(terms.distortion + terms.rate).double().mean().item() for terms in draws])
    assert bound == pytest.approx(PCA(LATENT).fit(flat).score(flat), abs=0.05)
