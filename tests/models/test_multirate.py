"""One net for every beta: what it is at one of them, and what it refuses."""

import math

import numpy as np
import pytest
import torch
from any_net import CASES, LIKELIHOODS, lively, models
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_core import latent
from vae_core.config import ModelConfig, RunConfig
from vae_core.errors import ConfigError, RunDamagedError
from vae_core.film import FiLM
from vae_core.freezing import frozen
from vae_core.models import MultiRate, at_beta, build, rebuild
from vae_core.sizes import buffer_count, parameter_count

SHAPE = (1, 5, 4)
CONFIG = ModelConfig(kind="multirate", hidden=(12,), latent=3)


def dialled(model):
    return model.model_copy(update={"kind": "multirate", "tied": False})


def curved(config, shape, betas=(0.01, 10.0), seed=0):
    """A model in which beta matters everywhere, by about as much as after a training."""
    net = lively(config, shape, seed)
    net.log_betas.copy_(torch.tensor(betas).log())
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for film in net.modules():
            if isinstance(film, FiLM):
                film.output.weight.normal_(0, 0.1 / film.output.in_features**0.5, generator=generator)
                film.output.bias.normal_(0, 0.2, generator=generator)
    return net


def weights_of(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def assert_close(one, other):
    """To single precision, of numbers as large as these become on their way."""
    scale = max(1.0, other.abs().max().item())
    torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-5 * scale)


