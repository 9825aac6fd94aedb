"""What a finished multi-rate run says about every beta of its range."""

import json
import math

import numpy as np
import pytest
import torch
from multirate_runs import BETAS, trained

from vae_core import data, latent, pipeline
from vae_core.along_beta import along_beta
from vae_core.control import Control
from vae_core.events import Checkpoint, Finished, Stopped
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras
from vae_core.ladder import Ladder
from vae_core.metrics import curve
from vae_core.metrics.elbo import held_out
from vae_core.models import rebuild

FIELDS = {"beta", "distortion", "distortion_se", "rate", "rate_se", "elbo", "active", "kl_per_dim"}
FIELDS |= {"accuracy", "precision", "recall", "contrast", "bits_per_pixel"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("home"), model__latent=3, objective__beta=0.5)


@pytest.fixture(scope="module")
def model(run):
    return rebuild(run.config.model, run.weights())


@pytest.fixture(scope="module")
def dataset(run):
    return data.load(run.config.data)


def test_the_report_holds_thirteen_betas(run):
    rows = run.report()["curve"]
    assert [row["beta"] for row in rows] == pytest.approx(np.geomspace(*BETAS, 13))
    assert (rows[0]["beta"], rows[-1]["beta"]) == BETAS
    for row in rows:
        assert row.keys() == FIELDS
        assert row["rate"] == pytest.approx(sum(row["kl_per_dim"]), rel=1e-4)
        assert row["elbo"] == pytest.approx(-row["rate"] - row["distortion"])
        assert row["bits_per_pixel"] == pytest.approx(-row["elbo"] / 64 / math.log(2))
    assert rows[0]["rate"] > rows[-1]["rate"]
    assert rows[0]["distortion"] < rows[-1]["distortion"]


def test_few_pictures_tell_nothing_of_samples(run):
    """Of 140 held-out pictures; the reason is said and nothing is advised on that ground."""
    report = run.report()
    assert {(row["precision"], row["recall"]) for row in report["curve"]} == {(None, None)}
    assert "at least 200 held-out pictures, and 140 could be compared" in " ".join(report["health"])
    assert "precision" not in {advice["key"] for advice in report["advice"]}


def test_enough_pictures_tell_how_much_samples_look_like_data(run, model):
    config = run.config.override({"data.limit": 1000})
    measurement = curve.Measurement(config.model, data.load(config.data))
    row = measurement.row(model.at(1.0), 1.0)
    assert 0 <= row["precision"] <= 1
    assert 0 <= row["recall"] <= 1
    assert not any("at least 200" in sentence for sentence in measurement.health())


def test_a_row_is_what_the_ordinary_model_gives(run, model, dataset):
    row = run.report()["curve"][7]
    alone, images = model.at(row["beta"]), dataset.to_unit(dataset.test)
    figures = held_out(alone, images, *latent.encode(alone, images))
    for name in ("distortion", "distortion_se", "rate", "rate_se", "active"):
        assert row[name] == pytest.approx(figures[name], rel=1e-6)
    drawn = latent.decode(alone, latent.encode(alone, images)[0])
    kept = drawn.std((1, 2, 3)).mean() / images.std((1, 2, 3)).mean()
    assert row["contrast"] == pytest.approx(kept, rel=1e-4)


def test_headline_figures_are_those_at_its_beta(run, model, dataset):
    report = run.report()
    alone, images = model.at(0.5), dataset.to_unit(dataset.test)
    figures = held_out(alone, images, *latent.encode(alone, images))
    assert report["rate"] == pytest.approx(figures["rate"], rel=1e-6)
    assert report["measured"] == {"pictures": 140, "compared": 140, "neighbours": 3, "references": 560}
    assert isinstance(report["health"], list)
    assert {advice["key"] for advice in report["advice"]} <= {"knee", "accuracy", "precision"}


