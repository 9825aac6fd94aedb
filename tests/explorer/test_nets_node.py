"""Every net that can be built, in Node against torch: decoders, encoders, what half precision costs."""

import json
from pathlib import Path

import numpy as np
import pytest
from any_net import CASES, lively, models, packed_encoder, packed_model, with_note
from decoding import NodeRuntime, RuntimeRefusal, codes, describe, packed, points, torch_output
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save
from torch import nn

from vae_core import latent
from vae_core.config import ModelConfig, RunConfig
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras
from vae_core.models import VAE, Autoencoder
from vae_core.run import Run
from vae_core.storage import write_tensors

pytestmark = pytest.mark.node

BACKENDS = ["wasm", "js"]
Case = tuple[ModelConfig, tuple[int, int, int]]


def pictures(net: VAE, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, *net.shape), np.float32)


def check_model(runtime: NodeRuntime, net: VAE, backend: str, batch: int, seed: int) -> None:
    """Decoder and encoder in the browser are those of torch, to rounding."""
    data = packed_model(net)
    z = codes(batch, net.latent, seed)
    expected = latent.decode(net, z).reshape(batch, -1)
    scale = np.abs(latent.decode(net, codes(50, net.latent))).max()
    output, used = runtime.decode(data, z, backend)
    assert used == backend
    assert np.abs(output - expected).max() < 1e-5 * scale

    images = pictures(net, batch, seed)
    expected_codes = latent.encode(net, images)
    found = runtime.encode(data, packed_encoder(net), images, backend)
    spread = np.abs(latent.encode(net, pictures(net, 50))[0]).max()
    for ours, theirs in zip(found, expected_codes):
        assert np.abs(ours - theirs).max() < 1e-5 * max(spread, np.abs(theirs).max())


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=models(), batch=st.integers(1, 4), seed=st.integers(0, 1000))
def test_any_net_is_as_in_torch(
    runtime: NodeRuntime, backend: str, case: Case, batch: int, seed: int
) -> None:
    check_model(runtime, lively(*case, seed), backend, batch, seed)


@pytest.mark.soak
@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=models(64), batch=st.integers(1, 9), seed=st.integers(0, 1000))
def test_a_thousand_nets_are_as_in_torch(
    runtime: NodeRuntime, backend: str, case: Case, batch: int, seed: int
) -> None:
    check_model(runtime, lively(*case, seed), backend, batch, seed)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("settings_of_net", "shape"), CASES)
def test_a_row_does_not_depend_on_its_batch(
    runtime: NodeRuntime, backend: str, settings_of_net: dict[str, object], shape: tuple[int, int, int]
) -> None:
    net = lively(ModelConfig.model_validate(settings_of_net), shape)
    data, z = packed_model(net), codes(9, net.latent)
    whole, _ = runtime.decode(data, z, backend)
    for batches in ([1] * 9, [5, 4], [2, 7], [0, 9]):
        np.testing.assert_array_equal(runtime.decode(data, z, backend, batches)[0], whole)
    images, extras = pictures(net, 9), packed_encoder(net)
    together = runtime.encode(data, extras, images, backend)
    alone = [runtime.encode(data, extras, image[None], backend) for image in images]
    for k, part in enumerate(together):
        np.testing.assert_array_equal(part, np.concatenate([pair[k] for pair in alone]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_large_batches_are_worked_on_in_parts(runtime: NodeRuntime, backend: str) -> None:
    """A grid of 100 large pictures does not take 100 times the memory of one; the result is the same."""
    net = lively(ModelConfig(net="conv", channels=(4, 4), latent=2), (3, 128, 128))
    data, z = packed_model(net), codes(100, 2)
    output, _ = runtime.decode(data, z, backend, [100])
    np.testing.assert_array_equal(output[80:], runtime.decode(data, z[80:], backend)[0])


@pytest.mark.parametrize(("settings_of_net", "shape"), CASES)
def test_half_precision_shifts_a_picture_little(
    runtime: NodeRuntime, settings_of_net: dict[str, object], shape: tuple[int, int, int]
) -> None:
    net = lively(ModelConfig.model_validate(settings_of_net), shape)
    data, z = packed_model(net), codes(20, net.latent)
    exact, _ = runtime.decode(data, z)
    half, _ = runtime.decode(bundle.to_half(data), z)
    assert np.abs(half - exact).max() < 5e-3 * np.abs(exact).max()


def test_the_encoder_comes_through_the_files_of_a_run(runtime: NodeRuntime, tmp_path: Path) -> None:
    """In half precision, with small pictures beside it."""
    for number, (settings_of_net, shape) in enumerate(CASES):
        config = RunConfig.model_validate({"model": settings_of_net})
        net = lively(config.model, shape)
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "config.json").write_text(config.to_json())
        (folder / "report.json").write_text("{}")
        (folder / "explorer.bundle").write_bytes(packed_model(net))
        weights = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
        write_tensors(folder / "model.safetensors", weights, {})
        images = pictures(net, 6)
        shown = {
            "images": np.rint(255 * images).astype(np.uint8),
            "labels": np.zeros(6, np.int64),
            "index": np.arange(6),
        }
        (folder / "examples.safetensors").write_bytes(save(shown))
        found = runtime.encode(packed_model(net), extras(Run(folder)), images)
        for ours, theirs in zip(found, latent.encode(net, images)):
            assert np.abs(ours - theirs).max() < 1e-2 * np.abs(theirs).max()


def test_a_plain_autoencoder_has_no_spread(runtime: NodeRuntime) -> None:
    net = lively(ModelConfig(kind="ae", hidden=(9,)), (1, 8, 8))
    _, log_var = runtime.encode(packed_model(net), packed_encoder(net), pictures(net, 2))
    assert (log_var == Autoencoder.LOG_VAR).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 2}, "it has format 2"),
        ({"kind": "bundle"}, "it is of another kind"),
        ({"factor": 0}, "its small pictures are damaged"),
        ({"factor": None}, "its small pictures are damaged"),
    ],
)
def test_damaged_extras_are_refused(runtime: NodeRuntime, changes: dict[str, object], sentence: str) -> None:
    net = lively(ModelConfig(hidden=(9,)), (1, 8, 8))
    note = {"format": 1, "kind": "extras", "factor": 1} | changes
    tensors = {"thumbs": np.zeros((2, 1, 8, 8), np.uint8)}
    data = save(tensors, {"latentscape": json.dumps(note)})
    with pytest.raises(RuntimeRefusal, match=f"^This model file cannot be opened: {sentence}"):
        runtime.encode(packed_model(net), data, pictures(net, 1))


