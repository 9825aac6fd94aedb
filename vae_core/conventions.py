"""What our beta is called elsewhere: the same loss, written with other sums and means.

Ours is D + beta R in nats for each example: distortion summed over the X values of a picture, rate over the Z
latent dimensions, the mean over the batch taken once. Another convention is that loss times a common
factor, plus a constant, so that its gradients point the same way:

    its weight of the KL divergence = beta * factor * sigma^sigma_power
    its loss = scale * sigma^sigma_power * ours + constant

X counts every colour of a pixel. Only losses of squared or absolute errors have a sigma_power. What libraries
do was read in their source in November 2026. Needs no torch.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vae_core.config import RunConfig

HEAD = """import torch
from torch.nn import functional as F

# {names}, mu and log_var (B, Z)
"""
KL = "kl = 0.5 * (mu.square() + log_var.exp() - 1 - log_var)  # (B, Z) nats\n"

# By likelihood: what the decoder gives, and minus the log-likelihood of each value, `nats` (B, C, H, W).
DECODED = {
    "bernoulli": "logits",
    "continuous_bernoulli": "logits",
    "gaussian": "mean",
    "gaussian_shared": "mean (B, C, H, W), log_variance ()",
    "gaussian_pixel": "mean, log_variance",
    "laplace": "mean",
}
NATS = {
    "bernoulli": 'F.binary_cross_entropy_with_logits(logits, x, reduction="none")',
    "continuous_bernoulli": "-torch.distributions.ContinuousBernoulli(logits=logits).log_prob(x)",
    "gaussian": "-torch.distributions.Normal(mean, {sigma}).log_prob(x)",
    "gaussian_shared": "-torch.distributions.Normal(mean, (0.5 * log_variance).exp()).log_prob(x)",
    "gaussian_pixel": "-torch.distributions.Normal(mean, (0.5 * log_variance).exp()).log_prob(x)",
    "laplace": "-torch.distributions.Laplace(mean, {sigma}).log_prob(x)",
}
SQUARED = ("gaussian", "gaussian_shared")  # likelihoods whose distortion is a squared error over one sigma

# Where which loss was found, by (key, likelihood that it amounts to).
USED = {
    ("sum", "bernoulli"): (
        'pythae 0.1.2, BetaVAE with reconstruction_loss="bce"',
        "1Konny/Beta-VAE, objective H, Bernoulli",
        "disentangling-vae, betaH, Bernoulli",
        "Keras's example vae.py (beta 1)",
    ),
    ("batch_sum", "bernoulli"): ("pytorch/examples, vae (beta 1)",),
    ("squared", "gaussian"): ("1Konny/Beta-VAE, objective H, Gaussian",),
    ("squared_half", "gaussian"): ('pythae 0.1.2, BetaVAE with reconstruction_loss="mse"',),
    ("squared_mean", "gaussian"): (
        "PyTorch-VAE, BetaVAE type H: beta times kld_weight (0.00025 as configured)",
    ),
    ("squared_means", "gaussian"): ("lightning-bolts, VAE: kl_coeff (0.1 by default)",),
}


@dataclass(frozen=True)
class Convention:
    """One way to write the loss."""

    key: str
    title: str
    factor: float  # its weight of the KL divergence is beta * factor * sigma^sigma_power
    sigma_power: int
    scale: float  # its loss is scale * sigma^sigma_power times ours, and a constant
    unit: str  # of its loss
    snippet: str  # PyTorch that runs as it is once {beta} has been replaced by the weight
    explanation: str
    exact: bool = True  # the same objective; else that of a Gaussian likelihood with the given sigma
    used: tuple[str, ...] = ()  # where this loss was found

    def weight(self, beta: float, sigma: float = 1.0) -> float:
        """What stands before the KL divergence there for our `beta`; `sigma` in pixel units."""
        return beta * self.factor * sigma**self.sigma_power


def conventions(likelihood: str, pixels: int, latents: int, sigma: float, batch: int) -> list[Convention]:
    """All that apply to a model, ours first.

    `pixels` X values a picture, `latents` Z, `sigma` the scale of a Gaussian or Laplace likelihood in pixel
    units, `batch` the number of examples in a training step.
    """
    writer = _Writer(likelihood, pixels, latents, sigma)
    rows = [*_sums(writer, batch)]
    if likelihood == "bernoulli":
        rows.append(_bits(writer))
    rows += _absolute(writer) if likelihood == "laplace" else _squared(writer)
    return rows


def as_news(config: RunConfig, shape: Sequence[int], sigma: float | None = None) -> list[dict[str, Any]]:
    """The conventions of a run as plain rows for the browser, each with the `sigma` they were made for.

    `shape` (C, H, W) of a picture; `sigma` as the report names it where it was learned, else the config's.
    """
    scale = config.model.sigma if sigma is None else sigma
    rows = conventions(
        config.model.likelihood, math.prod(shape), config.model.latent, scale, config.training.batch
    )
    return [{**asdict(row), "used": list(row.used), "sigma": scale} for row in rows]


@dataclass(frozen=True)
class _Writer:
    """Writes the snippets for one model."""

    likelihood: str
    pixels: int
    latents: int
    sigma: float

    def row(self, key: str, title: str, loss: str, **fields: Any) -> Convention:
        """One in the model's own likelihood; `loss` is the code that follows `nats` and `kl`."""
        nats = NATS[self.likelihood].replace("{sigma}", f"{self.sigma:g}")
        code = f"{self._head(DECODED[self.likelihood])}nats = {nats}  # (B, C, H, W)\n{KL}{loss}"
        return self._convention(key, title, code, self.likelihood, **fields)

    def error(self, key: str, title: str, loss: str, **fields: Any) -> Convention:
        """One that knows no likelihood, only the distance of `mean` from x."""
        code = f"{self._head('mean')}{KL}{loss}"
        return self._convention(key, title, code, "gaussian", **fields)

    def _head(self, decoded: str) -> str:
        names = f"x and {decoded}"
        return HEAD.replace("{names}", names if "(B" in decoded else f"{names} (B, C, H, W)")

    def _convention(self, key: str, title: str, code: str, likelihood: str, **fields: Any) -> Convention:
        defaults: dict[str, Any] = {"sigma_power": 0, "scale": 1.0, "unit": "nats per example", "factor": 1.0}
        used = USED.get((key, likelihood), ())
        return Convention(key=key, title=title, snippet=code, used=used, **(defaults | fields))


