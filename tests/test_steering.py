"""Changes of course: when they take effect, what a repeated and a resumed run make of them."""

import json
import threading

import numpy as np
import pytest
from small_training import config, fresh, of, pictures, poison, run, same, stopped_at, through_json, timeless

from vae_core import pipeline
from vae_core.config import RunConfig
from vae_core.control import Control, Wish
from vae_core.errors import ConfigError, RunDamagedError
from vae_core.events import Checkpoint, Epoch, RolledBack, Snapshot, Steered, Step
from vae_core.progress import Tracker, stored
from vae_core.runs import Recorder, RunStore
from vae_core.steering import Steering, check_wish, logged, read, steerable
from vae_core.training import train

WISHES = {10: {"beta": 4.0}, 20: {"lr": 0.5}, 30: {"beta": 2.0, "lr": 2.0}}
WARM = {"objective.warmup": 0.25, "training.lr_schedule": "cosine"}


def steered(settings, wishes, **others):
    """Events and outcome of a run in which these wishes come up while their step is looked at."""
    control = Control()

    def watch(event):
        if isinstance(event, Step) and event.step in wishes:
            control.steer(**wishes[event.step])

    return run(settings, control=control, on_event=watch, **others)


def test_wishes_take_effect_at_the_next_step():
    events, _ = steered(config(**WARM), WISHES)
    assert of(Steered, events) == [Steered(10, 4.0), Steered(20, None, 0.5), Steered(30, 2.0, 2.0)]
    usual = of(Step, run(config(**WARM))[0])
    rows = of(Step, events)
    beta = [row.beta / other.beta for row, other in zip(rows, usual)]
    lr = [row.lr / other.lr for row, other in zip(rows, usual)]
    assert beta == pytest.approx([1] * 10 + [4] * 20 + [2] * 30)
    assert lr == pytest.approx([1] * 20 + [0.5] * 10 + [2] * 30)
    place = events.index(Steered(10, 4.0))
    assert events[place - 1].step == 10
    assert events[place + 1].step == 11


def test_a_repeated_run_ends_with_the_same_weights():
    events, _ = steered(config(), WISHES)
    again, _ = run_with(config(), of(Steered, events))
    same(events[-1].weights, again[-1].weights)
    assert of(Steered, again) == of(Steered, events)
    assert timeless(of(Step, again)) == timeless(of(Step, events))


def run_with(settings, changes, checkpoint=None):
    images = pictures()
    steps, events = (
        train(settings, fresh(settings, images), images, images[:7], checkpoint, None, changes),
        [],
    )
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


@pytest.mark.parametrize("cut", [0, 25])
def test_after_a_crash_what_is_known_is_repeated(cut):
    """The checkpoint is from before some of the changes, which the log knows."""
    often = config(**{"training.checkpoint_seconds": 0})
    whole, _ = steered(often, WISHES)
    checkpoint = next(one for one in of(Checkpoint, whole) if one.step == cut)
    rest, _ = run_with(often, of(Steered, whole), through_json(checkpoint))
    same(whole[-1].weights, rest[-1].weights)
    assert of(Steered, rest) == [change for change in of(Steered, whole) if change.step >= cut]


def test_a_run_that_is_stopped_knows_its_changes_itself():
    control = Control()

    def watch(event):
        if isinstance(event, Step) and event.step in WISHES:
            control.steer(**WISHES[event.step])
        if event.step == 25:
            control.stop()

    part, _ = run(config(), control=control, on_event=watch)
    rest, _ = steered(config(), {30: WISHES[30]}, checkpoint=through_json(of(Checkpoint, part)[-1]))
    same(rest[-1].weights, steered(config(), WISHES)[0][-1].weights)


def test_what_is_in_force_already_is_no_change():
    events, _ = steered(config(), {5: {"beta": 1.0, "lr": 1.0}, 10: {"beta": 3.0}, 15: {"beta": 3.0}})
    assert of(Steered, events) == [Steered(10, 3.0)]


def test_going_back_repeats_the_changes_gone_past(monkeypatch):
    poison(monkeypatch, 34)
    events, _ = steered(config(), {**WISHES, 25: {"lr": 1.5}})
    (back,) = of(RolledBack, events)
    after = events[events.index(back) :]
    assert of(Steered, after) == [Steered(25, None, 1.5), Steered(30, 2.0, 2.0)]
    assert [row.beta for row in of(Step, after)] == [4.0] * 5 + [2.0] * 30


