"""pack.py: decoders into operations, models into bundles."""

from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import nn

from vae_core.config import ModelConfig
from vae_core.errors import PackError
from vae_core.explorer import bundle
from vae_core.explorer.pack import decoder_ops, encoder_ops, pack_model
from vae_core.models import build
from vae_core.nets import Residual


def test_operations_and_names_follow_the_state_dict() -> None:
    decoder = nn.Sequential(
        nn.Linear(2, 5), nn.Sequential(nn.SiLU(), nn.Linear(5, 3, bias=False)), nn.Sigmoid()
    )
    specs, arrays = decoder_ops(decoder)
    assert specs == [
        {"op": "linear", "weight": "decoder.0.weight", "bias": "decoder.0.bias"},
        {"op": "silu"},
        {"op": "linear", "weight": "decoder.1.1.weight"},
        {"op": "sigmoid"},
    ]
    state = {f"decoder.{name}": tensor for name, tensor in decoder.state_dict().items()}
    assert arrays.keys() == state.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, state[name].numpy())


@pytest.mark.parametrize(
    ("layer", "spec"),
    [
        (nn.ReLU(), {"op": "relu"}),
        (nn.LeakyReLU(0.25), {"op": "leaky_relu", "slope": 0.25}),
        (nn.GELU(), {"op": "gelu"}),
        (nn.GELU("tanh"), {"op": "gelu_tanh"}),
        (nn.Tanh(), {"op": "tanh"}),
        (nn.Softplus(2, 10), {"op": "softplus", "beta": 2, "threshold": 10}),
    ],
)
def test_activations(layer: nn.Module, spec: dict[str, Any]) -> None:
    assert decoder_ops(layer) == ([spec], {})


@pytest.mark.parametrize(
    ("layer", "spec"),
    [
        (
            nn.Conv2d(2, 3, 3, stride=2, padding=(1, 0), bias=False),
            {"op": "conv", "weight": "decoder.weight", "stride": [2, 2], "padding": [1, 0]},
        ),
        (
            nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=(1, 0)),
            {
                "op": "conv_transposed",
                "weight": "decoder.weight",
                "bias": "decoder.bias",
                "stride": [2, 2],
                "padding": [1, 1],
                "output_padding": [1, 0],
            },
        ),
        (nn.Upsample(size=(6, 5)), {"op": "upsample", "size": [6, 5]}),
        (nn.Upsample(size=6), {"op": "upsample", "size": [6, 6]}),
        (nn.Upsample(scale_factor=2), {"op": "upsample", "scale": [2, 2]}),
        (nn.Flatten(), {"op": "flatten"}),
        (nn.Unflatten(1, (2, 3, 4)), {"op": "reshape", "shape": [2, 3, 4]}),
        (nn.LayerNorm(5, elementwise_affine=False), {"op": "layer_norm", "eps": 1e-5}),
        (
            nn.GroupNorm(2, 4, eps=1e-3),
            {
                "op": "group_norm",
                "groups": 2,
                "eps": 1e-3,
                "weight": "decoder.weight",
                "bias": "decoder.bias",
            },
        ),
        (
            nn.BatchNorm1d(3, affine=False),
            {
                "op": "batch_norm",
                "eps": 1e-5,
                "mean": "decoder.running_mean",
                "var": "decoder.running_var",
            },
        ),
    ],
)
def test_layers_of_convolutional_nets(layer: nn.Module, spec: dict[str, Any]) -> None:
    specs, arrays = decoder_ops(layer)
    assert specs == [spec]
    state = layer.state_dict()
    assert arrays.keys() == {f"decoder.{name}" for name in state if name != "num_batches_tracked"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, state[name.removeprefix("decoder.")].numpy())


