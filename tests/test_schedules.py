import numpy as np
import pytest

from vae_core.schedules import one_cycle, snapshot_steps, warmup


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


@pytest.mark.parametrize("total", [1, 2, 59, 100, 660, 5_000_000])
def test_snapshots_start_and_end_with_the_run_and_are_dense_early(total):
    steps = sorted(snapshot_steps(total))
    assert steps[0] == 0
    assert steps[-1] == total
    assert len(steps) <= 60
    if total >= 600:
        assert len(steps) > 50
        assert sum(step <= total / 4 for step in steps) > len(steps) / 3
