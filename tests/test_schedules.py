import math

import numpy as np
import pytest
import torch

from vae_core.config import RunConfig
from vae_core.schedules import (
    beta_factor,
    cosine,
    curves,
    cyclical,
    lr_factor,
    one_cycle,
    sigmoid,
    snapshot_steps,
    warmup,
)


def test_one_cycle_rises_to_one_and_falls_to_nothing():
    t = np.linspace(0, 1, 1001)
    share = np.array([one_cycle(float(at)) for at in t])
    assert share[0] == pytest.approx(1 / 25)
    assert share[250] == 1
    assert share[-1] == pytest.approx(0, abs=1e-12)
    assert (np.diff(share[:251]) > 0).all()
    assert (np.diff(share[250:]) < 0).all()
    assert one_cycle(0.625) == pytest.approx(0.5)  # half way down the cosine


def test_warmup():
    assert [warmup(t, 0.5) for t in (0.0, 0.125, 0.25, 0.5, 1.0)] == [0, 0.25, 0.5, 1, 1]
    assert warmup(0.0, 0.0) == 1
    assert warmup(0.5, 1.0) == 0.5


def test_cosine_is_torchs():
    (weight,) = torch.nn.Linear(1, 1, bias=False).parameters()
    optimizer = torch.optim.SGD([weight], lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
    for step in range(41):
        assert 0.3 * cosine(step / 40) == pytest.approx(schedule.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        schedule.step()


def test_cycles_by_hand():
    """Two cycles, of which half is spent rising, at eighths of the run."""
    shares = [cyclical(eighth / 8, cycles=2, rise=0.5) for eighth in range(9)]
    assert shares == [0, 0.5, 1, 1, 0, 0.5, 1, 1, 1]
    assert cyclical(0.3, cycles=1, rise=1.0) == 0.3
    assert cyclical(0.26, cycles=4, rise=0.25) == pytest.approx(0.16)


def test_sigmoid_by_hand():
    assert sigmoid(0.25, 0.5) == 0.5
    assert sigmoid(0.0, 0.5) == pytest.approx(1 / (1 + math.e**5))
    assert sigmoid(0.5, 0.5) == pytest.approx(1 / (1 + math.e**-5))
    assert sigmoid(0.3, 0.5) == pytest.approx(1 / (1 + math.e**-1))
    assert sigmoid(1.0, 0.01) == 1


@pytest.mark.parametrize(
    ("changes", "shares"),  # at 0, 1/4, 1/2 and 1
    [
        ({}, [1, 1, 1, 1]),
        ({"warmup": 0.5}, [0, 0.5, 1, 1]),
        ({"kl": "constant", "warmup": 0.5}, [1, 1, 1, 1]),
        ({"kl": "cyclical", "cycles": 2, "rise": 1.0}, [0, 0.5, 0, 1]),
        ({"kl": "sigmoid", "rise": 1.0}, [0.0066929, 0.0758582, 0.5, 0.9933071]),
        ({"kl": "free_bits"}, [1, 1, 1, 1]),
        ({"kl": "capacity", "rise": 1.0}, [0, 0.25, 0.5, 1]),
        ({"kl": "controlled"}, [1, 1, 1, 1]),
    ],
)
def test_which_schedule_beta_follows(changes, shares):
    settings = {f"objective.{name}": value for name, value in changes.items()}
    objective = RunConfig().override(settings).objective
    assert [beta_factor(objective, at) for at in (0, 0.25, 0.5, 1)] == pytest.approx(shares, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "shares"),  # at 0, 1/4, 5/8 and 1
    [
        ("one_cycle", [0.04, 1, 0.5, 0]),
        ("constant", [1, 1, 1, 1]),
        ("cosine", [1, 0.8535534, 0.3086583, 0]),
        ("plateau", [1, 1, 1, 1]),
    ],
)
def test_which_schedule_the_learning_rate_follows(name, shares):
    training = RunConfig().override({"training.lr_schedule": name}).training
    assert [lr_factor(training, at) for at in (0, 0.25, 0.625, 1)] == pytest.approx(shares, abs=1e-6)


def test_curves_to_draw():
    config = RunConfig().override({"objective.warmup": 0.5})
    drawn = curves(config.objective, config.training, 5)
    assert drawn.progress.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert drawn.beta.tolist() == [0, 0.5, 1, 1, 1]
    np.testing.assert_allclose(drawn.lr, [one_cycle(at) for at in (0, 0.25, 0.5, 0.75, 1)])


@pytest.mark.parametrize("total", [1, 2, 59, 100, 660, 5_000_000])
def test_snapshots_start_and_end_with_the_run_and_are_dense_early(total):
    steps = sorted(snapshot_steps(total))
    assert steps[0] == 0
    assert steps[-1] == total
    assert len(steps) <= 60
    if total >= 600:
        assert len(steps) > 50
        assert sum(step <= total / 4 for step in steps) > len(steps) / 3
