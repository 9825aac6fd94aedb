"""A real training, steered through the service while its worker is killed, ends as its repeat does."""

import time

import numpy as np
from fake_pipeline import until, worker_processes

from vae_core.config import RunConfig
from vae_core.events import Step
from vae_core.jobs import TrainingService
from vae_core.repeating import repeat
from vae_core.runs import RunStore

CONFIG = RunConfig.parse(
    {
        "data": {"limit": 1600, "map_points": 100},
        "model": {"hidden": [32]},
        "training": {"epochs": 15, "batch": 64},
    }
)
STEPS = 15 * (1280 // 64)


def unhurried(*arguments):
    """The pipeline, with time to step in: each step has its row."""
    from vae_core.worker import execute

    for event in execute(*arguments):
        yield event
        if isinstance(event, Step):
            time.sleep(0.005)


def test_steered_and_killed_and_repeated_bit_for_bit(home):
    service = TrainingService(RunStore(home, home / "none"), workers=1, execute=unhurried)
    try:
        run = service.submit(CONFIG)
        for beta in (2.0, 0.5):
            service.steer(run, beta=beta)
            service.unpause(run)
            until(lambda beta=beta: service.progress(run).course.beta == beta)
            service.pause(run)
        (worker,) = worker_processes()
        worker.kill()
        until(lambda: service.progress(run).attempt == 2)
        service.steer(run, beta=3.0, lr=0.5)  # after what is repeated
        service.unpause(run)
        until(lambda: not service.progress(run).active)
        again = repeat(service.store, service.store.get(run))
        service.resume(again.id)
        until(lambda: not service.progress(again.id).active)
        found, again = service.store.get(run), service.store.get(again.id)
        assert found.state == again.state == "finished"
    finally:
        service.close()
    assert [change.beta for change in found.changes()] == [2.0, 0.5, 3.0]
    assert again.changes() == found.changes()
    assert found.report()["steps"] == STEPS
    clocks = {"seconds": None}
    assert [row | clocks for row in again.metrics()] == [row | clocks for row in found.metrics()]
    weights = again.weights()
    for name, array in found.weights().items():
        np.testing.assert_array_equal(weights[name], array)
