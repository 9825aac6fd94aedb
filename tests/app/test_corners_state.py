"""The four-corner palette without a browser: which places it believes, which mode an address asks for."""

import json

import pytest
import streamlit as st
from pages_world import make_run

from app import corners_state, interpolate_take
from vae_core.runs import RunStore
from vae_core.ways import Way

CORNERS = [{"row": 12}, {"row": -1, "z": [0.5, -1.3]}, {"row": 0}, {"row": 7}]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"corners": CORNERS, "blend": "spherical", "puck": [0.5, 1], "route": [[0, 0]], "speed": 2},
            {"corners": CORNERS, "blend": "spherical", "puck": [0.5, 1], "route": [[0, 0]], "speed": 2},
        ),
        ({"corners": CORNERS, "blend": "x", "puck": [1], "route": [], "speed": True}, {"corners": CORNERS}),
        ({"corners": CORNERS, "puck": [float("nan"), 0], "route": [[0, 1, 2]]}, {"corners": CORNERS}),
        ({"corners": CORNERS, "route": [[0, 1]] * 49, "hasSupport": 1}, {"corners": CORNERS}),
        ({"corners": CORNERS, "hasSupport": True}, {"corners": CORNERS, "hasSupport": True}),
        ({"corners": CORNERS[:3]}, {}),
        ({"corners": [*CORNERS, {"row": 1}]}, {}),
        ({"corners": [*CORNERS[:3], {"row": -1}]}, {}),
        ({"corners": {"0": 1}}, {}),
        (CORNERS, {}),
        (None, {}),
    ],
)
def test_of_a_palette_only_what_can_be_one_is_kept(given, kept):
    assert corners_state.checked(json.loads(json.dumps(given))) == kept


def asked(monkeypatch, **query):
    monkeypatch.setattr(
        st, "query_params", type("Query", (dict,), {"to_dict": lambda self: dict(self)})(query)
    )
    return corners_state.in_url()


def test_an_address_names_a_palette(monkeypatch):
    found = asked(
        monkeypatch,
        corners="12~z0.5,-1.3~0~7",
        blend="spherical",
        puck="0.25,1",
        route="0,0~1,0.5",
        show="support",
    )
    assert found == {
        "corners": CORNERS,
        "blend": "spherical",
        "puck": [0.25, 1],
        "route": [[0, 0], [1, 0.5]],
        "hasSupport": True,
    }


@pytest.mark.parametrize(
    "corners", ["", "1~2~3", "1~2~3~4~5", "1~2~3~-4", "1~2~3~zx", "1~2~3~" + "9" * 30_000]
)
def test_an_address_that_names_none_is_passed_over(monkeypatch, corners):
    assert asked(monkeypatch, corners=corners, puck="0,0") == {}


def test_the_palette_is_taken_along_as_a_way_of_four_anchors(monkeypatch):
    place = {"corners": CORNERS, "blend": "spherical"}
    monkeypatch.setattr(st, "session_state", {"corners-place/it": place})
    assert corners_state.way("it") == Way((12, (0.5, -1.3), 0, 7), "spherical")
    assert corners_state.way("other") is None
    first = interpolate_take.MODES["corners"].first(RunStore().get("digits"))
    assert len(first.anchors) == 4


@pytest.mark.parametrize(("asked", "shown"), [("corners", "corners"), ("Four corners", "path"), ("", "path")])
def test_the_address_says_which_mode_by_its_plain_name(asked, shown, store, visit):
    page = visit("interpolate", run=make_run(store).id, mode=asked)
    assert not page.exception
    assert page.session_state["mode"] == shown
    assert page.query_params.get("mode", ["path"]) in (shown, [shown])
