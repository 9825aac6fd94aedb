"""What a person might want to know before a training, though nothing is wrong. Without torch."""

import numpy as np

from vae_core.config import RunConfig
from vae_core.memory import free, machine, needed, shown

GREY = (26, 229)  # of 255: a tenth away from black and white
SOME = 0.05  # share of grey pixels that is more than the soft edges of drawn lines
SAMPLE = 200  # pictures looked at

BERNOULLI = (
    "Bernoulli reads grey pixels as probabilities. For real grey values continuous Bernoulli or Gaussian "
    "are proper likelihoods."
)


def on_likelihood(config: RunConfig, images: np.ndarray) -> str:
    """A remark on the likelihood for pictures (N, C, H, W), uint8 or in [0, 1]; empty if there is none."""
    return BERNOULLI if config.model.likelihood == "bernoulli" and grey_share(images) > SOME else ""


def on_beta(config: RunConfig) -> str:
    """A remark where a multi-rate run is to open at a beta that it will not know; empty if there is none."""
    objective = config.objective
    if config.model.kind != "multirate" or objective.beta == config.beta:
        return ""
    return (
        f"β {objective.beta:g} lies outside the range to be learned, {objective.beta_low:g} to "
        f"{objective.beta_high:g}: the run opens at β {config.beta:g}."
    )


def on_memory(config: RunConfig) -> str:
    """A remark where memory may run out, since others use it just now; empty if there is none.

    Raises DataMissingError for imported pictures that are gone.
    """
    need, left = needed(config), free()
    if need <= left:
        return ""
    return (
        f"This training needs about {shown(need)} of memory; of this machine's {shown(machine())}, "
        f"{shown(left)} are free now. It may be ended for want of memory; what was saved can be resumed."
    )


def grey_share(images: np.ndarray) -> float:
    """Share of pixel values that are neither nearly black nor nearly white, among evenly spaced pictures."""
    chosen = images[:: max(1, len(images) // SAMPLE)]
    low, high = GREY if chosen.dtype == np.uint8 else (GREY[0] / 255, GREY[1] / 255)
    return float(((chosen > low) & (chosen < high)).mean()) if chosen.size else 0.0


def against_collapse(config: RunConfig, beta: float, *more: str) -> str:
    """What may keep a code from saying nothing and was not tried: "a smaller β (it is 4) or free bits"."""
    grows = config.kl == "linear" and config.objective.warmup > 0
    ways = [f"a smaller β (it is {beta:.3g})"]
    if not grows and config.kl not in ("cyclical", "sigmoid"):
        ways.append("a warm-up of β")
    if config.kl != "free_bits":
        ways.append("free bits")
    *first, last = [*ways, *more]
    return f"{', '.join(first)} or {last}"
