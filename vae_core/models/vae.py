"""The variational autoencoder (Kingma & Welling 2014; Rezende et al. 2014)."""

import torch
from torch import Tensor, nn

from vae_core.likelihoods import Family, Likelihood, Spec
from vae_core.objectives import Terms
from vae_core.posteriors import DiagonalGaussian, bounded

Shape = tuple[int, int, int]  # (C, H, W)


class VAE(nn.Module):
    """Encoder, decoder and likelihood; the prior is N(0, I).

    `encoder` maps (B, C, H, W) to (B, 2 Z), `decoder` maps (B, Z) to (B, C * H * W) or (B, C, H, W), with
    2 C where the likelihood takes two numbers a pixel. `log_variance` () is the start of a learned variance
    that all pixels share, in the scale of `likelihoods.PACE`; it becomes a weight of the model.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        likelihood: Family,
        shape: Shape,
        latent: int,
        log_variance: Tensor | None = None,
    ):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.shape = shape
        self.latent = latent  # number of latent dimensions, Z
        self.log_variance: nn.Parameter | None
        self.register_parameter("log_variance", None if log_variance is None else nn.Parameter(log_variance))

    @property
    def display_ops(self) -> tuple[Spec, ...]:
        """What makes pixel means of the decoder's output, for those who run it elsewhere."""
        return self.likelihood.kind.display_ops(self.shape)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> means and log-variances of q(z | x), (B, Z) each."""
        mu, raw = self.encoder(x).chunk(2, dim=1)
        return mu, bounded(raw)

    def decode(self, z: Tensor) -> Likelihood:
        """(B, Z) -> p(x | z)."""
        return self._likelihood(self.decoder(z), self.log_variance)

    def forward(self, x: Tensor, generator: torch.Generator) -> Terms:
        """Distortion and rate of each example, with one latent sample drawn from `generator`."""
        posterior = DiagonalGaussian(*self.encode(x))
        likelihood = self.decode(posterior.rsample(generator))
        distortion = -likelihood.log_prob(x)
        rates = posterior.kl()  # (B, Z)
        return Terms(distortion, rates.sum(1), rates)

    def rates(self, mu: Tensor, log_var: Tensor) -> Tensor:
        """(N, Z) encodings -> (Z,) nats: how much each dimension says about a picture, on average."""
        return DiagonalGaussian(mu, log_var).kl().mean(0)

    def _likelihood(self, output: Tensor, weight: Tensor | None) -> Likelihood:
        """Of the decoder's output, which an MLP gives flat, and the weight of a shared variance."""
        _, height, width = self.shape
        return self.likelihood(output.flatten(1).unflatten(1, (-1, height, width)), weight)