@pytest.mark.parametrize(
    "changes",
    [{"model.kind": "ae"}, {"objective.kl": "capacity"}, {"objective.kl": "controlled"}],
)
def test_a_beta_that_there_is_not_stays_as_it_is(changes):
    settings = config(**changes)
    assert steerable(settings) == {"lr"}
    events, _ = steered(settings, {10: {"beta": 7.0}, 20: {"beta": 7.0, "lr": 0.5}})
    assert of(Steered, events) == [Steered(20, None, 0.5)]
    with pytest.raises(ConfigError, match="not trained with a single one"):
        check_wish(settings, beta=2.0)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"beta": -1.0}, "Beta is -1.0, allowed is a number from 0 to 1000"),
        ({"beta": float("nan")}, "Beta is nan"),
        ({"lr": 0.0}, r"learning rate is 0.0, allowed is a number from 0.01 to 100"),
        ({"lr": "fast"}, "learning rate is 'fast'"),
    ],
)
def test_wishes_that_cannot_be(wish, words):
    with pytest.raises(ConfigError, match=words):
        check_wish(RunConfig(), **wish)


def test_wishes_that_can_be():
    check_wish(RunConfig(), beta=0, lr=100)
    check_wish(RunConfig())


def test_wishes_come_together_and_are_taken_once():
    control = Control()
    assert control.take() == Wish()
    control.steer(beta=2.0)
    control.snapshot()
    control.steer(lr=0.5)
    control.steer(beta=3.0)
    assert control.take() == Wish(3.0, 0.5, True)
    assert control.take() == Wish()


def test_a_snapshot_now():
    control = Control()
    events, _ = run(
        config(),
        control=control,
        on_event=lambda e: isinstance(e, Step) and e.step == 51 and control.snapshot(),
    )
    usual, _ = run(config())
    asked = {one.step for one in of(Snapshot, events)} - {one.step for one in of(Snapshot, usual)}
    assert asked == {51}
    same(events[-1].weights, usual[-1].weights)


def test_a_snapshot_that_cannot_be_now_is_made_after_going_back():
    control, images = Control(), pictures()
    model, events = fresh(config(), images), []
    for event in train(config(), model, images, images[:7], control=control):
        events.append(event)
        if isinstance(event, Step) and event.step == 51 and not of(RolledBack, events):
            next(model.parameters()).data.fill_(float("nan"))
            control.snapshot()
    (back,) = of(RolledBack, events)
    first = events[events.index(back) + 1]
    assert isinstance(first, Snapshot)
    assert first.step == back.step == 50
    assert all(np.isfinite(cloud.mu).all() for cloud in of(Snapshot, events))


def test_early_stopping_begins_anew_with_another_beta():
    settings = config(**{"training.patience": 1000})
    events, _ = steered(settings, {30: {"beta": 5.0}})
    watch = events[-1].progress["feedback"]["watch"]
    losses = [row.distortion + 5 * row.rate for row in of(Epoch, events) if row.step > 30]
    assert watch["best"] == pytest.approx(min(losses))


@pytest.mark.parametrize(
    "rows",
    [None, [[1]], [[1, 2, 3, 4]], [[-1, 2, None]], [[1.5, 2, None]], [[True, 2, None]], [[1, "2", None]],
     [[1, 1e9, None]], [[1, None, 0]], [[1, None, float("inf")]], [["a", None, None]], [5]],
)  # fmt: skip
def test_changes_that_cannot_be_are_refused(rows):
    with pytest.raises((TypeError, ValueError)):
        read(rows)
    checkpoint = of(Checkpoint, stopped_at(3, config()))[-1]
    checkpoint.progress["changes"] = rows
    with pytest.raises(RunDamagedError, match="does not fit"):
        run(config(), checkpoint=checkpoint)


