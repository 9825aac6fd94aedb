"""Watching a training: what the tab says, what lies under the curves, what can be steered."""

import json

import numpy as np
import pytest
from pages_world import make_run

from app import ghost, training_state, watch_line
from vae_core.progress import Progress

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


def test_an_earlier_run_lies_underneath_and_another_can_be_chosen(visit, store):
    first, other, last = (make_run(store, owner=OWNER, name=name) for name in ("first", "other", "last"))
    for run, day in ((first, 1), (other, 2), (last, 3)):
        began(run, day)
    make_run(store, owner=OWNER, name="elsewhere", data__source="shapes")
    make_run(store, owner=OWNER, name="another likelihood", model__likelihood="laplace")
    app = visit("train", session={"owner": OWNER}, run=other.id)
    chooser = app.selectbox(training_state.ghost_key(other.id))
    assert [option.split(" · ")[0] for option in chooser.options] == [
        "Underneath: nothing",
        "Underneath: last",
        "Underneath: first",
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


def began(run, day):
    about = json.loads((run.path / "run.json").read_text())
    about["created"] = f"2026-01-0{day}T00:00:00+00:00"
    (run.path / "run.json").write_text(json.dumps(about))
