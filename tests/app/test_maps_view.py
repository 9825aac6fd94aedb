"""Maps for the eye on Explore: what the browser is told, asking for one, its bar."""

import base64
import json
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import seen
from pages_world import N, make_run

from app import maps_view, services
from vae_core.maps import Map, MapStore


class StillJob:
    """Stands in for the process that makes a map."""

    def __init__(self, run: str, kind: str) -> None:
        self.run, self.kind, self.share, self.running, self.error = run, kind, 0.4, True, ""
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled, self.running = True, False


@pytest.fixture
def jobs(visit, monkeypatch) -> dict[str, StillJob]:
    known: dict[str, StillJob] = {}
    monkeypatch.setattr(maps_view, "_jobs", lambda: known)
    monkeypatch.setattr(maps_view, "MapJob", StillJob)
    monkeypatch.setattr(maps_view.st, "toast", lambda sentence: known.setdefault("said", []).append(sentence))
    return known


def told(app) -> dict:
    for element in app.get("bidi_component"):
        if element.proto.component_name == "latentscape_explorer" and element.proto.json:
            return json.loads(element.proto.json)["news"]["maps"]
    raise AssertionError


def test_the_browser_is_told_what_was_made_and_what_can_be(visit, store, monkeypatch):
    monkeypatch.setattr(maps_view, "obstacle", lambda kind, mu, labels: "no" if kind == "umap" else "")
    run = make_run(store, model__latent=4)
    assert told(visit("explore", run=run.id)) == {"made": {}, "can": ["tsne", "lda"], "making": ""}
    places = np.random.default_rng(0).normal(size=(N, 2)).astype(np.float32)
    MapStore().put(run, Map("tsne", places, 0.9, 5, N), services.codes(run)[0])
    news = told(visit("explore", run=run.id))
    assert news["can"] == ["lda"]
    sent = news["made"]["tsne"]
    assert (sent["trustworthiness"], sent["neighbours"], sent["arranged"]) == (0.9, 5, N)
    np.testing.assert_array_equal(
        np.frombuffer(base64.b64decode(sent["places"]), "<f4").reshape(-1, 2), places
    )


def test_two_dimensions_need_no_map(visit, store):
    run = make_run(store)
    assert told(visit("explore", run=run.id)) == {"made": {}, "can": [], "making": ""}


def test_a_map_is_asked_for_once_and_shown_on_its_way(visit, store, jobs):
    run = make_run(store, model__latent=4)
    maps_view.ask(run, "tsne")
    job = jobs[run.id]
    maps_view.ask(run, "lda")
    assert jobs[run.id] is job
    assert "on its way already" in jobs["said"][0]


@pytest.mark.parametrize("wrong", [None, 7, "", "abc", ["tsne"], {"kind": "tsne"}])
def test_what_is_no_kind_of_map_is_passed_over(visit, store, jobs, wrong):
    maps_view.ask(make_run(store, model__latent=4), wrong)
    assert jobs == {}


def test_what_cannot_be_made_and_too_many_at_once_are_said(visit, store, jobs):
    flat, runs = make_run(store), [make_run(store, model__latent=4) for _ in range(3)]
    maps_view.ask(flat, "tsne")
    assert "2 latent dimensions" in jobs["said"].pop()
    del jobs["said"]
    for run in runs[:2]:
        maps_view.ask(run, "tsne")
    maps_view.ask(runs[2], "tsne")
    assert "2 maps are on their way" in jobs["said"][0]
    assert runs[2].id not in jobs


def test_a_bar_while_it_is_made_a_sentence_where_it_failed(visit, store, monkeypatch):
    run = make_run(store, model__latent=4)
    job = SimpleNamespace(kind="lda", running=True, share=0.4, error="", cancelled=False)
    job.cancel = lambda: setattr(job, "running", False)
    known = {run.id: job}
    monkeypatch.setattr(maps_view, "_jobs", lambda: known)
    app = visit("explore", run=run.id)
    assert told(app)["making"] == "lda"
    cancel = next(button for button in app.button if button.label == "Cancel")
    cancel.click().run()
    assert not job.running
    assert told(app)["making"] == ""
    job.error = "It <b>failed</b>."
    app.run()
    assert "failed" in seen(app)
    next(button for button in app.button if button.label == "Close").click().run()
    assert known == {}
