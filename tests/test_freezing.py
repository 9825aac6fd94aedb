"""A multi-rate run at one beta becomes an ordinary run: the same pictures and codes, whole or not at all."""

import argparse
import json
import math
import shutil
import time

import numpy as np
import pytest
from multirate_runs import BETAS, conditioned, trained
from synthetic import finished_run

from vae_core import api, cli_freeze, latent, pipeline, progress
from vae_core import commands as command_line
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, RunBusyError, RunDamagedError, RunError, StorageError
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras
from vae_core.explorer.page import html
from vae_core.freeze_job import FreezeJob
from vae_core.freezing import alone, freeze, frozen
from vae_core.models import MultiRate, rebuild
from vae_core.runs import RunStore
from vae_core.storage import read_tensors

VARIANTS = {
    "mlp": {},
    "learned σ": {"model__likelihood": "gaussian_shared", "model__latent": 5},
    "conv": {
        "model__net": "conv",
        "model__channels": (6, 8),
        "model__norm": "batch",
        "data__source": "shapes",
    },
}


@pytest.fixture(scope="module", params=VARIANTS)
def any_run(request, tmp_path_factory):
    return trained(tmp_path_factory.mktemp(request.param), **VARIANTS[request.param])


@pytest.fixture(scope="module")
def plain_run(tmp_path_factory):
    """Trained once; tests that write copy it."""
    return trained(tmp_path_factory.mktemp("home"), name="Digits at any price")


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home", tmp_path / "starters")


@pytest.fixture
def run(store, plain_run):
    shutil.copytree(plain_run.path, store.folder / plain_run.id)
    return store.get(plain_run.id)


@pytest.mark.parametrize("beta", [BETAS[0], 0.37, BETAS[1]])
def test_a_frozen_run_equals_the_dial(any_run, store, beta):
    made = freeze(any_run, beta, store)
    model = rebuild(made.config.model, made.weights())
    assert not isinstance(model, MultiRate)
    z = np.random.default_rng(1).standard_normal((20, model.latent)).astype(np.float32)
    pictures, mu, log_var = conditioned(any_run, beta, z)
    assert np.abs(latent.decode(model, z) - pictures).max() < 2e-5
    for stored, exact in zip(made.latents(), (mu, log_var)):
        np.testing.assert_allclose(stored, exact, atol=2e-4, rtol=1e-4)
    meta, tensors = bundle.read(made.bundle())
    assert "dial" not in meta
    assert (meta["beta"], meta["run"]) == (beta, made.id)
    np.testing.assert_array_equal(tensors["points.mu"], made.latents()[0])
    image = made.examples().images / 255
    error = ((latent.decode(model, mu) - image) ** 2).reshape(len(image), -1).mean(1)
    np.testing.assert_allclose(tensors["points.error"], error, rtol=2e-3, atol=1e-6)


def test_another_beta_is_another_model(run, store):
    """Else the tests above could not tell a dial that is stuck."""
    low, high = (freeze(run, beta, store) for beta in BETAS)
    assert low.report()["rate"] > 1.2 * high.report()["rate"]
    assert low.report()["distortion"] < high.report()["distortion"]


def test_figures_are_those_of_its_own_examples(run, store):
    made = freeze(run, 0.7, store)
    report = made.report()
    assert report["n"] == len(run.examples().images) == 100
    assert report["accuracy"] is None
    assert "curve" not in report
    assert (report["seconds"], report["steps"]) == (run.report()["seconds"], run.report()["steps"])
    weights = made.weights()
    assert report["parameters"] == sum(array.size for array in weights.values()) - 64  # of the data mean
    mu, log_var = made.latents()
    kl = 0.5 * (mu.astype(float) ** 2 + np.exp(log_var) - 1 - log_var)
    assert report["rate"] == pytest.approx(kl.sum(1).mean(), rel=1e-4)
    assert report["elbo"] == pytest.approx(-report["distortion"] - report["rate"])


def test_evaluated_anew_it_agrees_with_the_curve_of_its_run(run, store):
    """On the whole test split: the same pictures, other latent samples at most."""
    curve = run.report()["curve"]
    for row in (curve[0], curve[6], curve[12]):
        made = freeze(run, row["beta"], store)
        figures = pipeline.evaluate(made.config, made.weights())
        for key in ("distortion", "rate"):
            error = math.hypot(figures[f"{key}_se"], row[f"{key}_se"])
            assert abs(figures[key] - row[key]) < 3 * error


