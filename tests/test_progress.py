"""How a run's progress follows from its events, or from its folder."""

import fake_pipeline
import numpy as np
import pytest
from fake_pipeline import Always

from vae_core import progress
from vae_core.config import RunConfig
from vae_core.errors import DataError
from vae_core.events import Diverged, RolledBack, Step
from vae_core.progress import Progress, Tracker, sentence, stored
from vae_core.recorder import Recorder
from vae_core.runs import RunStore

STEPS = 20
CONFIG = RunConfig.parse({"training": {"epochs": STEPS}})


def events():
    return fake_pipeline.execute(CONFIG, None, Always(), "")


def test_memory_and_folder_agree_at_every_event(home):
    run = RunStore(home).create(CONFIG)
    tracker, recorder = Tracker(stored(run)), Recorder(run)
    with run.lock():
        for event in events():
            recorder.write(event)
            tracker.apply(event)
            seen, read = tracker.look(), stored(run)
            assert (seen.rows, seen.total_steps) == (read.rows, read.total_steps)
            assert seen.step >= read.step  # rows come a little after checkpoints
            if seen.snapshot is not None:
                np.testing.assert_array_equal(seen.snapshot.mu, read.snapshot.mu)
            assert seen.state == "running"
    assert stored(run).state == "finished"
    assert stored(run, since=5).rows == read.rows[5:]


def test_time_left_comes_from_the_pace_and_forgets_pauses(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    tracker = Tracker(Progress("r", "interrupted"))
    started, *_ = events()
    tracker.apply(started)
    assert tracker.look().seconds_left is None

    def step(number):
        tracker.apply(Step(number, 0.0, 0.0, 0.0, 1.0, 0.1, 0.0))

    step(1)
    now[0] = 8.0
    step(5)
    assert tracker.look().seconds_left == pytest.approx(15 * 2.0)  # 4 steps took 8 s
    tracker.steer("pause")
    now[0] = 1000.0
    tracker.steer("run")
    step(6)
    now[0] = 1003.0
    step(7)
    assert tracker.look().seconds_left == pytest.approx(13 * 3.0)


def test_states():
    tracker = Tracker(Progress("r", "interrupted"))
    assert tracker.look().state == "starting"
    assert (tracker.look(position=2).state, tracker.look(position=2).position) == ("queued", 2)
    tracker.apply(next(events()))
    assert (tracker.look(position=2).state, tracker.look(position=2).position) == ("running", 0)
    for mode, state in (
        ("pause", "paused"),
        ("run", "running"),
        ("finish", "finishing"),
        ("stop", "stopping"),
    ):
        tracker.steer(mode)
        assert tracker.look().state == state
        assert tracker.look().active
    assert not Progress("r", "failed").active


def test_a_roll_back_and_a_divergence_are_told(home):
    run = RunStore(home).create(CONFIG)
    tracker, recorder = Tracker(stored(run)), Recorder(run)
    back = RolledBack(5, 9, 0.5, "The loss was nan at step 9.")
    with run.lock():
        for event in events():
            if getattr(event, "step", 0) > 8:
                break
            recorder.write(event)
            tracker.apply(event)
        recorder.write(back)
        tracker.apply(back, run.metrics())
        assert [row["step"] for row in tracker.look().rows] == [1, 2, 3, 4, 5]
        assert "step 5" in tracker.look().note
        diverged = Diverged(5, "The loss was nan at step 7.", {"value": np.array([1])})
        recorder.write(diverged)
        tracker.apply(diverged)
    assert stored(run).state == "diverged"
    assert tracker.look().error == stored(run).error == f"{diverged.reason} {progress.ADVICE}"


def test_errors_are_sentences():
    assert sentence(DataError("No pictures.")) == "No pictures."
    assert "memory" in sentence(MemoryError())
    assert "ZeroDivisionError" in sentence(ZeroDivisionError("x" * 1000))
    assert len(sentence(ZeroDivisionError("x" * 1000))) < 400
