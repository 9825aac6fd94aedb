"""Products of linear layers in training: as torch's own, whatever makes them, and where which is taken."""

import numpy as np
import pytest
import torch
from small_training import config, of, pictures, run, same, through_json

from vae_core import data, products
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.events import Checkpoint, Epoch
from vae_core.models import build
from vae_core.nets import ACTIVATIONS
from vae_core.training import Trainer, train

SHAPE = (1, 4, 4)
LIKELIHOODS = (
    "bernoulli",
    "gaussian",
    "continuous_bernoulli",
    "gaussian_shared",
    "gaussian_pixel",
    "laplace",
)
NETS = [
    *({"model.likelihood": name} for name in LIKELIHOODS),
    *({"model.activation": name} for name in ACTIVATIONS),
    {"model.hidden": ()},
    {"model.hidden": (24, 16, 8), "objective.kl": "free_bits"},
    {"objective.kl": "capacity", "training.accumulate": 2},
    {"model.kind": "ae"},
    {"model.kind": "multirate", "objective.kl": "constant"},
    {"model.norm": "batch"},
    {"model.norm": "layer", "model.tied": True},
]
FASHION = {"model.hidden": (512, 128), "model.latent": 16}
onednn = pytest.mark.skipif(
    not hasattr(torch.ops.mkldnn, "_linear_pointwise"), reason="this build of torch has no oneDNN"
)


def forced(monkeypatch, kind):
    """Every linear layer, however small, is multiplied in this way: torch, oneDNN or bfloat16."""
    monkeypatch.delenv("LATENTSCAPE_PRECISION", raising=False)
    monkeypatch.setattr(products, "LEAST", 1e99 if kind == "torch" else 0)
    monkeypatch.setattr(products, "LEAST_NET", 0)
    monkeypatch.setattr(products, "LEAST_LATENT", 0)
    monkeypatch.setattr(products, "ONEDNN", kind == "oneDNN")
    monkeypatch.setattr(products, "has_bfloat16", lambda: kind == "bfloat16")


def first_step(changes):
    """Gradients and figures of a training's first step; weights that start at 0 are shaken first."""
    torch.set_num_threads(1)
    settings, images = config(**{"model.latent": 3, "model.hidden": (12,), **changes}), pictures()
    model = build(settings.model, SHAPE, images.mean(0), 0).train()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=generator)
    gradients, *figures = Trainer(settings, model, images)._gradients(1.0)
    return gradients, figures


@onednn
@pytest.mark.parametrize("net", NETS, ids=lambda net: ",".join(map(str, net.values())))
def test_by_onednn_gradients_are_autograds(monkeypatch, net):
    forced(monkeypatch, "torch")
    expected, figures = first_step(net)
    forced(monkeypatch, "oneDNN")
    found, same_figures = first_step(net)
    np.testing.assert_allclose(same_figures, figures, rtol=1e-5)
    for one, other in zip(found, expected):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6 + 1e-5 * other.abs().max().item())


@pytest.mark.parametrize("net", [net for net in NETS if set(net) & {"model.activation", "model.hidden"}])
def test_in_bfloat16_gradients_are_autograds_to_its_rounding(monkeypatch, net):
    forced(monkeypatch, "torch")
    expected, figures = first_step(net)
    forced(monkeypatch, "bfloat16")
    found, rounded = first_step(net)
    assert any(not torch.equal(one, other) for one, other in zip(found, expected))
    np.testing.assert_allclose(rounded, figures, rtol=0.01)
    for one, other in zip(found, expected):
        assert (one - other).norm() < 0.02 * other.norm()


@onednn
@pytest.mark.parametrize("kind", ["oneDNN", "bfloat16"])
def test_stopping_and_going_on_changes_nothing(monkeypatch, kind):
    forced(monkeypatch, kind)
    settings, control = config(**{"model.hidden": (24, 16)}), Control()
    whole, _ = run(settings)
    part, _ = run(settings, control=control, on_event=lambda event: event.step >= 7 and control.stop())
    rest, _ = run(settings, checkpoint=through_json(of(Checkpoint, part)[-1]))
    same(whole[-1].weights, rest[-1].weights)
    same(whole[-1].optimizer, rest[-1].optimizer)


def test_bfloat16_ends_where_float32_does(monkeypatch):
    """Within 0.3 nats of held-out ELBO."""
    settings = RunConfig.parse(
        {"data": {"source": "digits"}, "model": {"hidden": (64, 32), "latent": 8}}
    ).override({"training.epochs": 12.0, "training.lr": 0.01})
    found = data.load(settings.data)
    images, held_out = (torch.from_numpy(found.to_unit(part)) for part in (found.train, found.test))
    losses = {}
    for kind in ("torch", "bfloat16"):
        forced(monkeypatch, kind)
        model = build(settings.model, found.shape, images.mean(0), 0)
        last = of(Epoch, train(settings, model, images, held_out))[-1]
        losses[kind] = last.distortion + last.rate
    assert losses["torch"] != losses["bfloat16"]
    assert abs(losses["torch"] - losses["bfloat16"]) < 0.3


def test_a_model_that_is_looked_at_takes_torchs_own_way(monkeypatch):
    forced(monkeypatch, "bfloat16")
    settings = config(**{"model.hidden": (12,)})
    model = build(settings.model, SHAPE)
    before = model.encode(pictures(9))[0]
    Trainer(settings, model, pictures())
    assert torch.equal(model.eval().encode(pictures(9))[0], before)
    assert not torch.equal(model.train().encode(pictures(9))[0], before)


@pytest.mark.parametrize("narrow", [False, True])
def test_small_layers_go_torchs_way(monkeypatch, narrow):
    monkeypatch.setattr(products, "ONEDNN", True)
    layer, x = torch.nn.Linear(16, 8), torch.rand(32, 16)
    assert torch.equal(products.linear(x, layer, narrow), layer(x))
    monkeypatch.setattr(products, "LEAST", 0)
    assert type(products.linear(x, layer, True).grad_fn).__name__ == "_NarrowBackward"


@pytest.mark.parametrize(
    ("changes", "precision"),
    [
        ({}, "bfloat16"),
        ({"model.latent": 2}, "float32"),
        ({"model.likelihood": "continuous_bernoulli"}, "float32"),
        ({"model.likelihood": "gaussian_shared"}, "float32"),
        ({"model.kind": "multirate"}, "float32"),
        ({"model.norm": "layer"}, "float32"),
        ({"model.tied": True}, "float32"),
        ({"model.net": "conv"}, "float32"),
        ({"model.hidden": (64,)}, "float32"),
    ],
)
def test_which_nets_take_bfloat16(monkeypatch, changes, precision):
    monkeypatch.delenv("LATENTSCAPE_PRECISION", raising=False)
    monkeypatch.setattr(products, "has_bfloat16", lambda: True)
    settings = RunConfig.parse({}).override(FASHION | changes)
    assert products.precision(settings, (1, 28, 28)) == precision
    monkeypatch.setenv("LATENTSCAPE_PRECISION", "float32")
    assert products.precision(settings, (1, 28, 28)) == "float32"


def test_no_net_takes_bfloat16_that_the_processor_would_have_to_emulate(monkeypatch):
    monkeypatch.setattr(products, "has_bfloat16", lambda: False)
    assert products.precision(RunConfig.parse({}).override(FASHION), (1, 28, 28)) == "float32"
