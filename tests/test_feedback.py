"""What follows from how a training goes, against torch's own and against values worked out by hand."""

import json
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_core.config import RunConfig
from vae_core.feedback import Feedback, Plateau, RateControl, Watch

LOSSES = [5.0, 4.0, 4.0, 4.1, 4.2, 3.0, -2.0, -1.0, -1.9, -1.0, -1.0, -3.0, -2.0, -2.0, -2.0, -2.0, -2.0]


def following(**changes):
    return Feedback(RunConfig().override({name.replace("__", "."): value for name, value in changes.items()}))


@pytest.mark.parametrize("patience", [0, 1, 2, 5])
def test_a_plateau_is_torchs(patience):
    (weight,) = torch.nn.Linear(1, 1, bias=False).parameters()
    optimizer = torch.optim.SGD([weight], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.3, patience=patience, threshold=0, threshold_mode="abs", eps=0
    )
    plateau = Plateau()
    for loss in LOSSES:
        schedule.step(loss)
        plateau.lower(loss, patience, 0.3)
        assert plateau.factor == pytest.approx(optimizer.param_groups[0]["lr"])


def test_early_stopping_counts_looks_without_a_smaller_loss():
    feedback = following(training__patience=3)
    ends = []
    for loss in LOSSES:
        feedback.epoch(loss, 0.0, 1.0)
        ends.append(feedback.settled)
    assert ends.index(True) == 4  # the second was 4.0; 4.0, 4.1 and 4.2 are no smaller
    assert not following().settled


def test_held_out_losses_count_where_beta_has_its_full_weight():
    feedback = following(training__patience=1)
    for factor in (0.0, 0.5, 0.98):
        feedback.epoch(10.0, factor, factor)
    assert feedback.watch == Watch()
    feedback.epoch(10.0, 1.0, 0.995)
    assert feedback.watch.best == 11


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({"objective__beta": 4}, 18),
        ({"model__kind": "ae", "objective__beta": 4}, 10),
        ({"objective__kl": "capacity"}, 12),
        ({"objective__kl": "controlled"}, 12),
        ({"objective__kl": "free_bits", "objective__beta": 3}, 16),
    ],
)
def test_what_must_fall(changes, loss):
    feedback = following(**changes)
    feedback.epoch(10.0, 2.0, 1.0)
    assert feedback.watch.best == loss


def test_a_loss_that_is_not_finite_is_no_improvement():
    watch = Watch()
    for loss in (math.nan, 3.0, -math.inf, math.inf):
        watch.look(loss)
    assert (watch.best, watch.since) == (3.0, 2)


def test_the_controller_by_hand():
    """Shao et al. 2020, algorithm 1: K_p 0.01, K_i 0.1, target 2, from beta 1 with bounds 0.5 and 3."""
    control = RateControl(beta=1.0, total=0.5)
    control.follow(rate=5.0, target=2.0, gain=0.1, low=0.5, high=3.0)  # e = -3
    assert control.total == pytest.approx(0.5 + 0.3)
    assert control.beta == pytest.approx(0.01 / (1 + math.exp(-3)) + 0.8 + 0.5)
    control.follow(rate=2.0, target=2.0, gain=0.1, low=0.5, high=3.0)  # e = 0
    assert control.beta == pytest.approx(0.005 + 0.8 + 0.5)
    control.follow(rate=0.0, target=2.0, gain=0.1, low=0.5, high=3.0)  # e = 2
    assert control.beta == pytest.approx(0.01 / (1 + math.exp(2)) + 0.6 + 0.5)


@settings(deadline=None)
@given(rates=st.lists(st.floats(0, 1e6), min_size=1, max_size=50), target=st.floats(0, 1000))
def test_the_controller_stays_within_its_bounds_and_comes_back(rates, target):
    control = RateControl(beta=1.0, total=0.9)
    for rate in rates:
        control.follow(rate, target, gain=0.01, low=0.1, high=4.0)
        assert 0.1 <= control.beta <= 4.0
    for _ in range(500):
        control.follow(target + 1.0, target, gain=0.01, low=0.1, high=4.0)
    assert control.beta == 4.0  # the rate stays too high: beta rises, from wherever it was


def test_it_comes_back_from_json():
    changes = {"objective__kl": "controlled", "training__lr_schedule": "plateau", "training__patience": 3}
    one, other = following(**changes), following(**changes)
    for loss in LOSSES:
        one.epoch(loss, 1.0, 1.0)
        one.step(7.0)
    other.restore(json.loads(json.dumps(one.stored())))
    assert other.stored() == one.stored()
    assert (other.settled, other.lr, other.weight(1.0)) == (one.settled, one.lr, one.weight(1.0))


@pytest.mark.parametrize(
    "state",
    [
        {"watch": {"best": "low"}},
        {"watch": {"worst": 1}},
        {"watch": 5},
        {"plateau": {"factor": None}},
        {"plateau": {"factor": math.inf}},
        {"control": {"beta": 1}},
        {"control": {"beta": True, "total": 1}},
    ],
)
def test_what_it_did_not_store_is_refused(state):
    with pytest.raises((TypeError, ValueError)):
        following().restore(state)
