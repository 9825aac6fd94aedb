"""Trains the starter runs in assets/starters: digits in two dimensions, Fashion-MNIST in eight.

    LATENTSCAPE_DATA=... python scripts/make_starters.py [NAME ...]

A starter is an ordinary run folder without optimiser state and snapshots, its tensors in half precision. Only
latents and thumbnails of test pictures travel.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from vae_core import pipeline
from vae_core.config import RunConfig
from vae_core.explorer import bundle
from vae_core.recipes import recommended
from vae_core.runs import Recorder, Run, RunStore
from vae_core.settings import STARTERS
from vae_core.storage import read_tensors, write_tensors

LIMIT = 3_000_000  # bytes of all starters together
KEPT = ("config.json", "report.json")
HALVED = ("model.safetensors", "latents.safetensors", "examples.safetensors")

# The net for Fashion-MNIST is small so that weights, bundle and 2,000 thumbnails stay below the limit; more
# passes make up for most of what that costs.
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
}


def main() -> None:
    for name in sys.argv[1:] or SETTINGS:
        source, changes = SETTINGS[name]
        make(name, recommended(source).override(changes))
    size = sum(path.stat().st_size for path in STARTERS.rglob("*") if path.is_file())
    print(f"{size / 1e6:.2f} MB together, at most {LIMIT / 1e6:.0f}")
    if size > LIMIT:
        sys.exit("The starters are too large.")


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


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}


def half(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype == np.int64:
        return array.astype(np.int32)
    if array.dtype.kind != "f":
        return array
    halved = array.astype(np.float16)
    if not np.isfinite(halved).all():
        sys.exit(f"{name} does not fit into half precision.")
    return halved


if __name__ == "__main__":
    main()
