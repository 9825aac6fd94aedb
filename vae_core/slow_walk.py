"""A step of a stored run, made for looking at: its very first one, or the next from where it was saved last.

Nothing of the run is changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vae_core import data
from vae_core.config import RunConfig
from vae_core.errors import DataError, RunDamagedError, RunError
from vae_core.events import Arrays
from vae_core.latent import unit_tensor
from vae_core.models import VAE, at_beta, build, load_weights
from vae_core.objectives import Terms
from vae_core.run import CHECKPOINT, Run
from vae_core.slow_motion import Seen, SlowTrainer

At = Literal["start", "now"]
Share = Callable[[float], object]

LATE = 0.9  # of a training that is over: whose batch and learning rate one step more is shown with
HELD_OUT = "The training pictures are not on this machine, so the batch is of held-out pictures."
SAME = 0.1  # of their spread: between codes of the first snapshot and those that the settings lead to


@dataclass(frozen=True)
class Walk:
    """A step, made."""

    run: str
    at: At
    trainer: SlowTrainer  # as it is after the step
    seen: Seen
    before: Arrays  # weights, by name
    averages: tuple[Arrays, Arrays]  # Adam's of gradients and of their squares, by name, before the step
    after: tuple[Terms, Tensor]  # of the same batch and noise after the step, and its losses (B,)
    notes: tuple[str, ...] = ()  # what a person should know of it, in sentences
    held_out: bool = False  # whether the batch is not of its training pictures, and the step no step of it

    @property
    def config(self) -> RunConfig:
        return self.trainer.config


def walk(run: Run, at: At = "now", tell: Share = lambda share: None) -> Walk:
    """The run's first step ("start"), or the next one from where it was saved last ("now").

    `tell` is called with the share done. Raises RunError where there is nothing to make a step with,
    DataError where the first step's pictures are not here, RunDamagedError.
    """
    torch.set_num_threads(run.config.training.threads)
    tell(0.2)
    if at == "start":
        images = _own_pictures(run)
        tell(0.6)
        return step_of(run.id, at, _begun(run, images))
    held_out = False
    try:
        images = _own_pictures(run)
    except DataError:
        images, held_out = unit_tensor(run.examples().images), True
    tell(0.6)
    trainer, notes = _standing(run, images)
    if held_out:
        notes.insert(0, HELD_OUT)
    return replace(step_of(run.id, at, trainer, tuple(notes)), held_out=held_out)


def step_of(run: str, at: At, trainer: SlowTrainer, notes: tuple[str, ...] = ()) -> Walk:
    """The next step of `trainer`. Raises RunError where it comes to nothing."""
    adam = trainer.adam
    named = [(name, tensor.detach()) for name, tensor in zip(adam.names, adam.parameters)]
    before, means, squares = (
        {name: tensor.numpy().copy() for name, tensor in pairs}
        for pairs in (named, zip(adam.names, adam.means), zip(adam.names, adam.squares))
    )
    failure = trainer.advance()
    if failure:
        raise RunError(f"This step came to nothing: {failure} Choose another run.")
    return Walk(run, at, trainer, trainer.seen, before, (means, squares), trainer.again(), notes)


def _own_pictures(run: Run) -> Tensor:
    """The run's training pictures, (N, C, H, W). Raises DataError where they are not here."""
    dataset = data.load(run.config.data)
    known = run.about.get("data")
    if isinstance(known, dict) and known.get("checksum", dataset.checksum) != dataset.checksum:
        raise DataError(
            f"The pictures on this machine are not those that run {run.id} was trained with; "
            "bring the old files back, or look at the step where it stands now."
        )
    return torch.from_numpy(dataset.to_unit(dataset.train))


def _begun(run: Run, images: Tensor) -> SlowTrainer:
    """As the run began. Raises RunError where it did not begin with fresh weights."""
    config = run.config
    betas = (config.objective.beta_low, config.objective.beta_high)
    model = build(config.model, _shape(images), images.mean(0), config.training.seed, betas)
    complaint = RunError(
        f"Run {run.id} did not begin with fresh weights, so its first step cannot be shown; "
        "look at the step where it stands now."
    )
    if "frozen" in run.about:
        raise complaint
    if 0 in run.snapshots():
        codes, _ = at_beta(model, config.beta).encode(unit_tensor(run.examples().images[:50]))
        began = run.snapshot(0).mu[:50]  # of pictures before they were rounded to bytes
        if np.abs(codes.detach().numpy() - began).mean() > SAME * began.std():
            raise complaint
    return SlowTrainer(config, model, images, run.changes())


def _standing(run: Run, images: Tensor) -> tuple[SlowTrainer, list[str]]:
    """As the run was saved last, and what is to be said of it."""
    config, notes = run.config, []
    is_kept = run.file(CHECKPOINT).is_file()  # not with starters, nor with frozen runs
    checkpoint = run.checkpoint() if is_kept else None
    weights = run.weights() if checkpoint is None else checkpoint.weights
    model = _model(run, weights, images)
    trainer = SlowTrainer(config, model, images)
    if checkpoint is not None:
        trainer.restore(checkpoint)
    elif trainer.average:
        trainer.average.load(weights, {})
    if checkpoint is None or trainer.step >= trainer.plan.steps:
        late = int(trainer.plan.steps * LATE)
        falls = config.training.lr_schedule in ("one_cycle", "cosine")
        why = ", since at the very end it is nearly nothing" if falls else ""
        notes.append(
            "This run has ended. Shown is one step more from its final weights, with the batch and the "
            f"learning rate of step {late + 1:,}{why}."
        )
        trainer.step = late
    if checkpoint is None:
        notes.append(
            "Adam's memory was not kept with this run; it was made anew from the batches before this one."
        )
        trainer.remember(trainer.step)
    return trainer, notes


def _model(run: Run, weights: Arrays, images: Tensor) -> VAE:
    """Raises RunDamagedError where weights or pictures do not fit the settings."""
    try:
        model = build(run.config.model, _shape(images))
        load_weights(model, weights)
    except (TypeError, ValueError):
        raise RunDamagedError(
            f"Run {run.id} is damaged: its weights are not those of the network that its settings describe. "
            "Bring its files back from a copy."
        ) from None
    return model


def _shape(images: Tensor) -> tuple[int, int, int]:
    _, channels, height, width = images.shape
    return channels, height, width
