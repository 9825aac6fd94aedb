"""Maps for the eye: against scikit-learn, kept and read with suspicion, made in a process of their own."""

import importlib.util
import json
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import trustworthiness

from vae_core import commands as command_line
from vae_core import maps
from vae_core.config import RunConfig
from vae_core.errors import MapError
from vae_core.explorer import bundle
from vae_core.map_job import MapJob
from vae_core.maps import Map, MapStore, make, make_for, obstacle
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import write_tensors


def cloud(count: int = 90, latent: int = 5, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Codes (N, Z) around a middle for each class, and the labels (N,)."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % classes
    middles = random.normal(size=(classes, latent)) * 3
    return (middles[labels] + random.normal(size=(count, latent))).astype(np.float32), labels


def finished(classes: int = 3, latent: int = 5) -> Run:
    """A run with nothing but what an explorer needs."""
    mu, labels = cloud(classes=classes, latent=latent)
    run = RunStore().create(RunConfig())
    meta = {"format": 1, "title": "", "run": run.id, "data": {}, "likelihood": "bernoulli", "beta": 1.0}
    meta |= {"latent": latent, "shape": [1, 2, 2], "decoder": [{"op": "relu"}], "kl": [1.0] * latent}
    meta |= {"range": [[-3, 3]] * latent, "center": [0.0] * latent, "labels": ["a", "b", "c"], "report": {}}
    tensors = {
        "points.mu": mu,
        "points.log_var": np.zeros_like(mu),
        "points.label": labels.astype(np.int16),
        "points.index": np.arange(len(mu), dtype=np.int32),
    }
    (run.path / "explorer.bundle").write_bytes(bundle.write(meta, tensors))
    (run.path / "report.json").write_text("{}")
    return run


def test_trustworthiness_is_that_of_scikit_learn():
    mu, labels = cloud()
    made = make("lda", mu, labels)
    assert made.trustworthiness == pytest.approx(trustworthiness(mu, made.places, n_neighbors=10))
    assert made.neighbours == 10
    assert 0.5 < made.trustworthiness < 1


def test_trustworthiness_as_its_authors_define_it():
    mu, labels = cloud(24)
    made = make("lda", mu, labels)
    count, k = len(mu), made.neighbours

    def ranks(values: np.ndarray) -> np.ndarray:
        """(N, N): the how-manieth neighbour of the row's the column's is, itself 0."""
        distances = np.linalg.norm(values[:, None].astype(float) - values[None], axis=2)
        return distances.argsort(1).argsort(1)

    strangers = (ranks(made.places) <= k) & (ranks(mu) > k)
    penalty = ((ranks(mu) - k) * strangers).sum()
    assert made.trustworthiness == pytest.approx(1 - 2 / (count * k * (2 * count - 3 * k - 1)) * penalty)


def test_lda_is_that_of_scikit_learn_up_to_scale_and_places_the_unlabelled_too():
    mu, labels = cloud()
    partly = np.where(np.arange(len(labels)) < 60, labels, -1)
    places = make("lda", mu, partly).places
    fitted = LinearDiscriminantAnalysis(n_components=2).fit(mu[:60], labels[:60])
    known = fitted.transform(mu)
    known -= known.mean(0)
    np.testing.assert_allclose(places, known / np.sqrt(np.square(known).mean()), atol=1e-4)


def test_tsne_tells_how_far_it_is_and_is_the_same_again():
    mu, labels = cloud(40)
    shares: list[float] = []
    first = make("tsne", mu, labels, shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 5
    assert shares[-1] == 1
    assert first.trustworthiness > 0.8
    np.testing.assert_array_equal(first.places, make("tsne", mu, labels).places)


@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed.")
def test_umap():
    mu, labels = cloud(60)
    made = make("umap", mu, labels)
    assert made.trustworthiness > 0.8
    np.testing.assert_array_equal(made.places, make("umap", mu, labels).places)


def test_beyond_what_is_arranged_examples_stand_beside_their_nearest(monkeypatch):
    monkeypatch.setattr(maps, "ARRANGED", 40)
    mu, labels = cloud(120)
    made = make("tsne", mu, labels)
    assert made.arranged == 40
    assert made.places.shape == (120, 2)
    middles = np.array([made.places[labels == k].mean(0) for k in range(3)])
    nearest = np.linalg.norm(made.places[:, None] - middles, axis=2).argmin(1)
    assert (nearest == labels).mean() > 0.9


@pytest.mark.parametrize(
    ("kind", "mu", "labels", "word"),
    [
        ("abc", *cloud(), "no kind of map"),
        ("tsne", *cloud(latent=2), "2 latent dimensions"),
        ("tsne", *cloud(5), "at least 12"),
        ("tsne", np.ones((50, 4), np.float32), np.zeros(50), "alike"),
        ("lda", *cloud(classes=2), "three"),
        ("lda", cloud()[0], np.full(90, -1), "three"),
    ],
)
def test_what_cannot_be_laid_out_is_said(kind: str, mu: np.ndarray, labels: np.ndarray, word: str):
    assert word in obstacle(kind, mu, labels)
    with pytest.raises(MapError, match=word):
        make(kind, mu, labels)


def test_umap_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install umap-learn" in obstacle("umap", *cloud())


def test_a_map_is_kept_for_its_codes():
    run = finished()
    mu, _ = cloud()
    assert MapStore().get(run, "lda", mu) is None
    made = make_for(run, "lda")
    kept = MapStore().get(run, "lda", mu)
    assert kept is not None
    np.testing.assert_array_equal(kept.places, made.places)
    assert (kept.trustworthiness, kept.neighbours, kept.arranged) == (made.trustworthiness, 10, 90)
    assert MapStore().get(run, "lda", mu + 1) is None
    assert MapStore().get(run, "tsne", mu) is None


@pytest.mark.parametrize("damage", ["cut", "another", "link", "shape", "nan", "about", "trust"])
def test_a_damaged_map_is_as_none(damage: str, tmp_path: Path):
    run = finished()
    mu, _ = cloud()
    made = make_for(run, "lda")
    path = MapStore().folder / run.id / "lda.safetensors"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-3])
    elif damage == "another":
        path.write_bytes(b"nonsense" * 9)
    elif damage == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif damage == "about":
        write_tensors(path, {"places": made.places}, {"latentscape": "[]"})
    else:
        places = {"shape": made.places[:5], "nan": made.places * np.nan}.get(damage, made.places)
        trust = 7.0 if damage == "trust" else made.trustworthiness
        MapStore().put(run, Map("lda", places, trust, 10, 90), mu)
    assert MapStore().get(run, "lda", mu) is None


