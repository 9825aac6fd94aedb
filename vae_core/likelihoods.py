"""p(x | z): distributions over pictures, made from the decoder's output. In nats, summed over pixels.

With them the distortion reads as the formula: `distortion = -likelihood.log_prob(x)`. All but the Bernoulli
are densities, so a distortion can be negative.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from vae_core import tilted
from vae_core.config import ModelConfig

# The smallest learned standard deviation, one grey level of 255: without it the likelihood of pixels that
# are the same in all pictures, such as a black border, grows without bound and drowns everything else.
SIGMA_FLOOR = 1 / 255
LOG_VARIANCE_FLOOR = 2 * math.log(SIGMA_FLOOR)

# A step of Adam moves every weight by about the learning rate. The one log-variance that all pixels share has
# far to go and would lag behind for epochs, so its weight holds a tenth of it.
PACE = 10

Spec = dict[str, Any]  # an operation of the browser


class Likelihood(ABC):
    """What the rest of the house knows of a likelihood."""

    name: ClassVar[str]  # as in ModelConfig.likelihood
    scale: ClassVar[Literal["none", "fixed", "shared"]] = "none"  # needed besides the decoder's output
    mean: Tensor  # (B, C, H, W)

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B,) nats."""

    @abstractmethod
    def sample(self, generator: torch.Generator) -> Tensor:
        """One picture for each, (B, C, H, W)."""

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        """The decoder output (C or 2 C, H, W) that predicts `mean` (C, H, W): where a decoder starts."""
        return mean

    @staticmethod
    def display_ops(shape: tuple[int, int, int]) -> tuple[Spec, ...]:
        """What makes pixel means of the decoder's output, for those who run it elsewhere."""
        return ()


class Bernoulli(Likelihood):
    """Independent pixels in [0, 1]; `logits` (B, C, H, W).

    For pixels between 0 and 1 it is the usual continuous extension, minus the cross-entropy; a distribution
    in the strict sense only for black and white.
    """

    name = "bernoulli"

    def __init__(self, logits: Tensor):
        self.logits = logits

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        """Kept off 0 and 1, where it would be infinite."""
        return mean.clamp(0.01, 0.99).logit()

    @staticmethod
    def display_ops(shape: tuple[int, int, int]) -> tuple[Spec, ...]:
        return ({"op": "sigmoid"},)

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return self.logits.sigmoid()

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats. x l - log(1 + e^l) is exact for any logit, three times faster than by probabilities."""
        logits = self.logits.flatten(1)
        return torch.linalg.vecdot(x.flatten(1), logits) - F.softplus(logits).sum(1)

    def sample(self, generator: torch.Generator) -> Tensor:
        return torch.bernoulli(self.mean, generator=generator)


class ContinuousBernoulli(Likelihood):
    """Independent pixels in [0, 1] with density proportional to λ^x (1 - λ)^(1 - x), λ = sigmoid(`logits`).

    Loaiza-Ganem & Cunningham 2019: the Bernoulli made a distribution for grey pixels by its normalising
    constant. In logits l (B, C, H, W) it is e^(x l) l / (e^l - 1), an exponential family; its mean is not λ.
    On constant black pixels the likelihood has no bound, but grows only as log |l|.
    """

    name = "continuous_bernoulli"

    def __init__(self, logits: Tensor):
        self.logits = logits

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        """Kept off 0 and 1 as for the Bernoulli."""
        return tilted.logits_for(mean.clamp(0.01, 0.99))

    @staticmethod
    def display_ops(shape: tuple[int, int, int]) -> tuple[Spec, ...]:
        return ({"op": "continuous_bernoulli_mean"},)

    @property
    def mean(self) -> Tensor:  # type: ignore[override]
        return tilted.mean(self.logits)

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats: x l - log((e^l - 1) / l), whose gradient is x - mean."""
        logits = self.logits.flatten(1)
        return torch.linalg.vecdot(x.flatten(1), logits) - tilted.log_normaliser(logits).sum(1)

    def sample(self, generator: torch.Generator) -> Tensor:
        return tilted.sample(self.logits, generator)


