"""Where the Interpolate page stands in each run; its keys in session and address. See web/path_state.js.

In the address a path is `through=12~87~z0.5,-1.3` (examples by their place among the points, codes behind a
z), `way`, `steps`, `more`, `stroke` and `at`; path_adapter.js writes the same.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import anchor_words

KINDS = ("linear", "spherical", "data", "drawn")
SPACINGS = ("parameter", "change")
FLAGS = {"loop": "isLoop", "beyond": "hasBeyond", "compare": "isCompared"}
CHOICES = {
    "kind": KINDS,
    "by": SPACINGS,
    "speed": (0.5, 1, 2, 4),
    "ease": ("even", "soft", "pauses"),
    "repeat": ("once", "loop", "swing"),
}
ANCHORS = (2, 8)
STROKE_MOST = 24  # places of a stroke
LONGEST = 20_000  # characters of one parameter

Place = dict[str, Any]


def key(run_id: str) -> str:
    """Key of the page's browser part for this run."""
    return f"path/{run_id}"


def start(run_id: str) -> Place:
    """Where the mounted page began: what the address asks for, else where it was left in this session."""
    if key(run_id) not in st.session_state:
        begun = in_url() or st.session_state.get(f"path-place/{run_id}", {})
        st.session_state[f"path-start/{run_id}"] = st.session_state[f"path-place/{run_id}"] = begun
    return st.session_state[f"path-start/{run_id}"]


def keep(run_id: str) -> None:
    """Remember what the browser has just reported. What is no path is dropped."""
    place = checked(st.session_state[key(run_id)].get("place"))
    if place:
        st.session_state[f"path-place/{run_id}"] = place


def in_url() -> Place:
    """The path that the address names, empty where it names none; what makes no sense is passed over."""
    asked = {name: text for name, text in st.query_params.to_dict().items() if len(text) <= LONGEST}
    if "through" not in asked:
        return {}
    more = asked.get("more", "").split(",")
    place: Place = {
        "anchors": [anchor_words.read(text) for text in asked["through"].split("~")],
        "kind": asked.get("way"),
        "by": asked.get("steps"),
        **{field: name in more for name, field in FLAGS.items()},
    }
    if "stroke" in asked:
        place["stroke"] = [anchor_words.numbers(text) for text in asked["stroke"].split("~")]
    at = anchor_words.numbers(asked.get("at", ""))
    return checked(place | ({"at": at[0]} if at else {}))


def checked(value: Any) -> Place:
    """What of a place makes one; empty without anchors. The browser passes over what does not fit the run."""
    if not isinstance(value, Mapping):
        return {}
    anchors = anchor_words.checked(value.get("anchors"), *ANCHORS)
    if anchors is None:
        return {}
    place: Place = {"anchors": anchors}
    for name, choices in CHOICES.items():
        if any(type(value.get(name)) is type(choice) and value[name] == choice for choice in choices):
            place[name] = value[name]
    place |= {name: value[name] for name in FLAGS.values() if type(value.get(name)) is bool}
    if anchor_words.is_number(value.get("at")) and 0 <= value["at"] < 1_000:
        place["at"] = value["at"]
    stroke = value.get("stroke")
    if (
        isinstance(stroke, list)
        and 2 <= len(stroke) <= STROKE_MOST
        and all(anchor_words.is_code(p, 3) for p in stroke)
    ):
        place["stroke"] = stroke
    return place
