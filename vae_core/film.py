"""Layers that depend on a dial: how one net is many, one for every beta.

FiLM ("feature-wise linear modulation", Perez et al. 2018) scales and shifts what a layer gives, each by a
smooth function of the dial. At any one value of it both can be folded into the weights of the layer: `fold`
makes the ordinary net.
"""

import torch
from torch import Tensor, nn

from vae_core.products import linear
from vae_core.sizes import FEATURES

SLOPE = 4.0  # of the features where the net starts
REACH = 1.9  # of their bends; a range of beta is from -1.7 to 1.7 on the dial, training goes a little beyond


class FiLM(nn.Module):
    """h -> h * (1 + scale) + shift; at first it changes nothing.

    [scale, shift] = output(silu(hidden(dial))) for the `width` units of a vector or channels of a picture.
    The features start as pairs of bends, one either way, evenly along the dial, and steep enough for a latent
    dimension to end at one beta. Steep curves have to be learned slowly (`curves`): else they part the betas
    before the net has found what all have in common, and fewer dimensions stay alive.
    """

    def __init__(self, width: int, features: int = FEATURES):
        super().__init__()
        self.hidden = nn.Linear(1, features)
        self.output = nn.Linear(features, 2 * width)
        bends = torch.linspace(-REACH, REACH, (features + 1) // 2).repeat_interleave(2)[:features]
        slopes = SLOPE * (1 - 2.0 * (torch.arange(features) % 2))
        with torch.no_grad():
            self.hidden.weight.copy_(slopes[:, None])
            self.hidden.bias.copy_(-slopes * bends)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def modulation(self, dial: Tensor) -> tuple[Tensor, Tensor]:
        """dial (G, 1) -> scale and shift, (G, width) each."""
        scale, shift = self.output(nn.functional.silu(self.hidden(dial))).chunk(2, dim=1)
        return scale, shift

    def forward(self, h: Tensor, dial: Tensor) -> Tensor:
        """(B, width) or (B, width, H, W), of which row i is bent by the dial's row i mod G.

        `dial` is (G, 1), where G divides B: with few rows the curves cost next to nothing.
        """
        scale, shift = self.modulation(dial)
        if h.ndim == 4:
            scale, shift = scale[:, :, None, None], shift[:, :, None, None]
        return torch.addcmul(shift, h.unflatten(0, (-1, len(dial))), 1 + scale).flatten(0, 1)


class Layers(nn.Sequential):
    """A Sequential that hands the dial to those of its layers that depend on it.

    While it is trained its linear layers multiply as `products` does, in bfloat16 where `narrow` is set.
    """

    narrow = False

    def forward(self, x: Tensor, dial: Tensor | None = None) -> Tensor:
        for layer in self:
            if isinstance(layer, FiLM | Residual):
                x = layer(x, dial)
            elif self.training and isinstance(layer, nn.Linear):
                x = linear(x, layer, self.narrow)
            else:
                x = layer(x)
        return x


class Residual(nn.Module):
    """x -> body(x) + shortcut(x), the shortcut being x itself where none is given (He et al. 2016)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor, dial: Tensor | None = None) -> Tensor:
        bypass: Tensor = x if self.shortcut is None else self.shortcut(x)
        inner: Tensor = self.body(x, dial) if isinstance(self.body, Layers) else self.body(x)
        return inner + bypass


def narrow(model: nn.Module, is_narrow: bool) -> None:
    """Whether the linear layers of its nets are trained in bfloat16."""
    for layers in model.modules():
        if isinstance(layers, Layers):
            layers.narrow = is_narrow


def curves(model: nn.Module) -> frozenset[str]:
    """Names of the parameters that draw the curves along the dial; a training moves them slowly."""
    films = [name for name, layer in model.named_modules() if isinstance(layer, FiLM)]
    return frozenset(f"{name}.output.{kind}" for name in films for kind in ("weight", "bias"))


@torch.no_grad()
def fold(net: Layers, dial: Tensor) -> None:
    """Turns `net` in place into the ordinary net that it is at `dial` (1, 1).

    Every FiLM goes into the weights of the layer before it, a first one into those of the layer behind it.
    """
    for place in reversed(range(len(net))):
        layer = net[place]
        if isinstance(layer, Residual) and isinstance(layer.body, Layers):
            fold(layer.body, dial)
        if isinstance(layer, FiLM):
            scale, shift = (row[0] for row in layer.modulation(dial))
            if place == 0:
                _prepend(net[1], net[2] if len(net) > 2 else None, 1 + scale, shift)
            else:
                _append(net, place - 1, 1 + scale, shift)
            del net[place]


def _append(net: Layers, place: int, factor: Tensor, shift: Tensor) -> None:
    """factor * layer(x) + shift, both (width,), in the weights of the layer at `place`."""
    layer = net[place]
    if isinstance(layer, nn.Unflatten):  # a vector becomes a picture: one factor for all pixels of a channel
        layer = net[place - 1]
        pixels = layer.get_parameter("bias").numel() // len(factor)
        factor, shift = factor.repeat_interleave(pixels), shift.repeat_interleave(pixels)
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    outputs = 1 if isinstance(layer, nn.ConvTranspose2d) else 0  # the dimension of its outputs
    weight.mul_(factor.reshape([-1 if axis == outputs else 1 for axis in range(weight.ndim)]))
    bias.mul_(factor).add_(shift)


def _prepend(layer: nn.Module, norm: nn.Module | None, factor: Tensor, shift: Tensor) -> None:
    """layer(factor * x + shift) in the weights of a linear layer, or of the batch norm that is its bias."""
    weight = layer.get_parameter("weight")
    constant = weight @ shift
    weight.mul_(factor)
    if layer.bias is not None:
        layer.get_parameter("bias").add_(constant)
    elif isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
        norm.get_buffer("running_mean").sub_(constant)
