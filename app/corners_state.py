"""Where the four-corner palette of a run stands; its keys in session and address. See web/corners_state.js.

In the address it is `corners=12~87~z0.5,-1.3~4` (top left, top right, bottom left, bottom right), `blend`,
`puck=0.5,0.25`, `route=0.1,0.2~0.3,0.4` and `show=support`; corners_adapter.js writes the same.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import anchor_words, kept_place, path_state
from app.kept_place import Place
from app.path_state import CHOICES, LONGEST
from vae_core.blends import BLENDS
from vae_core.ways import Way

CORNERS = 4
ROUTE_MOST = 48  # places of a route
OWN_CHOICES = {"blend": BLENDS, "speed": CHOICES["speed"], "repeat": CHOICES["repeat"]}


def key(run_id: str) -> str:
    """Key of the palette's browser part for this run."""
    return kept_place.key("corners", run_id)


def start(run_id: str) -> Place:
    """Where it began: see `kept_place.start`."""
    return kept_place.start("corners", run_id, in_url)


def keep(run_id: str) -> None:
    """Remember what the browser has just reported. What is no palette is dropped."""
    kept_place.keep("corners", run_id, checked)


def way(run_id: str) -> Way | None:
    """The corners as anchors, straight where the blend is bilinear; None before a hand has moved anything."""
    place = kept_place.place("corners", run_id)
    if "corners" not in place:
        return None
    blend = "spherical" if place.get("blend") == "spherical" else "linear"
    return path_state.way_of({"anchors": place["corners"], "kind": blend})


def in_url() -> Place:
    """The palette that the address names, empty where it names none; what makes no sense is passed over."""
    asked = {name: text for name, text in st.query_params.to_dict().items() if len(text) <= LONGEST}
    if "corners" not in asked:
        return {}
    place: Place = {
        "corners": [anchor_words.read(text) for text in asked["corners"].split("~")],
        "blend": asked.get("blend"),
        "puck": anchor_words.numbers(asked.get("puck", "")),
        "hasSupport": asked.get("show") == "support",
    }
    if "route" in asked:
        place["route"] = [anchor_words.numbers(text) for text in asked["route"].split("~")]
    return checked(place)


def checked(value: Any) -> Place:
    """What of a place makes one; empty without corners. The browser passes over what does not fit the run."""
    if not isinstance(value, Mapping):
        return {}
    corners = anchor_words.checked(value.get("corners"), CORNERS, CORNERS)
    if corners is None:
        return {}
    place: Place = {"corners": corners}
    for name, choices in OWN_CHOICES.items():
        if any(type(value.get(name)) is type(choice) and value[name] == choice for choice in choices):
            place[name] = value[name]
    if anchor_words.is_code(value.get("puck"), 2):
        place["puck"] = value["puck"]
    route = value.get("route")
    if isinstance(route, list) and 0 < len(route) <= ROUTE_MOST and all(map(_is_stop, route)):
        place["route"] = route
    if type(value.get("hasSupport")) is bool:
        place["hasSupport"] = value["hasSupport"]
    return place


def _is_stop(value: Any) -> bool:
    return anchor_words.is_code(value, 2)
