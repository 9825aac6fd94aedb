"""The training loop: yields events, obeys a control, goes on from a checkpoint bit for bit.

Nothing here draws from a running generator: the order of an epoch follows from (seed, epoch), the latent
noise of a step and the betas of a multi-rate one from (seed, step). A checkpoint is therefore weights, Adam's
moments and a few numbers, and a resumed run repeats an uninterrupted one exactly, given the same kind of
processor, threads and torch.
"""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.errors import RunDamagedError
from vae_core.events import Checkpoint, Diverged, Epoch, Event, RolledBack, Snapshot, Step, Stopped
from vae_core.film import curves
from vae_core.latent import BATCH, to_bytes
from vae_core.metrics.elbo import sampled_curve, sampled_terms
from vae_core.models import VAE, MultiRate, at_beta, load_weights
from vae_core.objectives import Terms, beta_loss, multirate_loss
from vae_core.optimizer import Adam
from vae_core.schedules import one_cycle, snapshot_steps, warmup

ROWS = 400  # of the curves in a run; up to twice as many where steps do not divide evenly
EPOCH_ROWS = 200
SAFE_STEPS = 25  # between states to go back to; keeping one costs about as much as a third of a step
RECONSTRUCTIONS = 10

CURVE = 7  # betas of a multi-rate model in the live view
CURVE_PICTURES = 500  # that they are looked at with; all of them would cost a tenth of the training

ORDER, NOISE, BETAS = 0, 1, 2  # streams of random numbers


