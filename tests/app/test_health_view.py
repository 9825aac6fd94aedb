"""Health notes and "Train longer" on the pages of a training and of all runs."""

import json

import pytest
from pages_world import make_run

from app import figures, health_view
from vae_core.runs import Recorder

ME = {"owner": "a" * 32}
SAID = "The code says nothing"


def buttons(app):
    return {button.label: button for button in app.button}


def collapsed(store, **more):
    """A finished run whose rows tell of a collapse."""
    run = make_run(store, owner="a" * 32, **more)
    path = run.path / "metrics.jsonl"
    dead = path.read_text().replace('"rate": 1.0', '"rate": 0.0').replace('"rate": 2.0', '"rate": 0.0')
    rows = [
        line[:-1] + ', "rates": [0.001, 0.0]}' if '"epoch",' in line else line for line in dead.splitlines()
    ]
    path.write_text("\n".join(rows) + "\n")
    return store.get(run.id)


def warnings(app):
    return [each.value for each in app.warning]


@pytest.fixture
def drawn_notes(monkeypatch):
    """What the picture of a training is told of its notes, look by look."""
    told, original = [], figures.pack

    def pack(*given):
        packed = original(*given)
        told.append(json.loads(packed.split(b"\n", 1)[0])["notes"])
        return packed

    monkeypatch.setattr(figures, "pack", pack)
    return told


@pytest.mark.parametrize("state_of", ["finished", "running"])
def test_a_note_stands_on_the_page_of_a_training_with_what_to_try(
    visit, store, service, drawn_notes, state_of
):
    run = collapsed(store)
    if state_of == "running":
        (run.path / "report.json").unlink()
        service.states[run.id] = "running"
    app = visit("train", session=ME, run=run.id)
    assert warnings(app) == []  # it is drawn with the picture, where nothing moves for it
    ((text, advice),) = drawn_notes[-1]
    assert SAID in text
    assert "smaller β" in advice


def test_a_sound_training_has_none(visit, store, drawn_notes):
    run = make_run(store, owner="a" * 32)
    visit("train", session=ME, run=run.id)
    assert drawn_notes[-1] == []


def test_notes_are_reckoned_anew_only_where_rows_came(store, monkeypatch):
    run, asked = collapsed(store), []
    original = health_view.notes_on
    monkeypatch.setattr(health_view, "notes_on", lambda *given: asked.append(1) or original(*given))
    rows = run.metrics()
    for _ in range(3):
        assert [note.kind for note in health_view.notes(run, rows)] == ["collapse"]
    assert health_view.notes(run, rows[:5]) == []
    assert len(asked) == 2


def test_a_run_that_cannot_be_read_has_none(store):
    run = collapsed(store)
    (run.path / "metrics.jsonl").write_text("nonsense\n")
    assert health_view.notes(run) == []


def test_a_finished_run_is_trained_longer(visit, store, service):
    run = collapsed(store)
    app = visit("train", session=ME, run=run.id)
    assert any("rises once more" in each.value for each in app.markdown)
    app.number_input(key=f"longer/{run.id}").set_value(2.5).run()
    buttons(app)["Train on"].click().run()
    (made,) = (each for each in store.list() if each.id != run.id)
    assert made.about["longer"]["run"] == run.id
    assert made.config.training.epochs == 2.5
    assert made.owner == "a" * 32
    assert ("resume", made.id) in service.asked
    assert made.id in app.query_params["run"]
    listed = visit("runs", session=ME, run=made.id)
    assert any(f"goes on from {run.id}" in each.value.replace("\\", "") for each in listed.markdown)


def test_the_list_of_runs_says_both(visit, store):
    run = collapsed(store)
    app = visit("runs", session=ME, run=run.id)
    assert any(SAID in text for text in warnings(app))
    assert "Train on" in buttons(app)


def test_nobody_trains_longer_what_is_not_theirs_or_has_nothing_to_go_on_from(visit, store):
    others = make_run(store, owner="b" * 32)
    begun = make_run(store, owner="a" * 32, until=10)
    frozen = make_run(store, owner="a" * 32)
    (frozen.path / "checkpoint" / "state.safetensors").unlink()
    for run in (others, begun, frozen):
        assert "Train on" not in buttons(visit("train", session=ME, run=run.id))


def test_what_cannot_be_written_is_said(visit, store, monkeypatch):
    run = collapsed(store)
    app = visit("train", session=ME, run=run.id)
    Recorder(run).note("steered", step=1, beta="much", lr=None)
    buttons(app)["Train on"].click().run()
    assert any("changes of its course" in each.value for each in app.error)
    assert len(store.list()) == 1
    assert not app.exception