def test_an_encoder_that_does_not_fit_is_refused(runtime: NodeRuntime) -> None:
    net = lively(ModelConfig(hidden=(9,), latent=3), (1, 8, 8))
    data, images = packed_model(net), pictures(net, 1)
    other = packed_encoder(lively(ModelConfig(hidden=(8,), latent=3), (1, 8, 8)))
    mixed = load(packed_encoder(net)) | {"encoder.2.weight": load(other)["encoder.2.weight"]}
    with pytest.raises(RuntimeRefusal, match=r"weights encoder\.2\.weight do not fit 9 inputs"):
        runtime.encode(data, with_note(mixed), images)
    with pytest.raises(RuntimeRefusal, match=r"values encoder\.data_mean do not fit 64 inputs"):
        runtime.encode(data, with_note({}), images)
    with pytest.raises(RuntimeRefusal, match="Expected rows of 64 values, got 63"):
        runtime.encode(data, packed_encoder(net), images.ravel()[:63])
    meta, tensors = bundle.read(data)
    small = bundle.write(meta | {"encoder": meta["encoder"][:2]}, tensors)
    with pytest.raises(RuntimeRefusal, match="encoder makes 64 values for 3 dimensions"):
        runtime.encode(small, packed_encoder(net), images)
    silent = {key: value for key, value in meta.items() if key not in ("encoder", "posterior")}
    with pytest.raises(RuntimeRefusal, match="came without its encoder"):
        runtime.encode(bundle.write(silent, tensors), packed_encoder(net), images)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_mean_of_the_continuous_bernoulli_is_exact_everywhere(runtime: NodeRuntime, backend: str) -> None:
    tails = np.geomspace(1e-30, 1e4, 300)
    logits = np.concatenate([-tails, tails, np.linspace(-12, 12, 1001), [0]]).astype(np.float32)
    wide = logits.astype(np.longdouble)
    away = np.where(wide == 0, 1, wide)
    near = 0.5 + wide / 12 - wide**3 / 720 + wide**5 / 30240
    with np.errstate(over="ignore"):
        expected = np.where(np.abs(wide) < 0.02, near, -1 / np.expm1(-away) - 1 / away)
    meta = describe(len(logits), (1, 1, len(logits)), [{"op": "continuous_bernoulli_mean"}])
    output, _ = runtime.decode(bundle.write(meta, points(1, len(logits))), logits[None], backend)
    assert np.abs(output[0] - expected).max() < 2e-7
    np.testing.assert_allclose(output[0][logits < -3], expected[logits < -3].astype(np.float64), rtol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("from_", [1, 2, 3, 5, 7, 11, 29, 41, 64])
def test_nearest_neighbours_are_those_of_torch(runtime: NodeRuntime, backend: str, from_: int) -> None:
    """To every size up to three times as large, or smaller: torch rounds in single precision."""
    row = np.arange(from_, dtype=np.float32)[None]
    for to in {1, *range(max(1, from_ - 3), 3 * from_ + 2)}:
        net = nn.Sequential(nn.Unflatten(1, (1, 1, from_)), nn.Upsample(size=(2, to), mode="nearest"))
        output, _ = runtime.decode(packed(net, from_, (1, 2, to)), row, backend)
        np.testing.assert_array_equal(output[0], torch_output(net, row).ravel())
