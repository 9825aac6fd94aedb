"""Members of the family. `build` makes the one that a config describes."""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from vae_core.config import ModelConfig, ObjectiveConfig
from vae_core.errors import ConfigError, RunDamagedError
from vae_core.events import Arrays
from vae_core.film import Layers
from vae_core.likelihoods import likelihood_of
from vae_core.models.autoencoder import Autoencoder
from vae_core.models.multirate import MultiRate, at_beta
from vae_core.models.vae import VAE
from vae_core.nets import ConvDecoder, ConvEncoder, MLPDecoder, MLPEncoder
from vae_core.sizes import Shape, buffer_count, parameter_count, require

__all__ = [
    "VAE",
    "Autoencoder",
    "MultiRate",
    "at_beta",
    "build",
    "load_weights",
    "rebuild",
    "stored_model",
]

if TYPE_CHECKING:
    from vae_core.run import Run

KINDS: dict[str, type[VAE]] = {"vae": VAE, "ae": Autoencoder}
USUAL = ObjectiveConfig()


def build(
    model: ModelConfig,
    shape: Shape,
    data_mean: Tensor | None = None,
    seed: int = 0,
    betas: tuple[float, float] = (USUAL.beta_low, USUAL.beta_high),
) -> VAE:
    """A fresh model for pictures of `shape` (C, H, W) whose mean is `data_mean`, by default all zero.

    `betas` is the range of a multi-rate model. The weights depend on `seed` alone, never on torch's global
    generator. It comes ready for use (`eval`); a training switches as it needs. Raises ConfigError for sizes
    that do not go together.
    """
    require(model, shape)
    mean = torch.zeros(shape) if data_mean is None else data_mean.reshape(shape).float()
    generator = torch.Generator().manual_seed(seed)
    likelihood = likelihood_of(model)
    encoder: Layers
    decoder: Layers
    if model.net == "mlp":
        encoder = MLPEncoder(model, mean, generator)
        decoder = MLPDecoder(model, likelihood.kind.output_for(mean), generator, encoder)
    else:
        encoder = ConvEncoder(model, mean, generator)
        colour = mean.mean((1, 2), keepdim=True).expand(shape)  # its decoder has no bias for each pixel
        decoder = ConvDecoder(model, likelihood.kind.output_for(colour), generator)
    log_variance = likelihood.log_variance_for(mean)
    parts = (encoder, decoder, likelihood, shape, model.latent, log_variance)
    vae = MultiRate(*parts, betas) if model.kind == "multirate" else KINDS[model.kind](*parts)
    vae.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # up to 2.5 times as fast
    return vae.eval()


def rebuild(model: ModelConfig, weights: Arrays) -> VAE:
    """The model that `weights` were taken from. Raises RunDamagedError where they do not fit `model`."""
    complaint = RunDamagedError("The weights are not those of the network that the settings describe.")
    mean = weights.get("encoder.data_mean")
    if mean is None or mean.ndim != 3:
        raise complaint
    channels, height, width = mean.shape
    shape = (channels, height, width)
    expected = parameter_count(model, shape) + buffer_count(model, shape)
    if expected != sum(array.size for array in weights.values()):  # before memory is taken for them
        raise complaint
    try:
        vae = build(model, shape)
        load_weights(vae, weights)
        if isinstance(vae, MultiRate) and not vae.low < vae.high < math.inf:
            raise ValueError("no range of beta")
    except (ConfigError, OverflowError, TypeError, ValueError):
        raise complaint from None
    return vae


def stored_model(run: "Run") -> VAE:
    """The model of a stored run. Raises RunError where it has no weights yet, RunDamagedError."""
    weights = run.weights()
    try:
        return rebuild(run.config.model, weights)
    except RunDamagedError as error:
        raise RunDamagedError(f"Run {run.id} is damaged: {error} Bring model.safetensors back.") from None


def load_weights(model: nn.Module, weights: Arrays) -> None:
    """Take over arrays named as in `state_dict`. Raises ValueError or TypeError where they do not fit.

    Not by `load_state_dict`, which would ask batch norms for a count of steps that ours do not keep.
    """
    tensors = model.state_dict()
    if tensors.keys() != weights.keys():
        raise ValueError("other names")
    for name, tensor in tensors.items():
        if tensor.shape != weights[name].shape:
            raise ValueError(f"another shape of {name}")
        np.copyto(tensor.numpy(), weights[name])
