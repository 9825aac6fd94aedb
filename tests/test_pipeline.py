import dataclasses

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from vae_core import data, latent
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.data import Dataset
from vae_core.errors import ConfigError
from vae_core.events import Checkpoint, Epoch, Finished, Snapshot, Started, Stopped
from vae_core.explorer import bundle
from vae_core.models import rebuild
from vae_core.pipeline import WATCHED, evaluate, execute

SMALL = RunConfig.parse({"model": {"hidden": (16,)}, "training": {"epochs": 3, "lr": 0.01}})


def drawn(count, shape=(1, 4, 4), labels=True, held=0.25):
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, count)
    images = (rng.random((count, *shape)) * (40 + 100 * classes[:, None, None, None] / 2)).astype(np.uint8)
    order = rng.permutation(count)
    cut = max(1, round(count * held))
    known = classes if labels else None
    names = ("a", "b", "c") if labels else ()
    return Dataset("drawn", "Drawn", images, known, names, order[cut:], order[:cut], "here", "none", "0" * 64)


@pytest.fixture(scope="module")
def dataset():
    return drawn(400)


@pytest.fixture(scope="module")
def events(dataset):
    return list(execute(SMALL, dataset=dataset, run="run-7"))


def test_a_run_from_start_to_finish(events, dataset):
    assert [type(event) for event in events[:3]] == [Started, Checkpoint, Snapshot]
    assert isinstance(events[-1], Finished)
    started = events[0]
    np.testing.assert_array_equal(started.images, dataset.images[started.index])
    np.testing.assert_array_equal(started.labels, dataset.labels[started.index])
    assert set(started.index) == set(dataset.test)
    assert started.total_steps == events[-1].step == 6
    assert started.label_names == ("a", "b", "c")
    assert started.data["checksum"] == "0" * 64
    assert started.environment["torch"] == torch.__version__
    assert started.environment["threads"] == SMALL.training.threads


def test_the_report_covers_the_whole_test_split(events, dataset):
    report = events[-1].report
    model = rebuild(SMALL.model, events[-1].weights)
    mu, log_var = latent.encode(model, dataset.images[dataset.test])
    assert report["n"] == len(dataset.test)
    assert report["kl_per_dim"] == pytest.approx(latent.kl_per_dimension(mu, log_var))
    assert report["rate"] == pytest.approx(sum(report["kl_per_dim"]), rel=1e-5)
    assert report["elbo"] == pytest.approx(-report["distortion"] - report["rate"])
    assert (report["steps"], report["stopped_early"]) == (6, False)
    assert report["parameters"] == 16 * 16 + 16 + 16 * 4 + 4 + 2 * 16 + 16 + 16 * 16 + 16
    known, _ = latent.encode(model, dataset.images[dataset.train])
    neighbours = KNeighborsClassifier(10).fit(known, dataset.labels[dataset.train])
    assert report["accuracy"] == pytest.approx(neighbours.score(mu, dataset.labels[dataset.test]))


def test_final_encodings_are_those_of_the_weights(events):
    mu, log_var = latent.encode(rebuild(SMALL.model, events[-1].weights), events[0].images)
    np.testing.assert_array_equal(events[-1].mu, mu)
    np.testing.assert_array_equal(events[-1].log_var, log_var)


def test_the_bundle_holds_the_run(events):
    meta, tensors = bundle.read(events[-1].bundle)
    assert meta["run"] == "run-7"
    assert meta["latent"] == 2
    assert meta["labels"] == ["a", "b", "c"]
    assert meta["report"]["n"] == 100
    np.testing.assert_array_equal(tensors["points.mu"], events[-1].mu)


def test_evaluating_again_gives_the_same_figures(events, dataset):
    again = evaluate(SMALL, events[-1].weights, dataset)
    assert again == {name: value for name, value in events[-1].report.items() if name in again}


def test_stopped_and_resumed_is_uninterrupted(events, dataset):
    control, part = Control(), []
    for event in execute(SMALL, control=control, dataset=dataset):
        part.append(event)
        if isinstance(event, Epoch):
            control.stop()
    assert isinstance(part[-1], Stopped)
    *_, last = execute(SMALL, part[-2], dataset=dataset, run="run-7")
    assert last.step == 6
    for name, array in events[-1].weights.items():
        np.testing.assert_array_equal(last.weights[name], array)
    assert {**last.report, "seconds": 0} == {**events[-1].report, "seconds": 0}


def test_finishing_early_is_reported(dataset):
    control = Control()
    control.finish()
    *_, last = execute(SMALL, control=control, dataset=dataset)
    assert last.report["stopped_early"] is True
    assert last.step == 0


def test_without_labels_there_is_no_accuracy():
    events = list(execute(SMALL, dataset=drawn(60, labels=False)))
    assert (events[0].labels == -1).all()
    assert events[-1].report["accuracy"] is None


def test_unknown_labels_do_not_count():
    some = drawn(200)
    labels = some.labels.copy()
    labels[::2] = -1
    *_, last = execute(SMALL, dataset=dataclasses.replace(some, labels=labels))
    assert 0 <= last.report["accuracy"] <= 1


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 13), (3, 2, 5)])
@pytest.mark.parametrize("latent_size", [1, 5])
def test_pictures_of_any_size(shape, latent_size):
    *_, last = execute(SMALL.override({"model.latent": latent_size}), dataset=drawn(50, shape))
    assert last.mu.shape == (12, latent_size)


