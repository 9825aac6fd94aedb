"""What a training holds does not grow with its length."""

import gc
import tracemalloc

import torch
from small_training import config, fresh, pictures

from vae_core.events import Epoch
from vae_core.training import train


def test_memory_stays_flat_as_epochs_grow():
    held = {}

    def count(event):
        if isinstance(event, Epoch) and event.epoch in (4, 16):
            gc.collect()
            tensors = sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())
            held[event.epoch] = (tensors, tracemalloc.get_traced_memory()[0])

    settings = config(**{"training.epochs": 16.0, "training.average": 0.9})
    forgetful(settings.override({"training.epochs": 1.0}), count)  # imports what is needed once
    tracemalloc.start()
    try:
        forgetful(settings, count)
    finally:
        tracemalloc.stop()
    assert held[16][0] == held[4][0]
    assert held[16][1] - held[4][1] < 20_000


def forgetful(settings, look):
    """Trains; no event outlives its look."""
    images = pictures()
    for event in train(settings, fresh(settings, images), images, images[:7]):
        look(event)
