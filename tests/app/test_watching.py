"""Watching a training: what the tab says, what lies under the curves, what can be steered."""

import json

import numpy as np
import pytest
from conftest import seen
from pages_world import make_run

from app import ghost, steering_view, training_state, watch_line
from vae_core.control import Wish
from vae_core.errors import ServiceError
from vae_core.progress import Course, Progress

OWNER = "a" * 32
TITLE = "digits · β 0.1"


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress("r", "queued", position=2), f"Place 2 · Waiting for its turn · {TITLE}"),
        (Progress("r", "starting", 0, 200), f"Getting ready · {TITLE}"),
        (Progress("r", "running", 1, 200), f"0 % · Training · {TITLE}"),
        (Progress("r", "running", 199, 200), f"99 % · Training · {TITLE}"),
        (Progress("r", "paused", 50, 200), f"25 % · Paused · {TITLE}"),
        (Progress("r", "stopping", 50, 200), f"25 % · Stopping · {TITLE}"),
        (Progress("r", "finished", 200, 200), f"Finished · {TITLE}"),
        (Progress("r", "failed", 50, 200), f"Failed · {TITLE}"),
    ],
)
def test_the_tab_says_how_far_it_is(progress, said):
    assert watch_line.tab(TITLE, progress) == f"{said} · Latentscape"


@pytest.mark.parametrize(
    ("progress", "measured"),
    [
        (Progress("r", "running", 199, 200), False),
        (Progress("r", "running", 200, 200), True),
        (Progress("r", "running", 0, 0), False),  # nobody knows how many there will be
        (Progress("r", "finished", 200, 200), False),
    ],
)
def test_after_the_last_step_it_is_measured(progress, measured):
    assert progress.measured == measured


def test_what_is_measured_can_only_be_cancelled(visit, store, service, monkeypatch):
    run = make_run(store, owner=OWNER, until=10)
    service.states[run.id] = "running"
    monkeypatch.setattr(Progress, "measured", True)
    app = visit("train", session={"owner": OWNER}, run=run.id)
    greyed = {button.label: button.disabled for button in app.button}
    assert (greyed["Pause"], greyed["Finish now"], greyed["Cancel"]) == (True, True, False)
    assert "Measuring what it has learnt" in app.get("progress")[0].proto.text


def test_an_earlier_run_lies_underneath_and_another_can_be_chosen(visit, store):
    first, other, last = (make_run(store, owner=OWNER, name=name) for name in ("first", "other", "last"))
    for run, day in ((first, 1), (other, 2), (last, 3)):
        began(run, day)
    make_run(store, owner=OWNER, name="elsewhere", data__source="shapes")
    make_run(store, owner=OWNER, name="another likelihood", model__likelihood="laplace")
    app = visit("train", session={"owner": OWNER}, run=other.id)
    chooser = app.selectbox(training_state.ghost_key(other.id))
    assert [option.split(" · ")[0] for option in chooser.options] == [
        "nothing",
        "last",
        "first",
    ]
    assert chooser.value == first.id
    chooser.set_value(last.id).run()
    app.switch_page("../pages/about.py").run()
    app.switch_page("../pages/train.py")
    app.query_params["run"] = other.id
    app.run()
    assert app.selectbox(training_state.ghost_key(other.id)).value == last.id
    assert not app.exception


def test_without_another_run_there_is_nothing_to_choose(visit, store):
    run = make_run(store, owner=OWNER)
    app = visit("train", session={"owner": OWNER}, run=run.id)
    assert not app.exception
    assert not app.selectbox


def test_a_run_of_few_epochs_shows_the_pictures_that_it_learnt_from(store):
    run = make_run(store)
    found = ghost.read(run, "it")
    steps = [row for row in run.metrics() if row["kind"] == "step"]
    assert found is not None
    assert not found.held
    np.testing.assert_allclose(found.epoch, [row["epoch"] for row in steps], rtol=1e-6)
    np.testing.assert_allclose(found.rate, [row["rate"] for row in steps], rtol=1e-6)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    rows = [{"kind": "epoch", "epoch": k, "distortion": 1e3 - k, "rate": k / 2} for k in range(2000)]
    held, curves = ghost.curves([{"kind": "step", "epoch": 0.5, "distortion": 5, "rate": 1}, *rows])
    assert held
    assert curves.shape == (3, ghost.POINTS)
    assert curves[:, 0].tolist() == [0, 1000, 0]
    assert curves[:, -1].tolist() == [1999, -999, 999.5]
    assert (np.diff(curves[0]) > 0).all()


@pytest.mark.parametrize("rows", [[], [{"kind": "epoch"}], [{"kind": "epoch", "epoch": "x"}], [{}]])
def test_what_is_no_curve_is_not_drawn(store, rows):
    run = make_run(store)
    text = "".join(json.dumps({"n": n, "step": n, **row}) + "\n" for n, row in enumerate(rows))
    (run.path / "metrics.jsonl").write_text(text)
    assert ghost.read(run, "it") is None


@pytest.fixture
def mine(store, service):
    run = make_run(store, owner=OWNER, until=10, objective__beta=3.7)
    service.states[run.id] = "running"
    return run


def steers(service):
    return [what for what in service.asked if what[0] == "steer"]


