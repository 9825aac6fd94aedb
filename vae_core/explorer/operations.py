"""The layers of a net as operations that the browser's runtime knows, and their weights.

An operation is a dict of "op", names of tensors, and numbers; web/ops.js says what each of them computes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from vae_core.errors import PackError
from vae_core.film import FiLM, Layers
from vae_core.nets import ConvEncoder, MLPEncoder, Residual, TiedLinear

Spec = dict[str, Any]
Tensors = dict[str, Tensor]
Parts = tuple[Spec, Tensors]

FILM = (  # a key of the operation, the layer that holds it, its name there
    ("hidden_weight", "hidden", "weight"),
    ("hidden_bias", "hidden", "bias"),
    ("weight", "output", "weight"),
    ("bias", "output", "bias"),
)


def decoder_ops(decoder: nn.Module, prefix: str = "decoder") -> tuple[list[Spec], dict[str, np.ndarray]]:
    """The operations of `decoder` in order and their weights in float32, named as in its `state_dict`.

    `decoder` is one layer or nested `nn.Sequential`s of layers. A weight that is the encoder's is there as
    the decoder uses it. Raises PackError for a layer that the browser has no operation for, and for weights
    that are not numbers.
    """
    tensors: Tensors = {}
    specs = _ops(decoder, prefix, tensors)
    return specs, _arrays(tensors)


def encoder_ops(encoder: nn.Module, prefix: str = "encoder") -> tuple[list[Spec], dict[str, np.ndarray]]:
    """As `decoder_ops`, from pixels (C, H, W) in [0, 1] to 2 Z numbers. Raises PackError likewise."""
    if type(encoder) not in (MLPEncoder, ConvEncoder):
        raise PackError(f"{prefix} ({type(encoder).__name__}) has no browser operation.")
    tensors: Tensors = {f"{prefix}.data_mean": encoder.get_buffer("data_mean")}
    specs: list[Spec] = [{"op": "subtract", "value": f"{prefix}.data_mean"}]
    if isinstance(encoder, MLPEncoder):
        specs.append({"op": "flatten"})
    for child, layer in encoder.named_children():
        specs += _ops(layer, f"{prefix}.{child}", tensors)
    return specs, _arrays(tensors)


def _ops(module: nn.Module, name: str, tensors: Tensors) -> list[Spec]:
    """The operations of one layer or of a sequence; its weights are added to `tensors`."""
    if isinstance(module, nn.Sequential) and type(module).forward in (nn.Sequential.forward, Layers.forward):
        specs = []
        for child, layer in module._modules.items():  # named_children passes over a layer used twice
            assert layer is not None
            specs += _ops(layer, f"{name}.{child}", tensors)
        return specs
    if type(module) is Residual:
        spec: Spec = {"op": "residual", "body": _ops(module.body, f"{name}.body", tensors)}
        if module.shortcut is not None:
            spec["shortcut"] = _ops(module.shortcut, f"{name}.shortcut", tensors)
        return [spec]
    make = OPERATIONS.get(type(module))  # the exact type: a subclass may compute something else
    if make is None:
        known = ", ".join(kind.__name__ for kind in (*OPERATIONS, Residual))
        raise PackError(
            f"{name} ({type(module).__name__}) has no browser operation. "
            f"The explorer can show decoders made of {known}."
        )
    spec, weights = make(module, name)
    tensors |= weights
    return [spec]


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    arrays = {name: tensor.detach().cpu().float().numpy() for name, tensor in tensors.items()}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise PackError(
                f"{name} holds values that are not numbers, so there is nothing to show. "
                "Train again with a lower learning rate."
            )
    return arrays


def _weighted(op: str, layer: nn.Module, name: str, **numbers: Any) -> Parts:
    """An operation with the layer's weight and bias, where it has them."""
    spec: Spec = {"op": op}
    tensors: Tensors = {}
    for key in ("weight", "bias"):
        tensor = getattr(layer, key)
        if tensor is not None:
            spec[key] = f"{name}.{key}"
            tensors[f"{name}.{key}"] = tensor
    return spec | numbers, tensors


def _demand(holds: bool, layer: nn.Module, name: str, condition: str) -> None:
    if not holds:
        raise PackError(
            f"{name} ({type(layer).__name__}) has no browser operation: "
            f"the explorer can show it with {condition}."
        )


