"""Members of the family. `build` makes the one that a config describes."""

import torch
from torch import Tensor

from vae_core.checks import parameter_count
from vae_core.config import ModelConfig
from vae_core.errors import RunDamagedError
from vae_core.events import Arrays
from vae_core.likelihoods import likelihood_of
from vae_core.models.autoencoder import Autoencoder
from vae_core.models.vae import VAE
from vae_core.nets import MLPDecoder, MLPEncoder, Shape

__all__ = ["VAE", "Autoencoder", "build", "rebuild"]

KINDS: dict[str, type[VAE]] = {"vae": VAE, "ae": Autoencoder}


def build(model: ModelConfig, shape: Shape, data_mean: Tensor | None = None, seed: int = 0) -> VAE:
    """A fresh model for pictures of `shape` (C, H, W) whose mean is `data_mean`, by default all zero.

    Its weights depend on `seed` alone, never on torch's global generator.
    """
    mean = torch.zeros(shape) if data_mean is None else data_mean.reshape(shape).float()
    generator = torch.Generator().manual_seed(seed)
    encoder = MLPEncoder(model.hidden, model.latent, model.activation, mean, generator)
    likelihood = likelihood_of(model)
    start = likelihood.kind.output_for(mean)
    decoder = MLPDecoder(model.hidden, model.latent, model.activation, start, generator)
    log_variance = likelihood.log_variance_for(mean)
    return KINDS[model.kind](encoder, decoder, likelihood, shape, model.latent, log_variance)


def rebuild(model: ModelConfig, weights: Arrays) -> VAE:
    """The model that `weights` were taken from. Raises RunDamagedError where they do not fit `model`."""
    complaint = RunDamagedError("The weights are not those of the network that the settings describe.")
    mean = weights.get("encoder.data_mean")
    if mean is None or mean.ndim != 3:
        raise complaint
    channels, height, width = mean.shape
    expected = parameter_count((channels, height, width), model.hidden, model.latent) + mean.size
    if expected != sum(array.size for array in weights.values()):  # before memory is taken for them
        raise complaint
    vae = build(model, (channels, height, width))
    try:
        vae.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    except (RuntimeError, TypeError):
        raise complaint from None
    return vae
