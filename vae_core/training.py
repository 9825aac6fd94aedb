"""The training loop: yields events, obeys a control, goes on from a checkpoint bit for bit.

Nothing here draws from a running generator: the order of an epoch follows from (seed, epoch), the latent
noise of a step and the betas of a multi-rate one from (seed, step). A checkpoint is therefore weights, Adam's
moments and a few numbers, and a resumed run repeats an uninterrupted one exactly, given the same kind of
processor, threads and torch.
"""

import math
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vae_core.averaging import Average
from vae_core.config import RunConfig
from vae_core.control import Control, Wish
from vae_core.errors import RunDamagedError
from vae_core.events import Checkpoint, Diverged, Event, RolledBack, Steered, Step, Stopped
from vae_core.feedback import Feedback
from vae_core.film import curves, narrow
from vae_core.looks import looks, snapshot
from vae_core.models import VAE, MultiRate, at_beta, load_weights
from vae_core.objectives import Terms, beta_loss, capacity_loss, free_bits_loss, multirate_loss
from vae_core.optimizer import Adam, clipped
from vae_core.plan import Plan
from vae_core.products import precision
from vae_core.schedules import beta_factor, lr_factor
from vae_core.steering import Steering, read

ORDER, NOISE, BETAS = 0, 1, 2  # streams of random numbers


@dataclass(frozen=True)
class Outcome:
    """How a training that came to its end did so."""

    step: int
    seconds: float
    stopped_early: bool
    beta: float  # weight of the rate at the end, apart from its schedule


class Trainer:
    """Model, optimiser and place in the run; makes one step at a time."""

    def __init__(self, config: RunConfig, model: VAE, images: Tensor, changes: Iterable[Steered] = ()):
        self.config = config
        self.model = model
        self.images = images  # (N, C, H, W)
        self.plan = Plan.of(config, len(images))
        training = config.training
        narrow(model, precision(config, model.shape) == "bfloat16")
        self.adam = Adam(model.named_parameters(), training.adam_beta2, curves(model), training.weight_decay)
        self.average = Average(model, training.average) if training.average else None
        self.feedback = Feedback(config)
        self.steering = Steering(config, changes)
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
        training, progress = self.config.training, (self.step + 0.5) / self.plan.steps
        factor = beta_factor(self.config.objective, progress)
        self.beta = self.feedback.weight(factor)
        course = self.lr_scale * self.feedback.lr * self.steering.lr
        self.lr = training.lr * course * lr_factor(training, progress)
        gradients, loss, distortion, rate = self._gradients(factor)
        self.step += 1
        if not math.isfinite(loss):
            return f"The loss was {loss} at step {self.step}."
        self.adam.step(clipped(gradients, training.clip) if training.clip else gradients, self.lr)
        if self.average:
            self.average.follow(self.step)
        self.feedback.step(rate)
        self.sums[0] += distortion
        self.sums[1] += rate
        self.summed += 1
        self.seconds += time.perf_counter() - start
        looked_at = self.plan.safe(self.step) or self.plan.epoch(self.step) or self.plan.snapshot(self.step)
        return "" if not looked_at or self.finite() else f"A weight was not finite after step {self.step}."

    @property
    def done(self) -> bool:
        """Whether the training is at its end, planned or because nothing is learned any longer."""
        return self.step >= self.plan.steps or self.feedback.settled

    @property
    def kept(self) -> VAE:
        """The model that is looked at and kept: of the averaged weights, where there are such."""
        return self.average.model if self.average else self.model

    def turn(self, wish: Wish) -> Steered | None:
        """The change of course that takes effect here, repeated or wished."""
        change = self.steering.turn(self.step, wish)
        if change:
            self.feedback.steer(self.steering.beta)
        return change

    def looked_at(self) -> VAE:
        """The ordinary model at the run's beta."""
        return at_beta(self.kept.eval(), self.config.beta)

    def learn_from(self, distortion: float, rate: float) -> None:
        """Take note of held-out means in nats at this step."""
        last = beta_factor(self.config.objective, (self.step - 0.5) / self.plan.steps)
        self.feedback.epoch(distortion, rate, last)

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
        weights = {name: tensor.numpy().copy() for name, tensor in self.kept.state_dict().items()}
        progress = {
            "seconds": self.seconds,
            "lr_scale": self.lr_scale,
            "sums": list(self.sums),
            "summed": self.summed,
            "feedback": self.feedback.stored(),
            "changes": self.steering.stored(),
        }
        raw = self.average.raw() if self.average else {}
        return Checkpoint(self.step, weights, self.adam.state() | raw, progress)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Raises RunDamagedError where the checkpoint was not made with this configuration."""
        try:
            if self.average:
                self.average.load(checkpoint.weights, checkpoint.optimizer)
            else:
                load_weights(self.model, checkpoint.weights)
            self.adam.load(checkpoint.optimizer)
            self.step = int(checkpoint.step)
            self.seconds = float(checkpoint.progress["seconds"])
            self.lr_scale = float(checkpoint.progress["lr_scale"])
            self.sums = [float(value) for value in checkpoint.progress["sums"]]
            self.summed = int(checkpoint.progress["summed"])
            self.steering.learn(read(checkpoint.progress.get("changes", [])))
            self.steering.rewind(self.step)
            self.feedback.beta = self.steering.beta
            self.feedback.restore(checkpoint.progress.get("feedback", {}))
        except (AttributeError, KeyError, TypeError, ValueError, RuntimeError):
            raise RunDamagedError(
                "The checkpoint does not fit the run's settings, so training cannot go on from it. "
                "Start a new run with the same settings."
            ) from None

    def _gradients(self, factor: float) -> tuple[list[Tensor], float, float, float]:
        """Of the mean loss over the step's batches; that loss, and the means of distortion and rate."""
        gradients: list[Tensor] = []
        figures = np.zeros(3)
        for part in range(self.plan.parts):
            terms, losses = self._objective(self._batch(part), factor, part)
            loss = losses.mean()
            more = torch.autograd.grad(loss, self.adam.parameters)
            gradients = [own + other for own, other in zip(gradients, more)] if part else list(more)
            figures += (loss.item(), terms.distortion.mean().item(), terms.rate.mean().item())
        if self.plan.parts > 1:
            gradients = [gradient / self.plan.parts for gradient in gradients]
        loss, distortion, rate = (figures / self.plan.parts).tolist()
        return gradients, loss, distortion, rate

    def _objective(self, x: Tensor, factor: float, part: int) -> tuple[Terms, Tensor]:
        """Terms of x (B, C, H, W) and what is minimised of each (B,); `factor` is that of beta's schedule."""
        noise = (NOISE, self.step, part)
        if isinstance(self.model, MultiRate):
            log_beta = self.model.draw(len(x), self._seeded(BETAS, self.step, part))
            terms = self.model(x, self._seeded(*noise), log_beta)
            beta = factor * log_beta.exp().squeeze(1).repeat(len(x) // len(log_beta))  # (B,)
            return terms, multirate_loss(terms, beta)
        terms, goal = self.model(x, self._seeded(*noise)), self.config.objective
        if self.config.kl == "free_bits":
            return terms, free_bits_loss(terms, self.beta, goal.free_bits, goal.free_group)
        if self.config.kl == "capacity":
            return terms, capacity_loss(terms, self.beta, factor * goal.target_rate)
        return terms, beta_loss(terms, self.beta)

    def _batch(self, part: int = 0) -> Tensor:
        """(B, C, H, W). One gather; a DataLoader would cost more than the network."""
        epoch, place = divmod(self.step, self.plan.epoch_steps)
        if self._order[0] != epoch:
            order = torch.randperm(len(self.images), generator=self._seeded(ORDER, epoch))
            self._order = (epoch, order.split(self.plan.batch))
        return self.images.index_select(0, self._order[1][place * self.plan.parts + part])

    def _seeded(self, stream: int, index: int, part: int = 0) -> torch.Generator:
        entropy = (self.config.training.seed, stream, index, *([part] if part else []))
        return self._generator.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))