def _sums(write: _Writer, batch: int) -> list[Convention]:
    """Sums and means of the same nats."""
    x, z = write.pixels, write.latents
    return [
        write.row(
            "sum",
            "Summed over pixels and latents",
            "loss = (nats.flatten(1).sum(1) + {beta} * kl.sum(1)).mean()",
            explanation="Latentscape's own: what a nat of rate costs in nats of distortion; 1 is the ELBO.",
        ),
        write.row(
            "mean",
            "Averaged over pixels, KL summed over latents",
            "loss = nats.mean() + {beta} * kl.sum(1).mean()",
            factor=1 / x,
            scale=1 / x,
            unit="nats per pixel",
            explanation=f"The default of most loss functions: it divides the distortion by X = {x}, and the "
            "same model needs a weight as much smaller.",
        ),
        write.row(
            "means",
            "Averaged over pixels, KL averaged over latents",
            "loss = nats.mean() + {beta} * kl.mean()",
            factor=z / x,
            scale=1 / x,
            unit="nats per pixel",
            explanation=f"Both terms are means, over X = {x} values and over Z = {z} dimensions.",
        ),
        write.row(
            "beta_norm",
            "Normalised beta of Higgins et al. (2017)",
            "beta = {beta} * x[0].numel() / mu.shape[1]  # beta_norm X / Z\n"
            "loss = (nats.flatten(1).sum(1) + beta * kl.sum(1)).mean()",
            factor=z / x,
            explanation=f"The paper states beta Z / X, here beta times {z} / {x}, to compare models of any "
            "size; as a number it is the weight of a loss of means.",
        ),
        write.row(
            "sum_mean",
            "Summed over pixels, KL averaged over latents",
            "loss = nats.flatten(1).sum(1).mean() + {beta} * kl.mean()",
            factor=float(z),
            explanation=f"The mean makes the KL divergence Z = {z} times smaller, so its weight is larger.",
        ),
        write.row(
            "batch_sum",
            "Summed over the batch as well",
            "loss = nats.sum() + {beta} * kl.sum()",
            scale=float(batch),
            unit=f"nats per batch of {batch}",
            explanation="Both terms grow with the batch, so beta stays; a learning rate then means another.",
        ),
        write.row(
            "batch_mixed",
            "Averaged over pixels and batch, KL summed over both",
            "loss = nats.mean() + {beta} * kl.sum()",
            factor=1 / (x * batch),
            scale=1 / x,
            unit="nats per pixel",
            explanation=f"Often a slip: the weight depends on the size of the batch, here {batch}, and a "
            "smaller last one weighs its rate less.",
        ),
    ]


