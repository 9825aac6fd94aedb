"""extras.py: small pictures and the encoder of a run, whatever its files hold."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decoding import describe, points
from safetensors import safe_open
from safetensors.numpy import load, save

from vae_core.config import RunConfig
from vae_core.errors import BundleError, LatentscapeError, RunError
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras, factor_for, pooled
from vae_core.run import Run

ENCODER = [
    {"op": "subtract", "value": "encoder.data_mean"},
    {"op": "residual", "body": [{"op": "linear", "weight": "encoder.0.weight", "bias": "encoder.0.bias"}]},
]
COUNT, SHAPE = 7, (1, 4, 6)


def weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {
        "encoder.data_mean": random.uniform(size=SHAPE).astype(np.float32),
        "encoder.0.weight": random.normal(size=(24, 24)).astype(np.float32),
        "encoder.0.bias": np.array([1e5, *range(23)], np.float32),
        "decoder.0.weight": np.ones((24, 2), np.float32),
    }


def pictures(count: int = COUNT, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, *shape)).astype(np.uint8)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run of seven pictures."""
    (tmp_path / "config.json").write_text(RunConfig().to_json())
    (tmp_path / "report.json").write_text("{}")
    write_bundle(tmp_path, encoder=ENCODER, posterior={"ceiling": 4})
    write_examples(tmp_path, pictures())
    (tmp_path / "model.safetensors").write_bytes(save(weights()))
    return Run(tmp_path)


def write_bundle(folder: Path, shape: tuple[int, int, int] = SHAPE, **changes: Any) -> None:
    meta = describe(2, shape, [{"op": "linear", "weight": "decoder.0.weight"}]) | changes
    tensors = points(COUNT, 2) | {"decoder.0.weight": weights()["decoder.0.weight"]}
    (folder / "explorer.bundle").write_bytes(bundle.write(meta, tensors))


def write_examples(folder: Path, images: np.ndarray, index: np.ndarray | None = None) -> None:
    order = np.arange(len(images)) if index is None else index
    tensors = {"images": images, "labels": np.zeros(len(images), np.int64), "index": order}
    (folder / "examples.safetensors").write_bytes(save(tensors))


def opened(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["latentscape"]), load(data)


