"""Turns a trained model into an explorer bundle: an op list that the browser's runtime knows, and tensors."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from vae_core.errors import PackError
from vae_core.explorer import bundle
from vae_core.latent import quantiles
from vae_core.models.vae import VAE

RANGED = 10_000  # points that a slider's range is made from: enough for its outermost half per cent
RANGE = (0.005, 0.5, 0.995)  # quantiles of the aggregate posterior: slider's low end, centre, high end
NARROWEST = 1e-3  # of a slider's range, for a dimension that hardly moves

Spec = dict[str, Any]
Parts = tuple[Spec, dict[str, Tensor]]


def _linear(layer: nn.Linear, name: str) -> Parts:
    spec = {"op": "linear", "weight": f"{name}.weight"}
    tensors = {f"{name}.weight": layer.weight}
    if layer.bias is not None:
        spec["bias"] = f"{name}.bias"
        tensors[f"{name}.bias"] = layer.bias
    return spec, tensors


def _activation(op: str, *parameters: str) -> Callable[[nn.Module, str], Parts]:
    return lambda layer, name: ({"op": op, **{p: float(getattr(layer, p)) for p in parameters}}, {})


def _leaky_relu(layer: nn.LeakyReLU, name: str) -> Parts:
    return {"op": "leaky_relu", "slope": float(layer.negative_slope)}, {}


def _gelu(layer: nn.GELU, name: str) -> Parts:
    return {"op": "gelu_tanh" if layer.approximate == "tanh" else "gelu"}, {}


# The other half of each operation is web/ops.js.
OPERATIONS: dict[type[nn.Module], Callable[[Any, str], Parts]] = {
    nn.Linear: _linear,
    nn.ReLU: _activation("relu"),
    nn.LeakyReLU: _leaky_relu,
    nn.SiLU: _activation("silu"),
    nn.GELU: _gelu,
    nn.Tanh: _activation("tanh"),
    nn.Sigmoid: _activation("sigmoid"),
    nn.Softplus: _activation("softplus", "beta", "threshold"),
}


def decoder_ops(decoder: nn.Module, prefix: str = "decoder") -> tuple[list[Spec], dict[str, np.ndarray]]:
    """The operations of `decoder` in order and their weights in float32, named as in its `state_dict`.

    `decoder` is one layer or nested `nn.Sequential`s of layers. Raises PackError for a layer that the browser
    has no operation for, and for weights that are not numbers.
    """
    specs: list[Spec] = []
    arrays: dict[str, np.ndarray] = {}
    for name, layer in _layers(decoder, prefix):
        make = OPERATIONS.get(type(layer))  # the exact type: a subclass may compute something else
        if make is None:
            known = ", ".join(kind.__name__ for kind in OPERATIONS)
            raise PackError(
                f"{name} ({type(layer).__name__}) has no browser operation. "
                f"The explorer can show decoders made of {known}."
            )
        spec, tensors = make(layer, name)
        specs.append(spec)
        for tensor_name, tensor in tensors.items():
            arrays[tensor_name] = tensor.detach().cpu().float().numpy()
            if not np.isfinite(arrays[tensor_name]).all():
                raise PackError(
                    f"{tensor_name} holds values that are not numbers, so there is nothing to show. "
                    "Train again with a lower learning rate."
                )
    return specs, arrays


def _layers(module: nn.Module, name: str) -> Iterator[tuple[str, nn.Module]]:
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child, layer in module._modules.items():  # named_children passes over a layer used twice
            assert layer is not None
            yield from _layers(layer, f"{name}.{child}")
    else:
        yield name, module


def pack_model(
    model: VAE,
    *,
    title: str,
    run: str,
    data: Mapping[str, Any],
    beta: float,
    mu: np.ndarray,
    log_var: np.ndarray,
    labels: np.ndarray | None,
    index: np.ndarray,
    label_names: Sequence[str],
    kl: Sequence[float] | np.ndarray,
    report: Mapping[str, Any],
    thumbs: np.ndarray | None = None,
    factors: Mapping[str, np.ndarray] | None = None,
    error: np.ndarray | None = None,
) -> bytes:
    """The bundle of a trained model in float32 (`bundle.to_half` makes the small one).

    `mu` and `log_var` (N, Z) are the encodings of evaluation pictures, `labels` (N,) their classes or -1,
    `index` (N,) their numbers in the data set, `thumbs` (N, C, H, W) uint8 the pictures themselves,
    `factors` what is known to have made them, (N,) numbers by name, `error` (N,) the squared error per pixel
    value of the reconstructions at `mu`; the first 100,000 travel. `kl` (Z,) nats a dimension. Of `data` its
    title, licence and source travel.

    Raises PackError as `decoder_ops`, and for encodings, factors or errors that are not numbers.
    """
    if not (np.isfinite(mu).all() and np.isfinite(log_var).all()):
        raise PackError("The encodings hold values that are not numbers, so there is no map to show.")
    specs, tensors = decoder_ops(model.decoder)
    sparse = slice(None, None, -(-len(mu) // RANGED) or 1)
    low, center, high = quantiles(mu[sparse], log_var[sparse], RANGE)  # (Z,) each
    high = np.maximum(high, low + NARROWEST)
    meta = {
        "format": bundle.FORMAT,
        "title": title,
        "run": run,
        "data": {key: str(data.get(key, "")) for key in ("title", "licence", "source")},
        "likelihood": model.likelihood.name,
        "beta": float(beta),
        "latent": model.latent,
        "shape": list(model.shape),
        "decoder": [*specs, *({"op": op} if isinstance(op, str) else dict(op) for op in model.display_ops)],
        "kl": _rounded(kl),
        "range": [_rounded(pair) for pair in zip(low, high)],
        "center": _rounded(center),
        "labels": list(label_names),
        "report": _plain(report),
    }
    chosen = slice(0, bundle.MAX_POINTS)
    known = np.full(len(mu), -1) if labels is None else labels
    tensors["points.mu"] = mu[chosen].astype(np.float32)
    tensors["points.log_var"] = log_var[chosen].astype(np.float32)
    tensors["points.label"] = known[chosen].astype(np.int16)
    tensors["points.index"] = index[chosen].astype(np.int32)
    if thumbs is not None:
        tensors["thumbs"] = thumbs[chosen]
    if error is not None:
        tensors["points.error"] = _numbers("reconstruction errors", error)[chosen]
    if factors:
        meta["factors"] = list(factors)
        for k, (name, values) in enumerate(factors.items()):
            tensors[f"factors.{k}"] = _numbers(f"values of the factor {name}", values)[chosen]
    return bundle.write(meta, tensors)


def _numbers(what: str, values: np.ndarray) -> np.ndarray:
    """As float32. Raises PackError where there are others than numbers."""
    numbers = np.asarray(values).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise PackError(f"The {what} hold values that are not numbers; leave them out.")
    return numbers


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 6) for value in values]


def _plain(value: Any) -> Any:
    """As JSON can hold it: infinite and undefined figures become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
