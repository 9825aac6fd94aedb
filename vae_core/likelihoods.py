"""p(x | z): distributions over pictures, made from the decoder's output. In nats, summed over pixels.

With them the distortion reads as the formula: `distortion = -likelihood.log_prob(x)`.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from vae_core.config import ModelConfig


class Likelihood(Protocol):
    """What the rest of the house knows of a likelihood."""

    @property
    def mean(self) -> Tensor: ...  # (B, C, H, W)
    def log_prob(self, x: Tensor) -> Tensor: ...  # (B,)
    def sample(self, generator: torch.Generator) -> Tensor: ...  # (B, C, H, W)


class Bernoulli:
    """Independent pixels in [0, 1]; `logits` (B, C, H, W).

    For pixels between 0 and 1 it is the usual continuous extension, minus the cross-entropy; a distribution
    in the strict sense only for black and white.
    """

    display_ops: ClassVar[tuple[str, ...]] = ("sigmoid",)  # make pixel means of the decoder's output

    def __init__(self, logits: Tensor):
        self.logits = logits

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        """The decoder output that predicts `mean`, kept off 0 and 1 where it would be infinite."""
        return mean.clamp(0.01, 0.99).logit()

    @property
    def mean(self) -> Tensor:
        return self.logits.sigmoid()

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats. x l - log(1 + e^l) is exact for any logit, three times faster than by probabilities."""
        logits = self.logits.flatten(1)
        return torch.linalg.vecdot(x.flatten(1), logits) - F.softplus(logits).sum(1)

    def sample(self, generator: torch.Generator) -> Tensor:
        return torch.bernoulli(self.mean, generator=generator)


class Gaussian:
    """Independent normal pixels, `mean` (B, C, H, W), with one fixed standard deviation in pixel units."""

    display_ops: ClassVar[tuple[str, ...]] = ()

    def __init__(self, mean: Tensor, sigma: float):
        self.mean = mean
        self.sigma = sigma

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        """The decoder output that predicts `mean`: itself."""
        return mean

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats, the constant included."""
        error = ((x - self.mean) / self.sigma).flatten(1)
        constant = 0.5 * error.shape[1] * math.log(2 * math.pi * self.sigma**2)
        return -0.5 * error.square().sum(1) - constant

    def sample(self, generator: torch.Generator) -> Tensor:
        noise = torch.randn(self.mean.shape, generator=generator, dtype=self.mean.dtype)
        return self.mean + self.sigma * noise


LIKELIHOODS: dict[str, type[Bernoulli] | type[Gaussian]] = {"bernoulli": Bernoulli, "gaussian": Gaussian}


def likelihood_of(model: ModelConfig) -> Callable[[Tensor], Likelihood]:
    """How a decoder's output (B, C, H, W) becomes the likelihood that `model` asks for."""
    return Bernoulli if model.likelihood == "bernoulli" else partial(Gaussian, sigma=model.sigma)
