"""The same settings give the same run, however often it is interrupted."""

import subprocess
import sys

import numpy as np
import pytest
import small_training
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_training import (
    config,
    digest,
    fresh,
    of,
    pictures,
    run,
    same,
    stopped_at,
    through_json,
    timeless,
    write,
)

from vae_core import plan
from vae_core.errors import RunDamagedError
from vae_core.events import Checkpoint, Epoch, Snapshot, Step, Stopped
from vae_core.training import train


def test_the_seed_decides_everything():
    first, again, other = (run(config(**{"training.seed": seed}))[0] for seed in (3, 3, 4))
    same(first[-1].weights, again[-1].weights)
    assert timeless(of(Step, first)) == timeless(of(Step, again))
    assert not np.array_equal(first[-1].weights["encoder.0.weight"], other[-1].weights["encoder.0.weight"])


def test_training_leaves_the_global_generator_alone():
    images = pictures()
    model = fresh(config(), images)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    list(train(config(), model, images, images[:7]))
    assert torch.equal(before, torch.get_rng_state())


@settings(max_examples=12, deadline=None)
@given(step=st.integers(0, 58), rows=st.sampled_from([400, 7]))  # with few rows nothing is told at step 59
def test_stopping_and_going_on_changes_nothing(step, rows):
    """Also between two rows of the curves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "ROWS", rows)
        whole, _ = run(config())
        part = stopped_at(step, config())
        assert isinstance(part[-1], Stopped)
        checkpoint = of(Checkpoint, part)[-1]
        assert checkpoint.step == part[-1].step >= step
        rest, outcome = run(config(), checkpoint=through_json(checkpoint))
        same(whole[-1].weights, rest[-1].weights)
        same(whole[-1].optimizer, rest[-1].optimizer)
        for kind in (Step, Epoch):
            assert timeless(of(kind, part) + of(kind, rest)) == timeless(of(kind, whole))
        steps = {event.step for event in of(Snapshot, part) + of(Snapshot, rest)}
        assert steps == {event.step for event in of(Snapshot, whole)}
        assert outcome.step == 60


def test_checkpoints_by_the_clock_change_nothing_and_cover_their_rows():
    often = config(**{"training.checkpoint_seconds": 0})
    events, _ = run(often)
    checkpoints = of(Checkpoint, events)
    assert [checkpoint.step for checkpoint in checkpoints] == [0, 25, 50, 60]
    same(checkpoints[-1].weights, run(config())[0][-1].weights)
    for checkpoint in checkpoints:
        before = events[: events.index(checkpoint)]
        assert all(event.step <= checkpoint.step for event in before)
        rest, _ = run(often, checkpoint=checkpoint)
        same(checkpoints[-1].weights, {**checkpoints[-1].weights, **(rest[-1].weights if rest else {})})


def test_another_process_goes_on_bit_for_bit(tmp_path):
    write(of(Checkpoint, stopped_at(31, config()))[-1], tmp_path / "state.safetensors")
    command = [sys.executable, small_training.__file__, str(tmp_path / "state.safetensors")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stdout == digest(run(config())[0][-1].weights), result.stderr


def test_a_checkpoint_at_the_end_leaves_nothing_to_do():
    whole, outcome = run(config())
    events, again = run(config(), checkpoint=whole[-1])
    assert events == []
    assert (again.step, again.seconds) == (outcome.step, outcome.seconds)


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.weights.pop("encoder.0.weight"),
        lambda c: c.weights.update({"encoder.0.weight": np.zeros((2, 2), np.float32)}),
        lambda c: c.optimizer.pop("encoder.0.weight.exp_avg"),
        lambda c: c.optimizer.update({"encoder.0.weight.exp_avg": np.zeros(3, np.float32)}),
        lambda c: c.progress.pop("lr_scale"),
        lambda c: c.progress.update({"sums": "many"}),
    ],
)
def test_a_checkpoint_that_does_not_fit(damage):
    checkpoint = run(config())[0][0]
    damage(checkpoint)
    with pytest.raises(RunDamagedError, match="does not fit"):
        run(config(), checkpoint=checkpoint)
