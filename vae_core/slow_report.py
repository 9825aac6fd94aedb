"""A step that was walked through, as JSON holds it: what pages and the command line are told of it."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_core.film import curves
from vae_core.optimizer import clipped
from vae_core.slow_lines import stage_lines
from vae_core.slow_walk import Walk

PICTURES = 8  # of the batch that are followed
UNITS, MAPS = 64, 8  # of a hidden layer that are shown
FILTERS = 4  # units, or eight kernels, of the first layer whose weights are shown
DIGITS = 5  # that count

Report = dict[str, Any]


def described(walk: Walk) -> Report:
    """All of a step. Lists nest as arrays do: (K, ...) for the K pictures that are followed.

    "nats" and "by_output" are (K, H, W), summed over channels; gradients by codes and outputs are of each
    picture's own loss. Numbers have DIGITS digits that count.
    """
    seen = walk.seen
    return {
        **_place(walk),
        **_settings(walk),
        **_means(walk),
        **_followed(walk),
        "cloud": _cloud(seen.mu, seen.rates),
        "encoder": [_layer(layer) for layer in seen.encoder],
        "decoder": [_layer(layer) for layer in seen.decoder],
        "difference": _difference(walk),
        "weights": _weights(walk),
        "one": one_weight(walk),
        "filters": _filters(walk),
        "lines": {
            stage: [vars(line) for line in lines]
            for stage, lines in stage_lines(walk.config, seen.likelihood).items()
        },
    }


def _place(walk: Walk) -> Report:
    """Which step of which run it is."""
    return {
        "run": walk.run,
        "at": walk.at,
        "notes": list(walk.notes),
        "held_out": walk.held_out,
        "step": walk.trainer.step,
        "steps": walk.trainer.plan.steps,
        "epoch_steps": walk.trainer.plan.epoch_steps,
        "batch": len(walk.seen.x),
        "parts": walk.trainer.plan.parts,
    }


def _settings(walk: Walk) -> Report:
    """What the step follows from besides its pictures."""
    config, trainer = walk.config, walk.trainer
    return {
        "kind": config.model.kind,
        "net": config.model.net,
        "likelihood": config.model.likelihood,
        "kl": config.kl,
        "shape": list(walk.seen.x.shape[1:]),
        "lr": trainer.lr,
        "sigma": config.model.sigma,
        "free_bits": [config.objective.free_bits, config.objective.free_group],
        "capacity": trainer.factor * config.objective.target_rate,
        "adam": [0.9, trainer.adam.beta2],
        "clip": config.training.clip,
        "decay": config.training.weight_decay,
    }


def _means(walk: Walk) -> Report:
    """Over the batch, before the step and after it."""
    seen, (after, losses) = walk.seen, walk.after
    return {
        "means": {
            "distortion": _mean(seen.terms.distortion),
            "rate": _mean(seen.terms.rate),
            "loss": _mean(seen.losses),
            "beta": _mean(seen.betas),
        },
        "after": {"distortion": _mean(after.distortion), "rate": _mean(after.rate), "loss": _mean(losses)},
    }


def _followed(walk: Walk) -> Report:
    """Of the first pictures of the batch, one by one."""
    seen, channels = walk.seen, walk.seen.x.shape[1]
    return {
        "x": rounded(seen.x[:PICTURES], 3),
        "mean": rounded(seen.mean[:PICTURES], 3),
        "nats": rounded(seen.nats[:PICTURES].sum(1)),
        "by_output": rounded(seen.by_output[:PICTURES, :channels].sum(1)),
        **{name: rounded(getattr(seen, name)[:PICTURES]) for name in CODES},
        "noise": None if seen.noise is None else rounded(seen.noise[:PICTURES]),
        "distortion": rounded(seen.terms.distortion[:PICTURES]),
        "rate": rounded(seen.terms.rate[:PICTURES]),
        "losses": rounded(seen.losses[:PICTURES]),
        "betas": rounded(seen.betas[:PICTURES]),
    }


CODES = ("mu", "log_var", "z", "rates", "by_z", "by_mu", "by_log_var")  # (K, Z) each


def one_weight(walk: Walk) -> Report:
    """The journey of the weight with the largest gradient: Adam's arithmetic in numbers.

    With t the count of steps, m and v the averages before it and g the clipped gradient (Kingma & Ba 2015,
    algorithm 1): m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g², and the weight moves by
    - lr (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + 1e-8), after it shrank by 1 - lr decay.
    """
    trainer, adam = walk.trainer, walk.trainer.adam
    slow = curves(trainer.model)
    places = [k for k, name in enumerate(adam.names) if adam.parameters[k].ndim > 1 and name not in slow]
    place = max(places, key=lambda k: trainer.used[k].abs().max().item())
    name, clip = adam.names[place], walk.config.training.clip
    index = np.unravel_index(int(trainer.used[place].abs().argmax()), trainer.used[place].shape)
    given = clipped(trainer.used, clip) if clip else trainer.used
    gradient, m, v = (float(a[index]) for a in (given[place].numpy(), *(s[name] for s in walk.averages)))
    count, b1, b2 = adam.steps[place].item(), 0.9, adam.beta2
    m, v = b1 * m + (1 - b1) * gradient, b2 * v + (1 - b2) * gradient**2
    straight, size = m / (1 - b1**count), math.sqrt(v / (1 - b2**count))
    before = float(walk.before[name][index])
    return {
        "name": name,
        "index": [int(k) for k in index],
        "before": before,
        "gradient": gradient,
        "m": straight,
        "v": size,
        "count": int(count),
        "change": -trainer.lr * straight / (size + 1e-8) - before * trainer.lr * adam.decay,
        "after": adam.parameters[place][tuple(index)].item(),
    }


def _weights(walk: Walk) -> list[Report]:
    """Typical sizes, root mean squares, of each matrix: of its weights, their gradients and the change."""
    adam = walk.trainer.adam
    return [
        {
            "name": name,
            "shape": list(weight.shape),
            "weight": _rms(walk.before[name]),
            "gradient": _rms(gradient.numpy()),
            "change": _rms(weight.detach().numpy() - walk.before[name]),
        }
        for name, weight, gradient in zip(adam.names, adam.parameters, walk.trainer.used)
        if weight.ndim > 1
    ]


def _filters(walk: Walk) -> Report:
    """Weights of the first layer as pictures (n, H, W): of those units, or kernels, with most gradient."""
    adam, (channels, height, width) = walk.trainer.adam, walk.seen.x.shape[1:]
    place = adam.names.index("encoder.0.weight")
    gradient = walk.trainer.used[place]
    is_conv = gradient.ndim == 4
    size = tuple(gradient.shape[2:]) if is_conv else (height, width)
    chosen = (
        gradient.flatten(1).square().sum(1).argsort(descending=True)[: 2 * FILTERS if is_conv else FILTERS]
    )
    before = torch.from_numpy(walk.before["encoder.0.weight"])
    change = adam.parameters[place].detach() - before

    def pictures(weights: Tensor) -> Any:
        return rounded(weights[chosen].reshape(len(chosen), channels, *size).sum(1))

    named = {"before": before, "gradient": gradient, "change": change}
    return {"units": chosen.tolist(), **{name: pictures(tensor) for name, tensor in named.items()}}


def _difference(walk: Walk) -> float | None:
    """The largest between autograd's gradients and those that the loop took, as a share of the largest.

    None where a step gathers several batches, of which only the first was walked through.
    """
    if walk.trainer.plan.parts > 1:
        return None
    pairs = list(zip(walk.seen.gradients, walk.trainer.used))
    largest = max(used.abs().max().item() for _, used in pairs)
    return max((own - used).abs().max().item() for own, used in pairs) / (largest or 1.0)


def _layer(activations: Tensor) -> Report:
    """A hidden layer, (B, units) or (B, maps, H, W): its shape, and the first of it for each picture."""
    few = activations[:PICTURES, : UNITS if activations.ndim == 2 else MAPS]
    return {"shape": list(activations.shape[1:]), "values": rounded(few, 3)}


def _cloud(mu: Tensor, rates: Tensor) -> Report:
    """All codes of the batch along the two dimensions of the highest rate."""
    axes = sorted(rates.mean(0).argsort(descending=True, stable=True)[:2].tolist())
    return {"axes": axes, "mu": rounded(mu[:, axes], 4)}


def rounded(values: Tensor | np.ndarray, digits: int = DIGITS) -> Any:
    """Nested lists of floats with so many digits that count; what is not finite becomes None."""
    array = np.asarray(values, np.float64)
    sizes = np.abs(np.where(np.isfinite(array), array, 0.0))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(sizes > 0, sizes, 1.0))))
    made = np.where(sizes > 0, np.round(np.where(sizes > 0, array, 0.0) * scale) / scale, 0.0)
    made = made.astype(object)
    made[~np.isfinite(array)] = None
    return made.tolist()


def _mean(values: Tensor) -> float:
    return values.mean().item()


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