def test_residual_blocks_nest() -> None:
    block = Residual(nn.Sequential(nn.Conv2d(2, 2, 1, bias=False), Residual(nn.ReLU())), nn.Flatten())
    conv = {"op": "conv", "weight": "decoder.0.body.0.weight", "stride": [1, 1], "padding": [0, 0]}
    inner = {"op": "residual", "body": [{"op": "relu"}]}
    specs, arrays = decoder_ops(nn.Sequential(block))
    assert specs == [{"op": "residual", "body": [conv, inner], "shortcut": [{"op": "flatten"}]}]
    assert arrays.keys() == {"decoder.0.body.0.weight"}


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (nn.Conv2d(2, 4, 3, groups=2), "one group"),
        (nn.Conv2d(2, 4, 3, dilation=2), "no dilation"),
        (nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"), "zeros around"),
        (nn.Conv2d(2, 4, 3, padding="same"), "zeros around"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "mode nearest"),
        (nn.Upsample(scale_factor=1.5), "whole factors"),
        (nn.BatchNorm2d(2, track_running_stats=False), "running statistics"),
        (nn.LayerNorm((2, 3)), "one dimension"),
        (nn.Flatten(2), "all dimensions but the first"),
        (nn.Unflatten(2, (2, 3)), "dimension 1"),
    ],
)
def test_layers_with_unknown_options_are_refused(layer: nn.Module, sentence: str) -> None:
    with pytest.raises(PackError, match=rf"^decoder \({type(layer).__name__}\) has no .*{sentence}"):
        decoder_ops(layer)


def test_tied_weights_travel_as_the_decoder_uses_them() -> None:
    model = build(ModelConfig(hidden=(7, 5), latent=3, tied=True), (1, 4, 5))
    specs, arrays = decoder_ops(model.decoder)
    state = model.state_dict()
    assert [spec["op"] for spec in specs] == ["linear", "silu", "linear", "silu", "linear"]
    assert specs[0]["weight"] not in state
    np.testing.assert_array_equal(arrays[specs[0]["weight"]], state["encoder.4.weight"][:3].T.numpy())
    np.testing.assert_array_equal(arrays[specs[-1]["weight"]], state["encoder.0.weight"].T.numpy())


@pytest.mark.parametrize("net", ["mlp", "conv"])
def test_encoders_subtract_the_mean_picture_first(net: str) -> None:
    model = build(ModelConfig(net=net, channels=(4, 4)), (1, 9, 8))
    specs, arrays = encoder_ops(model.encoder)
    assert specs[0] == {"op": "subtract", "value": "encoder.data_mean"}
    assert specs[1]["op"] == ("flatten" if net == "mlp" else "conv")
    state = {name for name in model.state_dict() if name.startswith("encoder.")}
    assert arrays.keys() == state


def test_encoders_of_another_make_are_refused() -> None:
    with pytest.raises(PackError, match=r"^encoder \(Sequential\) has no browser operation"):
        encoder_ops(nn.Sequential(nn.Flatten(), nn.Linear(20, 4)))


def test_bundles_say_how_to_encode() -> None:
    for kind, posterior in (
        ("vae", {"ceiling": 4.0}),
        ("ae", {"deterministic": True, "log_var": -8.0}),
    ):
        meta, tensors = bundle.read(pack("bernoulli", kind=kind))
        assert meta["posterior"] == posterior
        assert [spec["op"] for spec in meta["encoder"]] == ["subtract", "flatten", "linear", "silu", "linear"]
        assert not [name for name in tensors if name.startswith("encoder.")]  # they travel in the extras


def test_a_layer_used_twice_is_there_twice() -> None:
    bend = nn.ReLU()
    specs, _ = decoder_ops(nn.Sequential(bend, nn.Linear(2, 2), bend))
    assert [spec["op"] for spec in specs] == ["relu", "linear", "relu"]


def test_a_layer_without_operation_is_named() -> None:
    with pytest.raises(PackError, match=r"^decoder\.2 \(Dropout\) has no browser operation\."):
        decoder_ops(nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Dropout(), nn.Linear(4, 4)))


