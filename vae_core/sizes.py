"""How large a net becomes, found without making it and without torch: parameters, memory, work.

`nets` makes what is counted here; `require` says for both what cannot be made.
"""

import math
from itertools import chain, pairwise
from typing import NamedTuple

from vae_core.config import ModelConfig
from vae_core.errors import ConfigError

Shape = tuple[int, int, int]  # (C, H, W)

TAPS = 9  # weights of a 3x3 kernel for one channel in and out
SIDES = (8, 128)  # pixels a side that convolutions take
FEATURES = 16  # of the curves along the dial of a multi-rate model
GROUP = 8  # numbers that a group norm brings to one scale together


class Weighted(NamedTuple):
    """A linear layer or a convolution, and the norm that may follow it."""

    weights: int  # numbers in its kernel; biases are not among them
    width: int  # numbers it gives at one place
    places: int = 1  # pixels of its output
    steps: int = 1  # places where the kernel is laid on
    normed: bool = False
    tied: bool = False  # the kernel is another layer's


def halvings(shape: Shape, count: int) -> list[tuple[int, int]]:
    """(H, W) before the first halving and after each of them; odd sizes are rounded up."""
    _, height, width = shape
    sizes = [(height, width)]
    for _ in range(count):
        height, width = (height + 1) // 2, (width + 1) // 2
        sizes.append((height, width))
    return sizes


def parameter_count(model: ModelConfig, shape: Shape) -> int:
    """All that is learned for pictures of `shape`: encoder, decoder and the likelihood's own."""
    layers = _layers(model, shape)
    count = 0
    if model.likelihood == "gaussian_shared":
        count = 1
        layers += _film(model, 1)
    for layer in layers:
        count += 0 if layer.tied else layer.weights
        count += 0 if layer.normed and model.norm == "batch" else layer.width  # its bias
        count += 2 * layer.width if layer.normed and model.norm != "none" else 0
    return count


def buffer_count(model: ModelConfig, shape: Shape) -> int:
    """Numbers that travel with the weights and are not learned: mean picture, a batch norm's statistics, the
    range of a dial.
    """
    normed = sum(layer.width for layer in _layers(model, shape) if layer.normed)
    dial = 2 if model.kind == "multirate" else 0
    return math.prod(shape) + (2 * normed if model.norm == "batch" else 0) + dial


def activation_count(model: ModelConfig, shape: Shape) -> int:
    """Numbers that one picture becomes on its way through both nets, its own included."""
    each = (layer.width * layer.places for layer in _layers(model, shape))
    return math.prod(shape) + sum(each)


def widest(model: ModelConfig, shape: Shape) -> int:
    """Numbers of the largest thing that one picture becomes."""
    return max(math.prod(shape), *(layer.width * layer.places for layer in _layers(model, shape)))


def multiply_adds(model: ModelConfig, shape: Shape) -> int:
    """For one picture through both nets; a training step takes three times as many for each picture."""
    return sum(layer.weights * layer.steps for layer in _layers(model, shape))


def decoder_multiply_adds(model: ModelConfig, shape: Shape) -> int:
    """For one picture of the explorer."""
    return sum(layer.weights * layer.steps for layer in _decoder(model, shape))


def require(model: ModelConfig, shape: Shape) -> None:
    """Raises ConfigError where no net of these sizes can be made for pictures of `shape` (C, H, W)."""
    _, height, width = shape
    if model.kind == "multirate" and model.net == "mlp" and model.tied:
        raise ConfigError(
            "A multi-rate model turns encoder and decoder by beta each in its own way, so they cannot share "
            "weights. Choose model.tied false or model.kind vae."
        )
    if model.net == "conv":
        halved = len(model.channels)
        low, high = SIDES
        if not (low <= min(height, width) and max(height, width) <= high):
            raise ConfigError(
                f"Convolutions take pictures of {low} to {high} pixels a side, these are {height}×{width}. "
                "Choose model.net mlp or pictures of another size."
            )
        if min(height, width) <= 2 ** (halved - 1):
            raise ConfigError(
                f"model.channels has {halved} numbers, which halve the picture {halved} times: that needs at "
                f"least {2 ** (halved - 1) + 1} pixels a side, these pictures are {height}×{width}. "
                "Choose fewer channels."
            )
    elif model.tied and model.likelihood == "gaussian_pixel":
        raise ConfigError(
            "model.tied gives the decoder one output a pixel, as the encoder has one input; the likelihood "
            "gaussian_pixel needs two. Choose another likelihood or model.tied false."
        )
    _require_norm(model)


