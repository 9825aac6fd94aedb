"""pythae's beta-VAE with the net of `benchmarks/beta.py`, trained by pythae, measured by our formulas.

What pythae 0.1.2 minimises with `reconstruction_loss="bce"` is ours: the cross-entropy summed over pixels
plus beta times the KL divergence summed over latents, mean over the batch. `_check` holds that before every
training. What its trainer reports is another figure: the loss alone, on training pictures, meant over steps.
"""

import contextlib
import io
import logging
import math
import tempfile
from itertools import pairwise

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import BetaVAE, BetaVAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import Tensor, nn

from vae_core.config import ModelConfig
from vae_core.likelihoods import likelihood_of
from vae_core.objectives import Terms, beta_loss
from vae_core.posteriors import DiagonalGaussian

RATE = 1e-3  # Adam's, constant as its trainer has it; its default of 1e-4 is far from done after a few epochs
HIDDEN = (512, 128)
OURS = likelihood_of(ModelConfig())  # Bernoulli


def _layers(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


class Encoder(BaseEncoder):
    def __init__(self, latent: int):
        BaseEncoder.__init__(self)
        self.latent_dim = latent
        self.layers = _layers(784, *HIDDEN, 2 * latent)

    def forward(self, x: Tensor) -> ModelOutput:
        mu, log_var = self.layers(x.flatten(1)).chunk(2, dim=1)
        return ModelOutput(embedding=mu, log_covariance=log_var)


class Decoder(BaseDecoder):
    def __init__(self, latent: int):
        BaseDecoder.__init__(self)
        self.layers = _layers(latent, *reversed(HIDDEN), 784)

    def forward(self, z: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.layers(z).sigmoid().unflatten(1, (1, 28, 28)))


class Measured(nn.Module):
    """pythae's nets with our posterior and likelihood around them: gives our Terms."""

    def __init__(self, trained: BetaVAE):
        super().__init__()
        self.encoder, self.decoder = trained.encoder, trained.decoder

    def forward(self, x: Tensor, generator: torch.Generator) -> Terms:
        """x (B, 1, 28, 28)."""
        output = self.encoder(x)
        posterior = DiagonalGaussian(output.embedding, output.log_covariance)
        logits = self.decoder.layers(posterior.rsample(generator)).unflatten(1, (1, 28, 28))
        return Terms(distortion=-OURS(logits, None).log_prob(x), rate=posterior.kl().sum(1))


def pythae_model(images: Tensor, latent: int, beta: float, epochs: int, seed: int) -> Measured:
    """Trains on `images` (N, 1, 28, 28) with batches of 128, as ours. What pythae says is dropped."""
    logging.disable()
    torch.manual_seed(seed)
    settings = BetaVAEConfig(input_dim=(1, 28, 28), latent_dim=latent, reconstruction_loss="bce", beta=beta)
    model = BetaVAE(settings, encoder=Encoder(latent), decoder=Decoder(latent))
    _check(model, images[:64], beta)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        plan = BaseTrainerConfig(
            output_dir=folder,
            per_device_train_batch_size=128,
            num_epochs=epochs,
            learning_rate=RATE,
            seed=seed,
            no_cuda=True,
        )
        BaseTrainer(model, BaseDataset(images, torch.zeros(len(images))), training_config=plan).train()
    return Measured(model.eval())


@torch.no_grad()
def _check(model: BetaVAE, x: Tensor, beta: float) -> None:
    """Whether its loss is ours, at the same z."""
    output = model.encoder(x)
    mu, log_var = output.embedding, output.log_covariance
    logits = model.decoder.layers(mu).unflatten(1, (1, 28, 28))
    theirs, _, _ = model.loss_function(logits.sigmoid(), x, mu, log_var, mu)
    terms = Terms(-OURS(logits, None).log_prob(x), DiagonalGaussian(mu, log_var).kl().sum(1))
    ours = beta_loss(terms, beta).mean().item()
    if not math.isclose(theirs.item(), ours, rel_tol=1e-5):
        raise SystemExit(f"This version of pythae has another loss: {theirs.item()} where ours is {ours}.")