def test_the_bundle_holds_dial_and_ladder(run, model, dataset):
    meta, tensors = bundle.read(run.bundle())
    dial = meta["dial"]
    assert (dial["kind"], dial["low"], dial["high"], dial["beta"]) == ("conditioned", *BETAS, 0.5)
    log_beta = torch.tensor([[math.log(2.0)]])
    assert (math.log(2.0) - dial["centre"]) * dial["scale"] == pytest.approx(
        model.dial(log_beta).item(), abs=1e-6
    )
    rungs = meta["ladder"]["log_betas"]
    assert run.report()["ladder"] == {"rungs": len(rungs), "error": meta["ladder"]["error"]}
    assert meta["ladder"]["error"] < 0.02
    images = dataset.to_unit(run.examples().index)
    for at, mu, log_var in zip(rungs, tensors["ladder.mu"], tensors["ladder.log_var"]):
        exact = latent.encode(model.at(math.exp(at)), images)
        np.testing.assert_allclose(mu, exact[0], rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(log_var, exact[1], rtol=1e-3, atol=1e-3)
    exact = latent.encode(model.at(0.5), images)
    np.testing.assert_allclose(tensors["points.mu"], exact[0], atol=1e-6)
    ladder = Ladder(np.array(rungs), tensors["ladder.mu"], tensors["ladder.log_var"], meta["ladder"]["error"])
    spread = np.sqrt(exact[0].var(0).sum())
    off = np.sqrt(np.square(ladder.at(math.log(0.5))[0] - exact[0]).sum(1).mean())
    assert off < 0.02 * spread
    assert json.loads(json.dumps(meta["report"]["curve"])) == run.report()["curve"]


def test_the_encoder_that_follows_is_conditioned_too(run):
    meta = bundle.read(run.bundle())[0]
    films = [spec for spec in meta["encoder"] if spec["op"] == "film"]
    assert len(films) == 2  # a hidden layer and the output
    header = extras(run)
    for spec in films:
        for key in ("hidden_weight", "hidden_bias", "weight", "bias"):
            assert spec[key].encode() in header


def test_the_same_run_again_measures_the_same(run, model, dataset):
    shown = run.examples().index
    again = along_beta(model, run.config, dataset, shown)
    assert json.loads(json.dumps(again.figures)) == {
        name: run.report()[name] for name in ("curve", "measured", "health", "advice", "ladder")
    }


def test_a_map_that_changes_too_fast_for_its_ladder_is_named(run, model, dataset, monkeypatch):
    monkeypatch.setattr("vae_core.ladder.ERROR", 1e-9)
    monkeypatch.setattr("vae_core.ladder.COUNTS", (2, 3))
    figures = along_beta(model, run.config, dataset, run.examples().index).figures
    assert f"up to {figures['ladder']['error']:.1%} of its spread off" in figures["health"][-1]
    assert not any("interpolated" in sentence for sentence in run.report()["health"])


def test_stopped_while_it_is_measured_it_can_be_resumed(run, dataset, monkeypatch):
    control, rows, row = Control(), [], curve.Measurement.row

    def counted(*arguments):
        rows.append(arguments)
        if len(rows) == 3:
            control.stop()
        return row(*arguments)

    monkeypatch.setattr(curve.Measurement, "row", counted)
    *_, saved, last = pipeline.execute(run.config, control=control, dataset=dataset, run=run.id)
    assert isinstance(saved, Checkpoint)
    assert isinstance(last, Stopped)
    assert saved.step == last.step
    assert len(rows) == 3
    *_, finished = pipeline.execute(run.config, saved, dataset=dataset, run=run.id)
    assert isinstance(finished, Finished)
    assert finished.report["curve"] == run.report()["curve"]


def test_densities_have_no_bits_and_pictures_without_labels_no_accuracy(run, model):
    plain = data.load(run.config.data)
    object.__setattr__(plain, "labels", None)
    row = curve.Measurement(run.config.model, plain).row(model.at(1.0), 1.0)
    assert row["accuracy"] is None
    model.at(1.0)
    gaussian = rebuild(run.config.model, run.weights())
    gaussian.likelihood = type(gaussian.likelihood)(_Density, 0.1)
    assert curve.bits_per_pixel(gaussian, -100.0) is None
    assert curve.bits_per_pixel(model, None) is None


class _Density:
    name = "gaussian"


def test_large_nets_look_at_fewer_pictures(run):
    small, shape = run.config.model, (1, 28, 28)
    large = run.config.override({"model.hidden": (2048, 2048)}).model
    assert curve.affordable(large, shape) == curve.FEWEST
    assert curve.affordable(small, shape) > 10_000


def test_two_held_out_pictures_suffice(tmp_path):
    run = trained(tmp_path, data__limit=10, training__epochs=2)
    assert len(run.report()["curve"]) == 13


@pytest.mark.parametrize(
    "changes",
    [
        {"model__likelihood": "gaussian_shared", "model__norm": "layer"},
        {"model__likelihood": "gaussian_pixel", "model__norm": "batch", "model__latent": 1},
        {"model__likelihood": "laplace", "model__latent": 17},
        {"model__likelihood": "continuous_bernoulli", "model__net": "conv", "model__channels": (8,)},
        {"model__net": "conv", "model__channels": (8, 8), "model__norm": "group", "model__blocks": 1},
        {"model__hidden": (), "model__likelihood": "gaussian"},
    ],
    ids=lambda changes: " ".join(str(value) for value in changes.values()),
)
def test_every_net_and_likelihood_has_a_curve_and_a_ladder(tmp_path, changes):
    run = trained(tmp_path, training__epochs=1, **changes)
    report, (meta, tensors) = run.report(), bundle.read(run.bundle())
    is_density = run.config.model.likelihood != "bernoulli"
    for row in report["curve"]:
        assert (row["bits_per_pixel"] is None) == is_density
        assert math.isfinite(row["distortion"] + row["rate"])
    assert report["ladder"]["rungs"] == len(tensors["ladder.mu"]) >= 7
    assert meta["decoder"][0]["op"] == "film"
