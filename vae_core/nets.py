"""Encoders and decoders sized from the picture: plain sequences of layers, multilayer or convolutional.

Weights start as He et al. (2015) propose; the decoder starts by predicting the mean picture, or the mean
colour where it is made of convolutions. Together with the centred input that is worth more than a nat after
one epoch of Fashion-MNIST.

Where one net serves every beta (kind "multirate"), a FiLM stands before each bend, on the encoder's output
and on z as it enters the decoder; nets take the dial as a second argument then.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vae_core.config import ModelConfig
from vae_core.film import FiLM, Layers, Residual
from vae_core.sizes import GROUP, Shape, halvings

__all__ = [
    "ACTIVATIONS",
    "ConvDecoder",
    "ConvEncoder",
    "MLPDecoder",
    "MLPEncoder",
    "Residual",
    "Shape",
    "TiedLinear",
]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
}
Layer = TypeVar("Layer", nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
SOFT_START = 0.1  # of He's weights: for layers whose bias or bypass says enough at first


class MLPEncoder(Layers):
    """(B, C, H, W) -> (B, 2 Z): means and log-variances side by side. Subtracts the mean picture first."""

    data_mean: Tensor  # (C, H, W), travels with the weights

    def __init__(self, model: ModelConfig, data_mean: Tensor, generator: torch.Generator):
        widths = [data_mean.numel(), *model.hidden, 2 * model.latent]
        layers = _joined(model, _linears(model, widths, generator))
        super().__init__(*layers, *_film(model, widths[-1]))
        self.register_buffer("data_mean", data_mean)

    def forward(self, x: Tensor, dial: Tensor | None = None) -> Tensor:
        return super().forward((x - self.data_mean).flatten(1), dial)


class MLPDecoder(Layers):
    """(B, Z) -> (B, N). At first its output is close to the N numbers of `start` (C or 2 C, H, W).

    Where weights are tied it takes those of `encoder`, which makes `start` one number a pixel.
    """

    def __init__(self, model: ModelConfig, start: Tensor, generator: torch.Generator, encoder: MLPEncoder):
        widths = [model.latent, *reversed(model.hidden), start.numel()]
        linears: list[nn.Linear] | list[TiedLinear]
        if model.tied:
            linears = _mirrored(model, encoder)
        else:
            linears = _linears(model, widths, generator)
            _soften(linears[-1])
        layers = _joined(model, linears)
        super().__init__(*_film(model, model.latent), *layers)
        _say(linears[-1], start.flatten())


class ConvEncoder(Layers):
    """(B, C, H, W) -> (B, 2 Z) by convolutions of stride 2. Subtracts the mean picture first."""

    data_mean: Tensor  # (C, H, W), travels with the weights

    def __init__(self, model: ModelConfig, data_mean: Tensor, generator: torch.Generator):
        channels, height, width = data_mean.shape
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *model.channels)):
            conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=_biased(model))
            layers += [_he(conv, generator), *_bend(model, outputs, pictures=True)]
            layers += _blocks(model, outputs, generator)
        last = halvings((channels, height, width), len(model.channels))[-1]
        widths = [model.channels[-1] * math.prod(last), *_dense(model), 2 * model.latent]
        layers += [nn.Flatten(), *_joined(model, _linears(model, widths, generator))]
        super().__init__(*layers, *_film(model, widths[-1]))
        self.register_buffer("data_mean", data_mean)

    def forward(self, x: Tensor, dial: Tensor | None = None) -> Tensor:
        return super().forward(x - self.data_mean, dial)


class ConvDecoder(Layers):
    """(B, Z) -> (B, C or 2 C, H, W), through the encoder's sizes backwards.

    At first its output is close to the mean over the pixels of `start` (C or 2 C, H, W) whatever z is.
    """

    def __init__(self, model: ModelConfig, start: Tensor, generator: torch.Generator):
        outputs, height, width = start.shape
        channels = (outputs, *model.channels)  # before the first halving and after each, as the sizes are
        sizes = halvings((outputs, height, width), len(model.channels))
        deepest = (channels[-1], *sizes[-1])
        widths = [model.latent, *_dense(model), math.prod(deepest)]
        layers = [
            *_film(model, model.latent),
            *_joined(model, _linears(model, widths, generator)),
            nn.Unflatten(1, deepest),
            *_film(model, channels[-1]),
            ACTIVATIONS[model.activation](),
        ]
        for level in range(len(model.channels), 1, -1):
            layers += _blocks(model, channels[level], generator)
            layers += _enlarging(
                model, channels[level], channels[level - 1], sizes[level - 1], _biased(model), generator
            )
            layers += _bend(model, channels[level - 1], pictures=True)
        layers += _blocks(model, channels[1], generator)
        layers += _enlarging(model, channels[1], outputs, sizes[0], True, generator)
        super().__init__(*layers)
        _soften(layers[-1])
        _say(layers[-1], start.mean((1, 2)))


class TiedLinear(nn.Module):
    """(B, rows) -> (B, source's inputs): x @ W[:rows] + bias, W the weight of `source` (outputs, inputs).

    W belongs to `source` alone and is learned from both sides; the bias is this layer's own.
    """

    def __init__(self, source: nn.Linear, rows: int, bias: bool = True):
        super().__init__()
        self._source = (source,)  # hidden from torch: as a submodule its weights would be there twice
        self.in_features = rows
        self.out_features = source.in_features
        self.bias = nn.Parameter(torch.zeros(source.in_features)) if bias else None

    @property
    def weight(self) -> Tensor:
        """(outputs, inputs), as a Linear has it; a view of the source's."""
        return self._source[0].weight[: self.in_features].t()

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


def _linears(model: ModelConfig, widths: Sequence[int], generator: torch.Generator) -> list[nn.Linear]:
    """From width to width. All but the last are followed by a norm, if there is one."""
    last = len(widths) - 2
    return [
        _he(nn.Linear(inputs, outputs, bias=place == last or _biased(model)), generator)
        for place, (inputs, outputs) in enumerate(pairwise(widths))
    ]


def _mirrored(model: ModelConfig, encoder: MLPEncoder) -> list[TiedLinear]:
    """The encoder's layers backwards; of its last one the rows that make means."""
    sources = [layer for layer in reversed(encoder) if isinstance(layer, nn.Linear)]
    rows = [model.latent, *(source.out_features for source in sources[1:])]
    last = len(sources) - 1
    return [
        TiedLinear(source, count, bias=place == last or _biased(model))
        for place, (source, count) in enumerate(zip(sources, rows))
    ]


def _joined(model: ModelConfig, linears: Sequence[nn.Linear | TiedLinear]) -> list[nn.Module]:
    """The layers with norms and activations between them."""
    layers: list[nn.Module] = []
    for linear in linears[:-1]:
        layers += [linear, *_bend(model, linear.out_features, pictures=False)]
    return [*layers, linears[-1]]


def _enlarging(
    model: ModelConfig,
    inputs: int,
    outputs: int,
    size: tuple[int, int],
    bias: bool,
    generator: torch.Generator,
) -> list[nn.Module]:
    """To `size` (H, W), which is twice as much as comes in, or one pixel less."""
    if model.up == "upsample":
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)
        return [nn.Upsample(size=size, mode="nearest"), _he(conv, generator)]
    missing = (1 - size[0] % 2, 1 - size[1] % 2)
    turned = nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=missing, bias=bias)
    return [_he(turned, generator)]


