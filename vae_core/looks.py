"""What is looked at while a training goes: rows of its curves, held-out figures, the latent cloud."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from vae_core.events import Epoch, Event, Snapshot
from vae_core.inside import Relus, figures
from vae_core.latent import BATCH, to_bytes
from vae_core.metrics.elbo import sampled_curve, sampled_terms
from vae_core.models import MultiRate

if TYPE_CHECKING:
    from vae_core.training import Trainer

RECONSTRUCTIONS = 10
CURVE = 7  # betas of a multi-rate model in the live view
CURVE_PICTURES = 500  # that they are looked at with; all of them would cost a tenth of the training


def looks(trainer: "Trainer", evaluation: Tensor, ending: bool) -> Iterator[Event]:
    """What is due at this step; when training ends here unplanned, what is not due and so still missing."""
    step, plan = trainer.step, trainer.plan
    if trainer.summed and plan.row(step) != ending:
        yield trainer.row()
    if plan.epoch(step) != ending:
        model = trainer.looked_at()
        relus = Relus(model)
        with relus.watched():
            terms = sampled_terms(model, evaluation)
        distortion, rate = terms.distortion.mean().item(), terms.rate.mean().item()
        if not ending:
            trainer.learn_from(distortion, rate)
        inside = figures(model, terms, relus, evaluation)
        curve = _curve(trainer, evaluation)
        yield Epoch(step, step / plan.epoch_steps, distortion, rate, trainer.seconds, curve, **inside)
    if plan.snapshot(step) != ending:
        yield snapshot(trainer, evaluation)


def _curve(trainer: "Trainer", evaluation: Tensor) -> list[list[float]] | None:
    """[beta, distortion, rate] at evenly spaced log betas; None of a model that has but one."""
    if not isinstance(trainer.kept, MultiRate):
        return None
    objective = trainer.config.objective
    betas = np.geomspace(objective.beta_low, objective.beta_high, CURVE).tolist()
    return sampled_curve(trainer.kept, evaluation[:CURVE_PICTURES], betas)


@torch.no_grad()
def snapshot(trainer: "Trainer", evaluation: Tensor) -> Snapshot:
    """The latent cloud of `evaluation` (n, C, H, W) as it stands."""
    model = trainer.looked_at()
    mu, log_var = map(torch.cat, zip(*(model.encode(part) for part in evaluation.split(BATCH))))
    first = model.decode(mu[:RECONSTRUCTIONS]).mean
    return Snapshot(trainer.step, mu.numpy(), log_var.numpy(), to_bytes(first.numpy()))
