"""A trained model as layers of torch alone: what to build, in JSON, and its weights.

An encoder or decoder is {"layer": name in torch.nn, "options": {}, "layers": []}; the few layers that torch
does not have stand in `loader.py`, which travels with it as load.py and knows nothing of Latentscape. A
multi-rate model is taken along at one beta, as the ordinary model it is there. Of a likelihood with variances
of its own for each pixel the means travel.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from vae_core.errors import ConfigError, ExportError
from vae_core.explorer.pack import posterior
from vae_core.models import VAE, MultiRate, stored_model
from vae_core.nets import MLPDecoder, MLPEncoder, Residual, TiedLinear
from vae_core.run import Run
from vae_core.storage import plain
from vae_core.taking import loader
from vae_core.taking.whole import archive, entry

Spec = dict[str, Any]
Tensors = dict[str, Tensor]
Tell = Callable[[float], None]

FOLDER = "model"  # that the zip unpacks to

# What a layer is made with; `bias` is whether it has one.
LINEAR = ("in_features", "out_features", "bias")
CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "bias")
OPTIONS: dict[type[nn.Module], tuple[str, ...]] = {
    nn.Linear: LINEAR,
    TiedLinear: LINEAR,
    nn.Conv2d: CONV,
    nn.ConvTranspose2d: (*CONV, "output_padding"),
    nn.Upsample: ("size", "mode"),
    nn.BatchNorm1d: ("num_features", "eps"),
    nn.BatchNorm2d: ("num_features", "eps"),
    nn.LayerNorm: ("normalized_shape", "eps"),
    nn.GroupNorm: ("num_groups", "num_channels", "eps"),
    nn.Flatten: (),
    nn.Unflatten: ("dim", "unflattened_size"),
    nn.LeakyReLU: ("negative_slope",),
    nn.GELU: ("approximate",),
    nn.Softplus: ("beta", "threshold"),
    **dict.fromkeys((nn.ReLU, nn.SiLU, nn.Tanh, nn.Sigmoid), ()),
}
DISPLAYED = {"sigmoid": "Sigmoid", "continuous_bernoulli_mean": "ContinuousBernoulliMean"}


def model_of(run: Run, beta: float | None = None) -> VAE:
    """The ordinary model of a run; of a multi-rate one that at `beta`, by default the run's.

    Raises ConfigError for a beta that it does not have, RunError, RunDamagedError.
    """
    model = stored_model(run)
    if isinstance(model, MultiRate):
        return model.at(run.config.beta if beta is None else beta)
    if beta is not None and beta != run.config.beta:
        raise ConfigError(
            f"Beta is {beta:g}; run {run.id} has one beta alone, {run.config.beta:g}. Leave --beta out."
        )
    return model


def parts(model: VAE) -> tuple[dict[str, Spec], dict[str, np.ndarray]]:
    """Encoder and decoder, from pixels and to pixel means in [0, 1], and the weights of both in float32.

    The encoder's output is (N, 2 Z): means and raw log-variances. Raises ExportError for other layers than
    ours, and for weights that are not numbers.
    """
    tensors: Tensors = {}
    specs = {"encoder": _encoder(model, tensors), "decoder": _decoder(model, tensors)}
    arrays = {
        name: np.array(tensor.detach().contiguous(), np.int64 if tensor.dtype == torch.int64 else np.float32)
        for name, tensor in tensors.items()
    }
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ExportError(f"{name} holds values that are not numbers; train anew with a lower --lr.")
    return specs, arrays


def write(run: Run, path: Path, beta: float | None = None, tell: Tell = lambda share: None) -> None:
    """The model as a zip: model.safetensors, config.json, load.py. Raises as `model_of` and `parts`,
    StorageError."""
    tell(0.0)
    model = model_of(run, beta)
    specs, arrays = parts(model)
    tell(0.5)
    with archive(path) as packed:
        packed.writestr(entry(FOLDER, "model.safetensors"), save(arrays))
        packed.writestr(entry(FOLDER, "config.json"), _json(described(run, model, beta) | specs))
        packed.writestr(entry(FOLDER, "load.py"), Path(loader.__file__).read_bytes())
        tell(1.0)


def described(run: Run, model: VAE, beta: float | None = None) -> Spec:
    """What a person wants to know of it elsewhere."""
    ceiling = posterior(model)
    how = "log_var = c - softplus(c - raw), where c is " + str(ceiling.get("ceiling"))
    return {
        "title": run.title,
        "run": run.id,
        "data": str(run.about.get("data", {}).get("title", run.config.data.source)),
        "latent": model.latent,
        "shape": list(model.shape),
        "likelihood": model.likelihood.name,
        "beta": run.config.beta if beta is None else beta,
        "log_var": f"{ceiling['log_var']:g} for all" if "log_var" in ceiling else how,
        "made_with": "Latentscape",
    }


def _encoder(model: VAE, tensors: Tensors) -> Spec:
    mean = model.encoder.get_buffer("data_mean")
    tensors["encoder.0.mean"] = mean
    first: list[Spec] = [{"layer": "Centred", "options": {"shape": list(mean.shape)}}]
    if isinstance(model.encoder, MLPEncoder):
        first.append({"layer": "Flatten"})
    return _sequence(first, model.encoder, "encoder", tensors)


def _decoder(model: VAE, tensors: Tensors) -> Spec:
    spec = _sequence([], model.decoder, "decoder", tensors)
    if isinstance(model.decoder, MLPDecoder):
        shape = list(model.shape)
        spec["layers"].append({"layer": "Unflatten", "options": {"dim": 1, "unflattened_size": shape}})
    for operation in model.display_ops:
        if operation["op"] == "take":
            _cut(model, tensors, spec)
        else:
            spec["layers"].append({"layer": DISPLAYED[operation["op"]]})
    return spec


def _cut(model: VAE, tensors: Tensors, spec: Spec) -> None:
    """Leaves out what the last layer says besides pixel means: the second half of its outputs."""
    place = len(model.decoder) - 1  # type: ignore[arg-type]
    last, options = model.decoder[place], spec["layers"][place]["options"]  # type: ignore[index]
    outputs = 1 if isinstance(last, nn.ConvTranspose2d) else 0  # the dimension of its outputs
    for name in ("weight", "bias"):
        tensor = tensors[f"decoder.{place}.{name}"]
        axis = outputs if name == "weight" else 0
        tensors[f"decoder.{place}.{name}"] = tensor.narrow(axis, 0, tensor.shape[axis] // 2)
    key = "out_features" if "out_features" in options else "out_channels"
    options[key] //= 2


def _sequence(first: list[Spec], layers: nn.Module, name: str, tensors: Tensors) -> Spec:
    made = [
        _layer(layer, f"{name}.{place}", tensors)
        for place, (_, layer) in enumerate(layers.named_children(), len(first))
    ]
    return {"layer": "Sequential", "layers": [*first, *made]}


def _layer(layer: nn.Module, name: str, tensors: Tensors) -> Spec:
    if type(layer) is Residual and layer.shortcut is None:
        return _sequence([], layer.body, name, tensors) | {"layer": "Residual"}
    if type(layer) not in OPTIONS:
        raise ExportError(f"{type(layer).__name__} is a layer that no other program knows; explore it here.")
    kind = "Linear" if isinstance(layer, TiedLinear) else type(layer).__name__
    held = {**dict(layer.named_parameters()), **dict(layer.named_buffers())}
    if isinstance(layer, TiedLinear):
        held["weight"] = layer.weight
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        held["num_batches_tracked"] = torch.tensor(0)  # ours do not count, torch's expect it
    tensors |= {f"{name}.{key}": tensor for key, tensor in held.items()}
    options = {key: _option(layer, key) for key in OPTIONS[type(layer)]}
    return {"layer": kind, "options": options} if options else {"layer": kind}


def _option(layer: nn.Module, key: str) -> Any:
    value = getattr(layer, key)
    return value is not None if key == "bias" else list(value) if isinstance(value, tuple) else value


def _json(about: Spec) -> str:
    return json.dumps(plain(about), indent=1, ensure_ascii=False)
