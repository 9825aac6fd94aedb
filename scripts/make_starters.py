"""Trains the starter runs in assets/starters: digits in two dimensions, Fashion-MNIST in eight; and two with
a dial, for every beta of a range: Fashion-MNIST in two dimensions, shapes in ten.

    LATENTSCAPE_DATA=... python scripts/make_starters.py [NAME ...]

A starter is an ordinary run folder without optimiser state, its tensors in half precision. Only latents and
thumbnails of test pictures travel. The digits keep their snapshots, so that there is a replay to look at.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vae_core import pipeline, ways
from vae_core.config import RunConfig
from vae_core.explorer import bundle
from vae_core.recipes import recommended
from vae_core.runs import Recorder, Run, RunStore
from vae_core.settings import STARTERS
from vae_core.storage import read_tensors, write_tensors
from vae_core.taking.journey import travelled

LIMITS = {"multirate": 4_000_000, "vae": 3_300_000}  # bytes of all starters of a kind together
REPLAYED = ("digits",)
EXACT = ("log_betas",)  # the ends of a range, to which every dial and address refers
KEPT = ("config.json", "report.json")
FRAMES = 8  # in a row of the picture of a path
HALVED = ("model.safetensors", "latents.safetensors", "examples.safetensors")

# Nets are small so that weights, bundle and thumbnails stay below the limits; more passes make up for most of
# what that costs. A run with a dial has fewer examples, since it holds their codes at a dozen betas.
SETTINGS = {
    "digits": ("digits", {"name": "Handwritten digits"}),
    "fashion-mnist": (
        "fashion-mnist",
        {
            "name": "Fashion in eight dimensions",
            "model.latent": 8,
            "model.hidden": (160, 80),
            "training.epochs": 24,
            "training.lr": 0.004,
        },
    ),
    "fashion-mnist-every-beta": (
        "fashion-mnist",
        {
            "name": "Fashion at every beta",
            "model.kind": "multirate",
            "model.hidden": (192, 96, 32),
            "objective.beta_low": 0.2,
            "objective.beta_high": 50.0,
            "data.map_points": 750,
            "training.epochs": 12,
            "training.adam_beta2": 0.99,
        },
    ),
    "shapes-every-beta": (
        "shapes",
        {
            "name": "Shapes at every beta",
            "model.kind": "multirate",
            "model.latent": 10,
            "model.hidden": (160, 96),
            "objective.beta_low": 0.2,
            "objective.beta_high": 30.0,
            "data.map_points": 450,
            "training.epochs": 80,
            "training.batch": 64,
            "training.adam_beta2": 0.99,
        },
    ),
}


def main() -> None:
    for name in sys.argv[1:] or SETTINGS:
        source, changes = SETTINGS[name]
        make(name, recommended(source).override(changes))
    draw_path(RunStore().get("fashion-mnist"))
    for kind, limit in LIMITS.items():
        folders = [run.path for run in RunStore().list() if run.starter and run.config.model.kind == kind]
        size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
        print(f"{kind}: {size / 1e6:.2f} MB together, at most {limit / 1e6:.0f}")
        if size > limit:
            sys.exit("They are too large.")


def make(name: str, config: RunConfig) -> None:
    with tempfile.TemporaryDirectory() as home:
        run = RunStore(Path(home)).create(config)
        recorder = Recorder(run)
        with run.lock():
            for event in pipeline.execute(config, run=name):
                recorder.write(event)
        report = run.report()
        print(
            f"{name}: D {report['distortion']:.2f}, R {report['rate']:.2f}, accuracy {report['accuracy']:.3f}"
        )
        lighten(run, STARTERS / name)
        if name in REPLAYED:
            keep_snapshots(run, STARTERS / name)


def draw_path(run: Run) -> None:
    """The picture of Home's card of Interpolate: decoded along the data, from a sandal to an ankle boot.

    Below it, apart by a clear line, the plain cross-fade.
    """
    labels = run.examples().labels
    assert labels is not None
    sandal, sneaker, boot = (int(np.flatnonzero(labels == label)[2]) for label in (5, 7, 9))
    way = ways.Way((sandal, sneaker, boot), "data")
    path = travelled(run, way, FRAMES)
    rows = (path.decode(path.codes), path.cross_fade())
    strips = [np.rint(np.concatenate(list(row[:, 0]), axis=1) * 255).astype(np.uint8) for row in rows]
    height, width = strips[0].shape
    picture = Image.new("LA", (width, 2 * height + 1))
    for k, strip in enumerate(strips):
        picture.paste(Image.fromarray(strip).convert("LA"), (0, k * (height + 1)))
    picture.save(STARTERS.parent / "path.png", optimize=True)


def lighten(run: Run, target: Path) -> None:
    """Copies what explores and explains the run, floats in half precision, whole numbers in four bytes."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in KEPT:
        shutil.copyfile(run.path / name, target / name)
    for name in HALVED:
        tensors, metadata = read_tensors(run.path / name)
        write_tensors(target / name, {key: half(key, array) for key, array in tensors.items()}, metadata)
    (target / "explorer.bundle").write_bytes(bundle.to_half(run.bundle()))
    (target / "metrics.jsonl").write_text("".join(json.dumps(rounded(row)) + "\n" for row in run.metrics()))
    (target / "run.json").write_text(json.dumps({**run.about, "owner": ""}))


def keep_snapshots(run: Run, target: Path) -> None:
    """Copies the moments of its training, in half precision."""
    (target / "snapshots").mkdir()
    for step in run.snapshots():
        name = f"snapshots/{step:08d}.safetensors"
        tensors, metadata = read_tensors(run.path / name)
        write_tensors(target / name, {key: half(key, array) for key, array in tensors.items()}, metadata)


def rounded(value: Any) -> Any:
    """Floats in nested lists and objects to four figures."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def half(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype == np.int64:
        return array.astype(np.int32)
    if array.dtype.kind != "f" or name in EXACT:
        return array
    halved = array.astype(np.float16)
    if not np.isfinite(halved).all():
        sys.exit(f"{name} does not fit into half precision.")
    return halved


if __name__ == "__main__":
    main()