@dataclass(frozen=True)
class Plan:
    """What happens at which step; follows from the config and the number of training pictures alone."""

    batch: int
    epoch_steps: int
    steps: int
    snapshots: frozenset[int]

    @classmethod
    def of(cls, config: RunConfig, pictures: int) -> "Plan":
        batch = min(config.training.batch, pictures)
        epoch_steps = pictures // batch  # a ragged last batch is dropped, the next shuffle picks it up
        steps = max(1, round(config.training.epochs * epoch_steps))
        return cls(batch, epoch_steps, steps, snapshot_steps(steps))

    def row(self, step: int) -> bool:
        return step == self.steps or step % max(1, self.steps // ROWS) == 0

    def epoch(self, step: int) -> bool:
        every = math.ceil(self.steps / self.epoch_steps / EPOCH_ROWS)
        return step == self.steps or step % (every * self.epoch_steps) == 0

    def snapshot(self, step: int) -> bool:
        return step in self.snapshots

    def safe(self, step: int) -> bool:
        """Whether the state is kept here, to go back to and perhaps to write down."""
        return step == self.steps or step % SAFE_STEPS == 0


@dataclass(frozen=True)
class Outcome:
    """How a training that came to its end did so."""

    step: int
    seconds: float
    stopped_early: bool


class Trainer:
    """Model, optimiser and place in the run; makes one step at a time."""

    def __init__(self, config: RunConfig, model: VAE, images: Tensor):
        self.config = config
        self.model = model
        self.images = images  # (N, C, H, W)
        self.plan = Plan.of(config, len(images))
        self.adam = Adam(model.named_parameters(), config.training.adam_beta2, curves(model))
        self.step = 0
        self.seconds = 0.0
        self.lr_scale = 1.0
        self.beta = self.lr = 0.0
        self.sums = [0.0, 0.0]  # of distortion and rate since the last row
        self.summed = 0  # steps in them
        self._generator = torch.Generator()
        self._order: tuple[int, tuple[Tensor, ...]] = (-1, ())  # an epoch and its batches

    def advance(self) -> str:
        """One step. Returns "", or why one must go back."""
        start = time.perf_counter()
        if not self.model.training:  # since it was looked at
            self.model.train()
        progress = (self.step + 0.5) / self.plan.steps
        warm = warmup(progress, self.config.objective.warmup)
        self.beta = self.config.beta * warm
        self.lr = self.config.training.lr * self.lr_scale * one_cycle(progress)
        terms, losses = self._objective(self._batch(), warm)
        loss = losses.mean()
        self.step += 1
        if not math.isfinite(loss.item()):
            return f"The loss was {loss.item()} at step {self.step}."
        self.adam.step(torch.autograd.grad(loss, self.adam.parameters), self.lr)
        self.sums[0] += terms.distortion.mean().item()
        self.sums[1] += terms.rate.mean().item()
        self.summed += 1
        self.seconds += time.perf_counter() - start
        looked_at = self.plan.safe(self.step) or self.plan.epoch(self.step) or self.plan.snapshot(self.step)
        return "" if not looked_at or self.finite() else f"A weight was not finite after step {self.step}."

    def looked_at(self) -> VAE:
        """The ordinary model at the run's beta."""
        return at_beta(self.model.eval(), self.config.beta)

    def finite(self) -> bool:
        """Whether the weights are of use: a finite loss can still have a gradient that is not.

        What a batch norm keeps of the batches it saw is looked at as well.
        """
        # A sum is finite only if all it adds is, and takes a fortieth of torch.isfinite's time.
        looked_at = (*self.adam.parameters, *self.adam.squares, *self.model.buffers())
        return all(math.isfinite(tensor.sum().item()) for tensor in looked_at)

    def row(self) -> Step:
        """The curves' next row: means since the one before."""
        distortion, rate = (value / self.summed for value in self.sums)
        self.sums, self.summed = [0.0, 0.0], 0
        epoch = self.step / self.plan.epoch_steps
        return Step(self.step, epoch, distortion, rate, self.beta, self.lr, self.seconds)

    def capture(self) -> Checkpoint:
        """Everything, copied."""
        weights = {name: tensor.numpy().copy() for name, tensor in self.model.state_dict().items()}
        progress = {
            "seconds": self.seconds,
            "lr_scale": self.lr_scale,
            "sums": list(self.sums),
            "summed": self.summed,
        }
        return Checkpoint(self.step, weights, self.adam.state(), progress)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Raises RunDamagedError where the checkpoint was not made with this configuration."""
        try:
            load_weights(self.model, checkpoint.weights)
            self.adam.load(checkpoint.optimizer)
            self.step = int(checkpoint.step)
            self.seconds = float(checkpoint.progress["seconds"])
            self.lr_scale = float(checkpoint.progress["lr_scale"])
            self.sums = [float(value) for value in checkpoint.progress["sums"]]
            self.summed = int(checkpoint.progress["summed"])
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise RunDamagedError(
                "The checkpoint does not fit the run's settings, so training cannot go on from it. "
                "Start a new run with the same settings."
            ) from None

    def _objective(self, x: Tensor, warm: float) -> tuple[Terms, Tensor]:
        """Terms of x (B, C, H, W), and what is minimised of each (B,); `warm` is a factor on beta."""
        if not isinstance(self.model, MultiRate):
            terms = self.model(x, self._seeded(NOISE, self.step))
            return terms, beta_loss(terms, self.beta)
        log_beta = self.model.draw(len(x), self._seeded(BETAS, self.step))
        terms = self.model(x, self._seeded(NOISE, self.step), log_beta)
        beta = warm * log_beta.exp().squeeze(1).repeat(len(x) // len(log_beta))  # (B,)
        return terms, multirate_loss(terms, beta)

    def _batch(self) -> Tensor:
        """(B, C, H, W). One gather a step; a DataLoader would cost more than the network."""
        epoch, place = divmod(self.step, self.plan.epoch_steps)
        if self._order[0] != epoch:
            order = torch.randperm(len(self.images), generator=self._seeded(ORDER, epoch))
            self._order = (epoch, order.split(self.plan.batch))
        return self.images.index_select(0, self._order[1][place])

    def _seeded(self, stream: int, index: int) -> torch.Generator:
        entropy = (self.config.training.seed, stream, index)
        return self._generator.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))


def train(
    config: RunConfig,
    model: VAE,
    images: Tensor,
    evaluation: Tensor,
    checkpoint: Checkpoint | None = None,
    control: Control | None = None,
) -> Generator[Event, None, Outcome | None]:
    """Train `model` in place on `images` (N, C, H, W) in [0, 1], watched on `evaluation` (n, C, H, W).

    At one step the order is Step, Epoch, Snapshot, Checkpoint, so that a checkpoint covers all rows up to its
    step. Returns an Outcome, or None after Stopped or Diverged. Raises RunDamagedError where `checkpoint`
    does not fit.
    """
    trainer = Trainer(config, model, images)
    control = control or Control()
    if checkpoint is not None:
        trainer.restore(checkpoint)
    good = trainer.capture()
    if good.step == 0:
        yield good
        yield _snapshot(trainer, evaluation)
    written, written_at, wish = good.step, time.monotonic(), ""
    while trainer.step < trainer.plan.steps and not (wish := control.wait()):
        failure = trainer.advance()
        if failure and trainer.lr_scale < 1:
            yield Diverged(good.step, failure, good.weights)
            return None
        if failure:
            failed_step = trainer.step
            trainer.restore(good)
            trainer.lr_scale = 0.5
            good = trainer.capture()
            yield RolledBack(good.step, failed_step, trainer.lr_scale, failure)
            continue
        yield from _rows(trainer, evaluation, ending=False)
        if trainer.plan.safe(trainer.step):
            good = trainer.capture()
            if time.monotonic() - written_at >= config.training.checkpoint_seconds:
                yield good
                written, written_at = good.step, time.monotonic()
    model.eval()
    if not trainer.finite():  # asked to end between two safe steps
        failed_step = trainer.step
        trainer.restore(good)
        yield RolledBack(
            good.step, failed_step, trainer.lr_scale, "A weight was no longer finite at the end."
        )
    if wish == "finish":
        yield from _rows(trainer, evaluation, ending=True)
    if trainer.step != written:
        yield trainer.capture()
    if wish == "stop":
        yield Stopped(trainer.step)
        return None
    return Outcome(trainer.step, trainer.seconds, stopped_early=trainer.step < trainer.plan.steps)


def _rows(trainer: Trainer, evaluation: Tensor, ending: bool) -> Iterator[Event]:
    """What is due at this step; when training ends here unplanned, what is not due and so still missing."""
    step, plan = trainer.step, trainer.plan
    if trainer.summed and plan.row(step) != ending:
        yield trainer.row()
    if plan.epoch(step) != ending:
        terms = sampled_terms(trainer.looked_at(), evaluation)
        distortion, rate = terms.distortion.mean().item(), terms.rate.mean().item()
        curve = _curve(trainer, evaluation)
        yield Epoch(step, step / plan.epoch_steps, distortion, rate, trainer.seconds, curve)
    if plan.snapshot(step) != ending:
        yield _snapshot(trainer, evaluation)


def _curve(trainer: Trainer, evaluation: Tensor) -> list[list[float]] | None:
    """[beta, distortion, rate] at evenly spaced log betas; None of a model that has but one."""
    if not isinstance(trainer.model, MultiRate):
        return None
    objective = trainer.config.objective
    betas = np.geomspace(objective.beta_low, objective.beta_high, CURVE).tolist()
    return sampled_curve(trainer.model, evaluation[:CURVE_PICTURES], betas)


@torch.no_grad()
def _snapshot(trainer: Trainer, evaluation: Tensor) -> Snapshot:
    model = trainer.looked_at()
    mu, log_var = map(torch.cat, zip(*(model.encode(part) for part in evaluation.split(BATCH))))
    first = model.decode(mu[:RECONSTRUCTIONS]).mean
    return Snapshot(trainer.step, mu.numpy(), log_var.numpy(), to_bytes(first.numpy()))
