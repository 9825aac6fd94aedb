"""What is wished of a run in training: what its worker is told, and what outlives that worker."""

import numpy as np
import pytest

from vae_core.config import RunConfig
from vae_core.control import NOTHING, Control, Wish
from vae_core.events import RolledBack, Snapshot, Steered, Step
from vae_core.wishes import Wanted, Wishes
from vae_core.worker import steer

CLOUD = Snapshot(7, np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((1, 1, 2, 2), np.uint8))


@pytest.fixture
def wishes():
    """Of a run that began at step 0 with beta 1."""
    wishes = Wishes(RunConfig())
    wishes.begin([], 0)
    return wishes


def told(wishes):
    wanted = wishes.wanted(1, "run")
    return wanted.beta, wanted.lr, wanted.snapshots


def test_a_wish_is_told_until_it_has_taken_effect(wishes):
    wishes.ask(beta=3.0)
    wishes.ask(lr=0.5)
    assert told(wishes) == (3.0, 0.5, 0)
    assert not wishes.follow(Steered(4, 3.0))
    assert wishes.asked == Wish(lr=0.5)
    assert not wishes.follow(Step(5, 0.1, 9.0, 1.0, 3.0, 0.1, 0.0))
    wishes.follow(Steered(5, None, 0.5))
    assert wishes.asked == NOTHING
    assert told(wishes) == (None, None, 0)


def test_what_is_in_force_need_not_be_wished(wishes):
    wishes.ask(beta=1.0, lr=1.0)
    assert wishes.asked == NOTHING
    wishes.follow(Steered(4, 3.0))
    wishes.ask(beta=3.0)
    assert wishes.asked == NOTHING
    wishes.ask(beta=1.0)
    wishes.ask(beta=3.0)  # and back again: the worker may have changed it in between
    assert told(wishes)[0] == 3.0


def test_the_effect_of_an_older_wish_leaves_the_newer(wishes):
    wishes.ask(beta=3.0)
    wishes.ask(beta=5.0)
    wishes.follow(Steered(4, 3.0))
    assert wishes.asked == Wish(5.0)


def test_wishes_wait_until_what_is_logged_was_repeated(wishes):
    """Else a change of before would undo them."""
    wishes.follow(Steered(10, 2.0))
    wishes.follow(Steered(20, 4.0))
    wishes.ask(beta=9.0)
    wishes.begin([Steered(10, 2.0), Steered(20, 4.0)], 10)
    wishes.ask(lr=0.5, snapshot=True)
    assert wishes.asked == Wish(9.0, 0.5, True)
    assert told(wishes) == (None, None, 0)
    assert not wishes.follow(Steered(10, 2.0))
    assert told(wishes) == (None, None, 0)
    assert wishes.follow(Steered(20, 4.0))
    assert told(wishes) == (9.0, 0.5, 1)


def test_what_was_logged_before_its_checkpoint_is_not_waited_for(wishes):
    wishes.begin([Steered(10, 2.0)], 11)
    wishes.ask(beta=9.0)
    assert told(wishes) == (9.0, None, 0)


def test_a_wish_that_the_log_fulfils_is_not_told_anew(wishes):
    """Its worker died between writing down and telling, or it was wished twice."""
    wishes.ask(beta=4.0, lr=0.5)
    wishes.begin([Steered(20, 4.0)], 10)
    assert wishes.asked == Wish(lr=0.5)


def test_after_going_back_wishes_wait_as_well(wishes):
    wishes.follow(Steered(20, 4.0))
    wishes.follow(RolledBack(15, 25, 0.5, "nan"))
    wishes.ask(beta=9.0)
    assert told(wishes)[0] is None
    assert wishes.follow(Steered(20, 4.0))
    assert told(wishes)[0] == 9.0


def test_a_wish_that_took_effect_with_a_change_that_was_repeated_is_not_waited_for(wishes):
    """It was under way when the run went back to the very step of that change."""
    wishes.follow(Steered(20, 4.0))
    wishes.ask(beta=9.0, lr=0.5)
    wishes.follow(RolledBack(20, 25, 0.5, "nan"))
    assert not wishes.follow(Steered(20, 9.0, 0.5))
    assert wishes.asked == NOTHING


def test_a_snapshot_is_not_made_twice_for_a_pause_while_changes_are_repeated(wishes):
    wishes.ask(snapshot=True)
    assert told(wishes)[2] == 1
    wishes.follow(CLOUD)
    wishes.follow(Steered(20, 4.0))
    wishes.follow(RolledBack(15, 25, 0.5, "nan"))
    assert told(wishes)[2] == 1
    wishes.ask(snapshot=True)
    assert told(wishes)[2] == 1
    wishes.follow(Steered(20, 4.0))
    assert told(wishes)[2] == 2


def test_a_wish_that_was_taken_back_in_time_is_not_shown_as_outstanding(wishes):
    """The worker had heard of neither, so nothing changes and nothing is reported."""
    wishes.ask(beta=3.0)
    wishes.ask(beta=1.0)
    assert told(wishes)[0] == 1.0  # it may yet be doing the other
    assert wishes.course([], is_ending=False).asked == NOTHING
    assert wishes.course([{"kind": "steered", "beta": 3.0}], is_ending=False).asked == Wish(1.0)


def test_before_it_begins_all_wishes_are_kept():
    wishes = Wishes(RunConfig())
    wishes.ask(beta=1.0, snapshot=True)
    assert wishes.asked == Wish(1.0, None, True)
    wishes.begin([], 0)
    assert wishes.asked == Wish(None, None, True)
    assert told(wishes)[2] == 1


def test_snapshots_are_counted_within_an_attempt(wishes):
    wishes.ask(snapshot=True)
    wishes.follow(CLOUD)
    wishes.ask(snapshot=True)
    assert told(wishes)[2] == 2
    assert wishes.asked.snapshot
    wishes.begin([], 5)
    assert told(wishes)[2] == 1
    wishes.follow(CLOUD)
    wishes.begin([], 7)
    assert told(wishes)[2] == 0


def test_the_course_is_that_of_the_rows(wishes):
    rows = [{"kind": "step", "beta": 0.1}, {"kind": "steered", "beta": 3.0}, {"kind": "steered", "lr": 0.5}]
    course = wishes.course(rows[:2], is_ending=False)
    assert (course.beta, course.lr, course.steerable) == (3.0, 1.0, {"beta", "lr"})
    course = wishes.course(rows, is_ending=True)
    assert (course.beta, course.lr, course.steerable) == (3.0, 0.5, set())


def test_a_worker_does_what_it_is_told():
    control, last = Control(), Wanted(-1)
    steer(control, state := Wanted(1, "run", 2.0, None, 1), last)
    assert control.take() == Wish(2.0, None, True)
    steer(control, Wanted(2, "pause", None, 0.5, 1), state)
    assert control.take() == Wish(None, 0.5, False)
    steer(control, Wanted(3, "stop"), state)
    assert control.wait() == "stop"
    assert control.take() == NOTHING
