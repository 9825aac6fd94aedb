"""q(z | x): what the encoder says about a picture's latent code."""

import torch
from torch import Tensor


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