def train(
    config: RunConfig,
    model: VAE,
    images: Tensor,
    evaluation: Tensor,
    checkpoint: Checkpoint | None = None,
    control: Control | None = None,
    changes: Iterable[Steered] = (),
) -> Generator[Event, None, Outcome | None]:
    """Train `model` in place on `images` (N, C, H, W) in [0, 1], watched on `evaluation` (n, C, H, W).

    At one step the order is Step, Epoch, Snapshot, Checkpoint, so that a checkpoint covers all rows up to its
    step. Steered comes before the first step that it bears on; `changes` are those of before, to be repeated
    besides those that the checkpoint knows. Returns an Outcome, or None after Stopped or Diverged. Raises
    RunDamagedError where `checkpoint` does not fit.
    """
    trainer = Trainer(config, model, images, changes)
    control = control or Control()
    if checkpoint is not None:
        trainer.restore(checkpoint)
    good = trainer.capture()
    if good.step == 0:
        yield good
        yield snapshot(trainer, evaluation)
    written, written_at, ending = good.step, time.monotonic(), ""
    while not trainer.done and not (ending := control.wait()):
        wish = control.take()
        if change := trainer.turn(wish):
            yield change
        if wish.snapshot and trainer.finite():
            yield snapshot(trainer, evaluation)
        elif wish.snapshot:
            control.snapshot()  # after going back
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
        yield from looks(trainer, evaluation, ending=False)
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
    if ending == "finish" or trainer.feedback.settled:
        yield from looks(trainer, evaluation, ending=True)
    if trainer.step != written:
        yield trainer.capture()
    if ending == "stop":
        yield Stopped(trainer.step)
        return None
    if trainer.average:
        trainer.average.settle()
    early = trainer.step < trainer.plan.steps
    return Outcome(trainer.step, trainer.seconds, early, trainer.feedback.weight(1.0))
