"""Files as every version of our formats wrote them, read by today's code; frozen_home.py made them."""

import re
import zipfile
from pathlib import Path

import frozen_home
import numpy as np
import pytest

from vae_core import carrying, latent, pipeline, replay
from vae_core.config import RunConfig
from vae_core.data.library import Library
from vae_core.explorer import bundle, extras
from vae_core.maps import MapStore
from vae_core.migrations import FORMATS
from vae_core.models import stored_model
from vae_core.recorder import Recorder
from vae_core.runs import RunStore
from vae_core.sweeps import LadderStore
from vae_core.tags import TagStore
from vae_core.taking import kinds
from vae_core.views import ViewStore

FROZEN = sorted((Path(__file__).parent / "frozen").glob("format-*.zip"))


@pytest.fixture(params=FROZEN, ids=lambda path: path.stem)
def kept(request, home):
    """The home of that format, as if it had lain there since."""
    with zipfile.ZipFile(request.param) as packed:
        packed.extractall(home)
    return RunStore(home, home / "none")


def test_there_is_one_of_every_format():
    found = {int(re.fullmatch(r"format-(\d+)", path.stem)[1]) for path in FROZEN}
    assert found == set(range(1, max(FORMATS.values()) + 1))


def test_a_finished_run_opens_as_it_was(kept):
    assert {run.id: run.state for run in kept.list()} == {
        frozen_home.RUN: "finished",
        frozen_home.DIAL: "finished",
        frozen_home.HALF: "interrupted",
    }
    run = kept.get(frozen_home.RUN)
    assert (run.name, run.owner, run.marks.words) == ("Kept", frozen_home.OWNER, ("old",))
    assert run.config.model.hidden == (8,)
    assert len(run.metrics()) > 20
    assert run.report()["elbo"] == pytest.approx(
        -(run.report()["distortion"] + run.report()["rate"]), rel=1e-3
    )


@pytest.mark.parametrize("name", [frozen_home.RUN, frozen_home.DIAL])
def test_it_is_explored_as_it_was(name, kept):
    run = kept.get(name)
    meta, tensors = bundle.read(run.bundle())
    mu, _ = run.latents()
    np.testing.assert_array_equal(tensors["points.mu"], mu)
    assert ("dial" in meta) == (name == frozen_home.DIAL)
    assert len(extras.extras(run)) > len(mu) * 64
    assert len(replay.moments(run).steps) == 3
    model = stored_model(run)
    pictures = run.last_snapshot().reconstructions
    model = model.at(run.config.beta) if name == frozen_home.DIAL else model
    decoded = latent.to_bytes(latent.decode(model, mu[: len(pictures)]))
    assert np.abs(decoded.astype(int) - pictures).max() <= 2


def test_what_lies_beside_the_runs(kept, home):
    run = kept.get(frozen_home.RUN)
    mu, _ = run.latents()
    (tag,) = TagStore(home).list(run, frozen_home.OWNER)
    assert (tag.name, list(tag.rows)) == ("a group", [1, 2, 3])
    assert MapStore(home).get(run, "tsne", mu).places.shape == (len(mu), 2)
    (ladder,) = LadderStore(kept).list()
    assert (ladder.betas, ladder.config.model.latent) == ((0.1, 1.0), 3)
    (view,) = (home / "views").iterdir()
    assert ViewStore(home).get(run.id, view.stem) == frozen_home.QUERY
    (pictures,) = Library(home).list(frozen_home.OWNER)
    expected = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
    assert {image.tobytes() for image in pictures.images()} == {image.tobytes() for image in expected}


def test_an_interrupted_run_is_trained_to_its_end(kept):
    run, whole = kept.get(frozen_home.HALF), kept.get(frozen_home.RUN)
    assert 0 < run.checkpoint().step < 24
    with run.lock():
        recorder = Recorder(run)
        for event in pipeline.execute(run.config, run.checkpoint(), run=run.id):
            recorder.write(event)
    assert kept.get(run.id).state == "finished"
    # Not bit for bit: the same sums are made in another order on other processors.
    assert run.report()["elbo"] == pytest.approx(whole.report()["elbo"], rel=1e-3)


def test_every_kind_of_file_is_made_of_it(kept, tmp_path):
    run = kept.get(frozen_home.RUN)
    for name in ("html", "csv", "torch", "svg", "zip"):
        kinds.KINDS[name].write(run, tmp_path / name, kinds.Choices(), lambda share: None)
        assert (tmp_path / name).stat().st_size > 1000


def test_a_zip_of_it_is_taken_in(kept, home, tmp_path):
    there = RunStore(tmp_path / "there", tmp_path / "none")
    made = carrying.unpack(home / "run.zip", there, "me")
    assert (made.state, made.owner, made.name) == ("finished", "me", "Kept")
    assert RunConfig.from_json((made.path / "config.json").read_bytes()) == kept.get(frozen_home.RUN).config