def test_sliders_ask_for_what_they_were_moved_to(visit, service, mine):
    app = visit("train", session={"owner": OWNER}, run=mine.id)
    beta, lr = app.select_slider
    assert (beta.value, lr.value) == (3.7, 1.0)
    assert beta.proto.label == "β"
    beta.set_value(8.0).run()
    assert steers(service) == [("steer", mine.id, 8.0, None)]
    app.select_slider[1].set_value(0.25).run()
    assert steers(service)[1:] == [("steer", mine.id, None, 0.25)]
    app.select_slider[0].set_value(3.7).run()  # back to where it began
    assert steers(service)[2:] == [("steer", mine.id, 3.7, None)]
    {button.label: button for button in app.button}["Snapshot now"].click().run()
    assert ("snapshot", mine.id) in service.asked


def test_looking_again_moves_no_slider_and_asks_for_nothing(visit, service, mine):
    app = visit("train", session={"owner": OWNER}, run=mine.id)
    app.select_slider[0].set_value(8.0).run()
    for state in ("running", "stopping", "running"):  # greyed out meanwhile
        service.states[mine.id] = state
        app.run()
        assert app.select_slider[0].value == 8.0
        assert app.select_slider[0].disabled == (state == "stopping")
    service.states[mine.id] = "paused"
    app.run()
    assert len(steers(service)) == 1


def test_a_slider_that_is_drawn_anew_begins_where_it_was_left(visit, service, mine):
    app = visit("train", session={"owner": OWNER}, run=mine.id)
    app.select_slider[0].set_value(8.0).run()
    service.states[mine.id] = "interrupted"
    app.run()
    assert not app.select_slider
    service.states[mine.id], service.betas[mine.id] = "running", 8.0
    app.run()
    assert app.select_slider[0].value == 8.0
    assert app.select_slider[0].proto.default == [app.select_slider[0].options.index("8")]
    assert len(steers(service)) == 1


def test_a_refused_wish_is_a_sentence(visit, service, mine, monkeypatch):
    def refuse(run, beta=None, lr=None):
        raise ServiceError("It is over.")

    app = visit("train", session={"owner": OWNER}, run=mine.id)
    monkeypatch.setattr(service, "steer", refuse, raising=False)
    app.select_slider[0].set_value(8.0).run()
    assert not app.exception
    assert [toast.value for toast in app.toast] == ["It is over\\."]
    app.run()
    assert not app.toast


@pytest.mark.parametrize("kind", ["multirate", "ae"])
def test_without_a_beta_of_its_own_only_the_learning_rate_is_steered(visit, store, service, kind):
    run = make_run(store, owner=OWNER, until=10, model__kind=kind)
    service.states[run.id] = "running"
    app = visit("train", session={"owner": OWNER}, run=run.id)
    assert [slider.proto.label for slider in app.select_slider] == ["Factor on the learning rate"]


def test_who_only_watches_has_no_wheel(visit, store, service, mine, monkeypatch):
    app = visit("train", session={"owner": "b" * 32}, run=mine.id)
    assert not app.select_slider
    elsewhere = Progress(mine.id, "running", 5, 20)  # as a folder tells that another app writes to
    monkeypatch.setattr(service, "progress", lambda run, since=0: elsewhere, raising=False)
    app = visit("train", session={"owner": OWNER}, run=mine.id)
    assert "Another Latentscape trains it" in seen(app)
    assert not app.select_slider
    assert not {"Pause", "Cancel", "Snapshot now"} & {button.label for button in app.button}


def test_the_places_of_a_slider_are_round_even_and_hold_the_runs_own():
    places = steering_view.scale(0.01, 10, (1.0, 3.7, 0.0))
    assert places == sorted(set(places))
    assert {0.0, 0.01, 0.12, 1.0, 1.5, 3.7, 8.0, 10.0} <= set(places)
    on_the_grid = np.array([place for place in places if place not in (0.0, 3.7)])
    assert len(on_the_grid) == 31
    assert (on_the_grid[1:] / on_the_grid[:-1]).max() < 1.35


def test_what_is_in_force_is_said_with_since_when():
    step = {"kind": "step", "step": 60, "beta": 0.05, "lr": 0.00312}
    changes = [
        {"kind": "steered", "step": 20, "beta": 2.0},
        {"kind": "steered", "step": 40, "beta": 4.0},
        {"kind": "steered", "step": 50, "lr": 0.5},
    ]

    def say(name, rows, **course):
        progress = Progress("r", "running", 60, 200, rows=rows, course=Course(**course))
        return steering_view.said(name, progress, 100.0)

    assert say("beta", [], beta=0.1) == ":small[:violet[**β 0.1**] from the start]"
    assert (
        say("beta", [*changes, step], beta=4.0)
        == ":small[:violet[**β 4**] since epoch 20 · rising, now 0.05]"
    )
    assert say("lr", [*changes, step], lr=0.5) == ":small[**Learning rate ×0.5** since epoch 25 · now 0.0031]"
    asked = say("beta", [*changes, step], beta=4.0, asked=Wish(beta=6.0))
    assert asked == ":small[:violet[**β 4**] since epoch 20 · 6 asked for]"


def began(run, day):
    about = json.loads((run.path / "run.json").read_text())
    about["created"] = f"2026-01-0{day}T00:00:00+00:00"
    (run.path / "run.json").write_text(json.dumps(about))
