"""p(z): what latent codes look like before a picture is seen."""

import math

import torch
from torch import Tensor


class StandardNormal:
    """N(0, I) over `latent` dimensions; `DiagonalGaussian.kl` is measured against it."""

    def __init__(self, latent: int):
        self.latent = latent

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """(count, Z)."""
        return torch.randn(count, self.latent, generator=generator)

    def log_prob(self, z: Tensor) -> Tensor:
        """(B, Z) -> (B,) nats."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(1)