def _blocks(model: ModelConfig, width: int, generator: torch.Generator) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for _ in range(model.blocks):
        first = nn.Conv2d(width, width, 3, padding=1, bias=_biased(model))
        second = nn.Conv2d(width, width, 3, padding=1)
        body = [_he(first, generator), *_bend(model, width, pictures=True)]
        body += [_he(second, generator), *_film(model, width)]
        _soften(second)
        layers += [Residual(Layers(*body)), ACTIVATIONS[model.activation]()]
    return layers


def _bend(model: ModelConfig, width: int, pictures: bool) -> list[nn.Module]:
    """Norm and FiLM, if there are any, and activation; for maps (B, width, H, W) or vectors (B, width)."""
    norm: list[nn.Module] = []
    if model.norm == "batch":
        batch_norm = nn.BatchNorm2d(width) if pictures else nn.BatchNorm1d(width)
        batch_norm.num_batches_tracked = None  # only counts steps, which a training does already
        norm = [batch_norm]
    elif model.norm == "layer":
        norm = [nn.GroupNorm(1, width) if pictures else nn.LayerNorm(width)]
    elif model.norm == "group":
        norm = [nn.GroupNorm(width // GROUP, width)]
    return [*norm, *_film(model, width), ACTIVATIONS[model.activation]()]


def _film(model: ModelConfig, width: int) -> list[nn.Module]:
    """What bends the net to beta, if it is to serve every one."""
    return [FiLM(width)] if model.kind == "multirate" else []


def _biased(model: ModelConfig) -> bool:
    """Whether layers before a norm have a bias. A batch norm would take it out again, leaving Adam to move it
    by the noise in its gradient, which the running mean then lags behind."""
    return model.norm != "batch"


def _dense(model: ModelConfig) -> list[int]:
    return [model.dense] if model.dense else []


def _he(layer: Layer, generator: torch.Generator) -> Layer:
    """He-normal weights, zero biases."""
    if isinstance(layer, nn.ConvTranspose2d):
        inputs = layer.in_channels * 9 / 4  # a pixel sees a quarter of the kernel
        nn.init.normal_(layer.weight, 0, math.sqrt(2 / inputs), generator)
    else:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


@torch.no_grad()
def _soften(layer: nn.Module) -> None:
    layer.get_parameter("weight").mul_(SOFT_START)


@torch.no_grad()
def _say(layer: nn.Module, output: Tensor) -> None:
    """Makes `output` what the layer gives before it hears anything."""
    layer.get_parameter("bias").copy_(output)