def test_it_is_a_run_like_others(run, store):
    made = freeze(run, 1.5, store, owner="visitor")
    assert store.list()[0].id == made.id
    found = store.get(made.id)
    assert (found.state, found.owner, found.reason) == ("finished", "visitor", "")
    assert found.config.model.kind == "vae"
    assert (found.config.beta, found.title) == (1.5, "Digits at any price · β 1.5, frozen")
    assert found.about["frozen"] == {"run": run.id, "beta": 1.5}
    assert found.about["data"] == run.about["data"]
    assert found.config.training == run.config.training
    assert progress.stored(found).state == "finished"
    assert [row["kind"] for row in found.log()] == ["started", "frozen", "finished"]
    assert "Digits at any price" in html(found.bundle(), found.title)
    notes, tensors = extras_of(found)
    assert notes["problems"] == []
    assert len(tensors["thumbs"]) == 100
    assert any(name.startswith("encoder.") for name in tensors)
    assert api.load(found.path).report["n"] == 100
    with pytest.raises(RunError, match="one beta"):
        freeze(found, 1.5, store)


def extras_of(run):
    tensors, metadata = read_tensors(extras(run), name="extras")
    return json.loads(metadata["latentscape"]), tensors


def test_factors_and_labels_come_along(tmp_path, store):
    run = trained(tmp_path / "shapes", data__source="shapes", data__limit=300, data__map_points=100)
    meta, before = bundle.read(run.bundle())
    made, after = bundle.read(freeze(run, 0.5, store).bundle())
    assert meta["factors"]
    assert made["factors"] == meta["factors"]
    names = ["points.label", "points.index", *(f"factors.{k}" for k in range(len(meta["factors"])))]
    for name in names:
        np.testing.assert_array_equal(after[name], before[name])
    assert made["labels"] == meta["labels"]
    assert made["data"] == meta["data"]


def test_the_starters_can_be_frozen_and_stay_as_they_are(run, store):
    store.starters.mkdir()
    run.path.rename(store.starters / "starter")
    starter = store.get("starter")
    before = {path.name: path.read_bytes() for path in starter.path.iterdir() if path.is_file()}
    made = freeze(starter, 1.0, store)
    assert not made.starter
    assert made.state == "finished"
    assert {path.name: path.read_bytes() for path in starter.path.iterdir() if path.is_file()} == before


def test_the_ends_of_the_range_belong_to_it(run, store):
    for beta, end in ((BETAS[0] * (1 - 1e-8), BETAS[0]), (BETAS[1] * (1 + 1e-8), BETAS[1])):
        assert freeze(run, beta, store).config.beta == end


@pytest.mark.parametrize("beta", [0.01, 5.1, 0.0, -1.0, math.nan, math.inf])
def test_a_beta_outside_the_range(run, store, beta):
    with pytest.raises(ConfigError) as caught:
        freeze(run, beta, store)
    assert str(caught.value) == f"Beta is {beta:g}; run {run.id} learned 0.02 to 5, so choose one of these."
    nothing_else(store, run)


def test_a_run_of_one_beta(store):
    run = finished_run(store)
    with pytest.raises(RunError, match=r"trained with one beta, so there is nothing to freeze"):
        freeze(run, 1.0, store)
    nothing_else(store, run)


def test_an_unfinished_run(store, run):
    (run.path / "report.json").unlink()
    with pytest.raises(RunError, match=r"is not finished, so it has no report.json yet; resume it first\."):
        freeze(run, 1.0, store)
    nothing_else(store, run)


@pytest.mark.parametrize("name", ["model.safetensors", "examples.safetensors", "explorer.bundle"])
@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_damaged_run(store, run, name, damage):
    path = run.path / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RunDamagedError) as caught:
        freeze(run, 1.0, store)
    assert name in str(caught.value)
    assert str(caught.value).count("is damaged") == 1
    nothing_else(store, run)


def test_weights_of_another_net(store, run):
    config = run.config.override({"model.hidden": (25,)})
    (run.path / "config.json").write_text(config.to_json())
    with pytest.raises(RunDamagedError, match=r"not those of the network.* Bring model.safetensors back\."):
        freeze(store.get(run.id), 1.0, store)
    nothing_else(store, run)


