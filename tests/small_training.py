"""Trainings of a second or less, and what tests ask of their events. As a program: goes on from a file."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

from vae_core import training
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.events import Checkpoint
from vae_core.models import build
from vae_core.storage import read_tensors, write_tensors
from vae_core.training import train

SHAPE = (1, 4, 4)


def config(**changes):
    base = {"model": {"hidden": (8,)}, "training": {"epochs": 15, "batch": 32, "lr": 0.01}}
    return RunConfig.parse(base).override(changes)


def pictures(count=130):
    return torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(9))


def fresh(settings, images):
    return build(settings.model, tuple(images.shape[1:]), images.mean(0), settings.training.seed)


def run(settings, images=None, checkpoint=None, control=None, on_event=None):
    """All events and the outcome, from a fresh model that a checkpoint has to bring up to date."""
    images = pictures() if images is None else images
    torch.set_num_threads(1)
    steps = train(settings, fresh(settings, images), images, images[:7], checkpoint, control)
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value
        if on_event:
            on_event(events[-1])


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def timeless(rows):
    return [{**vars(row), "seconds": 0} for row in rows]


def same(one, other):
    assert set(one) == set(other)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def assert_finite(weights):
    assert all(np.isfinite(array).all() for array in weights.values())


def stopped_at(step, settings):
    """Events up to a stop after `step` steps."""
    control = Control()
    if step == 0:
        control.stop()
    return run(settings, control=control, on_event=lambda event: event.step >= step > 0 and control.stop())[0]


def through_json(checkpoint):
    """As a file gives it back."""
    progress = json.loads(json.dumps(checkpoint.progress))
    return Checkpoint(checkpoint.step, checkpoint.weights, checkpoint.optimizer, progress)


def poison(monkeypatch, *calls):
    """Makes the loss not a number in these steps, counted from 1."""
    counted = iter(range(1, 1000))
    beta_loss = training.beta_loss

    def loss(terms, beta):
        value = beta_loss(terms, beta)
        return value * float("nan") if next(counted) in calls else value

    monkeypatch.setattr(training, "beta_loss", loss)


def digest(weights):
    return hashlib.sha256(b"".join(weights[name].tobytes() for name in sorted(weights))).hexdigest()


def write(checkpoint, path):
    tensors = {f"weights/{name}": array for name, array in checkpoint.weights.items()}
    tensors |= {f"optimizer/{name}": array for name, array in checkpoint.optimizer.items()}
    write_tensors(path, tensors, {"step": str(checkpoint.step), "progress": json.dumps(checkpoint.progress)})


def read(path):
    tensors, about = read_tensors(path)
    parts = {"weights": {}, "optimizer": {}}
    for key, array in tensors.items():
        part, _, name = key.partition("/")
        parts[part][name] = array
    return Checkpoint(int(about["step"]), **parts, progress=json.loads(about["progress"]))


if __name__ == "__main__":
    sys.stdout.write(digest(run(config(), checkpoint=read(Path(sys.argv[1])))[0][-1].weights))
