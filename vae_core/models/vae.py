"""The variational autoencoder (Kingma & Welling 2014; Rezende et al. 2014)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from vae_core.likelihoods import Likelihood
from vae_core.nets import MLPDecoder, MLPEncoder, Shape
from vae_core.objectives import Terms
from vae_core.posteriors import DiagonalGaussian, bounded


class VAE(nn.Module):
    """Encoder, decoder and likelihood; the prior is N(0, I).

    `display_ops` make pixel means of the decoder's output, for those who run it elsewhere.
    """

    def __init__(
        self,
        encoder: MLPEncoder,
        decoder: MLPDecoder,
        likelihood: Callable[[Tensor], Likelihood],
        display_ops: tuple[str, ...],
        shape: Shape,
    ):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.display_ops = display_ops
        self.shape = shape

    @property
    def latent(self) -> int:
        """Number of latent dimensions, Z."""
        first = self.decoder[0]
        assert isinstance(first, nn.Linear)
        return first.in_features

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> means and log-variances of q(z | x), (B, Z) each."""
        mu, raw = self.encoder(x).chunk(2, dim=1)
        return mu, bounded(raw)

    def decode(self, z: Tensor) -> Likelihood:
        """(B, Z) -> p(x | z)."""
        return self.likelihood(self.decoder(z).unflatten(1, self.shape))

    def forward(self, x: Tensor, generator: torch.Generator) -> Terms:
        """Distortion and rate of each example, with one latent sample drawn from `generator`."""
        posterior = DiagonalGaussian(*self.encode(x))
        likelihood = self.decode(posterior.rsample(generator))
        return Terms(distortion=-likelihood.log_prob(x), rate=posterior.kl().sum(1))
