"""Pictures made in pieces, between which others are made, are those made in one go, bit for bit."""

import numpy as np
import pytest
from any_net import CASES, lively, models, packed_model
from decoding import NodeRuntime, RuntimeRefusal, codes, packed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from vae_core.config import ModelConfig

pytestmark = pytest.mark.node

BACKENDS = ["wasm", "js"]
Case = tuple[ModelConfig, tuple[int, int, int]]


def check(runtime: NodeRuntime, data: bytes, z: np.ndarray, backend: str, milliseconds: float = 0) -> None:
    whole, _ = runtime.decode(data, z, backend)
    pieces = runtime.decode_in_pieces(data, z, backend, milliseconds)
    np.testing.assert_array_equal(pieces.view(np.int32), whole.view(np.int32))


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=models(48), batch=st.integers(1, 3), seed=st.integers(0, 1000))
def test_any_net_in_pieces(runtime: NodeRuntime, backend: str, case: Case, batch: int, seed: int) -> None:
    net = lively(*case, seed)
    check(runtime, packed_model(net), codes(batch, net.latent, seed), backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("settings_of_net", "shape"),
    [
        *CASES,
        ({"hidden": (512, 512)}, (1, 28, 28)),
        ({"net": "conv", "channels": (32, 64)}, (3, 64, 64)),
        ({"net": "conv", "channels": (16, 32), "norm": "group", "blocks": 1}, (3, 50, 61)),
        ({"net": "conv", "channels": (24, 24), "norm": "batch", "up": "upsample"}, (3, 65, 64)),
    ],
)
@pytest.mark.parametrize("milliseconds", [0, 1])
def test_large_nets_in_pieces(
    runtime: NodeRuntime,
    backend: str,
    settings_of_net: dict[str, object],
    shape: tuple[int, int, int],
    milliseconds: float,
) -> None:
    net = lively(ModelConfig.model_validate(settings_of_net), shape)
    check(runtime, packed_model(net), codes(3, net.latent), backend, milliseconds)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_operation_in_pieces(runtime: NodeRuntime, backend: str) -> None:
    """Large enough that each is cut: upsampling by other factors, norms, strides without taps."""
    net = nn.Sequential(
        nn.Unflatten(1, (1, 2, 2)),
        nn.ConvTranspose2d(1, 6, 2, stride=20),
        nn.BatchNorm2d(6),
        nn.GELU(),
        nn.Upsample(size=(150, 131), mode="nearest"),
        nn.BatchNorm2d(6),
        nn.GroupNorm(3, 6),
        nn.Softplus(),
        nn.Conv2d(6, 5, 3, stride=2, padding=1),
        nn.Flatten(),
    ).eval()
    check(runtime, packed(net, 4, (5, 75, 66)), codes(2, 4), backend)


def test_a_job_wants_one_row(runtime: NodeRuntime) -> None:
    data = packed(nn.Sequential(nn.Linear(3, 4)), 3, (1, 2, 2))
    with pytest.raises(RuntimeRefusal, match="Expected 3 values, got 2 values"):
        runtime.decode_in_pieces(data, codes(1, 5), "js", 0)
