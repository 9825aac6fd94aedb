"""Training nets with statistics of their own: what is learned, kept, gone back to and gone on from."""

import numpy as np
import pytest
import torch
from small_training import assert_finite, config, of, run, same, through_json, timeless

from vae_core import training
from vae_core.control import Control
from vae_core.events import Checkpoint, Epoch, RolledBack, Snapshot, Step
from vae_core.metrics.elbo import sampled_terms
from vae_core.models import build, rebuild
from vae_core.optimizer import Adam
from vae_core.training import Trainer

SHAPE = (3, 9, 8)
BATCH_NORM = {"model.net": "conv", "model.channels": (4, 6), "model.dense": 8, "model.norm": "batch"}
PLAIN_NORM = {"model.hidden": (16,), "model.norm": "batch"}
TIED = {"model.hidden": (8,), "model.tied": True, "model.likelihood": "gaussian_shared"}
TURNED = {**BATCH_NORM, "model.up": "transposed", "model.blocks": 1, "model.likelihood": "gaussian_pixel"}
NETS = pytest.mark.parametrize("net", [BATCH_NORM, PLAIN_NORM, TIED, TURNED])


def colours(count=70):
    return torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(9))


def trainer(net):
    settings = config(**net)
    return Trainer(settings, build(settings.model, SHAPE, colours().mean(0)), colours())


@NETS
def test_it_learns(net):
    rows = of(Epoch, run(config(**net), colours())[0])
    assert rows[-1].distortion + rows[-1].rate < rows[0].distortion + rows[0].rate


@NETS
@pytest.mark.parametrize("step", [0, 7, 25])
def test_stopping_and_going_on_changes_nothing(net, step):
    """Weights, the optimiser's moments, a batch norm's statistics and the figures."""
    whole, _ = run(config(**net), colours())
    control = Control()
    if step == 0:
        control.stop()
    part, _ = run(
        config(**net),
        colours(),
        control=control,
        on_event=lambda event: event.step >= step > 0 and control.stop(),
    )
    rest, outcome = run(config(**net), colours(), checkpoint=through_json(of(Checkpoint, part)[-1]))
    same(whole[-1].weights, rest[-1].weights)
    same(whole[-1].optimizer, rest[-1].optimizer)
    for kind in (Step, Epoch):
        assert timeless(of(kind, part) + of(kind, rest)) == timeless(of(kind, whole))
    assert outcome.step == 30


@pytest.mark.parametrize("net", [BATCH_NORM, PLAIN_NORM])
def test_a_checkpoint_holds_the_statistics_and_only_numbers_with_a_point(net):
    events, _ = run(config(**net), colours())
    first, last = of(Checkpoint, events)[0].weights, of(Checkpoint, events)[-1].weights
    moved = [name for name in last if "running" in name]
    assert moved
    assert all(not np.array_equal(first[name], last[name]) for name in moved)
    assert {array.dtype for array in last.values()} == {np.dtype(np.float32)}


@NETS
def test_figures_and_snapshots_are_of_the_model_as_it_is_used(net):
    settings = config(**net)
    events, _ = run(settings, colours())
    model = rebuild(settings.model, of(Checkpoint, events)[-1].weights)
    terms = sampled_terms(model, colours()[:7])
    row = of(Epoch, events)[-1]
    assert (row.distortion, row.rate) == (terms.distortion.mean().item(), terms.rate.mean().item())
    mu, _ = model.encode(colours()[:7])
    np.testing.assert_array_equal(of(Snapshot, events)[-1].mu, mu.detach().numpy())


@pytest.mark.parametrize("net", [BATCH_NORM, PLAIN_NORM])
def test_looking_on_the_way_changes_nothing(net, monkeypatch):
    often, _ = run(config(**net), colours())
    monkeypatch.setattr(training.Plan, "epoch", lambda self, step: step == self.steps)
    monkeypatch.setattr(training.Plan, "snapshot", lambda self, step: step == self.steps)
    seldom, _ = run(config(**net), colours())
    assert len(seldom) < len(often)
    same(often[-1].weights, seldom[-1].weights)


