"""A training without torch, for tests of the service: counts, sleeps, and is as repeatable as the real one.

One epoch is one step. The run's name says what goes wrong.
"""

import os
import signal
import time

import numpy as np
import psutil

from vae_core.control import NOTHING
from vae_core.errors import DataError
from vae_core.events import Checkpoint, Epoch, Finished, Snapshot, Started, Step, Stopped
from vae_core.steering import Steering, read

STEP_SECONDS = 0.01  # long enough for a test to step in
CHECKPOINT_STEPS = 5


class Always:
    """A control that never changes its mind."""

    def __init__(self, wish=""):
        self.wait = lambda: wish
        self.take = lambda: NOTHING


def execute(config, checkpoint, control, run, changes=()):
    total = int(config.training.epochs)
    yield Started(
        images=np.zeros((3, 1, 2, 2), np.uint8),
        labels=np.array([0, 1, -1]),
        index=np.arange(3),
        label_names=("zero", "one"),
        data={"title": "Fake", "checksum": "none"},
        total_steps=total,
        environment={"run": run},
    )
    if config.name == "no data":
        raise DataError("The pictures are gone. Bring them back.")
    step = 0 if checkpoint is None else checkpoint.step
    value = 1 if checkpoint is None else int(checkpoint.weights["value"][0])
    steering = Steering(config, changes)
    if checkpoint is None:
        yield save(step, value, steering)
    else:
        steering.learn(read(checkpoint.progress.get("changes", [])))
        steering.rewind(step)
    wish = ""
    while step < total and not (wish := control.wait()):
        wished = control.take()
        if change := steering.turn(step, wished):
            yield change
        if wished.snapshot:
            yield cloud(step, value)
        time.sleep(STEP_SECONDS)
        step, value = step + 1, value * 48271 % 2147483647
        if step == 8 and config.name == "fault":
            raise ValueError("eight")
        if step == 8 and config.name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        seconds = step * STEP_SECONDS
        yield Step(step, float(step), float(value), 0.0, steering.beta, 0.1 * steering.lr, seconds)
        if step % 10 == 0:
            yield Epoch(step, float(step), float(value), 0.0, step * STEP_SECONDS)
            yield cloud(step, value)
        if step % CHECKPOINT_STEPS == 0:
            yield save(step, value, steering)
    if wish == "stop":
        yield save(step, value, steering)
        yield Stopped(step)
    else:
        shot = cloud(step, value)
        yield Finished(step, {"value": np.array([value])}, shot.mu, shot.log_var, {"steps": step}, b"bundle")


def save(step, value, steering):
    progress = {"seconds": 0.0, "changes": steering.stored()}
    return Checkpoint(step, {"value": np.array([value])}, {"moment": np.array([0.5])}, progress)


def cloud(step, value):
    mu = np.full((3, 2), value, np.float32)
    return Snapshot(step, mu, np.zeros_like(mu), np.zeros((1, 1, 2, 2), np.uint8))


def rows(total):
    """What metrics.jsonl must hold after `total` steps, worked out without any service."""
    found, value = [], 1
    for step in range(1, total + 1):
        value = value * 48271 % 2147483647
        found.append(("step", step, float(value)))
        if step % 10 == 0:
            found.append(("epoch", step, float(value)))
    return found


def until(condition, patience=100.0):
    """Waits until the condition holds and returns its value."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return value


def worker_processes(pid=None):
    """Dask's workers below a process; the helper that Python keeps for spawning is not one."""
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
