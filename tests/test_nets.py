import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from vae_core.checks import parameter_count
from vae_core.config import ModelConfig
from vae_core.errors import RunDamagedError
from vae_core.models import build, rebuild
from vae_core.nets import ACTIVATIONS, MLPDecoder, MLPEncoder, Residual, TiedLinear

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


CONV = ModelConfig(net="conv", channels=(8, 16), dense=24, blocks=1, latent=3, activation="tanh")
ANY_NORM = pytest.mark.parametrize("norm", ["none", "batch", "layer", "group"])
BOTH_WAYS_UP = pytest.mark.parametrize("up", ["upsample", "transposed"])


def changed(config, **changes):
    return ModelConfig(**{**config.model_dump(), **changes})


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.sampled_from((1, 3)), st.integers(8, 33), st.integers(8, 33)),
    channels=st.lists(st.integers(1, 9), min_size=1, max_size=3),
    dense=st.integers(0, 9),
    blocks=st.integers(0, 2),
    up=st.sampled_from(("upsample", "transposed")),
    likelihood=st.sampled_from(("bernoulli", "gaussian_pixel")),
)
def test_convolutions_for_any_picture(shape, channels, dense, blocks, up, likelihood):
    config = ModelConfig(
        net="conv", channels=channels, dense=dense, blocks=blocks, up=up, likelihood=likelihood
    )
    model = build(config, shape, torch.full(shape, 0.5))
    assert model.encoder(torch.rand(2, *shape)).shape == (2, 4)
    numbers = 2 if likelihood == "gaussian_pixel" else 1
    assert model.decoder(torch.rand(2, 2)).shape == (2, numbers * shape[0], *shape[1:])
    assert model.decode(torch.rand(2, 2)).mean.shape == (2, *shape)


@pytest.mark.parametrize("shape", [(3, 128, 127), (1, 8, 128)])
@BOTH_WAYS_UP
def test_the_largest_pictures(shape, up):
    model = build(changed(CONV, up=up, channels=(2, 2, 2), blocks=0), shape)
    assert model.decode(torch.zeros(1, 3)).mean.shape == (1, *shape)


@pytest.mark.parametrize(
    ("up", "backwards"),
    [
        ("upsample", [(16, 4, 3), (16, 7, 5), (8, 7, 5), (8, 13, 10), (1, 13, 10)]),
        ("transposed", [(16, 4, 3), (8, 7, 5), (1, 13, 10)]),
    ],
)
def test_the_decoder_runs_through_the_encoders_sizes_backwards(up, backwards):
    model = build(changed(CONV, up=up), (1, 13, 10))
    seen = []
    for layer in (*model.encoder, *model.decoder):
        layer.register_forward_hook(lambda layer, _, output: seen.append(tuple(output.shape[1:])))
    model.decoder(model.encoder(torch.rand(1, 1, 13, 10))[:, :3])
    pictures = [shape for shape in seen if len(shape) == 3]
    once = [shape for shape, before in zip(pictures, [None, *pictures]) if shape != before]
    assert once == [(8, 7, 5), (16, 4, 3), *backwards[1:]]


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "gaussian_pixel"])
def test_a_fresh_convolutional_decoder_predicts_the_mean_colour(likelihood):
    mean = 0.1 + 0.8 * torch.rand(3, 9, 8, generator=generator())
    model = build(changed(CONV, likelihood=likelihood, blocks=0), (3, 9, 8), mean)
    made = model.decode(torch.zeros(1, 3)).mean[0]
    colour = mean.mean((1, 2), keepdim=True)
    torch.testing.assert_close(made, colour.expand(3, 9, 8))


def test_he_normal_convolutions():
    model = build(changed(CONV, channels=(64, 128), up="transposed"), (3, 16, 16))
    convs = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    assert convs[0].weight.std().item() == pytest.approx((2 / 27) ** 0.5, rel=0.05)
    turned = next(layer for layer in model.modules() if isinstance(layer, nn.ConvTranspose2d))
    assert turned.weight.std().item() == pytest.approx((2 / (128 * 9 / 4)) ** 0.5, rel=0.05)


def test_transposed_convolutions_keep_the_scale_of_what_passes():
    torch.manual_seed(0)
    model = build(changed(CONV, channels=(64, 256), up="transposed", activation="relu"), (1, 64, 64))
    turned = next(layer for layer in model.modules() if isinstance(layer, nn.ConvTranspose2d))
    bent = torch.randn(2, 256, 16, 16).relu()  # mean square 1/2
    assert turned(bent).square().mean().item() == pytest.approx(1, rel=0.1)


