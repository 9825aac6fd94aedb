"""Single operations in Node: torch's layers with any numbers, folding, and op lists that say nonsense."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from decoding import NodeRuntime, RuntimeRefusal, codes, describe, packed, points, torch_output
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from vae_core.explorer import bundle
from vae_core.nets import Residual

pytestmark = pytest.mark.node

BACKENDS = ["wasm", "js"]
Shape = tuple[int, ...]
relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def check_layers(runtime: NodeRuntime, layers: list[nn.Module], shape: Shape, batch: int, seed: int) -> None:
    """Both backends make of random numbers in `shape` what torch makes of them."""
    net = nn.Sequential(nn.Unflatten(1, shape), *layers, nn.Flatten()).eval()
    x = codes(batch, math.prod(shape), seed)
    expected = torch_output(net, x)
    scale = np.abs(torch_output(net, codes(30, math.prod(shape)))).max() + 1e-6
    data = packed(net, math.prod(shape), (1, 1, expected.shape[1]))
    for backend in BACKENDS:
        output, _ = runtime.decode(data, x, backend)
        assert np.abs(output - expected).max() < 1e-5 * scale


def lively(layer: nn.Module, seed: int = 0) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(generator=generator)
        for name, buffer in layer.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                buffer.uniform_(0.1, 2, generator=generator)
    return layer


pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
picture = st.tuples(st.integers(1, 9), st.integers(1, 13), st.integers(1, 13))


@relaxed
@given(
    shape=picture,
    outputs=st.integers(1, 9),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=pair,
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    bias=st.booleans(),
    normed=st.booleans(),
    batch=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_convolutions(
    runtime: NodeRuntime,
    shape: tuple[int, int, int],
    outputs: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    bias: bool,
    normed: bool,
    batch: int,
    seed: int,
) -> None:
    assume(all(shape[a + 1] + 2 * padding[a] >= kernel[a] for a in (0, 1)))
    conv = nn.Conv2d(shape[0], outputs, kernel, stride, padding, bias=bias)
    layers = [lively(conv, seed), *([lively(nn.BatchNorm2d(outputs), seed)] if normed else [])]
    check_layers(runtime, layers, shape, batch, seed)


@relaxed
@given(
    shape=picture,
    outputs=st.integers(1, 9),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=pair,
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    more=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    bias=st.booleans(),
    normed=st.booleans(),
    batch=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_transposed_convolutions(
    runtime: NodeRuntime,
    shape: tuple[int, int, int],
    outputs: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    more: tuple[int, int],
    bias: bool,
    normed: bool,
    batch: int,
    seed: int,
) -> None:
    assume(all(more[a] < stride[a] for a in (0, 1)))
    made = [(shape[a + 1] - 1) * stride[a] - 2 * padding[a] + kernel[a] + more[a] for a in (0, 1)]
    assume(min(made) > 0)
    conv = nn.ConvTranspose2d(shape[0], outputs, kernel, stride, padding, more, bias=bias)
    layers = [lively(conv, seed), *([lively(nn.BatchNorm2d(outputs), seed)] if normed else [])]
    check_layers(runtime, layers, shape, batch, seed)


@relaxed
@given(
    shape=picture,
    outputs=st.integers(1, 9),
    scale=st.sampled_from([(2, 2), (2.0, 2.0), (2, 1), (3, 2)]),
    kernel=st.sampled_from([1, 3]),
    padding=st.integers(0, 1),
    sized=st.booleans(),
    normed=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_upsampling_before_a_convolution(
    runtime: NodeRuntime,
    shape: tuple[int, int, int],
    outputs: int,
    scale: tuple[float, float],
    kernel: int,
    padding: int,
    sized: bool,
    normed: bool,
    seed: int,
) -> None:
    """Whether both become one operation or not."""
    size = (int(scale[0] * shape[1]), int(scale[1] * shape[2]))
    assume(min(size) + 2 * padding >= kernel)
    up = nn.Upsample(size=size) if sized else nn.Upsample(scale_factor=scale)
    conv = nn.Conv2d(shape[0], outputs, kernel, padding=padding)
    layers = [up, lively(conv, seed), *([lively(nn.BatchNorm2d(outputs), seed)] if normed else [])]
    check_layers(runtime, layers, shape, 2, seed)


@relaxed
@given(
    groups=st.integers(1, 4),
    width=st.integers(1, 5),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    offset=st.sampled_from([0.0, 100.0]),
    seed=st.integers(0, 1000),
)
def test_norms_of_pictures(
    runtime: NodeRuntime, groups: int, width: int, size: tuple[int, int], offset: float, seed: int
) -> None:
    channels = groups * width
    assume(width * size[0] * size[1] > 1)
    pushed = lively(nn.BatchNorm2d(channels), seed)
    with torch.no_grad():
        pushed.bias.add_(offset)
    for norm in (
        nn.GroupNorm(groups, channels),
        nn.BatchNorm2d(channels),
        nn.BatchNorm2d(channels, affine=False),
    ):
        check = [pushed, lively(norm, seed)] if offset == 0 else [pushed]
        check_layers(runtime, check, (channels, *size), 2, seed)


def test_group_norm_of_large_means_is_not_off(runtime: NodeRuntime) -> None:
    """A million values around 1000 with deviations around 1: single-precision sums alone would lose them."""
    net = nn.Sequential(nn.Unflatten(1, (4, 128, 128)), nn.GroupNorm(2, 4), nn.Flatten())
    x = codes(1, 4 * 128 * 128) + 1000
    expected = torch_output(net.double(), x.astype(np.float64))
    for backend in BACKENDS:
        output, _ = runtime.decode(packed(net.float(), x.size, (4, 128, 128)), x, backend)
        assert np.abs(output - expected).max() < 1e-3


@pytest.mark.parametrize("width", [2, 3, 8, 37, 512])
def test_norms_of_vectors(runtime: NodeRuntime, width: int) -> None:
    for norm in (nn.LayerNorm(width), nn.LayerNorm(width, elementwise_affine=False), nn.BatchNorm1d(width)):
        check_layers(runtime, [lively(norm)], (width,), 4, 0)
        check_layers(runtime, [lively(nn.Linear(width, width)), lively(norm), nn.SiLU()], (width,), 4, 0)


def test_a_batch_norm_before_a_padded_convolution_stays_apart(runtime: NodeRuntime) -> None:
    layers = [
        nn.Conv2d(2, 3, 3, padding=1),
        nn.ReLU(),
        nn.BatchNorm2d(3),
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.BatchNorm2d(4),
        nn.ConvTranspose2d(4, 2, 3),
    ]
    check_layers(runtime, [lively(layer) for layer in layers], (2, 7, 9), 3, 0)


def test_residual_blocks(runtime: NodeRuntime) -> None:
    def conv(inputs: int, outputs: int) -> nn.Module:
        return lively(nn.Conv2d(inputs, outputs, 3, padding=1))

    inner = Residual(nn.Sequential(nn.ReLU(), conv(3, 3)))
    blocks: dict[str, list[nn.Module]] = {
        "plain": [Residual(conv(3, 3)), nn.ReLU()],
        "activation first": [Residual(nn.Sequential(nn.Tanh(), conv(3, 3), nn.Tanh()))],
        "activation alone": [conv(3, 3), Residual(nn.Tanh()), Residual(nn.Sequential())],
        "shortcut": [Residual(conv(3, 5), lively(nn.Conv2d(3, 5, 1))), nn.ReLU(), conv(5, 2)],
        "both empty": [Residual(nn.Sequential(), nn.Sequential())],
        "shortcut in place": [Residual(nn.Sequential(), nn.Sequential(nn.Sigmoid()))],
        "nested": [Residual(nn.Sequential(inner, nn.SiLU(), Residual(inner, inner)), inner), conv(3, 3)],
        "norms": [Residual(nn.Sequential(lively(nn.BatchNorm2d(3)), conv(3, 3), lively(nn.BatchNorm2d(3))))],
        "reshaped": [Residual(nn.Sequential(nn.Flatten(), nn.Unflatten(1, (3, 6, 5))))],
    }
    for layers in blocks.values():
        check_layers(runtime, layers, (3, 6, 5), 3, 0)


TENSORS: dict[str, np.ndarray] = {
    name: np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for name, shape in {
        "w.conv": (4, 2, 3, 3),
        "w.turned": (2, 4, 3, 3),
        "w.linear": (6, 32),
        "b.4": (4,),
        "b.2": (2,),
        "empty": (0,),
        "w.empty": (0, 2, 3, 3),
        "w.wide": (4, 32, 1, 1),
    }.items()
}
PICTURE = {"op": "reshape", "shape": [2, 4, 4]}
CONV = {"op": "conv", "weight": "w.conv", "bias": "b.4", "stride": [1, 1], "padding": [1, 1]}
TURNED = {
    "op": "conv_transposed",
    "weight": "w.turned",
    "stride": [2, 2],
    "padding": [1, 1],
    "output_padding": [1, 1],
}
BATCH_NORM = {"op": "batch_norm", "mean": "b.2", "var": "b.2", "eps": 10.0}
GROUP_NORM = {"op": "group_norm", "groups": 2, "eps": 1e-5}


def nested(depth: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"op": "relu"}
    for _ in range(depth):
        spec = {"op": "residual", "body": [spec]}
    return spec


@pytest.mark.parametrize(
    ("ops", "sentence"),
    [
        ([CONV], "conv needs pictures, it gets 32 values"),
        ([PICTURE, CONV | {"weight": "b.4"}], "weights b.4 do not fit 2 channels"),
        ([PICTURE, CONV | {"weight": "w.turned"}], "weights w.turned do not fit 2 channels"),
        ([PICTURE, CONV | {"weight": "w.empty"}], "weights w.empty do not fit 2 channels"),
        ([PICTURE, CONV | {"weight": None}], "weights null do not fit 2 channels"),
        ([PICTURE, CONV | {"bias": "b.2"}], "offsets b.2 do not fit 4 outputs"),
        ([PICTURE, CONV | {"stride": [0, 1]}], "stride of its conv is not a pair"),
        ([PICTURE, CONV | {"stride": [1, 1.5]}], "stride of its conv is not a pair"),
        ([PICTURE, CONV | {"stride": 1}], "stride of its conv is not a pair"),
        ([PICTURE, CONV | {"stride": [1, 10**9]}], "stride of its conv is not a pair"),
        ([PICTURE, CONV | {"padding": [-1, 0]}], "padding of its conv is not a pair"),
        ([PICTURE, CONV | {"padding": ["1", "1"]}], "padding of its conv is not a pair"),
        ([PICTURE, CONV | {"padding": [10**9, 0]}], "padding of its conv is not a pair"),
        ([{"op": "reshape", "shape": [2, 1, 16]}, CONV | {"padding": [0, 0]}], "makes the shape 4,-1,14"),
        ([PICTURE, TURNED | {"output_padding": None}], "output_padding of its conv_transposed is not"),
        ([PICTURE, TURNED | {"padding": [9, 9]}], "makes the shape 4,-8,-8"),
        ([PICTURE, {"op": "upsample", "size": [0, 4]}], "size of its upsample is not a pair"),
        ([PICTURE, {"op": "upsample"}], "size of its upsample is not a pair"),
        ([PICTURE, {"op": "upsample", "size": [60_000, 60_000]}], "2x60000x60000 values in one go"),
        ([PICTURE, *[{"op": "upsample", "scale": [64, 64]}] * 9], "values in one go"),
        ([{"op": "reshape", "shape": [3, 4, 4]}], "32 values cannot have the shape 3x4x4"),
        ([{"op": "reshape", "shape": [-2, -16]}], "makes the shape -2,-16"),
        ([{"op": "reshape", "shape": []}], "makes the shape"),
        ([{"op": "reshape", "shape": "32"}], "makes the shape"),
        ([{"op": "reshape"}], "makes the shape"),
        ([PICTURE, BATCH_NORM | {"mean": "b.4"}], "values b.4 do not fit 2 channels"),
        ([PICTURE, BATCH_NORM | {"weight": "gone"}], "values gone do not fit 2 channels"),
        ([PICTURE, {"op": "batch_norm", "mean": "b.2", "eps": 1e-5}], "values undefined do not fit"),
        ([PICTURE, BATCH_NORM | {"eps": "1"}], "batch_norm lacks eps"),
        ([PICTURE, BATCH_NORM | {"eps": -1}], "batch_norm lacks eps"),
        ([PICTURE, BATCH_NORM | {"eps": 0}], "variances b.2 are not positive"),
        ([PICTURE, CONV, BATCH_NORM], "values b.2 do not fit 4 channels"),
        ([PICTURE, GROUP_NORM | {"groups": 3}], "group_norm has 3 groups of 2 channels"),
        ([PICTURE, GROUP_NORM | {"groups": 0}], "group_norm has 0 groups"),
        ([PICTURE, {"op": "layer_norm", "eps": 1e-5}], "layer_norm stands before pictures"),
        ([{"op": "take", "count": 33}], "take wants 33 of 32 values"),
        ([{"op": "take", "count": 0}], "take wants 0 of 32 values"),
        ([{"op": "take"}], "take wants undefined of 32"),
        ([{"op": "subtract", "value": "b.4"}], "values b.4 do not fit 32 inputs"),
        ([{"op": "subtract"}], "values undefined do not fit 32 inputs"),
        ([{"op": "residual"}], "list of operations is damaged"),
        ([{"op": "residual", "body": [None]}], "needs the operation undefined"),
        ([{"op": "residual", "body": [{"op": "take", "count": 3}]}], "adds 32 to 3 values"),
        ([{"op": "residual", "body": [], "shortcut": 7}], "list of operations is damaged"),
        ([nested(30)], "nested too deeply"),
        ([{"op": "relu"}] * 2001, "too many operations"),
        ([{"op": "residual", "body": [{"op": "relu"}] * 50}] * 50, "too many operations"),
        ([PICTURE, {"op": "upsample", "size": [3000, 3000]}, *[{"op": "relu"}] * 600], "multiplications"),
    ],
)  # fmt: skip
def test_op_lists_that_say_nonsense_are_refused(
    runtime: NodeRuntime, ops: list[dict[str, Any]], sentence: str
) -> None:
    data = bundle.write(describe(32, (1, 4, 8), ops), TENSORS | points(1, 32))
    for backend in BACKENDS:
        with pytest.raises(RuntimeRefusal, match=f"^This model cannot be shown: .*{sentence}.*\\.$"):
            runtime.decode(data, codes(1, 32), backend)


def test_memory_is_refused_before_it_is_taken(runtime: NodeRuntime) -> None:
    """Each block keeps its input, 128 MB here, while the next one works."""
    ops: list[dict[str, Any]] = [{"op": "relu"}]
    for _ in range(6):
        ops = [{"op": "residual", "body": [{"op": "relu"}, *ops]}]
    ops = [PICTURE, {"op": "upsample", "size": [4096, 4096]}, *ops]
    data = bundle.write(describe(32, (2, 4096, 4096), ops), points(1, 32))
    with pytest.raises(RuntimeRefusal, match="MB of memory, at most 512 are given"):
        runtime.decode(data, codes(1, 32))


anything = st.one_of(
    st.integers(-3, 5),
    st.sampled_from([None, "", 0.5, 1e9, 2**31, 2**53, True, [], {}, [1], [[1, 1], [1, 1]]]),
    st.lists(st.integers(-1, 5), min_size=1, max_size=4),
    st.sampled_from(sorted(TENSORS)),
)
operation = st.builds(
    lambda base, changes: base | changes,
    st.sampled_from(
        [
            PICTURE, CONV, TURNED, BATCH_NORM, GROUP_NORM,
            {"op": "upsample", "size": [8, 8]}, {"op": "upsample", "scale": [2, 2]}, {"op": "flatten"},
            {"op": "linear", "weight": "w.linear"}, {"op": "take", "count": 4}, {"op": "sigmoid"},
            {"op": "layer_norm", "eps": 1e-5}, {"op": "subtract", "value": "b.4"},
            {"op": "residual", "body": [CONV | {"weight": "w.wide"}]},
            {"op": "residual", "body": [{"op": "relu"}]},
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            ["weight", "bias", "stride", "padding", "output_padding", "size", "shape", "groups", "body"]
        ),
        anything,
        max_size=1,
    ),
)  # fmt: skip


def check_any_list(runtime: NodeRuntime, ops: list[dict[str, Any]]) -> None:
    """It is refused in a sentence, by both backends alike, or both compute the same."""
    x = codes(3, 32)
    results: list[np.ndarray | str] = []
    for size in (32, 64, 4, 6, 256, 128):
        data = bundle.write(describe(32, (1, 1, size), [PICTURE, *ops]), TENSORS | points(1, 32))
        for backend in BACKENDS:
            try:
                results.append(runtime.decode(data, x, backend)[0])
            except RuntimeRefusal as refusal:
                results.append(str(refusal))
                assert results[-1].startswith("This model cannot be shown: ")
        ours, theirs = results[-2:]
        if isinstance(ours, str) or isinstance(theirs, str):
            assert ours == theirs
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * (np.abs(theirs).max() + 1))
        if not (isinstance(ours, str) and "its pictures have" in ours):
            return


@relaxed
@given(ops=st.lists(operation, max_size=5))
def test_any_op_list_is_computed_or_refused(runtime: NodeRuntime, ops: list[dict[str, Any]]) -> None:
    check_any_list(runtime, ops)


@pytest.mark.soak
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ops=st.lists(operation, max_size=7))
def test_thousands_of_op_lists_are_computed_or_refused(
    runtime: NodeRuntime, ops: list[dict[str, Any]]
) -> None:
    check_any_list(runtime, ops)
