"""Who trains the same net on the same pictures in `benchmarks/training.py`: ours, a plain loop, pythae.

All minimise the cross-entropy summed over pixels plus the KL divergence summed over latents, mean over the
batch; `Pythae` checks that of pythae before it begins. What they end with is measured by our formulas. The
others' nets have our layers with torch's own initial weights, which is how pythae makes its MLP; nothing is
multiplied by `vae_core.products` there.
"""

import logging
import math
import tempfile
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from vae_core.config import ModelConfig, RunConfig
from vae_core.likelihoods import likelihood_of
from vae_core.metrics.elbo import sampled_terms
from vae_core.models import build
from vae_core.objectives import Terms, beta_loss
from vae_core.posteriors import DiagonalGaussian
from vae_core.training import Trainer

OURS = likelihood_of(ModelConfig())  # Bernoulli


class Rival(Protocol):
    """Somebody who trains."""

    def epoch(self) -> None:
        """Once over all pictures, the part of a batch at their end perhaps left out."""

    def loss(self, test: Tensor) -> float:
        """Minus the ELBO in nats a picture, mean over `test` (N, 1, H, W), one latent sample each."""


class Net(nn.Module):
    """The layers of our net without what is ours about it: centred input, start of the weights."""

    def __init__(self, config: RunConfig, shape: tuple[int, int, int]):
        super().__init__()
        model = build(config.model, shape)
        first = [nn.Flatten()] if config.model.net == "mlp" else []
        self.encoder = nn.Sequential(*first, *model.encoder)
        self.decoder = nn.Sequential(*model.decoder)
        self.shape = shape
        for layer in self.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        self.to(memory_format=torch.contiguous_format)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        return mu, log_var

    def decode(self, z: Tensor) -> Tensor:
        """Logits (B, C, H, W)."""
        return self.decoder(z).reshape(-1, *self.shape)

    def forward(self, x: Tensor, generator: torch.Generator) -> Terms:
        posterior = DiagonalGaussian(*self.encode(x))
        logits = self.decode(posterior.rsample(generator))
        return Terms(distortion=-OURS(logits, None).log_prob(x), rate=posterior.kl().sum(1))


def measured(net: nn.Module, test: Tensor) -> float:
    terms = sampled_terms(net.eval(), test)
    return (terms.distortion + terms.rate).double().mean().item()


class Latentscape:
    """Ours: the steps of a run without what is watched and written besides."""

    def __init__(self, config: RunConfig, images: Tensor):
        shape = (images.shape[1], images.shape[2], images.shape[3])
        self.model = build(config.model, shape, images.mean(0), config.training.seed)
        self.trainer = Trainer(config, self.model, images)

    def epoch(self) -> None:
        for _ in range(min(self.trainer.plan.epoch_steps, self.trainer.plan.steps - self.trainer.step)):
            if failure := self.trainer.advance():
                raise SystemExit(f"The training failed: {failure}")

    def loss(self, test: Tensor) -> float:
        return measured(self.model, test)


class Plain:
    """DataLoader, Adam and the loss on probabilities, as in PyTorch's own example of a VAE."""

    def __init__(self, config: RunConfig, images: Tensor, rate: float = 1e-3):
        torch.manual_seed(config.training.seed)
        self.net = Net(config, (images.shape[1], images.shape[2], images.shape[3]))
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=rate)
        self.loader = DataLoader(TensorDataset(images), batch_size=config.training.batch, shuffle=True)

    def epoch(self) -> None:
        self.net.train()
        total = 0.0
        for (x,) in self.loader:
            self.optimizer.zero_grad()
            mu, log_var = self.net.encode(x)
            z = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
            pixels = torch.sigmoid(self.net.decode(z))
            entropy = F.binary_cross_entropy(pixels, x, reduction="sum")
            divergence = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
            loss = (entropy + divergence) / len(x)
            loss.backward()
            total += loss.item()
            self.optimizer.step()

    def loss(self, test: Tensor) -> float:
        return measured(self.net, test)


class Pythae:
    """pythae's VAE in pythae's trainer, by its own `train_step`, which is an epoch; nothing is written.

    `rate` and `batch` are None for its own defaults, 1e-4 and 64.
    """

    def __init__(
        self, config: RunConfig, images: Tensor, rate: float | None = None, batch: int | None = None
    ):
        from pythae.data.datasets import BaseDataset
        from pythae.models import VAE, VAEConfig
        from pythae.trainers import BaseTrainer, BaseTrainerConfig

        logging.disable()
        torch.manual_seed(config.training.seed)
        shape = (images.shape[1], images.shape[2], images.shape[3])
        self.net = Net(config, shape)
        encoder, decoder = _wrapped(self.net)
        settings = VAEConfig(input_dim=shape, latent_dim=config.model.latent, reconstruction_loss="bce")
        model = VAE(settings, encoder=encoder, decoder=decoder)
        self._check(model, images[:64])
        given: dict[str, Any] = {"learning_rate": rate, "per_device_train_batch_size": batch}
        self.folder = tempfile.TemporaryDirectory()
        plan = BaseTrainerConfig(
            output_dir=self.folder.name,
            no_cuda=True,
            **{name: value for name, value in given.items() if value is not None},
        )
        self.trainer = BaseTrainer(model, BaseDataset(images, torch.zeros(len(images))), training_config=plan)
        self.trainer.prepare_training()
        self.trainer.callback_handler.callbacks = []  # its progress bar
        self.epochs = 0

    def epoch(self) -> None:
        self.epochs += 1
        self.trainer.train_step(self.epochs)

    def loss(self, test: Tensor) -> float:
        return measured(self.net, test)

    @torch.no_grad()
    def _check(self, model: Any, x: Tensor) -> None:
        """Whether its loss is ours, at the same z."""
        mu, log_var = self.net.encode(x)
        logits = self.net.decode(mu)
        theirs, _, _ = model.loss_function(logits.sigmoid(), x, mu, log_var, mu)
        terms = Terms(-OURS(logits, None).log_prob(x), DiagonalGaussian(mu, log_var).kl().sum(1))
        ours = beta_loss(terms, 1.0).mean().item()
        if not math.isclose(theirs.item(), ours, rel_tol=1e-5):
            raise SystemExit(
                f"This version of pythae has another loss: {theirs.item()} where ours is {ours}."
            )


def _wrapped(net: Net) -> tuple[nn.Module, nn.Module]:
    """Encoder and decoder as pythae takes them."""
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            BaseEncoder.__init__(self)
            self.layers = net.encoder

        def forward(self, x: Tensor) -> ModelOutput:
            mu, log_var = self.layers(x).chunk(2, dim=1)
            return ModelOutput(embedding=mu, log_covariance=log_var)

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            BaseDecoder.__init__(self)
            self.layers = net.decoder

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.layers(z).sigmoid().reshape(-1, *net.shape))

    return Encoder(), Decoder()