@pytest.mark.parametrize("net", [BATCH_NORM, PLAIN_NORM])
def test_a_statistic_that_is_not_finite_is_noticed(net):
    going = trainer(net)
    assert going.advance() == ""
    assert going.finite()
    buffers = going.model.named_buffers()
    next(buffer for name, buffer in buffers if name.endswith("running_var"))[0] = float("inf")
    assert not going.finite()


def test_going_back_takes_the_statistics_along(monkeypatch):
    spoilt = iter(range(1, 1000))
    beta_loss = training.beta_loss

    def loss(terms, beta):
        value = beta_loss(terms, beta)
        return value * float("nan") if next(spoilt) == 28 else value

    restored = []
    restore = Trainer.restore

    def watched(self, checkpoint):
        restore(self, checkpoint)
        restored.append((checkpoint, self.capture()))

    monkeypatch.setattr(training, "beta_loss", loss)
    monkeypatch.setattr(Trainer, "restore", watched)
    events, _ = run(config(**BATCH_NORM), colours())
    (back,) = of(RolledBack, events)
    assert (back.step, back.failed_step) == (25, 28)
    ((wanted, found),) = restored
    same(wanted.weights, found.weights)
    assert_finite(events[-1].weights)


def test_training_learns_from_batches_and_ends_ready_for_use():
    settings = config(**BATCH_NORM)
    model = build(settings.model, SHAPE, colours().mean(0))
    assert not model.training
    going = Trainer(settings, model, colours())
    going.advance()
    assert model.training
    for _ in training.train(settings, model, colours(), colours(7)):
        pass
    assert not model.training


def test_one_shared_variance_is_learned():
    noise = torch.Generator().manual_seed(3)
    images = 0.5 + 0.05 * torch.randn(200, *SHAPE, generator=noise)
    settings = config(
        **{"model.likelihood": "gaussian_shared", "model.hidden": (4,), "model.latent": 1},
        **{"training.epochs": 30, "training.lr": 0.02},
    )
    events, _ = run(settings, images)
    first, last = of(Checkpoint, events)[0], of(Checkpoint, events)[-1]
    assert last.weights["log_variance"].shape == last.optimizer["log_variance.exp_avg"].shape == ()
    assert last.weights["log_variance"] < first.weights["log_variance"] - 0.1  # a tenth of the logarithm
    likelihood = rebuild(settings.model, last.weights).decode(torch.zeros(1, 1))
    assert likelihood.sigma.item() == pytest.approx(0.05, rel=0.1)


def test_adam_moves_convolutions_as_the_paper_says():
    """Whatever their layout in memory: Kingma & Ba 2015, algorithm 1, in double precision."""
    model = build(config(**BATCH_NORM, **{"model.blocks": 1}).model, SHAPE)
    adam = Adam(model.named_parameters(), 0.95)
    wanted = [parameter.detach().double().numpy().copy() for parameter in adam.parameters]
    means = [np.zeros_like(array) for array in wanted]
    squares = [np.zeros_like(array) for array in wanted]
    for step in range(1, 4):
        terms = model.train()(colours(8), torch.Generator().manual_seed(step))
        gradients = torch.autograd.grad((terms.distortion + terms.rate).mean(), adam.parameters)
        adam.step(gradients, 0.01)
        for array, mean, square, gradient in zip(wanted, means, squares, gradients):
            slope = gradient.double().numpy()
            mean += 0.1 * (slope - mean)
            square += 0.05 * (slope**2 - square)
            array -= 0.01 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.95**step)) + 1e-8)
    for name, parameter, array in zip(adam.names, adam.parameters, wanted):
        np.testing.assert_allclose(parameter.detach().numpy(), array, rtol=2e-4, atol=2e-5, err_msg=name)
