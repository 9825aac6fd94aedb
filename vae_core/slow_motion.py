"""One step of training, watched from within: all that stands between a batch of pictures and moved weights.

The step is made by the loop itself (`Trainer.advance`). What the net is told and what it says is taken down
in the loop's own forward pass (`Trainer._objective`), on a copy of the model so that nothing happens twice.
"""

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from vae_core.likelihoods import Family, Likelihood
from vae_core.models import VAE, Autoencoder
from vae_core.nets import ACTIVATIONS
from vae_core.objectives import Terms
from vae_core.posteriors import DiagonalGaussian
from vae_core.training import NOISE, Trainer

BENDS = tuple(ACTIVATIONS.values())
REMEMBERED = 40  # steps that make up Adam's memory where none was kept


@dataclass
class Heard:
    """What was listened to during one forward pass, still in the graph of gradients."""

    mu: Tensor = field(init=False)  # (B, Z)
    log_var: Tensor = field(init=False)  # (B, Z)
    log_beta: Tensor | None = None  # (G, 1) of a multi-rate model
    z: Tensor = field(init=False)  # (B, Z)
    output: Tensor = field(init=False)  # (B, C or 2 C, H, W) what the decoder says
    weight: Tensor | None = None  # of a variance that pixels share
    family: Family = field(init=False)
    likelihood: Likelihood = field(init=False)
    encoder: list[Tensor] = field(default_factory=list)  # hidden activations, (B, units) or (B, maps, H, W)
    decoder: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """What stands between a batch of B pictures and its losses; nats, gradients of the sum of all losses."""

    x: Tensor  # (B, C, H, W)
    mu: Tensor  # (B, Z)
    log_var: Tensor  # (B, Z)
    noise: Tensor | None  # (B, Z) epsilon; None of a code without noise
    z: Tensor  # (B, Z)
    mean: Tensor  # (B, C, H, W) pixel means of p(x | z)
    nats: Tensor  # (B, C, H, W) distortion of each pixel
    rates: Tensor  # (B, Z) rate of each dimension
    terms: Terms
    losses: Tensor  # (B,)
    betas: Tensor  # (B,) weight of each picture's rate
    by_output: Tensor  # (B, C or 2 C, H, W) gradient by what the decoder says
    by_z: Tensor  # (B, Z)
    by_mu: Tensor  # (B, Z)
    by_log_var: Tensor  # (B, Z)
    gradients: list[Tensor]  # of the mean loss by each parameter
    likelihood: type[Likelihood]
    encoder: list[Tensor]  # hidden activations, (B, units) or (B, maps, H, W)
    decoder: list[Tensor]


