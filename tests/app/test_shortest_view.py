"""Shortest ways on Interpolate without a browser: what is begun, what is told, what there is no room for."""

import pytest
import streamlit as st

from app import path_state, services, shortest_view

PLACE = {"anchors": [{"row": 12}, {"row": -1, "z": [0.5, -1.3]}], "isLoop": True, "beta": 4.0}
LEGS = [[[0.0, 0.0], [0.5, -1.3]], [[0.5, -1.3], [0.0, 0.0]]]


class Job:
    """A job that does nothing by itself."""

    def __init__(self, run, way, beta, owner):
        self.run, self.way, self.beta, self.owner = run, way, beta, owner
        self.running, self.cancelled, self.error, self.legs = True, False, "", []

    def cancel(self):
        self.running, self.cancelled = False, True


class Run:
    id = "digits"


@pytest.fixture
def jobs(monkeypatch):
    found = {}
    monkeypatch.setattr(shortest_view, "_jobs", lambda: found)
    monkeypatch.setattr(shortest_view, "InterpolateJob", Job)
    monkeypatch.setattr(services, "stamp", lambda run: 1)
    monkeypatch.setattr(shortest_view.state, "owner", lambda: "me")
    monkeypatch.setattr(st, "session_state", {})
    return found


def wish(place):
    st.session_state[path_state.key("digits")] = {"ask": place}
    shortest_view.ask(Run)


def test_what_is_asked_for_is_begun_and_told_once_it_is_there(jobs):
    assert shortest_view.news(Run) == {}
    wish(PLACE)
    [job] = jobs.values()
    assert (job.way.kind, job.way.loop, job.beta) == ("geodesic", True, 4.0)
    assert job.way.anchors == (12, (0.5, -1.3))
    assert shortest_view.news(Run) == {}
    job.running, job.legs = False, LEGS
    told = shortest_view.news(Run)
    assert (told["legs"], told["beta"], told["error"]) == (LEGS, 4.0, "")
    assert told["way"]["anchors"] == PLACE["anchors"]
    wish(PLACE)
    assert list(jobs.values()) == [job]  # it is kept


def test_a_hand_that_moves_on_ends_what_is_no_longer_wanted(jobs):
    wish(PLACE)
    [first] = jobs.values()
    wish(PLACE | {"isLoop": False})
    assert first.cancelled
    assert [job.cancelled for job in jobs.values()] == [True, False]


def test_what_was_called_off_is_said_and_begun_anew(jobs):
    wish(PLACE)
    [first] = jobs.values()
    first.cancel()
    assert "called off" in shortest_view.news(Run)["error"]
    wish(PLACE)
    [second] = jobs.values()
    assert second is not first
    assert second.running


def test_where_there_is_no_room_that_is_said(jobs):
    for number in range(shortest_view.AT_ONCE):
        jobs[number] = Job("other", None, None, "somebody else")
    wish(PLACE)
    assert len(jobs) == shortest_view.AT_ONCE
    assert "Other ways are being worked out" in shortest_view.news(Run)["error"]


@pytest.mark.parametrize("place", [None, {}, {"anchors": []}, [1], {"anchors": [{"row": 1}, {"row": "2"}]}])
def test_what_is_no_way_is_passed_over(jobs, place):
    wish(place)
    assert jobs == {}
