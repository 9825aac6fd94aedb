"""Multilayer perceptrons sized from the picture: plain sequences of Linear and an activation.

Weights start as He et al. (2015) propose; the decoder starts by predicting the mean picture. Together with
the centred input that is worth more than a nat after one epoch of Fashion-MNIST.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

Shape = tuple[int, int, int]  # (C, H, W)

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
}


class MLPEncoder(nn.Sequential):
    """(B, C, H, W) -> (B, 2 Z): means and log-variances side by side. Subtracts the mean picture first."""

    data_mean: Tensor  # (C, H, W), travels with the weights

    def __init__(
        self,
        hidden: Sequence[int],
        latent: int,
        activation: str,
        data_mean: Tensor,
        generator: torch.Generator,
    ):
        widths = [data_mean.numel(), *hidden, 2 * latent]
        super().__init__(*_layers(widths, activation, generator))
        self.register_buffer("data_mean", data_mean)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward((x - self.data_mean).flatten(1))


class MLPDecoder(nn.Sequential):
    """(B, Z) -> (B, C * H * W). At first its output is close to `start` (C, H, W) whatever z is."""

    def __init__(
        self,
        hidden: Sequence[int],
        latent: int,
        activation: str,
        start: Tensor,
        generator: torch.Generator,
    ):
        layers = _layers([latent, *reversed(hidden), start.numel()], activation, generator)
        super().__init__(*layers)
        output = layers[-1]
        assert isinstance(output, nn.Linear)
        with torch.no_grad():
            output.weight.mul_(0.1)
            output.bias.copy_(start.flatten())


def _layers(widths: Sequence[int], activation: str, generator: torch.Generator) -> list[nn.Module]:
    """Linear layers from width to width with activations between; the last one stays linear."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        linear = nn.Linear(inputs, outputs)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(linear.bias)
        layers += [linear, ACTIVATIONS[activation]()]
    return layers[:-1]
