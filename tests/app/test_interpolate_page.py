"""Interpolate without a browser: which run it shows, and which paths it believes."""

import json

import pytest
import streamlit as st
from conftest import seen

from app import path_state


def test_without_a_finished_run_it_says_where_one_comes_from(visit):
    page = visit("interpolate")
    assert not page.exception
    assert page.subheader[0].value == "Nothing to explore yet"


def test_what_cannot_be_shown_is_said(visit):
    assert "There is no run" in seen(visit("interpolate", run="nowhere"))
    assert "does not name a run" in seen(visit("interpolate", run="../x"))


CODES = [{"row": 12}, {"row": -1, "z": [0.5, -1.3]}]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"anchors": CODES, "kind": "data", "by": "change", "speed": 0.5, "at": 3.5, "isLoop": True},
            {"anchors": CODES, "kind": "data", "by": "change", "speed": 0.5, "at": 3.5, "isLoop": True},
        ),
        ({"anchors": CODES, "kind": 1, "by": None, "speed": True, "at": -1, "isLoop": 1}, {"anchors": CODES}),
        ({"anchors": CODES, "stroke": [[0, 0, 0], [1, 0]]}, {"anchors": CODES}),
        (
            {"anchors": CODES, "stroke": [[0, 0, 0], [1, 0, 0]]},
            {"anchors": CODES, "stroke": [[0, 0, 0], [1, 0, 0]]},
        ),
        ({"anchors": CODES, "axes": [4, 1], "beta": 2.5}, {"anchors": CODES, "axes": [4, 1], "beta": 2.5}),
        ({"anchors": CODES, "axes": [4, 4], "beta": 0}, {"anchors": CODES}),
        ({"anchors": CODES, "axes": [4, True], "beta": "2"}, {"anchors": CODES}),
        ({"anchors": CODES, "axes": [-1, 10**9], "beta": float("inf")}, {"anchors": CODES}),
        ({"anchors": CODES[:1]}, {}),
        ({"anchors": CODES * 5}, {}),
        ({"anchors": [{"row": True}, {"row": 1}]}, {}),
        ({"anchors": [{"z": []}, {"row": 1}]}, {}),
        ({"anchors": [{"z": [float("nan")]}, {"row": 1}]}, {}),
        ({"kind": "linear"}, {}),
        ([1], {}),
        (None, {}),
    ],
)
def test_of_a_path_only_what_can_be_one_is_kept(given, kept):
    assert path_state.checked(json.loads(json.dumps(given))) == kept


def asked(monkeypatch, **query):
    monkeypatch.setattr(
        st, "query_params", type("Query", (dict,), {"to_dict": lambda self: dict(self)})(query)
    )
    return path_state.in_url()


def test_an_address_names_a_path(monkeypatch):
    found = asked(
        monkeypatch,
        through="12~z0.5,-1.3",
        way="drawn",
        steps="change",
        more="loop,compare",
        stroke="0,0,0~0.5,1,2~1,0,0",
        at="7",
    )
    flags = {"isLoop": True, "hasBeyond": False, "isCompared": True}
    stroke = [[0, 0, 0], [0.5, 1, 2], [1, 0, 0]]
    assert found == {"anchors": CODES, "kind": "drawn", "by": "change", "stroke": stroke, "at": 7} | flags


def test_an_address_says_the_map_and_where_the_dial_stands(monkeypatch):
    found = asked(monkeypatch, through="12~z0.5,-1.3", way="geodesic", axes="4,1", beta="2.5")
    assert (found["kind"], found["axes"], found["beta"]) == ("geodesic", [4, 1], 2.5)
    for axes, beta in (("4", "-1"), ("4,4", "x"), ("-1,2", "nan"), ("1,2,3", "")):
        found = asked(monkeypatch, through="12~87", axes=axes, beta=beta)
        assert "axes" not in found
        assert "beta" not in found


def test_a_place_is_a_way_whose_hand_drawn_one_has_two_ends():
    stroke = [[0, 0, 0], [1, 0, 0]]
    drawn = path_state.way_of({"anchors": CODES, "kind": "drawn", "stroke": stroke, "axes": [4, 1]})
    assert (drawn.kind, drawn.axes, drawn.stroke) == ("drawn", (4, 1), ((0, 0, 0), (1, 0, 0)))
    assert path_state.checked(drawn.place()) == {
        "anchors": CODES,
        "kind": "drawn",
        "by": "parameter",
        "isLoop": False,
        "hasBeyond": False,
        "axes": [4, 1],
        "stroke": stroke,
    }
    looped = path_state.way_of({"anchors": CODES, "kind": "drawn", "stroke": stroke, "isLoop": True})
    assert (looped.kind, looped.stroke) == ("linear", ())


@pytest.mark.parametrize(
    "through",
    ["", "12", "12~", "12~-3", "1e3~5", "z~5", "z1,x~5", "²~5", "znan~zinf", "1~" * 9, "9" * 30_000],
)
def test_an_address_that_names_none_is_passed_over(monkeypatch, through):
    assert asked(monkeypatch, through=through, way="data") == {}