class SlowTrainer(Trainer):
    """The training loop with its next step watched: `seen` after `advance`."""

    seen: Seen
    used: list[Tensor]  # gradients that the loop takes, before they are clipped
    factor: float  # of beta's schedule
    watching = True

    def remember(self, step: int) -> None:
        """Go to `step` with Adam's memory made anew, of gradients of the steps before; none is taken."""
        self.watching, pace, self.lr_scale = False, self.lr_scale, 0.0
        self.step = max(0, step - REMEMBERED)
        while self.step < step and not self.advance():
            pass
        self.watching, self.lr_scale, self.step = True, pace, step

    def _gradients(self, factor: float) -> tuple[list[Tensor], float, float, float]:
        if not self.watching:
            return super()._gradients(factor)
        self.factor = factor
        self.seen = self._watch()
        made = super()._gradients(factor)
        self.used = [gradient.detach().clone() for gradient in made[0]]
        return made

    def _watch(self) -> Seen:
        """The forward pass over the first batch of the step."""
        real, self.model = self.model, copy.deepcopy(self.model)
        try:
            heard = listen(self.model)
            x = self._batch(0)
            terms, losses = self._objective(x, self.factor, 0)
            return self._taken_down(x, terms, losses, heard)
        finally:
            self.model = real

    def _taken_down(self, x: Tensor, terms: Terms, losses: Tensor, heard: Heard) -> Seen:
        gradients = _gradients_of(losses.mean(), list(self.model.parameters()))
        mu, log_var, z = heard.mu, heard.log_var, heard.z
        by_output, by_z, by_mu, by_log_var = _gradients_of(losses.sum(), [heard.output, z, mu, log_var])
        noise = None
        if z is not mu:
            noise = torch.randn(mu.shape, generator=self._seeded(NOISE, self.step, 0), dtype=mu.dtype)
        return Seen(
            x=x,
            mu=mu.detach(),
            log_var=log_var.detach(),
            noise=noise,
            z=z.detach(),
            mean=heard.likelihood.mean.detach(),
            nats=pixel_nats(heard, x),
            rates=_rates(self.model, terms, heard),
            terms=Terms(terms.distortion.detach(), terms.rate.detach()),
            losses=losses.detach(),
            betas=self._betas(heard, len(x)),
            by_output=by_output,
            by_z=by_z,
            by_mu=by_mu,
            by_log_var=by_log_var,
            gradients=gradients,
            likelihood=type(heard.likelihood),
            encoder=heard.encoder,
            decoder=heard.decoder,
        )

    def _betas(self, heard: Heard, count: int) -> Tensor:
        """Weight of the rate of each picture, (count,)."""
        if heard.log_beta is None:
            return torch.full((count,), self.beta)
        return self.factor * heard.log_beta.exp().squeeze(1).repeat(count // len(heard.log_beta))

    @torch.no_grad()
    def again(self) -> tuple[Terms, Tensor]:
        """Terms and losses (B,) of the step just made, its batch and noise, with the weights after it."""
        real, self.model = self.model, copy.deepcopy(self.model)
        self.step -= 1
        try:
            return self._objective(self._batch(0), self.factor, 0)
        finally:
            self.model = real
            self.step += 1


def listen(model: VAE) -> Heard:
    """What passes through the parts of `model` (to be thrown away afterwards) in its next forward pass."""
    heard = Heard()
    encode, decode, family = model.encode, model.decode, model.likelihood

    def hear_encode(x: Tensor, *dial: Tensor) -> tuple[Tensor, Tensor]:
        heard.log_beta = dial[0] if dial else None
        heard.mu, heard.log_var = encode(x, *dial)
        return heard.mu, heard.log_var

    def hear_decode(z: Tensor, *dial: Tensor) -> Likelihood:
        heard.z = z
        heard.likelihood = decode(z, *dial)
        return heard.likelihood

    def hear_family(output: Tensor, weight: Tensor | None = None) -> Likelihood:
        heard.output, heard.weight = output, weight
        return family(output, weight)

    # Not by hooks: what is asked for are the arguments of our own methods.
    vars(model).update(encode=hear_encode, decode=hear_decode, likelihood=hear_family)
    heard.family = family
    _hear_layers(model.encoder, heard.encoder)
    _hear_layers(model.decoder, heard.decoder)
    return heard


def pixel_nats(heard: Heard, x: Tensor) -> Tensor:
    """(B, C, H, W) -> the same: minus the log likelihood of each pixel; all of ours are independent.

    Each pixel is handed to the likelihood as a picture of its own.
    """
    batch, channels, height, width = x.shape
    numbers = heard.output.shape[1] // channels  # for each pixel
    output = heard.output.unflatten(1, (numbers, channels)).movedim(1, -1).reshape(-1, numbers, 1, 1)
    weight = heard.weight
    if weight is not None and weight.ndim:
        weight = weight.expand(batch, channels, height, width).reshape(-1, 1, 1, 1)
    with torch.no_grad():
        return -heard.family(output, weight).log_prob(x.reshape(-1, 1, 1, 1)).reshape(x.shape)


def _hear_layers(net: nn.Module, into: list[Tensor]) -> None:
    """Hidden activations of `net`, in order."""
    for layer in net.children():
        if isinstance(layer, BENDS):
            layer.register_forward_hook(lambda _, given, out: into.append(out.detach()))


def _rates(model: VAE, terms: Terms, heard: Heard) -> Tensor:
    """(B, Z) nats."""
    if terms.rates is not None:
        return terms.rates.detach()
    if isinstance(model, Autoencoder):
        return 0.5 * heard.mu.detach().square()
    return DiagonalGaussian(heard.mu, heard.log_var).kl().detach()


def _gradients_of(value: Tensor, tensors: list[Tensor]) -> list[Tensor]:
    """Zero where the value does not depend on a tensor."""
    asked = [tensor for tensor in tensors if tensor.requires_grad]
    found = iter(torch.autograd.grad(value, asked, retain_graph=True, allow_unused=True))
    made = [next(found) if tensor.requires_grad else None for tensor in tensors]
    return [torch.zeros_like(tensor) if one is None else one for one, tensor in zip(made, tensors)]
