import numpy as np
import pytest
import torch

from vae_core.config import ModelConfig
from vae_core.errors import RunDamagedError
from vae_core.models import build, rebuild

CONFIG = ModelConfig(hidden=(12,), latent=3)
SHAPE = (1, 5, 4)


def weights_of(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def test_terms_are_nats_for_each_example():
    model = build(CONFIG, SHAPE, torch.full(SHAPE, 0.3))
    x = torch.rand(6, *SHAPE)
    terms = model(x, torch.Generator().manual_seed(1))
    mu, log_var = model.encode(x)
    noise = torch.randn(mu.shape, generator=torch.Generator().manual_seed(1))
    probability = model.decode(mu + (log_var / 2).exp() * noise).mean
    pixel = x * probability.log() + (1 - x) * (1 - probability).log()
    torch.testing.assert_close(terms.distortion, -pixel.sum((1, 2, 3)))
    torch.testing.assert_close(terms.rate, 0.5 * (mu**2 + log_var.exp() - log_var - 1).sum(1))


def test_shapes():
    model = build(CONFIG, SHAPE)
    mu, log_var = model.encode(torch.rand(2, *SHAPE))
    assert mu.shape == log_var.shape == (2, 3)
    assert model.latent == 3
    assert model.shape == SHAPE
    assert model.decode(mu).mean.shape == (2, *SHAPE)


def test_the_seed_alone_decides_the_weights():
    torch.manual_seed(0)
    one = weights_of(build(CONFIG, SHAPE, seed=5))
    torch.manual_seed(1)
    same, other = weights_of(build(CONFIG, SHAPE, seed=5)), weights_of(build(CONFIG, SHAPE, seed=6))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["encoder.0.weight"], other["encoder.0.weight"])


def test_display_operations_follow_the_likelihood():
    assert build(CONFIG, SHAPE).display_ops == ({"op": "sigmoid"},)
    assert build(ModelConfig(likelihood="gaussian"), SHAPE).display_ops == ()


def test_rebuild_needs_nothing_but_config_and_weights():
    model = build(CONFIG, SHAPE, torch.rand(SHAPE), seed=2)
    again = rebuild(CONFIG, weights_of(model))
    x = torch.rand(3, *SHAPE)
    assert torch.equal(model.encode(x)[0], again.encode(x)[0])
    assert again.shape == SHAPE


def without(name):
    return lambda weights: weights.pop(name)


@pytest.mark.parametrize(
    "damage",
    [
        without("encoder.data_mean"),
        without("decoder.0.weight"),
        lambda weights: weights.update({"encoder.data_mean": np.zeros(20, np.float32)}),
        lambda weights: weights.update({"encoder.data_mean": np.zeros((1, 40, 40), np.float32)}),
        lambda weights: weights.update({"extra": np.zeros(1, np.float32)}),
        lambda weights: weights.update({"decoder.0.weight": weights["decoder.0.weight"].T.copy()}),
        lambda weights: weights.update({"renamed": weights.pop("decoder.0.weight")}),
    ],
)
def test_rebuild_refuses_weights_of_another_network(damage):
    weights = weights_of(build(CONFIG, SHAPE))
    damage(weights)
    with pytest.raises(RunDamagedError, match="not those of the network"):
        rebuild(CONFIG, weights)
