"""The runs in assets/starters: small, whole, and with a dial that is worth turning."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vae_core import ladder, latent
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras
from vae_core.freezing import freeze
from vae_core.models import rebuild
from vae_core.runs import RunStore
from vae_core.settings import STARTERS
from vae_core.storage import read_tensors

MEGA = 1_000_000
NAMES = sorted(path.name for path in STARTERS.iterdir() if path.is_dir())
DIALLED = ["fashion-mnist-every-beta", "shapes-every-beta"]


def starter(name):
    return RunStore().get(name)


def size(names):
    files = (path for name in names for path in (STARTERS / name).rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files)


def test_they_are_small():
    assert size(DIALLED) <= 4 * MEGA
    assert size(set(NAMES) - set(DIALLED)) <= 3.3 * MEGA
    assert set(DIALLED) <= set(NAMES)


def test_the_readme_names_each_with_its_licence():
    lines = (STARTERS / "README.md").read_text().splitlines()
    for name in NAMES:
        row = next(line for line in lines if line.startswith(f"| `{name}` |"))
        assert "MIT" in row or "CC BY" in row or "CC0" in row


@pytest.mark.parametrize("name", NAMES)
def test_each_opens_whole(name):
    run = starter(name)
    assert (run.starter, run.state, run.reason, run.owner) == (True, "finished", "", "")
    meta, tensors = bundle.read(run.bundle())
    examples = run.examples()
    assert meta["run"] == name
    assert meta["title"] == run.title == run.config.name
    assert meta["report"] == run.report()
    assert len(tensors["points.mu"]) == len(examples.index) == len(run.latents()[0])
    notes, second = read_tensors(extras(run), name="extras")[::-1]
    assert json.loads(notes["latentscape"])["problems"] == []
    assert len(second["thumbs"]) == len(examples.index)
    assert run.metrics()


@pytest.mark.parametrize("name", NAMES)
def test_each_travels_in_half_precision(name):
    for file in ("model.safetensors", "explorer.bundle"):
        tensors, _ = read_tensors(STARTERS / name / file)
        full = {key for key, tensor in tensors.items() if tensor.dtype == np.float32}
        assert {key for key in full if not key.startswith("factors.")} <= {"log_betas"}


@pytest.mark.parametrize("name", NAMES)
def test_the_map_is_that_of_the_weights(name):
    run = starter(name)
    model = rebuild(run.config.model, run.weights())
    if name in DIALLED:
        model = model.at(run.config.beta)
    mu, _ = latent.encode(model, run.examples().images)
    _, tensors = bundle.read(run.bundle())
    spread = mu.std(0)
    off = np.abs(tensors["points.mu"] - mu).max(0)
    assert (off < 0.05 * np.maximum(spread, 0.1)).all()


@pytest.mark.parametrize("name", DIALLED)
def test_a_dial_worth_turning(name):
    run = starter(name)
    meta, tensors = bundle.read(run.bundle())
    objective, report = run.config.objective, run.report()
    assert (meta["dial"]["low"], meta["dial"]["high"]) == (objective.beta_low, objective.beta_high)
    assert meta["dial"]["beta"] == objective.beta == run.config.beta
    assert report["ladder"]["error"] < 0.02
    curve = report["curve"]
    assert len(curve) == 13
    rates, distortions = ([row[key] for row in curve] for key in ("rate", "distortion"))
    assert all(above > below for above, below in pairwise(rates))
    assert rates[0] > 2.5 * rates[-1]
    assert distortions[-1] > 1.04 * distortions[0]
    assert report["health"] == []
    assert report["advice"]
    # It opens at a map that fills its place: what is active moves the codes.
    kl = np.array(report["kl_per_dim"])
    assert (kl > 0.1).sum() >= 2
    assert (np.std(tensors["points.mu"], axis=0)[kl > 0.1] > 0.3).all()


@pytest.mark.parametrize("name", DIALLED)
def test_the_ladder_is_that_of_the_weights(name):
    run = starter(name)
    meta, tensors = bundle.read(run.bundle())
    rungs = meta["ladder"]["log_betas"]
    middle = (rungs[2] + rungs[3]) / 2
    exact, _ = latent.encode(
        rebuild(run.config.model, run.weights()).at(np.exp(middle)), run.examples().images
    )
    shares = ladder.weights(np.array(rungs), middle)
    between = np.tensordot(shares, tensors["ladder.mu"].astype(float), 1)
    spread = np.sqrt(((exact - exact.mean(0)) ** 2).sum(1).mean())
    assert np.sqrt(((between - exact) ** 2).sum(1).mean()) < 0.02 * spread


def test_dimensions_of_the_shapes_switch_off_one_by_one():
    """Ten of them for five factors: some are never needed, and at the top of the dial fewer still."""
    curve = starter("shapes-every-beta").report()["curve"]
    active = [int((np.array(row["kl_per_dim"]) > 0.1).sum()) for row in curve]
    assert active[0] >= 5
    assert active[-1] <= active[0] - 2
    assert active == sorted(active, reverse=True)


def test_the_shapes_bring_their_factors():
    meta, _ = bundle.read(starter("shapes-every-beta").bundle())
    assert set(meta["factors"]) == {"shape", "size", "x", "y", "angle"}


def test_it_can_be_frozen(tmp_path):
    store = RunStore(tmp_path / "mine")
    made = freeze(starter("shapes-every-beta"), 4.0, store)
    assert made.title == "Shapes at every beta · β 4, frozen"
    curve = starter("shapes-every-beta").report()["curve"]
    assert curve[-1]["rate"] < made.report()["rate"] < curve[0]["rate"]
    assert Path(made.path).parent == store.folder
