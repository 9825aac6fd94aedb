"""What training minimises, for each example; the mean over the batch is taken once, in the training loop."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Terms:
    """The parts of an objective in nats for each example."""

    distortion: Tensor  # (B,) -log p(x | z), summed over pixels
    rate: Tensor  # (B,) KL(q(z | x) || p(z)), summed over latent dimensions
    extras: dict[str, Tensor] = field(default_factory=dict)  # (B,) each, by name


def beta_loss(terms: Terms, beta: float) -> Tensor:
    """(B,) D + beta R (Higgins et al. 2017). With beta 1 it is minus the ELBO; there is no hidden scale."""
    return terms.distortion + beta * terms.rate