def assert_folded(config, shape, beta):
    model = curved(config, shape)
    log_beta = torch.tensor([[math.log(beta)]])
    alone = model.at(beta)
    assert type(alone).__name__ == "VAE"
    assert not alone.training
    assert not any(isinstance(layer, FiLM) for layer in alone.modules())
    x = torch.rand(5, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        here, there = model.encode(x, log_beta), alone.encode(x)
        assert_close(here[0], there[0])
        assert_close(here[1], there[1])
        z = torch.randn(5, config.latent, generator=torch.Generator().manual_seed(2))
        drawn, expected = model.decode(z, log_beta), alone.decode(z)
        assert_close(drawn.mean, expected.mean)
        assert_close(drawn.log_prob(x), expected.log_prob(x))


@settings(max_examples=60, deadline=None)
@given(models(side=16), st.floats(0.01, 10))
def test_at_one_beta_it_is_an_ordinary_vae(net, beta):
    model, shape = net
    assert_folded(dialled(model), shape, beta)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize(("changes", "shape"), CASES)
def test_any_likelihood_and_norm_folds(changes, shape, likelihood):
    assert_folded(dialled(ModelConfig(**{**changes, "likelihood": likelihood})), shape, 0.3)


def test_its_curves_are_those_of_the_formula():
    film = FiLM(3)
    with torch.no_grad():
        film.output.weight.normal_(generator=torch.Generator().manual_seed(1))
        film.output.bias.normal_(generator=torch.Generator().manual_seed(2))
    h, dial = torch.randn(6, 3, 2, 2), torch.tensor([[-1.0], [0.5], [1.7]])
    made = film(h, dial).detach().numpy()
    tensors = {name: tensor.detach().numpy() for name, tensor in film.state_dict().items()}
    for row in range(6):
        before = dial[row % 3].numpy() @ tensors["hidden.weight"].T + tensors["hidden.bias"]
        bent = before / (1 + np.exp(-before))
        scale, shift = np.split(bent @ tensors["output.weight"].T + tensors["output.bias"], 2)
        expected = h[row].numpy() * (1 + scale[:, None, None]) + shift[:, None, None]
        np.testing.assert_allclose(made[row], expected, rtol=1e-4, atol=1e-5)


def test_a_fresh_one_is_the_same_at_every_beta():
    model = build(CONFIG, SHAPE, torch.rand(SHAPE), betas=(0.1, 4))
    x = torch.rand(2, *SHAPE)
    assert torch.equal(model.at(0.1).encode(x)[0], model.at(4).encode(x)[0])


def test_each_example_may_have_a_beta_of_its_own():
    model = curved(CONFIG, SHAPE)
    x, betas = torch.rand(6, *SHAPE), [0.02, 0.5, 7.0]
    mu, _ = model.encode(x, torch.tensor(betas)[:, None].log())  # examples 0 and 3 have the first, and so on
    for place, beta in enumerate(betas):
        assert_close(mu[place::3], model.at(beta).encode(x)[0][place::3])


def test_terms_are_those_of_the_ordinary_model():
    model = curved(CONFIG.model_copy(update={"likelihood": "gaussian_shared"}), SHAPE)
    x = torch.rand(7, *SHAPE)
    one = model(x, torch.Generator().manual_seed(3), torch.tensor([[math.log(2)]]))
    other = model.at(2)(x, torch.Generator().manual_seed(3))
    assert_close(one.distortion, other.distortion)
    assert_close(one.rate, other.rate)


@pytest.mark.parametrize("count", [128, 96, 100, 63, 24, 17, 1])
def test_a_batch_covers_every_part_of_the_range(count):
    model = build(CONFIG, SHAPE, betas=(0.1, 4))
    drawn = model.draw(count, torch.Generator().manual_seed(count))
    groups = len(drawn)
    assert count % groups == 0
    assert groups >= min(count, 8)
    low, high = math.log(0.1), math.log(4)
    part = (drawn.squeeze(1) - low) / (drawn.max() - low).clamp_min(1e-9)
    assert (part >= 0).all()
    assert drawn.max() <= high + 1  # a little beyond the end
    edges = np.linspace(low, high + 0.7, groups + 1)
    assert np.array_equal(np.digitize(drawn.squeeze(1), edges), np.arange(1, groups + 1))
    assert torch.equal(drawn, model.draw(count, torch.Generator().manual_seed(count)))


def test_frozen_it_is_what_its_settings_describe():
    config = RunConfig(model=CONFIG)
    model = curved(CONFIG, SHAPE)
    single = frozen(config, 0.25)
    assert single.model.kind == "vae"
    assert single.beta == 0.25
    assert single.override({"model.kind": "multirate", "objective.beta": 1, "name": ""}) == config
    again = rebuild(single.model, weights_of(model.at(0.25)))
    x = torch.rand(3, *SHAPE)
    assert torch.equal(again.encode(x)[0], model.at(0.25).encode(x)[0])


def test_rebuilt_it_has_its_range():
    model = build(CONFIG, SHAPE, torch.rand(SHAPE), seed=4, betas=(0.3, 7))
    again = rebuild(CONFIG, weights_of(model))
    assert isinstance(again, MultiRate)
    assert (again.low, again.high) == (pytest.approx(0.3), pytest.approx(7))
    x = torch.rand(3, *SHAPE)
    assert torch.equal(again.at(1).encode(x)[0], model.at(1).encode(x)[0])


def test_folding_changes_nothing_of_the_model_itself():
    model = curved(CONFIG, SHAPE)
    before = weights_of(model)
    for tensor in model.at(1).parameters():
        tensor.data.fill_(7)
    assert all(np.array_equal(before[name], array) for name, array in weights_of(model).items())


@pytest.mark.parametrize("beta", [0.0099, 10.1, 0, -1, math.nan, math.inf])
def test_a_beta_outside_the_range_is_refused(beta):
    with pytest.raises(ConfigError, match=r"Beta is .*; this model was trained for 0\.01 to 10\."):
        build(CONFIG, SHAPE).at(beta)


@pytest.mark.parametrize("beta", [0.01, 10])
def test_the_ends_belong_to_the_range(beta):
    build(CONFIG, SHAPE).at(beta)


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, -2.0), (0.0, 1e30)])
def test_weights_without_a_range_are_refused(ends):
    weights = weights_of(build(CONFIG, SHAPE))
    weights["log_betas"] = np.array(ends, np.float32)
    with pytest.raises(RunDamagedError, match="not those of the network"):
        rebuild(CONFIG, weights)


def test_looked_at_without_a_beta_it_asks_for_one():
    model = build(CONFIG, SHAPE)
    images, codes = np.zeros((2, *SHAPE), np.float32), np.zeros((2, 3), np.float32)
    for look in (lambda: latent.encode(model, images), lambda: latent.decode(model, codes)):
        with pytest.raises(ConfigError, match=r"from 0\.01 to 10; choose one: model\.at\(beta\)"):
            look()
    assert latent.encode(model.at(1), images)[0].shape == (2, 3)


def test_an_ordinary_model_is_itself_at_any_beta():
    model = build(ModelConfig(hidden=(4,)), SHAPE)
    assert at_beta(model, 3) is model


def test_weights_of_another_kind_are_refused():
    weights = weights_of(build(CONFIG, SHAPE))
    with pytest.raises(RunDamagedError):
        rebuild(ModelConfig(hidden=(12,), latent=3), weights)


@settings(max_examples=40, deadline=None)
@given(models(side=16))
def test_it_is_as_large_as_is_said(net):
    model, shape = dialled(net[0]), net[1]
    made = build(model, shape)
    assert parameter_count(model, shape) == sum(tensor.numel() for tensor in made.parameters())
    assert buffer_count(model, shape) == sum(tensor.numel() for tensor in made.buffers())
