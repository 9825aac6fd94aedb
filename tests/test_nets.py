import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vae_core.checks import parameter_count
from vae_core.config import ModelConfig
from vae_core.models import build
from vae_core.nets import ACTIVATIONS, MLPDecoder, MLPEncoder

SHAPES = [(1, 1, 1), (1, 7, 13), (1, 8, 8), (3, 5, 4)]


def generator():
    return torch.Generator().manual_seed(0)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 13), st.integers(1, 13)),
    latent=st.integers(1, 128),
    hidden=st.lists(st.integers(1, 9), max_size=3),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
)
def test_any_picture_and_latent_size(shape, latent, hidden, activation):
    config = ModelConfig(hidden=hidden, latent=latent, activation=activation)
    encoder = MLPEncoder(config, torch.full(shape, 0.5), generator())
    decoder = MLPDecoder(config, torch.zeros(shape), generator(), encoder)
    code = encoder(torch.rand(4, *shape))
    assert code.shape == (4, 2 * latent)
    assert decoder(code[:, :latent]).shape == (4, torch.Size(shape).numel())
    made = sum(p.numel() for net in (encoder, decoder) for p in net.parameters())
    assert made == parameter_count(config, shape)


def test_widths_are_mirrored_and_layers_plain():
    mean = torch.zeros(1, 8, 8)
    config = ModelConfig(hidden=(20, 10), latent=3, activation="tanh")
    encoder = MLPEncoder(config, mean, generator())
    decoder = MLPDecoder(config, mean, generator(), encoder)
    linear = [layer for layer in encoder if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(64, 20), (20, 10), (10, 6)]
    assert [type(layer) for layer in decoder] == [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    linear = [layer for layer in decoder if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(3, 10), (10, 20), (20, 64)]


def test_the_encoder_sees_the_picture_without_its_mean():
    mean = torch.rand(1, 4, 4, generator=generator())
    encoder = MLPEncoder(ModelConfig(hidden=(8,), activation="relu"), mean, generator())
    assert torch.equal(encoder(mean[None]), torch.zeros(1, 4))  # all biases start at 0


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_a_fresh_decoder_predicts_the_mean_picture(likelihood):
    mean = 0.1 + 0.8 * torch.rand(1, 8, 8, generator=generator())
    model = build(ModelConfig(hidden=(32,), likelihood=likelihood), (1, 8, 8), mean)
    torch.testing.assert_close(model.decode(torch.zeros(1, 2)).mean[0], mean)


def test_initial_weights_are_he_normal():
    encoder = MLPEncoder(ModelConfig(hidden=(400,)), torch.zeros(1, 20, 20), generator())
    weight = encoder[0].weight
    assert weight.std().item() == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    assert abs(weight.mean().item()) < 1e-3