def test_two_pictures_suffice():
    *_, last = execute(SMALL, dataset=drawn(2))
    assert last.report["n"] == 1
    assert last.report["elbo_se"] is None


def test_at_most_two_thousand_are_watched():
    many = drawn(4500, (1, 2, 2), held=0.5)
    first = next(iter(execute(SMALL, dataset=many)))
    again = next(iter(execute(SMALL.override({"training.seed": 5}), dataset=many)))
    other = next(iter(execute(SMALL.override({"data.split_seed": 5}), dataset=many)))
    assert len(first.index) == len(set(first.index)) == WATCHED
    assert set(first.index) <= set(many.test)
    assert (np.diff(first.index) > 0).all()
    np.testing.assert_array_equal(first.index, again.index)
    assert not np.array_equal(first.index, other.index)


@pytest.mark.parametrize(
    ("wanted", "shown", "watched"), [(100, 100, 100), (2000, 2000, 2000), (2100, 2100, 2000)]
)
def test_the_map_shows_as_many_as_are_wanted(wanted, shown, watched):
    many = drawn(4500, (1, 2, 2), held=0.5)
    first, *_, last = execute(SMALL.override({"data.map_points": wanted}), dataset=many)
    _, tensors = bundle.read(last.bundle)
    index = tensors["points.index"]
    assert len(index) == len(set(index)) == shown
    assert len(first.index) == len(last.mu) == watched
    np.testing.assert_array_equal(index[:watched], first.index)
    assert set(index) <= set(many.test)
    np.testing.assert_array_equal(tensors["points.label"], many.labels[index])


def test_training_pictures_fill_the_map_once_all_others_are_on_it():
    many = drawn(2600)
    first, *_, last = execute(SMALL.override({"data.map_points": 2400}), dataset=many)
    index = bundle.read(last.bundle)[1]["points.index"]
    np.testing.assert_array_equal(index[:650], first.index)
    assert set(index[:650]) == set(many.test)
    assert len(set(index[650:]) & set(many.train)) == 1750
    again = execute(SMALL.override({"data.map_points": 2400}), dataset=many)
    np.testing.assert_array_equal(bundle.read([*again][-1].bundle)[1]["points.index"], index)


def test_the_bundle_knows_what_is_drawn_wrong_and_what_made_the_pictures(dataset):
    factors = {"size": np.arange(400) / 400, "angle": np.arange(400) % 7}
    *_, last = execute(SMALL, dataset=dataclasses.replace(dataset, factors=factors))
    meta, tensors = bundle.read(last.bundle)
    index = tensors["points.index"]
    assert meta["factors"] == ["size", "angle"]
    np.testing.assert_allclose(tensors["factors.0"], index / 400, rtol=1e-6)
    np.testing.assert_array_equal(tensors["factors.1"], index % 7)
    drawn_again = latent.decode(rebuild(SMALL.model, last.weights), last.mu)
    error = ((dataset.to_unit(index) - drawn_again) ** 2).mean((1, 2, 3))
    np.testing.assert_allclose(tensors["points.error"], error, rtol=1e-4)


@pytest.mark.parametrize(
    "likelihood", ["gaussian", "continuous_bernoulli", "gaussian_shared", "gaussian_pixel", "laplace"]
)
def test_every_likelihood_makes_a_run(dataset, likelihood):
    settings = SMALL.override({"model.likelihood": likelihood})
    *_, last = execute(settings, dataset=dataset)
    meta, _ = bundle.read(last.bundle)
    assert meta["likelihood"] == likelihood
    assert ("sigma" in last.report) == (likelihood == "gaussian_shared")
    assert last.report["parameters"] == sum(a.size for n, a in last.weights.items() if "data_mean" not in n)
    again = evaluate(settings, last.weights, dataset)
    assert again == {name: value for name, value in last.report.items() if name in again}


def test_an_autoencoder_makes_a_run(dataset):
    *_, last = execute(SMALL.override({"model.kind": "ae", "objective.beta": 3}), dataset=dataset)
    meta, tensors = bundle.read(last.bundle)
    assert meta["beta"] == 0
    assert last.report["elbo"] is None
    assert len(set(tensors["points.log_var"].ravel())) == 1


def test_bad_combinations_are_refused_at_once():
    with pytest.raises(ConfigError, match="parameters"):
        execute(SMALL.override({"model.hidden": (4096, 4096, 4096)}))


def test_too_little_data_is_refused_before_anything_happens():
    with pytest.raises(ConfigError, match="one to hold out"):
        execute(SMALL.override({"data.limit": 1}))


def test_threads_are_set():
    control = Control()
    control.stop()
    try:
        first, *_ = execute(SMALL.override({"training.threads": 2}), control=control, dataset=drawn(50))
        assert torch.get_num_threads() == 2 == first.environment["threads"]
    finally:
        torch.set_num_threads(1)


@pytest.mark.data
def test_fashion_mnist(data_dir):
    settings = SMALL.override({"data.source": "fashion-mnist", "data.limit": 3000, "training.epochs": 2})
    *_, last = execute(settings)
    assert last.report["n"] == data.load(settings.data).test.size
    assert last.report["accuracy"] > 0.4
