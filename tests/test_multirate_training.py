"""Training one net for every beta: repeatable, resumable, and watched along the whole range."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_training import (
    config,
    fresh,
    of,
    pictures,
    run,
    same,
    stopped_at,
    through_json,
    timeless,
)

from vae_core import data
from vae_core.events import Checkpoint, Epoch, Snapshot, Step, row
from vae_core.metrics.elbo import sampled_terms
from vae_core.models import build, load_weights
from vae_core.objectives import Terms, beta_loss, multirate_loss
from vae_core.pipeline import evaluate, execute
from vae_core.training import Trainer

DIALLED = {"model.kind": "multirate"}


def trained(settings):
    """Events, and the model they end with."""
    events, _ = run(settings)
    model = fresh(settings, pictures())
    load_weights(model, events[-1].weights)
    return events, model


def test_the_seed_decides_everything():
    first, again, other = (run(config(**DIALLED, **{"training.seed": seed}))[0] for seed in (3, 3, 4))
    same(first[-1].weights, again[-1].weights)
    assert timeless(of(Step, first)) == timeless(of(Step, again))
    assert not np.array_equal(first[-1].weights["encoder.0.weight"], other[-1].weights["encoder.0.weight"])


@settings(max_examples=6, deadline=None)
@given(step=st.integers(0, 59), batch=st.sampled_from([32, 31]), norm=st.sampled_from(["none", "batch"]))
def test_stopping_and_going_on_changes_nothing(step, batch, norm):
    chosen = config(**DIALLED, **{"training.batch": batch, "model.norm": norm})
    whole, _ = run(chosen)
    part = stopped_at(step, chosen)
    rest, _ = run(chosen, checkpoint=through_json(of(Checkpoint, part)[-1]))
    same(whole[-1].weights, rest[-1].weights)
    same(whole[-1].optimizer, rest[-1].optimizer)
    for kind in (Step, Epoch):
        assert timeless(of(kind, part) + of(kind, rest)) == timeless(of(kind, whole))


def test_every_epoch_shows_the_curve_and_its_own_beta():
    chosen = config(**DIALLED, **{"objective.beta": 0.5, "objective.beta_low": 0.1, "objective.beta_high": 4})
    events, model = trained(chosen)
    images = pictures()[:7]
    for epoch in of(Epoch, events):
        assert [point[0] for point in epoch.curve] == pytest.approx(np.geomspace(0.1, 4, 7))
        assert np.isfinite(epoch.curve).all()
    last = of(Epoch, events)[-1]
    terms = sampled_terms(model.at(0.5), images)
    assert (last.distortion, last.rate) == (terms.distortion.mean().item(), terms.rate.mean().item())
    for beta, distortion, rate in last.curve:
        terms = sampled_terms(model.at(min(beta, 4)), images)
        assert distortion == pytest.approx(terms.distortion.mean().item(), rel=1e-5)
        assert rate == pytest.approx(terms.rate.mean().item(), rel=1e-5)
    assert {step.beta for step in of(Step, events)} == {0.5}
    with torch.no_grad():
        mu, _ = model.at(0.5).encode(images)
    assert np.array_equal(of(Snapshot, events)[-1].mu, mu.numpy())


def test_rows_hold_the_curve_where_there_is_one():
    plain, dialled = (of(Epoch, run(chosen)[0])[0] for chosen in (config(), config(**DIALLED)))
    assert set(row(3, plain)) == {"n", "kind", "step", "epoch", "distortion", "rate", "seconds", "rates"}
    stored = json.loads(json.dumps(row(3, dialled)))
    assert stored["curve"] == dialled.curve
    assert (stored["n"], stored["kind"]) == (3, "epoch")


def test_the_loss_is_the_objective_of_each_ones_beta_weighed():
    distortion, rate, beta = torch.rand(3, 5, generator=torch.Generator().manual_seed(0)) * 9
    losses = multirate_loss(Terms(distortion, rate), beta)
    expected = [
        (d + b * r) / (1 + b) ** 0.25 for d, r, b in zip(*(t.tolist() for t in (distortion, rate, beta)))
    ]
    assert losses.tolist() == pytest.approx(expected)
    same_beta = multirate_loss(Terms(distortion, rate), torch.full((5,), 3.0))
    torch.testing.assert_close(same_beta * 4**0.25, beta_loss(Terms(distortion, rate), 3))


def test_each_example_is_trained_with_the_beta_that_its_layers_are_told(monkeypatch):
    chosen = config(**DIALLED, **{"objective.warmup": 1})
    trainer = Trainer(chosen, fresh(chosen, pictures()), pictures())
    told, weighed = [], []
    forward = trainer.model.forward

    def listen(x, generator, log_beta):
        told.append(log_beta)
        return forward(x, generator, log_beta)

    def loss(terms, beta):
        weighed.append(beta)
        return beta_loss(terms, beta)

    monkeypatch.setattr(trainer.model, "forward", listen)
    monkeypatch.setattr("vae_core.training.multirate_loss", loss)
    trainer.advance()
    warm = 0.5 / trainer.plan.steps  # the middle of the first step
    groups = len(told[0])
    assert 32 % groups == 0
    for example in range(32):
        expected = warm * math.exp(told[0][example % groups, 0].item())
        assert weighed[0][example].item() == pytest.approx(expected)
    trainer.advance()
    assert not torch.equal(told[0], told[1])


def test_a_run_is_whole_and_its_figures_are_those_at_its_beta():
    settings = config(**DIALLED, **{"model.hidden": (16,), "data.limit": 300, "objective.beta": 99})
    dataset = data.load(settings.data)
    *_, last = execute(settings, dataset=dataset)
    model = build(settings.model, (1, 8, 8))
    load_weights(model, last.weights)
    terms = sampled_terms(model.at(10), torch.from_numpy(dataset.to_unit(dataset.test)))  # the range's end
    assert last.report["rate"] == pytest.approx(terms.rate.mean().item(), rel=1e-5)
    assert last.report["distortion"] == pytest.approx(terms.distortion.mean().item(), rel=1e-5)
    assert evaluate(settings, last.weights, dataset)["rate"] == last.report["rate"]
