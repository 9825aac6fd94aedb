"""Runs with a latent cloud that moves, written by the real recorder, without a training."""

import numpy as np

from vae_core.config import RunConfig
from vae_core.events import Epoch, Finished, Snapshot, Started, Steered, Step
from vae_core.recorder import Recorder
from vae_core.runs import RunStore

COUNT, FIRST, SIDE = 60, 4, 8  # points, pictures drawn again, pixels
STEPS = [0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100]


def rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def orthogonal(size, seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


def final(latent=2, seed=0):
    """Three classes side by side, (COUNT, latent) float32."""
    random = np.random.default_rng(seed)
    cloud = random.normal(size=(COUNT, latent)) * 0.3
    cloud[:, 0] += 2 * (np.arange(COUNT) % 3) - 2
    cloud[:, -1] += np.arange(COUNT) % 2 - 0.5
    return cloud.astype(np.float32)


def spinning(latent=2):
    """One cloud, turned in another way at every moment but the last: what should come out as no motion."""
    turns = [orthogonal(latent, seed) for seed in range(len(STEPS) - 1)]
    return [*((final(latent) @ turn).astype(np.float32) for turn in turns), final(latent)]


def growing(latent=2):
    """From a heap in the middle to the final cloud."""
    return [final(latent) * np.float32((k + 0.2) / len(STEPS)) for k in range(len(STEPS) - 1)] + [
        final(latent)
    ]


def drawn(k):
    """What the model draws of the first pictures at moment k: grey, lighter as time goes by."""
    return np.full((FIRST, 1, SIDE, SIDE), 20 * k, np.uint8)


def run(store: RunStore, clouds=None, steps=STEPS, end=True, names=("round", "flat", "tall"), changes=()):
    """A run with these clouds at these steps; without `end` it is interrupted."""
    clouds = growing() if clouds is None else clouds
    config = RunConfig().override(
        {"name": "Clouds", "model.latent": clouds[0].shape[1], "training.epochs": 10}
    )
    made = store.create(config)
    labels = np.arange(COUNT) % 3
    pictures = np.random.default_rng(1).integers(0, 255, (COUNT, 1, SIDE, SIDE)).astype(np.uint8)
    pictures[:, :, 2:6, 2:6] = (80 * labels[:, None, None, None]).astype(np.uint8)
    with made.lock():
        recorder = Recorder(made)
        data = {"title": "Clouds", "checksum": "none"}
        recorder.write(Started(pictures, labels, np.arange(COUNT), names, data, STEPS[-1], {}))
        for k, (step, cloud) in enumerate(zip(steps, clouds)):
            if step:
                recorder.write(Step(step, step / 10, 30 - step / 10, step / 20, 1.0, 0.01, step / 50))
                recorder.write(Epoch(step, step / 10, 31 - step / 10, step / 20, step / 50))
            recorder.write(Snapshot(step, cloud, np.zeros_like(cloud), drawn(k)))
            for at, beta, lr in changes:
                if at == step:
                    recorder.write(Steered(at, beta, lr))
        if end:
            recorder.write(
                Finished(steps[-1], {"w": np.zeros(1)}, clouds[-1], np.zeros_like(clouds[-1]), {}, b"")
            )
    return store.get(made.id)
