"""The runtime's modules in Node against torch, with WebAssembly and without."""

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from any_net import lively, packed_model
from damage import KINDS, damaged
from decoding import NodeRuntime, RuntimeRefusal, codes, describe, packed, points, torch_output
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from vae_core.config import ModelConfig
from vae_core.explorer import bundle
from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

BACKENDS = ["wasm", "js"]
ACTIVATIONS: list[nn.Module] = [
    nn.ReLU(),
    nn.LeakyReLU(0.2),
    nn.SiLU(),
    nn.GELU(),
    nn.GELU("tanh"),
    nn.Tanh(),
    nn.Sigmoid(),
    nn.Softplus(),
    nn.Softplus(3, 5),
]
ROOT = Path(__file__).parents[2]


def mlp(widths: list[int], activation: nn.Module, seed: int = 0, bias: bool = True) -> nn.Sequential:
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs, bias=bias), activation]
    return nn.Sequential(*layers[:-1])


def error(found: np.ndarray, expected: np.ndarray, scale_of: np.ndarray | None = None) -> float:
    """Largest difference, relative to the output's scale."""
    scale = np.abs(expected if scale_of is None else scale_of).max()
    return float(np.abs(found - expected).max() / scale)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    activation=st.sampled_from(ACTIVATIONS),
    bias=st.booleans(),
    batch=st.integers(1, 11),
    seed=st.integers(0, 1000),
)
def test_any_mlp_decodes_as_in_torch(
    runtime: NodeRuntime,
    backend: str,
    widths: list[int],
    shape: tuple[int, int, int],
    activation: nn.Module,
    bias: bool,
    batch: int,
    seed: int,
) -> None:
    decoder = mlp([*widths, int(np.prod(shape))], activation, seed, bias)
    data = packed(decoder, widths[0], shape)
    z = codes(batch, widths[0], seed)
    scale_of = torch_output(decoder, codes(100, widths[0]))
    output, used = runtime.decode(data, z, backend)
    assert used == backend
    assert error(output, torch_output(decoder, z), scale_of) < 1e-5

    _, halves = bundle.read(bundle.to_half(data))
    with torch.no_grad():  # what half precision loses is torch's loss too: widening is exact
        for name, tensor in decoder.named_parameters():
            tensor.copy_(torch.from_numpy(halves[f"decoder.{name}"].astype(np.float32)))
    output, _ = runtime.decode(bundle.to_half(data), z, backend)
    assert error(output, torch_output(decoder, z), scale_of) < 1e-5


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_full_size_decoder(runtime: NodeRuntime, backend: str, activation: nn.Module) -> None:
    decoder = nn.Sequential(mlp([2, 512, 512, 784], activation), nn.Sigmoid())
    data = packed(decoder, 2, (1, 28, 28))
    z = 2 * codes(33, 2)
    expected = torch_output(decoder, z)
    assert error(runtime.decode(data, z, backend)[0], expected) < 1e-5
    assert error(runtime.decode(bundle.to_half(data), z, backend)[0], expected) < 2e-3


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_activations_from_tiny_to_huge(runtime: NodeRuntime, backend: str, activation: nn.Module) -> None:
    tails = np.geomspace(1e-30, 1e4, 300, dtype=np.float32)
    line = np.linspace(-12, 12, 1001, dtype=np.float32)
    z = np.concatenate([-tails, tails, line, [0, 87, 88, 89, -87, -88, -104]]).astype(np.float32)[None]
    expected = torch_output(activation.double(), z.astype(np.float64))
    output, _ = runtime.decode(packed(activation, z.size, (1, 1, z.size)), z, backend)
    # Relative where the value is near its argument, absolute in the tails that fade to 0.
    np.testing.assert_allclose(
        output, expected, rtol=2e-6, atol=0 if _is_linear_at_zero(activation) else 3e-7
    )


def _is_linear_at_zero(activation: nn.Module) -> bool:
    return isinstance(activation, nn.ReLU | nn.LeakyReLU | nn.Tanh)


@pytest.mark.parametrize("backend", BACKENDS)
def test_not_a_number_stays_one(runtime: NodeRuntime, backend: str) -> None:
    """Weights that overflow on the way must not turn into a plausible picture."""
    for activation in ACTIVATIONS:
        z = np.array([[np.nan, 1, 1, 1, np.nan]], np.float32)
        output, _ = runtime.decode(packed(activation, 5, (1, 1, 5)), z, backend)
        assert np.isnan(output[0]).tolist() == [True, False, False, False, True]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_row_does_not_depend_on_its_batch(runtime: NodeRuntime, backend: str) -> None:
    """A strip or a grid shows the very picture that the same z shows alone."""
    data = packed(mlp([3, 21, 6, 35], nn.SiLU()), 3, (1, 5, 7))
    z = codes(13, 3)
    whole, _ = runtime.decode(data, z, backend)
    for batches in ([1] * 13, [5, 8], [12, 1], [2, 11], [0, 13]):
        np.testing.assert_array_equal(runtime.decode(data, z, backend, batches)[0], whole)


@pytest.mark.parametrize("backend", BACKENDS)
def test_memory_grows_with_the_batch(runtime: NodeRuntime, backend: str) -> None:
    decoder = mlp([2, 30, 784], nn.Tanh())
    z = codes(700, 2)
    output, _ = runtime.decode(packed(decoder, 2, (1, 28, 28)), z, backend, [1, 98, 600, 1])
    assert error(output, torch_output(decoder, z)) < 1e-5


