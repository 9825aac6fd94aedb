"""What happens at which step of a training: rows of its curves, looks at what it has learnt, snapshots."""

import math
from dataclasses import dataclass

from vae_core.config import RunConfig
from vae_core.schedules import snapshot_steps

ROWS = 400  # of the curves in a run; up to twice as many where steps do not divide evenly
EPOCH_ROWS = 200
SAFE_STEPS = 25  # between states to go back to; keeping one costs about as much as a third of a step


@dataclass(frozen=True)
class Plan:
    """What happens at which step; follows from the config and the number of training pictures alone."""

    batch: int
    epoch_steps: int
    steps: int
    snapshots: frozenset[int]
    parts: int = 1  # batches in a step

    @classmethod
    def of(cls, config: RunConfig, pictures: int) -> "Plan":
        batch = min(config.training.batch, pictures)
        parts = min(config.training.accumulate, pictures // batch)
        epoch_steps = pictures // (batch * parts)  # the rest is dropped, the next shuffle picks it up
        steps = max(1, round(config.training.epochs * epoch_steps))
        return cls(batch, epoch_steps, steps, snapshot_steps(steps), parts)

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