def test_maps_go_when_their_run_has_gone():
    first, second = finished(), finished()
    make_for(first, "lda")
    RunStore().delete(first.id)
    make_for(second, "lda")
    assert [path.name for path in MapStore().folder.iterdir()] == [second.id]


def test_the_command_line(capsys):
    run = finished()
    assert command_line.main(["map", run.id, "--kind", "lda"]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("trustworthiness 0.")
    assert command_line.main(["map", run.id, "--kind", "lda", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {"share": 0.0}
    assert rows[-1]["kind"] == "lda"
    assert rows[-1]["examples"] == rows[-1]["arranged"] == 90
    for words, code, sentence in (
        (["nothing", "--kind", "lda"], 2, "no run"),
        ([run.id, "--kind", "abc"], 2, "--kind"),
        ([finished(classes=2).id, "--kind", "lda"], 1, "three"),
    ):
        assert command_line.main(["map", *words]) == code
        out, said = capsys.readouterr()
        assert sentence in said
        assert out == ""


def test_the_command_line_tells_how_far_tsne_is(capsys):
    """scikit-learn tells it by printing, and what is told is printed, too."""
    assert command_line.main(["map", finished().id, "--kind", "tsne", "--json"]) == 0
    shares = [json.loads(line).get("share") for line in capsys.readouterr().out.splitlines()[:-1]]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def wait(job: MapJob) -> MapJob:
    deadline = time.monotonic() + 100
    while job.running:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return job


def test_a_job_makes_a_map_in_a_process_of_its_own():
    run = finished()
    job = wait(MapJob(run.id, "lda"))
    assert (job.share, job.error) == (1.0, "")
    assert MapStore().get(run, "lda", cloud()[0]) is not None


def test_a_job_that_cannot_ends_with_the_sentence():
    run = finished(classes=2)
    assert "three" in wait(MapJob(run.id, "lda")).error


def test_a_cancelled_job_keeps_nothing():
    run = finished()
    job = MapJob(run.id, "tsne")
    job.cancel()
    wait(job)
    assert job.error == ""
    assert not MapStore().folder.exists()