def _require_norm(model: ModelConfig) -> None:
    widths = {"model.hidden": model.hidden}
    if model.net == "conv":
        widths = {"model.channels": model.channels, "model.dense": (model.dense,) if model.dense else ()}
    for path, numbers in widths.items():
        for number in numbers:
            if model.norm == "group" and number % GROUP:
                raise ConfigError(
                    f"Group norm takes {GROUP} numbers together, so widths must be multiples of {GROUP}; "
                    f"{path} has {number}. Choose {GROUP * math.ceil(number / GROUP)}, or another model.norm."
                )
            if model.norm == "layer" and number == 1:
                raise ConfigError(
                    f"Layer norm of a single number is always 0, and {path} has 1. "
                    "Choose 2 or more, or another model.norm."
                )


def _layers(model: ModelConfig, shape: Shape) -> list[Weighted]:
    return [*_encoder(model, shape), *_decoder(model, shape)]


def _encoder(model: ModelConfig, shape: Shape) -> list[Weighted]:
    films = _film(model, 2 * model.latent)
    if model.net == "mlp":
        return [*_linear(model, [math.prod(shape), *model.hidden, 2 * model.latent]), *films]
    layers = []
    sizes = halvings(shape, len(model.channels))
    for (inputs, width), (height, across) in zip(pairwise((shape[0], *model.channels)), sizes[1:]):
        places = height * across
        layers.append(Weighted(TAPS * inputs * width, width, places, places, normed=True))
        layers += [*_film(model, width), *_blocks(model, width, places)]
    return [*layers, *_linear(model, [width * places, *_dense(model), 2 * model.latent]), *films]


def _decoder(model: ModelConfig, shape: Shape) -> list[Weighted]:
    outputs = shape[0] * (2 if model.likelihood == "gaussian_pixel" else 1)
    sizes = halvings(shape, len(model.channels))
    layers = _film(model, model.latent)
    if model.net == "mlp":
        widths = [model.latent, *reversed(model.hidden), outputs * math.prod(sizes[0])]
        return [*layers, *_linear(model, widths, model.tied)]
    flat = model.channels[-1] * math.prod(sizes[-1])
    layers += _linear(model, [model.latent, *_dense(model), flat])
    levels = zip(pairwise(reversed((outputs, *model.channels))), pairwise(reversed(sizes)))
    for (inputs, width), (before, after) in levels:
        layers += [*_film(model, inputs), *_blocks(model, inputs, math.prod(before))]
        places = math.prod(after)
        steps = places if model.up == "upsample" else math.prod(before)
        layers.append(Weighted(TAPS * inputs * width, width, places, steps, normed=True))
    return [*layers[:-1], layers[-1]._replace(normed=False)]


def _linear(model: ModelConfig, widths: list[int], tied: bool = False) -> list[Weighted]:
    """From width to width; the last one has neither norm nor FiLM."""
    *inner, last = (Weighted(inputs * width, width, tied=tied) for inputs, width in pairwise(widths))
    bent = [[layer._replace(normed=True), *_film(model, layer.width)] for layer in inner]
    return [*chain.from_iterable(bent), last]


def _dense(model: ModelConfig) -> list[int]:
    return [model.dense] if model.dense else []


def _blocks(model: ModelConfig, width: int, places: int) -> list[Weighted]:
    """Each has two convolutions with a norm between them."""
    conv = Weighted(TAPS * width * width, width, places, places)
    films = _film(model, width)
    return [conv._replace(normed=True), *films, conv, *films] * model.blocks


def _film(model: ModelConfig, width: int) -> list[Weighted]:
    """The two layers that bend `width` numbers to beta, where one net serves every one."""
    if model.kind != "multirate":
        return []
    return [Weighted(FEATURES, FEATURES), Weighted(FEATURES * 2 * width, 2 * width)]
