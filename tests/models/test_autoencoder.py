import numpy as np
import pytest
import torch

from vae_core import latent
from vae_core.config import ModelConfig, RunConfig
from vae_core.metrics.elbo import held_out
from vae_core.models import Autoencoder, build, rebuild
from vae_core.objectives import beta_loss
from vae_core.training import Trainer

CONFIG = ModelConfig(kind="ae", hidden=(12,), latent=3, activation="tanh")
SHAPE = (1, 5, 4)


@pytest.fixture
def model():
    return build(CONFIG, SHAPE, torch.full(SHAPE, 0.3))


@pytest.fixture
def x():
    return torch.rand(6, *SHAPE, generator=torch.Generator().manual_seed(0))


def by_hand(model, x):
    """Codes and pixel means, by numpy."""
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    flat = (x.double().numpy() - weights["encoder.data_mean"]).reshape(len(x), -1)
    hidden = np.tanh(flat @ weights["encoder.0.weight"].T + weights["encoder.0.bias"])
    mu = (hidden @ weights["encoder.2.weight"].T + weights["encoder.2.bias"])[:, :3]
    hidden = np.tanh(mu @ weights["decoder.0.weight"].T + weights["decoder.0.bias"])
    logits = hidden @ weights["decoder.2.weight"].T + weights["decoder.2.bias"]
    return mu, 1 / (1 + np.exp(-logits))


def test_it_is_the_computation_by_hand(model, x):
    terms = model(x, torch.Generator())
    mu, probability = by_hand(model, x)
    flat = x.flatten(1).double().numpy()
    expected = -(flat * np.log(probability) + (1 - flat) * np.log(1 - probability)).sum(1)
    np.testing.assert_allclose(terms.distortion.detach().numpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(terms.rate.detach().numpy(), (mu**2).sum(1) / 2, rtol=1e-4)
    np.testing.assert_allclose(model.encode(x)[0].detach().numpy(), mu, rtol=1e-4, atol=1e-6)


def test_it_draws_nothing(model, x):
    one, two = (model(x, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    assert torch.equal(one.distortion, two.distortion)
    assert (model.encode(x)[1] == Autoencoder.LOG_VAR).all()


def test_it_trains_on_the_distortion_alone_whatever_beta(x):
    config = RunConfig(model=CONFIG).override({"objective.beta": 50, "training.lr": 0.1})
    assert config.beta == 0
    assert "autoencoder" in config.title()
    trainer = Trainer(config, build(CONFIG, SHAPE, x.mean(0)), x)
    trainer.advance()
    assert trainer.beta == 0
    terms = trainer.model(x, torch.Generator())
    assert torch.equal(beta_loss(terms, config.beta), terms.distortion)


def test_a_dimension_that_never_changes_is_dead_though_it_is_not_zero(model):
    codes = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    codes[:, 1] = 7
    report = held_out(model, np.zeros((200, *SHAPE), np.float32), codes, np.full_like(codes, -8))
    assert report["kl_per_dim"] == pytest.approx(codes.astype(np.float64).var(0) / 2)
    assert report["active"] == 2
    assert report["elbo"] is report["elbo_se"] is None


def test_the_rate_is_that_of_its_dimensions_and_of_their_mean(model, x):
    mu, log_var = latent.encode(model, x.numpy())
    report = held_out(model, x.numpy(), mu, log_var)
    assert report["rate"] == pytest.approx(0.5 * (mu**2).sum(1).mean(), rel=1e-5)
    assert report["rate"] == pytest.approx(
        sum(report["kl_per_dim"]) + 0.5 * (mu.mean(0) ** 2).sum(), rel=1e-5
    )


def test_it_is_rebuilt_from_config_and_weights(model, x):
    again = rebuild(CONFIG, {name: tensor.numpy() for name, tensor in model.state_dict().items()})
    assert isinstance(again, Autoencoder)
    assert torch.equal(again.encode(x)[0], model.encode(x)[0])