class Gaussian(Likelihood):
    """Independent normal pixels, `mean` (B, C, H, W), with one fixed standard deviation in pixel units."""

    name, scale = "gaussian", "fixed"

    def __init__(self, mean: Tensor, sigma: float):
        self.mean = mean
        self.sigma = sigma

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats, the constant included."""
        error = ((x - self.mean) / self.sigma).flatten(1)
        constant = 0.5 * error.shape[1] * math.log(2 * math.pi * self.sigma**2)
        return -0.5 * error.square().sum(1) - constant

    def sample(self, generator: torch.Generator) -> Tensor:
        return self.mean + self.sigma * _noise(self.mean, generator)


class Laplace(Likelihood):
    """Independent pixels with density e^(-|x - mean| / sigma) / (2 sigma); `mean` (B, C, H, W).

    Its mean is also its median, and one wrong pixel costs less than under a Gaussian. `sigma` is the scale in
    pixel units; the standard deviation is sqrt(2) times as large.
    """

    name, scale = "laplace", "fixed"

    def __init__(self, mean: Tensor, sigma: float):
        self.mean = mean
        self.sigma = sigma

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats."""
        error = (x - self.mean).flatten(1)
        return -error.abs().sum(1) / self.sigma - error.shape[1] * math.log(2 * self.sigma)

    def sample(self, generator: torch.Generator) -> Tensor:
        """The difference of two exponential variables is a Laplace variable."""
        up, down = (torch.empty_like(self.mean).exponential_(generator=generator) for _ in range(2))
        return self.mean + self.sigma * (up - down)


class SharedGaussian(Likelihood):
    """Independent normal pixels, `mean` (B, C, H, W), with one learned `log_variance` () for all of them.

    The variance is a weight of the model (the sigma-VAE of Rybkin et al. 2021); a linear VAE with it is
    probabilistic PCA (Lucas et al. 2019). It stays above SIGMA_FLOOR squared, see `floored`.
    """

    name: ClassVar[str] = "gaussian_shared"
    scale: ClassVar[Literal["none", "fixed", "shared"]] = "shared"

    def __init__(self, mean: Tensor, log_variance: Tensor):
        self.mean = mean
        self.log_variance = floored(log_variance)

    @property
    def sigma(self) -> Tensor:
        """Standard deviation in pixel units, () or (B, C, H, W)."""
        return (0.5 * self.log_variance).exp()

    def log_prob(self, x: Tensor) -> Tensor:
        """(B,) nats, the constant included."""
        nats = (x - self.mean).square() * (-self.log_variance).exp() + self.log_variance
        return -0.5 * (nats.flatten(1).sum(1) + x[0].numel() * math.log(2 * math.pi))

    def sample(self, generator: torch.Generator) -> Tensor:
        return self.mean + self.sigma * _noise(self.mean, generator)


class PixelGaussian(SharedGaussian):
    """Independent normal pixels, each with mean and log-variance of its own from the decoder.

    `output` is (B, 2 C, H, W): all means, then all log-variances. The likelihood of pixels that never change
    would have no bound; SIGMA_FLOOR bounds it by log(1 / (sqrt(2 pi) SIGMA_FLOOR)) = 4.62 nats a pixel.
    """

    name = "gaussian_pixel"
    scale = "none"

    def __init__(self, output: Tensor):
        super().__init__(*output.chunk(2, dim=1))

    @staticmethod
    def output_for(mean: Tensor) -> Tensor:
        return torch.cat([mean, variance_for(mean).log()])

    @staticmethod
    def display_ops(shape: tuple[int, int, int]) -> tuple[Spec, ...]:
        return ({"op": "take", "count": math.prod(shape)},)


def floored(log_variance: Tensor) -> Tensor:
    """Nearly the same where it is large, never below LOG_VARIANCE_FLOOR; its slope is nowhere quite 0."""
    return LOG_VARIANCE_FLOOR + F.softplus(log_variance - LOG_VARIANCE_FLOOR)


def variance_for(mean: Tensor) -> Tensor:
    """A first guess of the variance of pixels in [0, 1], half of what black and white ones would have."""
    return (0.5 * mean * (1 - mean)).clamp_min(0.01)


def _noise(mean: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(mean.shape, generator=generator, dtype=mean.dtype)


LIKELIHOODS: dict[str, type[Likelihood]] = {
    kind.name: kind
    for kind in (Bernoulli, Gaussian, ContinuousBernoulli, SharedGaussian, PixelGaussian, Laplace)
}


@dataclass(frozen=True)
class Family:
    """A kind of likelihood with its fixed scale. Called, it makes the likelihood of a decoder's output."""

    kind: type[Likelihood]
    sigma: float

    @property
    def name(self) -> str:
        return self.kind.name

    def __call__(self, output: Tensor, weight: Tensor | None = None) -> Likelihood:
        """`output` (B, C or 2 C, H, W); `weight` () where all pixels share a learned variance."""
        if self.kind is SharedGaussian:
            assert weight is not None
            return SharedGaussian(output, PACE * weight)
        arguments = (output, self.sigma) if self.kind.scale == "fixed" else (output,)
        return self.kind(*arguments)

    def log_variance_for(self, mean: Tensor) -> Tensor | None:
        """Where the weight () of a shared variance starts for pictures with this mean; None without one."""
        return variance_for(mean).mean().log() / PACE if self.kind.scale == "shared" else None


def likelihood_of(model: ModelConfig) -> Family:
    """The family that `model` asks for."""
    return Family(LIKELIHOODS[model.likelihood], model.sigma)
