"""Which lines of our code make each stage of a step, read where they stand."""

from collections.abc import Callable
from typing import Any

from vae_core import objectives, posteriors
from vae_core.code_lines import CodeLine, code_line
from vae_core.config import RunConfig
from vae_core.likelihoods import Likelihood
from vae_core.models import VAE, Autoencoder, MultiRate
from vae_core.nets import ConvEncoder, MLPEncoder
from vae_core.optimizer import Adam, clipped
from vae_core.posteriors import DiagonalGaussian
from vae_core.training import Trainer

STAGES = (
    "pictures",
    "encode",
    "spread",
    "noise",
    "code",
    "decode",
    "distortion",
    "rate",
    "loss",
    "gradients",
    "update",
)


def stage_lines(config: RunConfig, likelihood: type[Likelihood]) -> dict[str, list[CodeLine]]:
    """The lines of each of STAGES for a model and an objective like these, the one that matters first.

    Raises LookupError where a line is not there any longer.
    """
    kinds: dict[str, type[VAE]] = {"ae": Autoencoder, "multirate": MultiRate}
    model = kinds.get(config.model.kind, VAE)
    is_conv = config.model.net == "conv"
    encoder: Callable[..., Any] = ConvEncoder.forward if is_conv else MLPEncoder.forward
    is_ae = model is Autoencoder
    moved = [code_line(Trainer.advance, "self.adam.step("), code_line(Adam, "fused=True")]
    gradients = [code_line(Trainer, "torch.autograd.grad(loss")]
    if config.training.clip:
        moved.insert(0, code_line(clipped, "shrink = "))
    if config.training.accumulate > 1:
        gradients.append(code_line(Trainer, "gradient / self.plan.parts"))
    return {
        "pictures": [code_line(Trainer, "index_select")],
        "encode": [code_line(model.encode, "self.encoder("), code_line(encoder, "self.data_mean")],
        "spread": [code_line(model.encode, "return mu"), *_bound(is_ae)],
        "noise": [] if is_ae else [code_line(DiagonalGaussian.rsample, "torch.randn")],
        "code": [code_line(model.forward if is_ae else DiagonalGaussian.rsample, _code(is_ae))],
        "decode": [code_line(VAE._likelihood, "return"), code_line(model.decode, "self.decoder(")],
        "distortion": [
            code_line(likelihood.log_prob, "return"),
            code_line(model.forward, "-likelihood.log_prob(x)" if not is_ae else "log_prob(x)"),
        ],
        "rate": [code_line(model.forward if is_ae else DiagonalGaussian.kl, "0.5 *")],
        "loss": [*_objective(config), code_line(Trainer, "losses.mean()")],
        "gradients": gradients,
        "update": moved,
    }


def _bound(is_ae: bool) -> list[CodeLine]:
    return [] if is_ae else [code_line(posteriors.bounded, "return")]


def _code(is_ae: bool) -> str:
    return "self.encode(x)" if is_ae else "return self.mu +"


def _objective(config: RunConfig) -> list[CodeLine]:
    if config.model.kind == "multirate":
        return [code_line(objectives.multirate_loss, "return"), code_line(objectives.beta_loss, "return")]
    named = {"free_bits": objectives.free_bits_loss, "capacity": objectives.capacity_loss}
    kind = config.kl if config.model.kind == "vae" else ""
    return [code_line(named.get(kind, objectives.beta_loss), "return terms")]