def test_pictures_and_encoder_come_as_they_are(run: Run) -> None:
    meta, tensors = opened(extras(run))
    assert meta == {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    np.testing.assert_array_equal(tensors.pop("thumbs"), pictures())
    assert tensors.keys() == {"encoder.data_mean", "encoder.0.weight", "encoder.0.bias"}
    assert tensors["encoder.0.weight"].dtype == np.float16
    assert tensors["encoder.0.bias"].dtype == np.float32  # 100,000 is beyond half precision
    for name, tensor in tensors.items():
        np.testing.assert_allclose(tensor, weights()[name], rtol=2**-10, atol=1e-6)


def test_only_what_is_asked_for(run: Run) -> None:
    assert opened(extras(run, encoder=False))[1].keys() == {"thumbs"}
    assert "thumbs" not in opened(extras(run, thumbs=False))[1]


def test_a_bundle_without_an_encoder_has_none_to_send(run: Run) -> None:
    write_bundle(run.path)
    meta, tensors = opened(extras(run))
    assert tensors.keys() == {"thumbs"}
    assert meta["problems"] == []


@pytest.mark.parametrize(
    ("count", "shape", "factor"),
    [(2000, (1, 28, 28), 1), (2000, (3, 64, 64), 2), (2000, (3, 128, 128), 4), (5, (3, 128, 128), 1)],
)
def test_pictures_shrink_until_they_fit(count: int, shape: tuple[int, int, int], factor: int) -> None:
    assert factor_for((count, *shape)) == factor
    assert factor_for((10**9, 3, 8, 8), 10) == 8  # as small as they get


@pytest.mark.parametrize("factor", [1, 2, 3, 7, 50])
def test_pixels_are_means_of_blocks(factor: int) -> None:
    images = pictures(120, (3, 9, 14))
    made = pooled(images, factor)
    assert made.shape == (120, 3, -(-9 // factor), -(-14 // factor))
    for row in range(made.shape[2]):
        for column in range(made.shape[3]):
            block = images[:, :, row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            assert np.abs(made[:, :, row, column] - block.mean((2, 3))).max() <= 0.5 + 1e-4


def test_pictures_belong_to_the_points_of_their_number(run: Run) -> None:
    write_examples(run.path, pictures(), np.array([0, 1, 2, 9, 4, 5, 6]))
    np.testing.assert_array_equal(opened(extras(run))[1]["thumbs"], pictures()[:3])
    write_examples(run.path, pictures(9))
    np.testing.assert_array_equal(opened(extras(run))[1]["thumbs"], pictures(9)[:COUNT])


@pytest.mark.parametrize("name", ["examples.safetensors", "model.safetensors"])
@pytest.mark.parametrize("damage", [None, b"", b"nonsense" * 9, "cut"])
def test_what_cannot_be_read_is_left_out_and_said(run: Run, name: str, damage: bytes | str | None) -> None:
    path = run.path / name
    data = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(data[:-1] if damage == "cut" else damage)
    meta, tensors = opened(extras(run))
    assert len(meta["problems"]) == 1
    assert name in meta["problems"][0]
    assert ("thumbs" in tensors) == (name == "model.safetensors")
    assert ("encoder.data_mean" in tensors) == (name == "examples.safetensors")


def test_pictures_of_another_shape_are_left_out(run: Run) -> None:
    write_examples(run.path, pictures(COUNT, (1, 6, 4)))
    meta, tensors = opened(extras(run))
    assert "thumbs" not in tensors
    assert "another shape" in meta["problems"][0]


def nested(depth: int) -> list[dict[str, Any]]:
    ops: list[dict[str, Any]] = [{"op": "relu"}]
    for _ in range(depth):
        ops = [{"op": "residual", "body": ops}]
    return ops


@pytest.mark.parametrize(
    "encoder",
    [
        [{"op": "linear", "weight": "encoder.9.weight"}],
        [{"op": "linear", "weight": "decoder.0.weight"}],
        [{"op": "residual", "body": "relu"}],
        [{"op": "residual", "body": [7]}],
        nested(40),
    ],
)
def test_an_encoder_that_does_not_fit_is_left_out(run: Run, encoder: list[dict[str, Any]]) -> None:
    write_bundle(run.path, encoder=encoder, posterior={"ceiling": 4})
    meta, tensors = opened(extras(run))
    assert tensors.keys() == {"thumbs"}
    assert meta["problems"][0].startswith("The explorer bundle cannot be used: its encoder")


def test_a_run_without_a_bundle_is_refused(run: Run) -> None:
    (run.path / "explorer.bundle").write_bytes(b"nonsense" * 9)
    with pytest.raises(LatentscapeError):
        extras(run)
    write_bundle(run.path)
    whole = (run.path / "explorer.bundle").read_bytes()
    (run.path / "explorer.bundle").write_bytes(save(load(whole)))
    with pytest.raises(BundleError, match="not made by Latentscape"):
        extras(run)
    (run.path / "explorer.bundle").unlink()
    (run.path / "report.json").unlink()
    with pytest.raises(RunError, match="not finished"):
        extras(run)


def test_is_a_safetensors_file(run: Run) -> None:
    path = run.path / "extras"
    path.write_bytes(extras(run))
    with safe_open(path, "np") as file:
        assert json.loads(file.metadata()["latentscape"])["kind"] == "extras"


def test_needs_no_torch() -> None:
    code = "import sys, vae_core.explorer.extras; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_starters_have_pictures() -> None:
    for folder in sorted((Path(__file__).parents[2] / "assets" / "starters").glob("*/")):
        meta, tensors = opened(extras(Run(folder, starter=True)))
        assert meta["problems"] == []
        assert len(tensors["thumbs"]) > 100
