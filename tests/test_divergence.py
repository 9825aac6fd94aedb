"""Losses and weights that are not finite: back once with half the learning rate, then the end."""

import numpy as np
import pytest
import torch
from small_training import assert_finite, config, of, poison, run, same, through_json

from vae_core import training
from vae_core.control import Control
from vae_core.events import Checkpoint, Diverged, RolledBack, Snapshot, Step


def test_one_bad_loss_goes_back_and_halves_the_learning_rate(monkeypatch):
    untouched = of(Step, run(config())[0])
    poison(monkeypatch, 34)
    events, outcome = run(config())
    (back,) = of(RolledBack, events)
    assert (back.step, back.failed_step, back.lr_scale) == (25, 34, 0.5)
    assert "nan at step 34" in back.reason
    after = of(Step, events[events.index(back) :])
    assert [row.step for row in after] == list(range(26, 61))
    for row in after:
        assert row.lr == pytest.approx(untouched[row.step - 1].lr / 2)
    assert outcome.step == 60
    assert_finite(events[-1].weights)


def test_two_bad_losses_end_as_diverged_with_the_last_good_weights(monkeypatch):
    often = config(**{"training.checkpoint_seconds": 0})
    good = of(Checkpoint, run(often)[0])[1]
    poison(monkeypatch, 28, 30)
    events, outcome = run(often)
    assert outcome is None
    assert isinstance(events[-1], Diverged)
    assert events[-1].step == good.step == 25
    same(events[-1].weights, good.weights)
    assert_finite(events[-1].weights)


def test_a_weight_that_is_not_finite_is_noticed_before_it_is_shown_or_saved(monkeypatch):
    step = training.Adam.step
    calls = iter(range(1, 1000))

    def spoil(self, gradients, lr):
        step(self, gradients, lr)
        if next(calls) == 30:
            with torch.no_grad():
                self.parameters[0][0, 0] = float("inf")

    monkeypatch.setattr(training.Adam, "step", spoil)
    events, outcome = run(config(**{"training.checkpoint_seconds": 0}))
    assert len(of(RolledBack, events)) == 1
    for checkpoint in of(Checkpoint, events):
        assert_finite(checkpoint.weights)
    for snapshot in of(Snapshot, events):
        assert np.isfinite(snapshot.mu).all()
    assert outcome.step == 60


def test_a_resumed_run_rolls_back_like_an_uninterrupted_one(monkeypatch):
    often = config(**{"training.checkpoint_seconds": 0})
    checkpoint = of(Checkpoint, run(often)[0])[1]  # step 25
    with monkeypatch.context() as patch:
        poison(patch, 40)
        whole, _ = run(often)
    with monkeypatch.context() as patch:
        poison(patch, 15)  # the same step, counted from the checkpoint
        rest, _ = run(often, checkpoint=checkpoint)
    same(whole[-1].weights, rest[-1].weights)


def test_the_halved_rate_survives_a_stop(monkeypatch):
    poison(monkeypatch, 10)
    control = Control()
    events, _ = run(config(), control=control, on_event=lambda e: e.step == 40 and control.stop())
    checkpoint = through_json(of(Checkpoint, events)[-1])
    assert checkpoint.progress["lr_scale"] == 0.5
    rest, _ = run(config(), checkpoint=checkpoint)
    with monkeypatch.context() as patch:
        poison(patch, 10)
        whole, _ = run(config())
    same(whole[-1].weights, rest[-1].weights)


def test_a_training_that_really_diverges():
    hostile = {"training.lr": 1, "model.hidden": (512,) * 6, "model.activation": "relu"}
    hostile |= {"model.likelihood": "gaussian", "model.sigma": 0.01}
    events, outcome = run(config(**hostile))
    assert outcome is None
    assert isinstance(events[-1], Diverged)
    assert len(of(RolledBack, events)) == 1
    assert_finite(events[-1].weights)
    assert all(np.isfinite((row.distortion, row.rate)).all() for row in of(Step, events))


def test_a_weight_broken_just_before_an_early_finish_takes_its_rows_along(monkeypatch):
    control = Control()
    step = training.Adam.step
    calls = iter(range(1, 1000))

    def spoil(self, gradients, lr):
        step(self, gradients, lr)
        if next(calls) == 30:  # between two safe steps, 25 and 50
            with torch.no_grad():
                self.parameters[-1].fill_(float("inf"))
            control.finish()

    monkeypatch.setattr(training.Adam, "step", spoil)
    monkeypatch.setattr(training.Plan, "row", lambda self, at: at < 28)
    events, outcome = run(config(), control=control)
    (back,) = of(RolledBack, events)
    assert (back.step, back.failed_step) == (25, 30)
    assert outcome.step == 25
    assert_finite(events[-1].weights)