def _bits(write: _Writer) -> Convention:
    """Only probabilities have a length in bits; a density's depends on the pixels' unit."""
    return write.row(
        "bits",
        "Bits per pixel",
        "loss = (nats.flatten(1).sum(1) + {beta} * kl.sum(1)).mean() / (x[0].numel() * 0.6931471805599453)",
        scale=1 / (write.pixels * math.log(2)),
        unit="bits per pixel",
        explanation=f"Nats over X ln 2 = {write.pixels * math.log(2):.5g}: both terms alike, so beta stays.",
    )


def _squared(write: _Writer) -> list[Convention]:
    """Squared errors, whose weight is 2 beta sigma^2: from |x - mean|^2 / (2 sigma^2) + beta KL."""
    x, z, exact = write.pixels, write.latents, write.likelihood in SQUARED
    common = (
        "Only beta σ² counts: twice it is the weight."
        if exact
        else "Not this model's likelihood: beta of a Gaussian with this σ, of which only beta σ² counts."
    )
    if write.likelihood == "gaussian_shared":
        common += " σ is learned here; this is its value now."
    fields: dict[str, Any] = {"sigma_power": 2, "exact": exact, "explanation": common}
    return [
        write.error(
            "squared",
            "Sum of squared errors",
            "loss = ((x - mean).square().flatten(1).sum(1) + {beta} * kl.sum(1)).mean()",
            factor=2.0,
            scale=2.0,
            unit="squared pixel units",
            **fields,
        ),
        write.error(
            "squared_half",
            "Half the sum of squared errors",
            "loss = (0.5 * (x - mean).square().flatten(1).sum(1) + {beta} * kl.sum(1)).mean()",
            unit="squared pixel units",
            **(fields | {"explanation": f"{common} The half makes it beta σ² itself: σ = 1."}),
        ),
        write.error(
            "squared_mean",
            "Mean squared error, KL summed over latents",
            "loss = F.mse_loss(mean, x) + {beta} * kl.sum(1).mean()",
            factor=2 / x,
            scale=2 / x,
            unit="squared pixel units per pixel",
            **fields,
        ),
        write.error(
            "squared_means",
            "Mean squared error, KL averaged over latents",
            "loss = F.mse_loss(mean, x) + {beta} * kl.mean()",
            factor=2 * z / x,
            scale=2 / x,
            unit="squared pixel units per pixel",
            **fields,
        ),
    ]


def _absolute(write: _Writer) -> list[Convention]:
    """Absolute errors, whose weight is beta sigma: from |x - mean| / sigma + beta KL."""
    common: dict[str, Any] = {"sigma_power": 1, "explanation": "Only beta σ counts: it is the weight."}
    return [
        write.error(
            "absolute",
            "Sum of absolute errors",
            "loss = ((x - mean).abs().flatten(1).sum(1) + {beta} * kl.sum(1)).mean()",
            unit="pixel units",
            **common,
        ),
        write.error(
            "absolute_mean",
            "Mean absolute error, KL summed over latents",
            "loss = F.l1_loss(mean, x) + {beta} * kl.sum(1).mean()",
            factor=1 / write.pixels,
            scale=1 / write.pixels,
            unit="pixel units per pixel",
            **common,
        ),
    ]
