"""Pages on a disk that is read-only or full: what is there is shown, what cannot be is a sentence."""

import pytest
from fault_tools import full, read_only, small_disk
from pages_world import make_run

from vae_core.runs import RunStore

ME = "a" * 32
PAGES = ("home", "train", "explore", "beta", "replay", "data", "runs", "about")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """In place of the one that every test has: on a small disk of its own."""
    with small_disk(tmp_path / "disk", "4m") as folder:
        monkeypatch.setenv("LATENTSCAPE_HOME", str(folder / "home"))
        yield folder / "home"


@pytest.fixture(params=[(read_only, "the disk is read-only"), (full, "the disk is full")], ids=["ro", "full"])
def refusing(request, home):
    """Has the disk refuse, and the words for it."""
    refuse, reason = request.param
    return lambda: refuse(home.parent), reason


def button(app, label):
    return next(found for found in app.button if found.label == label)


def test_every_page_shows_what_is_there(home, store, visit):
    finished, half = make_run(store, ME), make_run(store, ME, until=10)
    with read_only(home.parent):
        for page in PAGES:
            app = visit(page, session={"owner": ME})
            assert not app.error, page
            assert not app.exception, page
        for page, run in (("explore", finished), ("train", finished), ("train", half), ("runs", half)):
            app = visit(page, session={"owner": ME}, run=run.id)
            assert not app.error, (page, run.state)
            assert not app.exception


def test_a_training_that_cannot_be_kept_does_not_begin(refusing, store, visit, home):
    make_run(store, ME)  # the home is there
    refuse, reason = refusing
    app = visit("train", session={"owner": ME})
    with refuse():
        button(app, "Start training").click().run()
        said = [error.value.replace("\\", "") for error in app.error]
        assert len(said) == 1
        assert reason in said[0]
        assert "/." not in said[0]
        assert not app.exception
        assert len([run for run in RunStore().list() if not run.starter]) == 1
    button(app, "Start training").click().run()
    assert not app.error


def test_what_is_written_on_a_run_stays_on_the_page(refusing, store, visit):
    run = make_run(store, ME, name="Before")
    refuse, reason = refusing
    app = visit("runs", session={"owner": ME}, run=run.id)
    next(found for found in app.text_input if found.label == "Name").set_value("After")
    with refuse():
        button(app, "Save").click().run()
        told = [found.value for found in (*app.error, *app.toast)]
        assert any(reason in text.replace("\\", "") for text in told), told
        assert not app.exception
        assert RunStore().get(run.id).name == "Before"
    assert next(found for found in app.text_input if found.label == "Name").value == "After"
