"""The density e^(x l) l / (e^l - 1) on [0, 1]: the continuous Bernoulli's, in its logit l.

Everything here is exact to the last digits for any l, also around 0, where the formulas divide 0 by 0.
Logits are of any shape.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

SERIES = 0.3  # logits nearer to 0 have their mean by its series


def log_normaliser(logits: Tensor) -> Tensor:
    """log((e^l - 1) / l), whose gradient is the mean."""
    normaliser: Tensor = _LogNormaliser.apply(logits)
    return normaliser


def mean(logits: Tensor) -> Tensor:
    """1 / (1 - e^-l) - 1 / l, and 1/2 + l/12 - l^3/720 + l^5/30240 - l^7/1209600 near 0."""
    near = logits.abs() < SERIES
    square = logits.square()
    series = 0.5 + logits * (1 / 12 - square * (1 / 720 - square * (1 / 30240 - square / 1209600)))
    away = torch.where(near, 1.0, logits)  # the formula's difference cancels near 0
    return torch.where(near, series, 0.5 + 0.5 / torch.tanh(0.5 * away) - 1 / away)


def logits_for(means: Tensor) -> Tensor:
    """The inverse of `mean` for values from 0.01 to 0.99, by halving as it has no closed form."""
    low, high = torch.full_like(means, -128.0), torch.full_like(means, 128.0)
    for _ in range(40):
        middle = (low + high) / 2
        short = mean(middle) < means
        low, high = torch.where(short, middle, low), torch.where(short, high, middle)
    return (low + high) / 2


def sample(logits: Tensor, generator: torch.Generator) -> Tensor:
    """The distribution function's inverse, log(1 + u (e^l - 1)) / l, at uniform u."""
    size = logits.abs().clamp_min(1e-6)
    u = torch.rand(size.shape, generator=generator, dtype=size.dtype)
    dark = -torch.log1p(u * torch.expm1(-size)) / size  # for -|l|, where nothing overflows
    return torch.where(logits > 0, 1 - dark, dark).clamp(0, 1)


class _LogNormaliser(torch.autograd.Function):
    """With its gradient given, as differentiating the formula would lose all digits near 0."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        ctx.save_for_backward(logits)
        size = logits.abs().clamp_min(1e-30)
        return F.relu(logits) + torch.log(-torch.expm1(-size) / size)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (logits,) = ctx.saved_tensors
        return gradient * mean(logits)
