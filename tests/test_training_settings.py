"""What the settings of objective and training do to a run, one at a time."""

import numpy as np
import pytest
import torch
from small_training import config, fresh, of, pictures, run, same, stopped_at, through_json

from vae_core.events import Checkpoint, Epoch, RolledBack, Step
from vae_core.training import Plan, Trainer


def test_batches_gathered_make_the_step_of_one_large_batch():
    """A plain autoencoder draws no noise, so two batches of 32 are exactly the pictures of one of 64."""
    images = pictures(130)
    made = []
    for batch, parts in ((64, 1), (32, 2)):
        settings = config(**{"model.kind": "ae", "training.batch": batch, "training.accumulate": parts})
        trainer = Trainer(settings, fresh(settings, images), images)
        assert (trainer.plan.epoch_steps, trainer.plan.steps) == (2, 30)
        for _ in range(6):
            assert trainer.advance() == ""
        made.append((trainer.model.state_dict(), trainer.row()))
    (one, row), (other, gathered) = made
    assert (gathered.distortion, gathered.rate) == pytest.approx((row.distortion, row.rate), rel=1e-5)
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], rtol=1e-3, atol=1e-4)


def test_gathered_batches_draw_noise_of_their_own():
    settings = config(**{"training.batch": 32, "training.accumulate": 2})
    trainer = Trainer(settings, fresh(settings, pictures(64)), pictures(64))
    draws = [torch.randn(4, generator=trainer._seeded(1, 0, part)) for part in (0, 1)]
    assert not torch.equal(*draws)


@pytest.mark.parametrize(
    ("pictures", "batch", "wanted", "parts"), [(10, 4, 3, 2), (3, 4, 3, 1), (12, 4, 3, 3)]
)
def test_no_more_batches_are_gathered_than_there_are(pictures, batch, wanted, parts):
    plan = Plan.of(config(**{"training.batch": batch, "training.accumulate": wanted}), pictures)
    assert plan.parts == parts
    assert plan.epoch_steps == pictures // (min(batch, pictures) * parts)


def test_clipping_shortens_what_is_followed():
    first, tiny, huge = (
        [row.distortion for row in of(Step, run(config(**{"training.clip": clip}))[0])]
        for clip in (0, 1e-9, 1e6)
    )
    assert huge == first
    assert tiny[0] == first[0]
    assert tiny[1:] != first[1:]


def test_weight_decay_makes_weights_smaller():
    sizes = []
    for decay in (0.0, 0.5):
        weights = run(config(**{"training.weight_decay": decay}))[0][-1].weights
        sizes.append(sum(float(np.square(array).sum()) for array in weights.values() if array.ndim == 2))
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_early_stopping_ends_where_held_out_loss_no_longer_falls(kind):
    changes = {"training.patience": 2, "model.kind": kind, "training.lr": 0.05, "training.epochs": 150}
    settings = config(**changes, **{"training.lr_schedule": "constant"})
    events, outcome = run(settings, pictures(40))
    losses = [row.distortion + settings.beta * row.rate for row in of(Epoch, events)]
    assert outcome.stopped_early
    assert outcome.step < 150
    assert int(np.argmin(losses)) == len(losses) - 3
    assert isinstance(events[-1], Checkpoint)
    assert events[-1].step == outcome.step == of(Step, events)[-1].step
    again, same_end = run(settings, pictures(40), checkpoint=through_json(events[-1]))
    assert not of(Step, again)
    assert (same_end.step, same_end.stopped_early) == (outcome.step, True)


def test_a_plateau_lowers_the_learning_rate_for_good():
    changes = {"training.lr_schedule": "plateau", "training.plateau_patience": 0, "training.lr": 0.05}
    rows = of(Step, run(config(**changes, **{"training.epochs": 60}), pictures(40))[0])
    rates = np.array([row.lr for row in rows])
    assert rates[0] == 0.05
    assert (np.diff(rates) <= 0).all()
    assert set(rates.tolist()) <= {0.05 * 0.5**k for k in range(61)}
    assert len(set(rates.tolist())) > 2


@pytest.mark.parametrize("name", ["constant", "cosine"])
def test_learning_rates_of_a_run(name):
    rates = [row.lr for row in of(Step, run(config(**{"training.lr_schedule": name}))[0])]
    places = (np.arange(60) + 0.5) / 60
    wanted = np.full(60, 0.01) if name == "constant" else 0.01 * (1 + np.cos(np.pi * places)) / 2
    np.testing.assert_allclose(rates, wanted)


def test_cycles_of_beta_in_a_run():
    changes = {"objective.kl": "cyclical", "objective.cycles": 3, "objective.rise": 0.5, "objective.beta": 4}
    beta = np.array([row.beta for row in of(Step, run(config(**changes))[0])])
    cycle = [*(4 * (np.arange(10) + 0.5) / 10), *[4] * 10]
    np.testing.assert_allclose(beta, [*cycle, *cycle, *cycle])


@pytest.mark.parametrize(
    "changes",
    [
        {"objective.kl": "capacity", "objective.pull": 30, "objective.target_rate": 1.5},
        {"objective.kl": "controlled", "objective.target_rate": 1.5, "objective.gain": 0.01},
    ],
)
def test_the_rate_arrives_at_its_target(changes):
    base = {"model.likelihood": "gaussian", "training.epochs": 150}
    assert of(Epoch, run(config(**base))[0])[-1].rate > 3
    events, _ = run(config(**base, **changes))
    assert not of(RolledBack, events)
    assert np.mean([row.rate for row in of(Step, events)[-40:]]) == pytest.approx(1.5, abs=0.3)


@pytest.mark.parametrize(("group", "wanted"), [(1, 4 * 0.3), (2, 2 * 0.3), (4, 0.3)])
def test_free_bits_keep_dimensions_alive(group, wanted):
    """At a weight that silences all dimensions, what an allowance leaves free is used."""
    base = {"objective.beta": 50, "model.latent": 4, "training.epochs": 100}
    dead = of(Epoch, run(config(**base))[0])[-1]
    assert dead.rate < 0.1
    free = {"objective.kl": "free_bits", "objective.free_bits": 0.3, "objective.free_group": group}
    alive = of(Epoch, run(config(**base, **free))[0])[-1]
    assert 0.4 * wanted < alive.rate < 1.2 * wanted


def test_older_checkpoints_hold_nothing_of_feedback():
    checkpoint = of(Checkpoint, stopped_at(7, config()))[-1]
    checkpoint.progress.pop("feedback")
    same(run(config(), checkpoint=checkpoint)[0][-1].weights, run(config())[0][-1].weights)
