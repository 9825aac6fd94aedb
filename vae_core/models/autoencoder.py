"""The plain autoencoder, to compare with: each picture is one point of z, and nothing holds them together."""

from typing import ClassVar

import torch
from torch import Tensor

from vae_core.models.vae import VAE
from vae_core.objectives import Terms


class Autoencoder(VAE):
    """z = mu(x). Trained on the distortion alone: beta is 0, see `RunConfig.beta`.

    A code without noise has an infinite rate. What is reported instead is 1/2 |mu|^2, the KL divergence of
    N(mu, I) to the prior: how far the codes lie from where a VAE would keep them, not a number of nats that
    are sent. The encoder's other half, a VAE's log-variances, is left unused, so that the nets are the same.
    """

    LOG_VAR: ClassVar[float] = -8.0  # shown for every code: next to no spread, sigma 0.018

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> codes (B, Z), and LOG_VAR for each."""
        mu, _ = self.encoder(x).chunk(2, dim=1)
        return mu, torch.full_like(mu, self.LOG_VAR)

    def forward(self, x: Tensor, generator: torch.Generator) -> Terms:
        """Distortion at the code itself, and 1/2 |mu|^2 as the rate. Draws nothing."""
        mu, _ = self.encode(x)
        return Terms(distortion=-self.decode(mu).log_prob(x), rate=0.5 * mu.square().sum(1))

    def rates(self, mu: Tensor, log_var: Tensor) -> Tensor:
        """(N, Z) codes -> (Z,) half the variance of each dimension: one that never changes says nothing.

        Their sum is the reported rate less what the codes' mean adds to it, 1/2 |mean mu|^2.
        """
        return 0.5 * mu.var(0, correction=0)
