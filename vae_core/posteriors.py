"""q(z | x): what the encoder says about a picture's latent code."""

import torch
from torch import Tensor
from torch.nn import functional as F

CEILING = 4.0  # of log-variances; the prior's is 0, so a useful posterior stays far below


def bounded(raw: Tensor) -> Tensor:
    """Log-variances from the encoder's output: nearly the same where it is small, never above CEILING.

    We depart from the paper here. A picture unlike the others can drive an unbounded output to variances of a
    hundred million late in a training that goes well otherwise, and then outweigh its whole batch.
    """
    return CEILING - F.softplus(CEILING - raw)


class DiagonalGaussian:
    """Independent normals with means `mu` and variances exp(`log_var`), both (B, Z)."""

    def __init__(self, mu: Tensor, log_var: Tensor):
        self.mu = mu
        self.log_var = log_var

    def rsample(self, generator: torch.Generator) -> Tensor:
        """One draw for each example, (B, Z), differentiable (Kingma & Welling 2014, section 2.4)."""
        noise = torch.randn(self.mu.shape, generator=generator, dtype=self.mu.dtype)
        return self.mu + (0.5 * self.log_var).exp() * noise

    def kl(self) -> Tensor:
        """KL divergence to the standard normal, (B, Z) nats (Kingma & Welling 2014, appendix B)."""
        return 0.5 * (self.mu.square() + self.log_var.exp() - self.log_var - 1)