def test_the_log_says_the_last_word():
    log = [
        {"kind": "started", "step": 0},
        {"kind": "steered", "step": 9, "beta": 2.0, "lr": None},
        {"kind": "steered", "step": 3, "beta": None, "lr": 0.5},
        {"kind": "steered", "step": 9, "beta": 2.0, "lr": 3.0},
    ]
    assert logged(log, [[9, 1.0, None], [40, 5.0, None]]) == [
        Steered(3, None, 0.5),
        Steered(9, 2.0, 3.0),
        Steered(40, 5.0),
    ]


def test_what_is_in_force_follows_from_the_changes_alone():
    steering = Steering(RunConfig(), [Steered(5, 2.0), Steered(9, None, 0.5)])
    for step, force in ((0, (1.0, 1.0)), (5, (1.0, 1.0)), (6, (2.0, 1.0)), (9, (2.0, 1.0)), (10, (2.0, 0.5))):
        steering.rewind(step)
        assert (steering.beta, steering.lr) == force


SMALL = {"data.limit": 300, "data.map_points": 100, "model.hidden": (8,), "training.epochs": 6}
SMALL |= {"training.batch": 32, "training.checkpoint_seconds": 0}


def recorded(home, wishes, crash_at=0):
    """A run in a store, steered; from `crash_at` on nothing of it is written any more."""
    settings = RunConfig().override(SMALL)
    stored_run = RunStore(home, home / "none").create(settings)
    control, recorder = Control(), Recorder(stored_run)
    tracker = Tracker(stored(stored_run))
    for event in pipeline.execute(settings, control=control, run=stored_run.id):
        if crash_at and getattr(event, "step", 0) >= crash_at:
            break
        recorder.write(event)
        tracker.apply(event)
        if isinstance(event, Step) and event.step in wishes:
            control.steer(**wishes[event.step])
    return stored_run, tracker


def test_a_run_on_disk_repeats_what_its_log_knows(tmp_path):
    wishes = {10: {"beta": 3.0}, 25: {"lr": 0.5}, 30: {"beta": 0.5}}
    whole, tracker = recorded(tmp_path / "one", wishes)
    assert whole.changes() == [Steered(10, 3.0), Steered(25, None, 0.5), Steered(30, 0.5)]
    marks = [row for row in whole.metrics() if row["kind"] == "steered"]
    assert [(row["step"], row.get("beta"), row.get("lr")) for row in marks] == [
        (10, 3.0, None),
        (25, None, 0.5),
        (30, 0.5, None),
    ]
    assert tracker.rows == whole.metrics()
    crashed, _ = recorded(tmp_path / "two", wishes, crash_at=33)
    checkpoint = crashed.checkpoint()
    assert checkpoint.step == 25
    assert checkpoint.progress["changes"] == [[10, 3.0, None], [25, None, 0.5], [30, 0.5, None]]
    recorder = Recorder(crashed)
    for event in pipeline.execute(crashed.config, checkpoint, run=crashed.id):
        recorder.write(event)
    same(crashed.weights(), whole.weights())
    assert untimed(crashed.metrics()) == untimed(whole.metrics())
    assert crashed.changes() == whole.changes()
    assert sum(line["kind"] == "steered" for line in crashed.log()) == 3
    again = list(pipeline.execute(whole.config, changes=whole.changes()))[-1]
    same(again.weights, whole.weights())


def untimed(rows):
    return [{**row, "seconds": 0} for row in rows]


def test_a_log_with_changes_that_cannot_be(tmp_path):
    whole, _ = recorded(tmp_path, {10: {"beta": 3.0}}, crash_at=20)
    with whole.file("log.jsonl").open("a") as log:
        log.write(json.dumps({"time": "now", "kind": "steered", "step": 12, "beta": "much"}) + "\n")
    with pytest.raises(RunDamagedError, match="changes of its course"):
        whole.checkpoint()


def test_a_paused_run_takes_wishes_when_it_goes_on():
    control, seen, moved = Control(), [], threading.Event()

    def watch(event):
        seen.append(event)
        if isinstance(event, Step) and event.step == 20:
            control.pause()
            moved.set()

    thread = threading.Thread(target=run, args=(config(),), kwargs={"control": control, "on_event": watch})
    thread.start()
    assert moved.wait(60)
    control.steer(beta=2.0)
    control.resume()
    thread.join(60)
    assert of(Steered, seen) == [Steered(20, 2.0)]
    assert np.isfinite(seen[-1].weights["encoder.0.weight"]).all()
