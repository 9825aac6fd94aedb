"""Averaged weights: torch's own average as oracle, what is looked at and kept, and what is gone on from."""

import numpy as np
import pytest
import small_training
import torch
from small_training import config, fresh, of, pictures, run, same, stopped_at, through_json

from vae_core import training
from vae_core.averaging import Average
from vae_core.events import RAW, Checkpoint, Snapshot
from vae_core.models import load_weights
from vae_core.training import Trainer

NORMED = {"training.average": 0.9, "model.norm": "batch", "training.checkpoint_seconds": 0}


def arrays(model):
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def test_it_is_torchs_average():
    images = pictures()
    settings = config(**NORMED)
    trainer = Trainer(settings, fresh(settings, images), images)

    def rule(mine, theirs, count):
        decay = min(0.9, count / (10 + count))
        return decay * mine + (1 - decay) * theirs

    oracle = torch.optim.swa_utils.AveragedModel(trainer.model, avg_fn=rule, use_buffers=True)
    for step in range(1, 31):
        trainer.advance()
        oracle.n_averaged.fill_(step)  # torch copies at its first call; we average from the first step on
        oracle.update_parameters(trainer.model)
    assert trainer.average
    for name, tensor in trainer.average.model.state_dict().items():
        torch.testing.assert_close(tensor, oracle.module.state_dict()[name])
        if name.endswith("running_mean"):
            assert not torch.equal(tensor, trainer.model.state_dict()[name])


def test_the_average_is_looked_at_and_kept(monkeypatch):
    images = pictures()
    settings = config(**NORMED)
    model, averaged = fresh(settings, images), fresh(settings, images)
    monkeypatch.setattr(small_training, "fresh", lambda *_: model)
    events, _ = run(settings, images)
    last = events[-1]
    same(last.weights, arrays(model))
    assert not model.training
    raw = {name.removesuffix(RAW): array for name, array in last.optimizer.items() if name.endswith(RAW)}
    assert raw.keys() == last.weights.keys()
    assert not np.array_equal(raw["encoder.0.weight"], last.weights["encoder.0.weight"])
    load_weights(averaged, last.weights)
    with torch.no_grad():
        np.testing.assert_array_equal(of(Snapshot, events)[-1].mu, averaged.encode(images[:7])[0].numpy())


@pytest.mark.parametrize("step", [0, 3, 25, 31])
def test_it_goes_on_bit_for_bit(step):
    whole, _ = run(config(**NORMED))
    checkpoint = of(Checkpoint, stopped_at(step, config(**NORMED)))[-1]
    rest, _ = run(config(**NORMED), checkpoint=through_json(checkpoint))
    same(whole[-1].weights, rest[-1].weights)
    same(whole[-1].optimizer, rest[-1].optimizer)


def test_weights_shared_by_two_layers_are_averaged_once():
    settings = config(**{"model.tied": True})
    model = fresh(settings, pictures())
    average = Average(model, 0.5)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    average.follow(1000)
    for name, tensor in average.model.state_dict().items():
        moved = 0.0 if name.endswith("data_mean") else 0.5
        torch.testing.assert_close(tensor, before[name] + moved)


def test_it_starts_from_the_weights_of_another_run():
    """A checkpoint at step 0 with weights and nothing else of the average: both begin there."""
    settings, images = config(**{"training.average": 0.9}), pictures()
    start = run(settings)[0][-1]
    rest = {name: np.zeros_like(array) for name, array in start.optimizer.items() if not name.endswith(RAW)}
    progress = {"seconds": 0.0, "lr_scale": 1.0, "sums": [0.0, 0.0], "summed": 0}
    trainer = Trainer(settings, fresh(settings, images), images)
    trainer.restore(Checkpoint(0, start.weights, rest, progress))
    same(arrays(trainer.model), start.weights)
    same(arrays(trainer.kept), start.weights)


def test_going_back_takes_the_average_along(monkeypatch):
    calls, step = iter(range(1, 1000)), training.Adam.step

    def spoil(self, gradients, lr):
        step(self, gradients, lr)
        if next(calls) == 30:
            with torch.no_grad():
                self.parameters[0][0, 0] = float("nan")

    monkeypatch.setattr(training.Adam, "step", spoil)
    events, outcome = run(config(**NORMED))
    assert outcome.step == 60
    assert all(np.isfinite(array).all() for array in events[-1].weights.values())