def test_backend_follows_what_the_browser_allows(runtime: NodeRuntime) -> None:
    decoder = mlp([2, 9, 4], nn.GELU())
    data, z = packed(decoder, 2, (1, 2, 2)), codes(6, 2)
    for wasm, backend in (("real", "wasm"), ("absent", "js"), ("refused", "js")):
        output, used = runtime.decode(data, z, "auto", wasm=wasm)
        assert used == backend
        assert error(output, torch_output(decoder, z)) < 1e-5
    with pytest.raises(RuntimeRefusal, match="does not run WebAssembly"):
        runtime.decode(data, z, "wasm", wasm="refused")


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_refused_with_a_sentence(
    runtime: NodeRuntime, kind: str, meta: dict[str, Any], tensors: dict[str, np.ndarray]
) -> None:
    with pytest.raises(RuntimeRefusal, match=r"^This model file cannot be opened: .*\.$"):
        runtime.decode(damaged(meta, tensors)[kind], codes(1, 2))


@pytest.mark.parametrize(
    ("ops", "sentence"),
    [
        ([{"op": "fourier"}], "needs the operation fourier"),
        ([{"op": "toString"}], "needs the operation toString"),
        ([{"op": "linear"}], "weights undefined do not fit 2 inputs"),
        ([{"op": "linear", "weight": "toString"}], "weights toString do not fit"),
        ([{"op": "linear", "weight": "decoder.0.bias"}], "do not fit 2 inputs"),
        ([{"op": "linear", "weight": "thumbs"}], "do not fit 2 inputs"),
        ([{"op": "linear", "weight": "decoder.0.weight", "bias": "points.mu"}], "do not fit 6 outputs"),
        ([{"op": "linear", "weight": "decoder.0.weight", "bias": "gone"}], "do not fit 6 outputs"),
        ([{"op": "linear", "weight": "decoder.0.weight"}] * 2, "do not fit 6 inputs"),
        ([{"op": "leaky_relu"}], "leaky_relu lacks slope"),
        ([{"op": "softplus", "beta": 1}], "softplus lacks beta or threshold"),
        ([{"op": "relu"}], "makes 2 values, its pictures have 6"),
    ],
)
def test_operations_that_do_not_fit_are_refused(
    runtime: NodeRuntime,
    meta: dict[str, Any],
    tensors: dict[str, np.ndarray],
    ops: list[dict[str, Any]],
    sentence: str,
) -> None:
    with pytest.raises(RuntimeRefusal, match=f"^This model cannot be shown: .*{sentence}"):
        runtime.decode(bundle.write(meta | {"decoder": ops}, tensors), codes(1, 2))


def test_z_of_another_size_is_refused(
    runtime: NodeRuntime, meta: dict[str, Any], tensors: dict[str, np.ndarray]
) -> None:
    with pytest.raises(RuntimeRefusal, match="Expected rows of 2 values, got 3"):
        runtime.decode(bundle.write(meta, tensors), codes(3, 1), batches=[1.5])


def test_unaligned_bytes_are_read(node: str, tmp_path: Path, meta: Any, tensors: Any) -> None:
    """Streamlit hands bytes over at any offset of a larger buffer."""
    (tmp_path / "it.bundle").write_bytes(b"123" + bundle.write(meta, tensors))
    script = f"""
        import {{readFileSync}} from 'node:fs';
        import {{parseBundle}} from {str(WEB / "bundle.js")!r};
        const whole = new Uint8Array(readFileSync({str(tmp_path / "it.bundle")!r}));
        const {{meta, tensors}} = parseBundle(whole.subarray(3));
        console.log(JSON.stringify([meta, Array.from(tensors['points.mu'].data), tensors.thumbs.shape]));
    """
    result = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    )
    expected = str(np.asarray(tensors["points.mu"]).ravel().tolist())
    assert result.stdout.startswith('[{"format":1')
    assert expected.replace(" ", "") in result.stdout
    assert result.stdout.endswith("[5,1,2,3]]\n")


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_half_precision_number_is_widened_exactly(runtime: NodeRuntime, backend: str) -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert finite.size == 62 * 1024
    meta = describe(1, (1, 62, 1024), [{"op": "linear", "weight": "decoder.0.weight"}])
    data = bundle.write(meta, {"decoder.0.weight": finite[:, None]} | points(1, 1))
    output, _ = runtime.decode(data, np.ones((1, 1), np.float32), backend)
    np.testing.assert_array_equal(output[0], finite.astype(np.float32))


def test_kernel_is_what_its_source_builds(runtime: NodeRuntime, node: str, tmp_path: Path) -> None:
    clang = shutil.which("clang")
    if clang is None or shutil.which("wasm-ld") is None:
        pytest.skip("clang and lld are not installed, so the kernel cannot be rebuilt here.")
    rebuilt = tmp_path / "web"
    shutil.copytree(WEB, rebuilt)
    subprocess.run([ROOT / "scripts" / "build_kernel.sh", rebuilt / "kernel.js"], check=True)
    ours, theirs = (WEB / "kernel.js").read_text(), (rebuilt / "kernel.js").read_text()
    if re.findall(r"with clang \d+", ours) == re.findall(r"with clang \d+", theirs):
        assert theirs == ours
        return
    server = NodeRuntime(node, rebuilt)  # another compiler: other bytes, the same sums
    conv = ModelConfig(net="conv", channels=(8, 8), latent=3, norm="group", likelihood="continuous_bernoulli")
    for data in (
        packed(mlp([3, 21, 6, 35], nn.GELU()), 3, (1, 5, 7)),
        packed_model(lively(conv, (3, 16, 12))),
    ):
        z = codes(13, 3)
        np.testing.assert_array_equal(server.decode(data, z, "wasm")[0], runtime.decode(data, z, "wasm")[0])
    server.close()
