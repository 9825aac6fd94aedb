"""Training longer: a new run begins with all that a finished one ended with, and its schedules go on."""

import json
from dataclasses import replace

import numpy as np
import pytest
from small_training import same

from vae_core import pipeline
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, RunError
from vae_core.events import Checkpoint, Epoch, Finished, Started, Steered, Step
from vae_core.longer import continued, goes_on, longer
from vae_core.runs import Recorder, RunStore

BASE = {
    "data": {"limit": 300},
    "model": {"hidden": (12,)},
    "training": {"epochs": 4, "batch": 32, "lr": 0.004},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("longer"))


def settings(**changes):
    return RunConfig.parse(BASE).override(changes)


def train(run, changes=()):
    recorder, events = Recorder(run), []
    with run.lock():
        for event in pipeline.execute(run.config, run.checkpoint(), run=run.id, changes=changes):
            recorder.write(event)
            events.append(event)
    return events


@pytest.fixture(scope="module")
def finished(store):
    run = store.create(settings(**{"training.lr_schedule": "constant", "objective.warmup": 0.5}))
    train(run)
    return run


def test_it_begins_with_weights_and_optimiser_of_the_end(store, finished):
    made = longer(finished, 3, store, "somebody")
    first, last = made.checkpoint(), finished.checkpoint()
    assert made.state == "interrupted"
    assert made.owner == "somebody"
    assert first.step == 0
    same(first.weights, last.weights)
    same(first.optimizer, last.optimizer)
    assert made.about["longer"] == {"run": finished.id, "epochs": 3, "steps": last.step}
    assert json.loads((made.path / "run.json").read_text())["longer"]["run"] == finished.id
    same(made.checkpoint().weights, finished.weights())


def test_it_learns_on_from_there(store, finished):
    made = longer(finished, 3, store)
    events = train(made)
    rows = [event for event in events if isinstance(event, Step)]
    before = [row for row in finished.metrics() if row["kind"] == "step"]
    begun = next(event for event in events if isinstance(event, Started))
    assert rows[-1].step == begun.total_steps == 3 * (len(before) // 4)
    assert rows[0].beta == pytest.approx(1.0)
    assert {row.lr for row in rows} == {0.004}
    ends, start = [row["distortion"] for row in before[-8:]], [row.distortion for row in rows[:8]]
    assert np.mean(start) < np.mean([row["distortion"] for row in before[:8]])
    assert np.mean(start) == pytest.approx(np.mean(ends), rel=0.05)
    held = [event.distortion + event.rate for event in events if isinstance(event, Epoch)]
    report = finished.report()
    assert held[-1] < report["distortion"] + report["rate"]
    assert isinstance(events[-1], Finished)
    moments = made.checkpoint().optimizer
    steps = next(name for name in moments if name.endswith(".step"))
    assert moments[steps] == len(before) + len(rows)
    again = longer(made, 1, store)
    assert again.config.name.count("longer") == 1


def test_other_pictures_are_refused(store, finished):
    made = longer(finished, 1, store)
    checkpoint = made.checkpoint()
    event = next(iter(pipeline.execute(made.config, checkpoint)))
    event = replace(event, data={**event.data, "checksum": "of others"})
    with pytest.raises(RunError, match="pictures are not those"):
        Recorder(made).write(event)


SCHEDULES = [
    ({"training.lr_schedule": "one_cycle"}, {}, "rises once more to 0.004"),
    ({"training.lr_schedule": "cosine"}, {}, "starts once more at 0.004"),
    ({"training.lr_schedule": "constant"}, {}, "stays 0.004"),
    ({"objective.kl": "linear", "objective.warmup": 0.5}, {"objective.warmup": 0.0}, "β stays 1"),
    ({"objective.kl": "sigmoid"}, {"objective.kl": "constant"}, "without another rise"),
    ({"objective.kl": "cyclical", "objective.cycles": 2}, {"objective.cycles": 4}, "4 more of its cycles"),
    ({"objective.kl": "capacity"}, {"objective.rise": 0.01}, "stays 5 nats"),
    ({"objective.kl": "controlled"}, {}, "held the rate at 5 nats"),
    ({"objective.kl": "free_bits"}, {}, "free bits"),
    ({"model.kind": "multirate"}, {"objective.warmup": 0.0}, "whole range"),
]


@pytest.mark.parametrize(("changes", "expected", "words"), SCHEDULES)
def test_each_schedule_goes_on_as_it_is_said(store, changes, expected, words):
    run = store.create(settings(**changes))
    found = continued(run, 8)
    for path, value in expected.items():
        section, name = path.split(".")
        assert getattr(getattr(found, section), name) == value
    assert any(words in sentence for sentence in goes_on(run, 8))


def test_what_was_lowered_held_and_steered_is_taken_along(store):
    run = store.create(settings(**{"training.lr_schedule": "plateau", "objective.kl": "controlled"}))
    weights = {"a": np.ones(2, np.float32)}
    feedback = {
        "plateau": {"best": 3.0, "since": 2, "factor": 0.25},
        "control": {"beta": 1.5, "total": 0.5},
    }
    recorder = Recorder(run)
    recorder.write(Checkpoint(40, weights, weights, {"lr_scale": 0.5, "feedback": feedback}))
    recorder.note("steered", step=10, beta=None, lr=2.0)
    for name in ("report.json", "explorer.bundle", "model.safetensors"):
        (run.path / name).write_bytes(b"{}")
    made = longer(store.get(run.id), 2, store)
    assert made.config.training.lr == pytest.approx(0.004 * 0.25 * 0.5 * 2)
    assert made.checkpoint().progress["feedback"] == {"control": {"beta": 1.5, "total": 0.5}}
    assert made.changes() == []


def test_a_steered_beta_is_that_of_the_run_that_goes_on(store):
    run = store.create(settings())
    Recorder(run).note("steered", step=3, beta=2.5, lr=None)
    assert continued(run, 1).objective.beta == 2.5
    assert any("β stays 2.5" in sentence for sentence in goes_on(run, 1))
    assert run.changes() == [Steered(3, 2.5, None)]


def test_a_change_that_was_not_reached_is_not_taken_along(store):
    """Such as of a repeat that was finished early."""
    run = store.create(settings())
    weights, recorder = {"a": np.ones(2, np.float32)}, Recorder(run)
    recorder.write(Checkpoint(10, weights, weights, {}))
    for step, beta in ((9, 2.5), (10, 7.0), (30, 9.0)):
        recorder.note("steered", step=step, beta=beta, lr=None)
    assert continued(run, 1).objective.beta == 2.5


def test_what_cannot_go_on_is_said(store, finished):
    begun = store.create(settings())
    with pytest.raises(RunError, match="not finished"):
        longer(begun, 1, store)
    for epochs in (0, -1, float("nan"), 10_001, "many"):
        with pytest.raises(ConfigError, match="epochs"):
            longer(finished, epochs, store)
    starter = next((run for run in store.list() if run.starter), None)
    if starter:
        with pytest.raises(RunError, match="came with Latentscape"):
            longer(starter, 1, store)
    known = len(store.list())
    finished.about["frozen"] = {"run": "x", "beta": 1.0}
    try:
        with pytest.raises(RunError, match="frozen"):
            longer(finished, 1, store)
    finally:
        del finished.about["frozen"]
    assert len(store.list()) == known