def _linear(layer: nn.Linear | TiedLinear, name: str) -> Parts:
    return _weighted("linear", layer, name)


def _conv(layer: nn.Conv2d | nn.ConvTranspose2d, name: str) -> Parts:
    plain = layer.groups == 1 and tuple(layer.dilation) == (1, 1) and layer.padding_mode == "zeros"
    _demand(plain and not isinstance(layer.padding, str), layer, name, "one group, no dilation, zeros around")
    numbers = {"stride": list(layer.stride), "padding": list(layer.padding)}
    if isinstance(layer, nn.Conv2d):
        return _weighted("conv", layer, name, **numbers)
    return _weighted("conv_transposed", layer, name, **numbers, output_padding=list(layer.output_padding))


def _upsample(layer: nn.Upsample, name: str) -> Parts:
    _demand(layer.mode == "nearest", layer, name, "mode nearest")
    key, found = ("size", layer.size) if layer.size is not None else ("scale", layer.scale_factor)
    pair = found if isinstance(found, tuple) else (found, found)
    _demand(all(float(n or 0).is_integer() for n in pair), layer, name, "a size or whole factors")
    return {"op": "upsample", key: [int(n or 0) for n in pair]}, {}


def _batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d, name: str) -> Parts:
    spec, tensors = _weighted("batch_norm", layer, name)
    for key, tensor in (("mean", layer.running_mean), ("var", layer.running_var)):
        _demand(tensor is not None, layer, name, "running statistics")
        assert tensor is not None
        spec[key] = f"{name}.running_{key}"
        tensors[spec[key]] = tensor
    return spec | {"eps": float(layer.eps)}, tensors


def _layer_norm(layer: nn.LayerNorm, name: str) -> Parts:
    _demand(len(layer.normalized_shape) == 1, layer, name, "one dimension")
    return _weighted("layer_norm", layer, name, eps=float(layer.eps))


def _group_norm(layer: nn.GroupNorm, name: str) -> Parts:
    return _weighted("group_norm", layer, name, groups=layer.num_groups, eps=float(layer.eps))


def _film(layer: FiLM, name: str) -> Parts:
    tensors: Tensors = {}
    spec: Spec = {"op": "film"}
    for key, part, kind in FILM:
        spec[key] = f"{name}.{part}.{kind}"
        tensors[spec[key]] = layer.get_submodule(part).get_parameter(kind)
    return spec, tensors


def _flatten(layer: nn.Flatten, name: str) -> Parts:
    _demand((layer.start_dim, layer.end_dim) == (1, -1), layer, name, "all dimensions but the first")
    return {"op": "flatten"}, {}


def _unflatten(layer: nn.Unflatten, name: str) -> Parts:
    shape = layer.unflattened_size
    numbers = all(isinstance(extent, int) and extent > 0 for extent in shape)
    _demand(layer.dim == 1 and numbers, layer, name, "dimension 1 and a shape in numbers")
    return {"op": "reshape", "shape": list(shape)}, {}


def _activation(op: str, *parameters: str) -> Callable[[nn.Module, str], Parts]:
    return lambda layer, name: ({"op": op, **{p: float(getattr(layer, p)) for p in parameters}}, {})


def _leaky_relu(layer: nn.LeakyReLU, name: str) -> Parts:
    return {"op": "leaky_relu", "slope": float(layer.negative_slope)}, {}


def _gelu(layer: nn.GELU, name: str) -> Parts:
    return {"op": "gelu_tanh" if layer.approximate == "tanh" else "gelu"}, {}


OPERATIONS: dict[type[nn.Module], Callable[[Any, str], Parts]] = {
    nn.Linear: _linear,
    TiedLinear: _linear,
    nn.Conv2d: _conv,
    nn.ConvTranspose2d: _conv,
    nn.Upsample: _upsample,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.LayerNorm: _layer_norm,
    nn.GroupNorm: _group_norm,
    FiLM: _film,
    nn.Flatten: _flatten,
    nn.Unflatten: _unflatten,
    nn.ReLU: _activation("relu"),
    nn.LeakyReLU: _leaky_relu,
    nn.SiLU: _activation("silu"),
    nn.GELU: _gelu,
    nn.Tanh: _activation("tanh"),
    nn.Sigmoid: _activation("sigmoid"),
    nn.Softplus: _activation("softplus", "beta", "threshold"),
}
