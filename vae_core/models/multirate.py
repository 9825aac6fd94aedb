"""One variational autoencoder for every beta (Bae et al., Multi-Rate VAE, ICLR 2023)."""

import copy
import math

import torch
from torch import Tensor

from vae_core.errors import ConfigError
from vae_core.film import FiLM, Layers, fold
from vae_core.likelihoods import Family, Likelihood
from vae_core.models.vae import VAE, Shape
from vae_core.objectives import Terms
from vae_core.posteriors import DiagonalGaussian, bounded

DRAWS = 16  # betas in a batch: the quality of one for each example, in less time
OVERSHOOT = 0.7  # of log beta in training, so that the end of the dial is not the end of what was learned
SLACK = 1e-5  # of beta, which the weights keep in single precision


class MultiRate(VAE):
    """A VAE whose layers turn with log beta; trained once with every beta of a range.

    We depart from the paper, which gates units by a function linear in log beta: here FiLM scales and shifts
    them along curves, also those of the encoder's output and of z, so that a large beta can silence whole
    latent dimensions. `log_beta` is (G, 1) with G dividing the number of examples: example i has the beta of
    row i mod G, (1, 1) is one for all; without it ConfigError is raised. `at` gives the ordinary VAE of one
    beta, which everything that looks at a trained model takes.
    """

    log_betas: Tensor  # (2,) the ends of the range, travels with the weights

    def __init__(
        self,
        encoder: Layers,
        decoder: Layers,
        likelihood: Family,
        shape: Shape,
        latent: int,
        log_variance: Tensor | None,
        betas: tuple[float, float],
    ):
        super().__init__(encoder, decoder, likelihood, shape, latent, log_variance)
        self.register_buffer("log_betas", torch.tensor(betas, dtype=torch.float64).log().float())
        self.variance_film: FiLM | None = None if log_variance is None else FiLM(1)

    @property
    def low(self) -> float:
        """The smallest beta of the range."""
        return math.exp(self.log_betas[0].item())

    @property
    def high(self) -> float:
        """The largest beta of the range."""
        return math.exp(self.log_betas[1].item())

    @property
    def centre(self) -> float:
        """The log beta at which the dial stands at 0."""
        return self.log_betas.mean().item()

    @property
    def scale(self) -> float:
        """Of the dial: over the range it then has unit variance."""
        low, high = self.log_betas.tolist()
        return math.sqrt(12) / (high - low)

    def dial(self, log_beta: Tensor | None) -> Tensor:
        """What the layers are told, (G, 1). Raises ConfigError where no beta is given."""
        if log_beta is None:
            raise ConfigError(
                f"This multi-rate model is another one at every beta from {self.low:.4g} to {self.high:.4g}; "
                "choose one: model.at(beta) is an ordinary model."
            )
        return (log_beta - self.centre) * self.scale

    def encode(self, x: Tensor, log_beta: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(B, C, H, W) -> means and log-variances of q(z | x), (B, Z) each."""
        mu, raw = self.encoder(x, self.dial(log_beta)).chunk(2, dim=1)
        return mu, bounded(raw)

    def decode(self, z: Tensor, log_beta: Tensor | None = None) -> Likelihood:
        """(B, Z) -> p(x | z)."""
        dial = self.dial(log_beta)
        weight = self.log_variance
        if weight is not None and self.variance_film is not None:
            weights = self.variance_film(weight.expand(len(dial), 1), dial)  # (G, 1)
            weight = weights.repeat(len(z) // len(dial), 1)[:, :, None, None]  # (B, 1, 1, 1)
        return self._likelihood(self.decoder(z, dial), weight)

    def forward(self, x: Tensor, generator: torch.Generator, log_beta: Tensor | None = None) -> Terms:
        """Distortion and rate of each example, with one latent sample drawn from `generator`."""
        posterior = DiagonalGaussian(*self.encode(x, log_beta))
        likelihood = self.decode(posterior.rsample(generator), log_beta)
        return Terms(distortion=-likelihood.log_prob(x), rate=posterior.kl().sum(1))

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Log betas to train `count` examples with, (G, 1): one from each of G equal parts of the range.

        The range goes OVERSHOOT beyond its upper end; so every batch sees all of it. G is DRAWS, or a smaller
        divisor of `count` down to half of that, or `count` where there is none.
        """
        low, high = self.log_betas.tolist()
        parts = next((each for each in range(DRAWS, DRAWS // 2 - 1, -1) if count % each == 0), count)
        place = torch.arange(parts)[:, None] + torch.rand(parts, 1, generator=generator)
        return low + (high + OVERSHOOT - low) / parts * place

    @torch.no_grad()
    def at(self, beta: float) -> VAE:
        """The ordinary VAE that this is at `beta`, the dial folded into its weights; ready for use (`eval`).

        Raises ConfigError outside the range.
        """
        if not self.low * (1 - SLACK) <= beta <= self.high * (1 + SLACK):
            raise ConfigError(
                f"Beta is {beta:g}; this model was trained for {self.low:.4g} to {self.high:.4g}. "
                "Choose one in that range, or train anew with a wider one."
            )
        dial = self.dial(torch.tensor([[math.log(beta)]]))
        encoder, decoder = copy.deepcopy(self.encoder), copy.deepcopy(self.decoder)
        for net in (encoder, decoder):
            assert isinstance(net, Layers)
            fold(net, dial)
        variance = self.log_variance
        if variance is not None and self.variance_film is not None:
            variance = self.variance_film(variance.expand(1, 1), dial)[0, 0]
        return VAE(encoder, decoder, self.likelihood, self.shape, self.latent, variance).eval()


def at_beta(model: VAE, beta: float) -> VAE:
    """The ordinary model to look at: `model` itself, or what a multi-rate one is at `beta`."""
    return model.at(beta) if isinstance(model, MultiRate) else model
