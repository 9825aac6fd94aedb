"""Every model that the settings can describe, and its bundle: to hold the browser against torch."""

import json
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from safetensors.numpy import save
from torch import nn

from vae_core.config import ModelConfig
from vae_core.errors import ConfigError
from vae_core.explorer.operations import encoder_ops
from vae_core.explorer.pack import pack_model
from vae_core.models import VAE, build
from vae_core.nets import ACTIVATIONS
from vae_core.sizes import require

LIKELIHOODS = [
    "bernoulli",
    "gaussian",
    "continuous_bernoulli",
    "gaussian_shared",
    "gaussian_pixel",
    "laplace",
]
Shape = tuple[int, int, int]
CASES: list[tuple[dict[str, Any], Shape]] = [
    ({"hidden": (30, 20), "norm": "layer", "tied": True}, (1, 9, 8)),
    ({"net": "conv", "channels": (7, 9), "norm": "batch", "blocks": 1}, (3, 24, 32)),
    ({"net": "conv", "channels": (8, 16, 8), "norm": "group", "up": "transposed"}, (1, 27, 18)),
    (
        {"net": "conv", "channels": (5,), "norm": "layer", "dense": 0, "likelihood": "gaussian_pixel"},
        (3, 9, 40),
    ),
    ({"net": "conv", "channels": (6, 6), "likelihood": "continuous_bernoulli", "kind": "ae"}, (1, 16, 16)),
]


@st.composite
def models(draw: st.DrawFn, side: int = 40) -> tuple[ModelConfig, Shape]:
    """Settings of a net and the shape of its pictures, as random as `require` allows."""
    net = draw(st.sampled_from(["mlp", "conv"]))
    norm = draw(st.sampled_from(["none", "batch", "layer", "group"]))
    grain = 8 if norm == "group" else 1
    widths = st.integers(2, 5).map(lambda n: 8 * n) if grain == 8 else st.integers(2, 37)
    shape = (draw(st.sampled_from([1, 3])), draw(st.integers(8, side)), draw(st.integers(8, side)))
    likelihood = draw(st.sampled_from(LIKELIHOODS))
    chosen = {
        "net": net,
        "norm": norm,
        "likelihood": likelihood,
        "kind": draw(st.sampled_from(["vae", "vae", "ae"])),
        "activation": draw(st.sampled_from(sorted(ACTIVATIONS))),
        "latent": draw(st.integers(1, 9)),
        "hidden": tuple(draw(st.lists(widths, max_size=3))),
        "channels": tuple(draw(st.lists(widths, min_size=1, max_size=3))),
        "dense": draw(st.sampled_from([0, 16, 24])),
        "blocks": draw(st.integers(0, 2)),
        "up": draw(st.sampled_from(["upsample", "transposed"])),
        "tied": likelihood != "gaussian_pixel" and draw(st.booleans()),
    }
    model = ModelConfig.model_validate(chosen)
    try:
        require(model, shape)
    except ConfigError:  # too many halvings of a small picture
        model = ModelConfig.model_validate(chosen | {"channels": chosen["channels"][:1]})
    return model, shape


def lively(model: ModelConfig, shape: Shape, seed: int = 0) -> VAE:
    """A model in which every number matters, as after a training: statistics and biases are not all alike."""
    generator = torch.Generator().manual_seed(seed)
    net = build(model, shape, torch.rand(shape, generator=generator), seed)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.5, generator=generator)
                module.running_var.uniform_(0.3, 2, generator=generator)
            for parameter in module.parameters(recurse=False):
                if parameter.ndim == 1:
                    parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return net


def packed_model(net: VAE, **changes: Any) -> bytes:
    codes = np.zeros((2, net.latent), np.float32)
    words = {"title": "", "run": "", "data": {}, "beta": 1, "report": {}, "label_names": (), "labels": None}
    numbers = {"mu": codes, "log_var": codes, "index": np.arange(2), "kl": np.ones(net.latent)}
    return pack_model(net, **words | numbers | changes)


def packed_encoder(net: VAE) -> bytes:
    """Extras with the encoder's weights alone, in single precision."""
    _, arrays = encoder_ops(net.encoder)
    return with_note({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def with_note(tensors: dict[str, np.ndarray]) -> bytes:
    """Extras of these tensors."""
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    return save(tensors, {"latentscape": json.dumps(note)})
