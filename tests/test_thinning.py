"""Which snapshots stay: at most a hundred, dense early, and none taken from a plan that is small enough."""

import numpy as np
import pytest
from synthetic import finished_run

from vae_core.events import Snapshot
from vae_core.runs import Recorder, RunStore
from vae_core.schedules import snapshot_steps
from vae_core.thinning import MOST, superfluous


@pytest.mark.parametrize("total", [1, 5, 100, 10_000, 1_000_000])
def test_what_a_training_plans_stays_whole(total):
    planned = sorted(snapshot_steps(total))
    assert len(planned) <= MOST
    assert superfluous(planned) == []


def test_first_last_and_an_even_spread_of_roots_stay():
    steps = list(range(0, 10_001, 5))
    gone = superfluous(steps)
    kept = sorted(set(steps) - set(gone))
    assert len(kept) == MOST
    assert (kept[0], kept[-1]) == (0, 10_000)
    gaps = np.diff(np.sqrt(kept))
    assert gaps[3:].max() < 2.1 * gaps[3:].min()  # the first few are as many as there are
    assert np.median(np.diff(kept)[:20]) < np.median(np.diff(kept)[-20:]) / 4


def test_of_clicks_in_a_row_most_go():
    planned = sorted(snapshot_steps(10_000))
    clicks = list(range(5_001, 5_101))
    kept = sorted(set(planned) | set(clicks))
    gone = superfluous(kept)
    assert len(kept) - len(gone) == MOST
    assert len(set(gone) & set(clicks)) == len(gone)


def test_a_recorder_never_keeps_more(home):
    run = finished_run(RunStore())
    cloud = np.zeros((12, 2), np.float32)
    recorder = Recorder(run)
    for step in range(41, 241):
        recorder.write(Snapshot(step, cloud, cloud, run.examples().images[:3]))
        assert len(run.snapshots()) <= MOST
        assert run.snapshots()[-1] == step
    assert run.snapshots()[0] == 0
