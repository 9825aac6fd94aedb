"""What happens when in a training, and who decides it."""

import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_training import SHAPE, assert_finite, config, of, pictures, run, stopped_at

from vae_core import plan, training
from vae_core.control import Control
from vae_core.events import Checkpoint, Epoch, RolledBack, Snapshot, Step, Stopped
from vae_core.models import build
from vae_core.training import Plan, Trainer


def test_events_of_a_run():
    events, outcome = run(config())  # 4 steps an epoch, 60 steps
    assert [type(event) for event in events[:3]] == [Checkpoint, Snapshot, Step]
    assert [type(event) for event in events[-4:]] == [Step, Epoch, Snapshot, Checkpoint]
    assert [event.step for event in of(Checkpoint, events)] == [0, 60]
    assert [event.step for event in of(Step, events)] == list(range(1, 61))
    assert [event.step for event in of(Epoch, events)] == list(range(4, 61, 4))
    assert [event.epoch for event in of(Epoch, events)] == list(range(1, 16))
    assert {0, 60} <= {event.step for event in of(Snapshot, events)}
    assert (outcome.step, outcome.stopped_early) == (60, False)
    assert outcome.seconds == of(Step, events)[-1].seconds


def test_a_run_learns():
    events, _ = run(config())
    rows = of(Epoch, events)
    assert rows[-1].distortion + rows[-1].rate < rows[0].distortion + rows[0].rate


def test_snapshots_hold_codes_and_reconstructions():
    events, _ = run(config())
    last = of(Snapshot, events)[-1]
    assert last.mu.shape == last.log_var.shape == (7, 2)
    assert last.reconstructions.shape == (7, *SHAPE)
    assert last.reconstructions.dtype == np.uint8


def test_rows_are_means_of_the_steps_between_them(monkeypatch):
    seen = []

    def spy(terms, beta):
        seen.append((terms.distortion.mean().item(), terms.rate.mean().item()))
        return beta_loss(terms, beta)

    beta_loss = training.beta_loss
    monkeypatch.setattr(training, "beta_loss", spy)
    monkeypatch.setattr(plan, "ROWS", 20)
    rows = of(Step, run(config())[0])  # a row every 3 steps
    assert [row.step for row in rows] == list(range(3, 61, 3))
    means = np.array(seen).reshape(20, 3, 2).mean(1)
    np.testing.assert_allclose([(row.distortion, row.rate) for row in rows], means)


def test_beta_and_learning_rate_follow_their_schedules():
    rows = of(Step, run(config(**{"objective.beta": 4, "objective.warmup": 0.5}))[0])
    beta, lr = np.array([(row.beta, row.lr) for row in rows]).T
    assert (np.diff(beta[:30]) > 0).all()
    assert (beta[30:] == 4).all()
    assert lr.max() == pytest.approx(0.01, rel=0.01)
    assert lr[-1] < 1e-4


@settings(max_examples=60, deadline=None)
@given(
    pictures=st.integers(1, 70_000),
    batch=st.integers(1, 8192),
    epochs=st.floats(0.001, 10_000, allow_nan=False),
)
def test_plans_of_any_size_keep_their_promises(pictures, batch, epochs):
    plan = Plan.of(config(**{"training.batch": batch, "training.epochs": epochs}), pictures)
    assert plan.batch <= pictures
    assert 1 <= plan.epoch_steps == pictures // plan.batch
    assert plan.steps >= 1
    assert plan.row(plan.steps)
    assert plan.epoch(plan.steps)
    assert plan.safe(plan.steps)
    if plan.steps < 50_000:
        steps = range(1, plan.steps + 1)
        assert sum(map(plan.row, steps)) <= 800
        assert sum(map(plan.epoch, steps)) <= 201


def test_an_epoch_shows_each_picture_at_most_once_and_drops_the_ragged_batch():
    images = torch.arange(130.0).reshape(130, 1, 1, 1)
    trainer = Trainer(config(), build(config().model, (1, 1, 1)), images)
    epochs = []
    for epoch in range(2):
        trainer.step = 4 * epoch
        seen = []
        for _ in range(4):
            seen += trainer._batch().flatten().tolist()
            trainer.step += 1
        assert len(seen) == len(set(seen)) == 128
        epochs.append(seen)
    assert epochs[0] != epochs[1]


def test_fewer_pictures_than_a_batch():
    events, outcome = run(config(**{"training.batch": 512}), pictures(5))
    assert outcome.step == 15
    assert_finite(events[-1].weights)


def test_part_of_an_epoch():
    assert run(config(**{"training.epochs": 0.5}))[1].step == 2
    assert run(config(**{"training.epochs": 1e-9}))[1].step == 1


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_constant_pictures(value, likelihood):
    events, _ = run(config(**{"model.likelihood": likelihood}), torch.full((40, *SHAPE), value))
    assert_finite(events[-1].weights)
    assert not of(RolledBack, events)


def test_finish_ends_early_with_everything_in_place():
    control = Control()
    events, outcome = run(config(), control=control, on_event=lambda e: e.step == 10 and control.finish())
    assert (outcome.step, outcome.stopped_early) == (10, True)
    assert {type(event) for event in events if event.step == 10} == {Step, Epoch, Snapshot, Checkpoint}
    assert isinstance(events[-1], Checkpoint)
    assert [row.step for row in of(Step, events)] == list(range(1, 11))
    assert len({event.step for event in of(Epoch, events)}) == len(of(Epoch, events))


def test_finish_between_two_rows_writes_the_begun_row(monkeypatch):
    monkeypatch.setattr(plan, "ROWS", 6)
    control = Control()
    events, _ = run(config(), control=control, on_event=lambda e: e.step == 12 and control.finish())
    assert [row.step for row in of(Step, events)] == [10, 12]


def test_stop_saves_where_it_is():
    events = stopped_at(7, config())
    assert [(type(event), event.step) for event in events[-2:]] == [(Checkpoint, 7), (Stopped, 7)]


def test_stop_before_the_first_step():
    events = stopped_at(0, config())
    assert [(type(event), event.step) for event in events] == [(Checkpoint, 0), (Snapshot, 0), (Stopped, 0)]


def test_pause_holds_and_resume_goes_on():
    control, seen, moved = Control(), [], threading.Event()

    def watch(event):
        seen.append(event)
        if event.step == 20:
            control.pause()
            moved.set()

    thread = threading.Thread(target=run, args=(config(),), kwargs={"control": control, "on_event": watch})
    thread.start()
    assert moved.wait(60)
    thread.join(0.3)
    assert thread.is_alive()
    assert seen[-1].step == 20
    control.resume()
    thread.join(60)
    assert seen[-1].step == 60


@pytest.mark.parametrize("wish", ["stop", "finish"])
def test_a_paused_training_can_be_ended(wish):
    control = Control()
    control.pause()
    getattr(control, wish)()
    events, _ = run(config(), control=control)
    assert events[-1].step == 0