def test_residual_adds_what_went_in():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 5, 4)
    body = nn.Conv2d(3, 3, 1)
    weight, bias = body.weight.detach().numpy()[:, :, 0, 0], body.bias.detach().numpy()
    expected = x.numpy() + np.einsum("oc,bchw->bohw", weight, x.numpy()) + bias[:, None, None]
    np.testing.assert_allclose(Residual(body)(x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(Residual(nn.Flatten(), nn.Flatten())(x), 2 * x.flatten(1))


def test_a_tied_decoder_is_the_encoder_transposed():
    config = ModelConfig(hidden=(12, 7), latent=3, activation="tanh", tied=True)
    model = build(config, (1, 4, 5), torch.rand(1, 4, 5, generator=generator()), seed=3)
    weights = {name: array.numpy() for name, array in model.state_dict().items()}
    assert set(weights) == {
        *(f"encoder.{layer}.{kind}" for layer in (0, 2, 4) for kind in ("weight", "bias")),
        *(f"decoder.{layer}.bias" for layer in (0, 2, 4)),
        "encoder.data_mean",
    }
    z = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    hidden = np.tanh(z @ weights["encoder.4.weight"][:3] + weights["decoder.0.bias"])
    hidden = np.tanh(hidden @ weights["encoder.2.weight"] + weights["decoder.2.bias"])
    expected = hidden @ weights["encoder.0.weight"] + weights["decoder.4.bias"]
    made = model.decoder(torch.from_numpy(z)).detach().numpy()
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)


def test_tied_weights_learn_from_both_sides_and_stay_tied_in_a_copy():
    model = build(ModelConfig(hidden=(), latent=2, tied=True), (1, 3, 3), torch.full((1, 3, 3), 0.5))
    tied = model.decoder[0]
    assert isinstance(tied, TiedLinear)
    assert torch.equal(tied.weight, model.encoder[0].weight[:2].T)
    model.decoder(torch.ones(1, 2)).sum().backward()
    assert torch.equal(model.encoder[0].weight.grad[:2], torch.ones(2, 9))
    again = copy.deepcopy(model)
    with torch.no_grad():
        again.encoder[0].weight.fill_(7)
    assert (again.decoder[0].weight == 7).all()
    assert (model.decoder[0].weight != 7).all()


@ANY_NORM
@pytest.mark.parametrize("net", ["mlp", "conv"])
def test_a_picture_is_encoded_and_drawn_alike_in_any_company(net, norm):
    shape = (3, 9, 11)
    model = build(changed(CONV, net=net, norm=norm, hidden=(16, 8)), shape, torch.rand(shape))
    with torch.no_grad():
        for _ in range(3):  # batches that a batch norm remembers
            model.train().decode(model.encode(3 * torch.rand(9, *shape))[0])
        model.eval()
        x = torch.rand(5, *shape)
        mu, _ = model.encode(x)
        alone = torch.cat([model.encode(row[None])[0] for row in x])
        torch.testing.assert_close(mu, alone, rtol=1e-4, atol=1e-5)
        pictures = torch.cat([model.decode(row[None]).mean for row in mu])
        torch.testing.assert_close(model.decode(mu).mean, pictures, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("net", ["mlp", "conv"])
def test_batch_norms_keep_means_and_variances_and_no_count(net):
    shape = (1, 8, 9)
    config = changed(CONV, net=net, norm="batch", hidden=(16, 8))
    model = build(config, shape)
    kept = {name.rpartition(".")[2] for name, _ in model.named_buffers()}
    assert kept == {"data_mean", "running_mean", "running_var"}
    assert {tensor.dtype for tensor in model.state_dict().values()} == {torch.float32}
    model.train()(torch.rand(4, *shape), generator())
    again = rebuild(config, {name: tensor.numpy() for name, tensor in model.state_dict().items()})
    assert not again.training
    x = torch.rand(3, *shape)
    assert torch.equal(model.eval().encode(x)[0], again.encode(x)[0])


@BOTH_WAYS_UP
@ANY_NORM
def test_convolutions_are_rebuilt_from_config_and_weights(up, norm):
    config = changed(CONV, up=up, norm=norm)
    model = build(config, (3, 10, 9), torch.rand(3, 10, 9), seed=2)
    again = rebuild(config, {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()})
    x = torch.rand(3, 3, 10, 9)
    assert torch.equal(model.encode(x)[0], again.encode(x)[0])
    assert torch.equal(model.decode(x[:, :, 0, 0]).mean, again.decode(x[:, :, 0, 0]).mean)


@pytest.mark.parametrize(
    "changes", [{"norm": "layer"}, {"up": "transposed", "dense": 23}, {"net": "mlp"}, {"blocks": 0}]
)
def test_weights_of_another_net_are_refused(changes):
    weights = {name: tensor.numpy() for name, tensor in build(CONV, (1, 8, 8)).state_dict().items()}
    with pytest.raises(RunDamagedError, match="not those of the network"):
        rebuild(changed(CONV, **changes), weights)