def test_examples_of_another_size(store, run, tmp_path):
    other = trained(tmp_path / "other", data__source="shapes", data__limit=300)
    shutil.copyfile(other.path / "examples.safetensors", run.path / "examples.safetensors")
    with pytest.raises(RunDamagedError, match="another size"):
        freeze(run, 1.0, store)
    nothing_else(store, run)


@pytest.mark.parametrize("name", ["examples.safetensors", "explorer.bundle", "report.json"])
def test_a_disk_that_fills_up_leaves_nothing(run, store, name, monkeypatch):
    from vae_core import recorder, storage

    def full(path, data):
        if path.name == name:
            raise StorageError(f"{name} could not be saved: the disk is full.")
        return write(path, data)

    write = storage.write_atomic
    for module in (storage, recorder):
        monkeypatch.setattr(module, "write_atomic", full)
    with pytest.raises(StorageError):
        freeze(run, 1.0, store)
    nothing_else(store, run)


def nothing_else(store, run):
    assert [path.name for path in store.folder.iterdir()] == [run.id]


def test_nobody_sees_it_before_it_is_whole(run, store):
    seen = []
    freeze(run, 1.0, store, tell=lambda share: seen.append((share, len(store.list()))))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert [count for _, count in seen] == [1] * (len(seen) - 1) + [2]


def test_names():
    config = RunConfig.parse({"model": {"kind": "multirate"}})
    assert frozen(config, 4).title() == "digits · 2-D · β 4, frozen"
    assert alone(config, 0.125).title() == "digits · 2-D · β 0.125, alone"
    long = frozen(config.override({"name": "n" * 80}), 0.031622776)
    assert len(long.name) == 80
    assert long.name.endswith(" · β 0.03162, frozen")
    assert (alone(config, 4).model.kind, alone(config, 4).beta) == ("vae", 4)


def words(run, beta, **more):
    return argparse.Namespace(run=run, beta=beta, **({"json": False, "owner_on_stdin": False} | more))


def test_the_command_line_prints_the_id(run, store):
    said = []
    cli_freeze.run(words(run.id, "0.25"), said.append, lambda: "nobody asked")
    assert len(said) == 1
    made = store.get(said[0])
    assert (made.config.beta, made.owner) == (0.25, "")


def test_the_command_line_as_json(run, store):
    said = []
    cli_freeze.run(words(run.id, "2", json=True, owner_on_stdin=True), said.append, lambda: "visitor\n")
    *shares, last = [json.loads(line) for line in said]
    assert all(0 <= row["share"] <= 1 for row in shares)
    assert last == {"run": store.list()[0].id, "frozen": run.id, "beta": 2.0}
    assert store.get(last["run"]).owner == "visitor"


def test_a_beta_that_is_no_number(run):
    with pytest.raises(ConfigError, match="'much', it should be a number"):
        cli_freeze.run(words(run.id, "much"), print, str)


def wait(job):
    deadline = time.monotonic() + 100
    while job.running:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return job


def test_a_job_freezes_in_a_process_of_its_own(run, store):
    job = wait(FreezeJob(run.id, 0.1, "visitor"))
    assert (job.error, job.share) == ("", 1.0)
    made = store.get(job.made)
    assert (made.config.beta, made.owner, made.state) == (0.1, "visitor", "finished")


def test_a_job_that_cannot_ends_with_the_sentence(run, store):
    job = wait(FreezeJob(run.id, 40.0))
    assert job.error == f"Beta is 40; run {run.id} learned 0.02 to 5, so choose one of these."
    assert job.made == ""
    nothing_else(store, run)


def test_a_cancelled_job_keeps_nothing(run, store):
    job = FreezeJob(run.id, 1.0)
    job.cancel()
    wait(job)
    assert (job.error, job.made) == ("", "")
    assert [found.id for found in store.list()] == [run.id]


def test_a_frozen_run_cannot_be_trained_on_by_two(run, store):
    made = freeze(run, 1.0, store)
    with made.lock(), pytest.raises(RunBusyError), store.get(made.id).lock():
        pass


def test_the_whole_program(run, store, capsys):
    assert command_line.main(["freeze", run.id, "--beta", "0.5"]) == 0
    made, said = capsys.readouterr()
    assert store.get(made.strip()).config.beta == 0.5
    assert said == ""
    assert command_line.main(["freeze", run.id, "--beta", "9"]) == 2
    assert command_line.main(["freeze", made.strip(), "--beta", "0.5"]) == 1
    out, said = capsys.readouterr()
    assert out == ""
    assert "learned 0.02 to 5" in said
    assert "one beta" in said