def test_layers_that_only_look_alike_are_refused() -> None:
    class Doubled(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(x)

    class Skipping(nn.Sequential):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + super().forward(x)

    with pytest.raises(PackError, match=r"decoder\.0 \(Doubled\)"):
        decoder_ops(nn.Sequential(Doubled(2, 2)))
    with pytest.raises(PackError, match=r"decoder\.1 \(Skipping\)"):
        decoder_ops(nn.Sequential(nn.Linear(2, 2), Skipping(nn.Linear(2, 2))))


def test_weights_that_are_not_numbers_are_named() -> None:
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight[1, 0] = torch.nan
    with pytest.raises(PackError, match=r"decoder\.0\.weight holds values that are not numbers"):
        decoder_ops(nn.Sequential(layer))


def pack(likelihood: str, count: int = 50, kind: Literal["vae", "ae"] = "vae", **changes: Any) -> bytes:
    random = np.random.default_rng(1)
    model = build(ModelConfig(kind=kind, hidden=(7,), latent=3, likelihood=likelihood), (1, 4, 5))
    return pack_model(
        model,
        **{
            "title": "digits · 3-D",
            "run": "digits-1",
            "data": {"title": "Digits", "licence": "CC BY 4.0", "source": "UCI", "checksum": "not sent"},
            "beta": 2,
            "mu": (random.normal(size=(count, 3)) * [1, 0, 2] + [0, 5, 0]).astype(np.float32),
            "log_var": np.full((count, 3), [-2, -300, 0], np.float32),
            "labels": np.arange(count) % 2,
            "index": np.arange(count, dtype=np.int64) * 3,
            "label_names": ("even", "odd"),
            "kl": np.array([1.5, 0, 2.25]),
            "report": {"elbo": np.float32(-90), "n": 10, "accuracy": float("nan")},
        }
        | changes,
    )


def test_a_model_becomes_a_bundle() -> None:
    meta, tensors = bundle.read(pack("bernoulli"))
    assert (meta["latent"], meta["shape"], meta["likelihood"]) == (3, [1, 4, 5], "bernoulli")
    assert [spec["op"] for spec in meta["decoder"]] == ["linear", "silu", "linear", "sigmoid"]
    assert meta["data"] == {"title": "Digits", "licence": "CC BY 4.0", "source": "UCI"}
    assert meta["report"] == {"elbo": -90, "n": 10, "accuracy": None}
    assert meta["kl"] == [1.5, 0, 2.25]
    np.testing.assert_array_equal(tensors["points.index"], np.arange(50) * 3)


def test_gaussian_means_need_no_last_operation() -> None:
    meta, _ = bundle.read(pack("gaussian"))
    assert [spec["op"] for spec in meta["decoder"]] == ["linear", "silu", "linear"]
    assert meta["likelihood"] == "gaussian"


def test_ranges_cover_the_aggregate_posterior() -> None:
    meta, tensors = bundle.read(pack("bernoulli"))
    random = np.random.default_rng(2)
    mu, sigma = tensors["points.mu"], np.exp(tensors["points.log_var"] / 2)
    drawn = (mu + sigma * random.standard_normal((4000, *mu.shape))).reshape(-1, 3)
    low, center, high = np.quantile(drawn, [0.005, 0.5, 0.995], axis=0)
    np.testing.assert_allclose(meta["range"], np.stack([low, high], 1), atol=0.05)
    np.testing.assert_allclose(meta["center"], center, atol=0.05)
    assert meta["range"][1][0] < meta["range"][1][1]  # though its dimension does not move at all


def test_at_most_a_hundred_thousand_points_travel() -> None:
    count = 100_001
    _, tensors = bundle.read(pack("bernoulli", count, factors={"x": np.arange(count)}, error=np.ones(count)))
    assert {tensors[name].shape[0] for name in tensors if not name.startswith("decoder")} == {100_000}


def test_factors_and_errors_travel_with_the_points() -> None:
    factors = {"size": np.linspace(0.5, 1, 50), "shape": np.arange(50) % 3}
    data = pack("bernoulli", factors=factors, error=np.linspace(0, 0.1, 50))
    for bytes_ in (data, bundle.to_half(data)):
        meta, tensors = bundle.read(bytes_)
        assert meta["factors"] == ["size", "shape"]
        np.testing.assert_array_equal(tensors["factors.0"], factors["size"].astype(np.float32))
        np.testing.assert_array_equal(tensors["factors.1"], factors["shape"].astype(np.float32))
        np.testing.assert_allclose(tensors["points.error"], np.linspace(0, 0.1, 50), rtol=1e-3)
    assert "factors" not in bundle.read(pack("bernoulli"))[0]


def test_factors_and_errors_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(PackError, match="values of the factor size hold"):
        pack("bernoulli", factors={"size": np.full(50, np.inf)})
    with pytest.raises(PackError, match="reconstruction errors hold"):
        pack("bernoulli", error=np.full(50, np.nan))


def test_unknown_classes_are_minus_one() -> None:
    _, tensors = bundle.read(pack("bernoulli", labels=None, label_names=()))
    assert (tensors["points.label"] == -1).all()


def test_encodings_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(PackError, match="no map"):
        pack("bernoulli", mu=np.full((50, 3), np.nan, np.float32))
