"""What training minimises, for each example; the mean over the batch is taken once, in the training loop."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Terms:
    """The parts of an objective in nats for each example."""

    distortion: Tensor  # (B,) -log p(x | z), summed over pixels
    rate: Tensor  # (B,) KL(q(z | x) || p(z)), summed over latent dimensions
    rates: Tensor | None = None  # (B, Z) the same for each dimension, where a model knows it
    extras: dict[str, Tensor] = field(default_factory=dict)  # (B,) each, by name


DAMPING = 0.25  # of large betas; 0 neglects the small ones, 1 the large ones


def beta_loss(terms: Terms, beta: float | Tensor) -> Tensor:
    """(B,) D + beta R (Higgins et al. 2017). With beta 1 it is minus the ELBO; there is no hidden scale."""
    return terms.distortion + beta * terms.rate


def multirate_loss(terms: Terms, beta: Tensor) -> Tensor:
    """(B,) D + beta R, each example with a beta of its own (B,), weighed by (1 + beta)^-DAMPING.

    The weight is no part of what any one beta asks for: it settles how much the net that all of them share is
    shaped by each (Bae et al. 2023 weigh all alike).
    """
    return beta_loss(terms, beta) * (1 + beta) ** -DAMPING


def free_bits_loss(terms: Terms, beta: float | Tensor, allowance: float, group: int) -> Tensor:
    """(B,) D + beta sum_g max(allowance, R_g), R_g being the rate of a group of `group` neighbouring
    dimensions, averaged over the batch (Kingma et al. 2016, appendix C.8).

    The last group may be smaller. A group below its allowance, in nats, costs nothing that could be saved.
    """
    if terms.rates is None:
        raise ValueError("free bits need the rate of every dimension")
    groups = terms.rates.mean(0).split(group)  # (Z,) in parts
    return terms.distortion + beta * sum(part.sum().clamp(min=allowance) for part in groups)


def capacity_loss(terms: Terms, pull: float, capacity: float) -> Tensor:
    """(B,) D + pull |R - capacity| (Burgess et al. 2018, eq. 8), capacity in nats.

    R is the mean over the batch, as in the common implementations: pictures may still differ in what is said
    about them.
    """
    return terms.distortion + pull * (terms.rate.mean() - capacity).abs()
