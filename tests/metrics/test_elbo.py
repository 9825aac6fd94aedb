import numpy as np
import pytest
import torch

from vae_core.config import ModelConfig
from vae_core.latent import encode
from vae_core.metrics.elbo import held_out, sampled_terms
from vae_core.models import build


@pytest.fixture
def model():
    return build(ModelConfig(hidden=(8,), latent=4), (1, 3, 3), torch.full((1, 3, 3), 0.4))


def test_means_and_standard_errors(model):
    x = np.random.default_rng(0).random((2300, 1, 3, 3), np.float32)
    report = held_out(model, x, *encode(model, x))
    terms = sampled_terms(model, torch.from_numpy(x))
    for name, values in {
        "distortion": terms.distortion,
        "rate": terms.rate,
        "elbo": -terms.distortion - terms.rate,
    }.items():
        values = values.double().numpy()
        assert report[name] == pytest.approx(values.mean())
        assert report[f"{name}_se"] == pytest.approx(values.std(ddof=1) / 2300**0.5, rel=1e-4)
    assert report["elbo"] == pytest.approx(-report["distortion"] - report["rate"])
    assert report["n"] == 2300


def test_the_rate_is_the_sum_over_dimensions(model):
    x = np.random.default_rng(0).random((50, 1, 3, 3), np.float32)
    report = held_out(model, x, *encode(model, x))
    assert sum(report["kl_per_dim"]) == pytest.approx(report["rate"], rel=1e-5)


def test_dimensions_below_a_hundredth_of_a_nat_are_not_active(model):
    mu = np.zeros((10, 4), np.float32)
    mu[:, 0], mu[:, 1] = 0.15, 0.13  # KL = mu^2 / 2: 0.0113 and 0.0085 nats
    report = held_out(model, np.zeros((10, 1, 3, 3), np.float32), mu, np.zeros_like(mu))
    assert report["active"] == 1


def test_it_says_the_same_twice(model):
    x = np.random.default_rng(0).random((30, 1, 3, 3), np.float32)
    assert held_out(model, x, *encode(model, x)) == held_out(model, x, *encode(model, x))


def test_one_example_has_no_standard_error(model):
    x = np.zeros((1, 1, 3, 3), np.uint8)
    report = held_out(model, x, *encode(model, x))
    assert report["elbo_se"] is None
    assert np.isfinite(report["elbo"])
