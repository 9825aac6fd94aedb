"""The model in this folder, without Latentscape: needs torch and safetensors.

    from load import load
    model = load(".")
    pixels = model["decoder"](torch.zeros(1, Z))           # (N, Z) -> (N, C, H, W), from 0 to 1
    mean, raw = model["encoder"](pixels).chunk(2, dim=1)   # (N, C, H, W), from 0 to 1 -> (N, Z) each

What Z, C, H and W are, and how log-variances come of `raw`, stands in config.json.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn


class Centred(nn.Module):  # a picture less the mean of those trained on
    def __init__(self, shape: list[int]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x - self.get_buffer("mean")


class Residual(nn.Sequential):
    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, super().forward(x))


class ContinuousBernoulliMean(nn.Module):  # 1 / (1 - e^-x) - 1 / x, near 0 by its series
    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x.abs() < 0.3, 0.5 + x / 12 - x**3 / 720, -1 / torch.expm1(-x) - 1 / x)


def made(spec: dict) -> nn.Module:
    kind = globals().get(spec["layer"]) or getattr(nn, spec["layer"])
    return kind(*map(made, spec.get("layers", [])), **spec.get("options", {}))


def load(folder: str | Path) -> nn.ModuleDict:
    config = json.loads(Path(folder, "config.json").read_text("utf-8"))
    model = nn.ModuleDict({part: made(config[part]) for part in ("encoder", "decoder")})
    model.load_state_dict(load_file(Path(folder, "model.safetensors")))
    return model.eval()
