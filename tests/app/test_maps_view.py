"""Maps for the eye on Explore: what the browser is told, asking for one, its bar."""

import base64
import json
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from conftest import seen
from pages_world import N, make_run

from app import maps_view, services, state
from vae_core.errors import MapError
from vae_core.maps import Map, MapStore

ANNA = "a" * 32


class StillJob:
    """Stands in for the process that makes a map."""

    def __init__(self, run: str, kind: str, owner: str) -> None:
        self.run, self.kind, self.owner = run, kind, owner
        self.share, self.running, self.error = 0.4, True, ""

    def cancel(self) -> None:
        self.running = False


@pytest.fixture
def jobs(visit, monkeypatch) -> dict[str, StillJob]:
    known: dict[str, StillJob] = {}
    monkeypatch.setattr(maps_view, "_jobs", lambda: known)
    monkeypatch.setattr(maps_view, "MapJob", StillJob)
    monkeypatch.setattr(state, "owner", lambda: ANNA)
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
    assert (job.kind, job.owner) == ("tsne", ANNA)
    with pytest.raises(MapError, match="on its way already"):
        maps_view.ask(run, "lda")
    assert jobs[run.id] is job


@pytest.mark.parametrize("wrong", [None, 7, "", "abc", ["tsne"], {"kind": "tsne"}])
def test_what_is_no_kind_of_map_is_passed_over(visit, store, jobs, wrong):
    maps_view.ask(make_run(store, model__latent=4), wrong)
    assert jobs == {}


def test_what_cannot_be_made_and_too_many_at_once_are_said(visit, store, jobs):
    flat, runs = make_run(store), [make_run(store, model__latent=4) for _ in range(3)]
    with pytest.raises(MapError, match="2 latent dimensions"):
        maps_view.ask(flat, "tsne")
    for run in runs[:2]:
        maps_view.ask(run, "tsne")
    with pytest.raises(MapError, match="2 maps are on their way"):
        maps_view.ask(runs[2], "tsne")
    assert runs[2].id not in jobs


def test_two_who_ask_at_once_get_one_map(visit, store, jobs, monkeypatch):
    run, began = make_run(store, model__latent=4), []

    class SlowJob(StillJob):
        def __init__(self, *asked: str) -> None:
            time.sleep(0.1)  # the other thread looks meanwhile
            super().__init__(*asked)
            began.append(self)

    def ask() -> None:
        with suppress(MapError):
            maps_view.ask(run, "tsne")

    monkeypatch.setattr(maps_view, "MapJob", SlowJob)
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(began) == 1


def test_whoever_did_not_ask_for_a_map_cannot_call_it_off(visit, store, jobs, monkeypatch):
    run = make_run(store, model__latent=4)
    maps_view.ask(run, "tsne")
    assert "Cancel" in [button.label for button in visit("explore", run=run.id).button]
    monkeypatch.setattr(state, "owner", lambda: "b" * 32)
    app = visit("explore", run=run.id)
    assert told(app)["making"] == "tsne"
    assert "Cancel" not in [button.label for button in app.button]


def test_a_bar_while_it_is_made_a_sentence_where_it_failed(visit, store, jobs):
    run = make_run(store, model__latent=4)
    job = jobs[run.id] = StillJob(run.id, "lda", ANNA)
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
    assert jobs == {}
