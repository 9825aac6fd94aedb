"""Where the Interpolate page stands in each run; its keys in session and address. See web/path_state.js.

In the address a path is `through=12~87~z0.5,-1.3` (examples by their place among the points, codes behind a
z), `way`, `steps`, `more`, `stroke`, `axes`, `beta` and `at`; path_adapter.js writes the same.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import anchor_words, kept_place
from app.anchor_words import DIMENSIONS
from app.kept_place import Place
from vae_core.ways import KINDS, SPACINGS, Way

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


def key(run_id: str) -> str:
    """Key of the page's browser part for this run."""
    return kept_place.key("path", run_id)


def start(run_id: str) -> Place:
    """Where it began: see `kept_place.start`."""
    return kept_place.start("path", run_id, in_url)


def keep(run_id: str) -> None:
    """Remember what the browser has just reported. What is no path is dropped."""
    kept_place.keep("path", run_id, checked)


def way(run_id: str) -> Way | None:
    """The path that one looks at, None where none was chosen yet. It need not fit the run: see `ways`."""
    place = kept_place.place("path", run_id)
    return way_of(place) if place else None


def beta(run_id: str) -> float | None:
    """Where the dial of a model for every beta stands there, None where it was not turned."""
    found: float | None = kept_place.place("path", run_id).get("beta")
    return found


def playing(run_id: str) -> Place:
    """How its player goes, as far as that was chosen: speed, ease, repeat."""
    place = kept_place.place("path", run_id)
    return {name: place[name] for name in ("speed", "ease", "repeat") if name in place}


def asked(run_id: str) -> Way | None:
    """The way that the browser wants to be worked out, None where it has said nothing that is one."""
    place = checked(st.session_state[key(run_id)].get("ask"))
    return way_of(place | {"kind": "geodesic"}) if place else None


def asked_beta(run_id: str) -> float | None:
    """The beta at which it wants that way."""
    found: float | None = checked(st.session_state[key(run_id)].get("ask")).get("beta")
    return found


def await_shortest(run_id: str, way: Way, beta: float | None) -> None:
    """Remember the shortest way that the page waits for."""
    st.session_state[f"path-awaited/{run_id}"] = (way, beta)


def awaited(run_id: str) -> tuple[Way, float | None] | None:
    """That way and its beta, None where it waits for none."""
    found: tuple[Way, float | None] | None = st.session_state.get(f"path-awaited/{run_id}")
    return found


def way_of(place: Place) -> Way:
    """A place that `checked` passed. A way by hand has two ends: else, as in the browser, it is straight."""
    anchors = tuple(a["row"] if "z" not in a else tuple(map(float, a["z"])) for a in place["anchors"])
    kind, loop = place.get("kind", "linear"), place.get("isLoop", False)
    stroke = tuple((share, across, up) for share, across, up in place.get("stroke", ()))
    is_drawn = kind == "drawn" and bool(stroke) and not loop and len(anchors) == 2
    return Way(
        anchors,
        "linear" if kind == "drawn" and not is_drawn else kind,
        place.get("by", "parameter"),
        loop,
        place.get("hasBeyond", False),
        stroke if is_drawn else (),
        tuple(place.get("axes", ())) if is_drawn else (),
    )


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
    for name in ("at", "beta"):
        if found := anchor_words.numbers(asked.get(name, "")):
            place[name] = found[0]
    place["axes"] = [int(text) for text in asked.get("axes", "").split(",") if _is_place(text)]
    return checked(place)


def _is_plane(axes: Any) -> bool:
    """Whether it is two different dimensions."""
    if not isinstance(axes, list) or len(axes) != 2 or axes[0] == axes[1]:
        return False
    return all(type(d) is int and 0 <= d < DIMENSIONS for d in axes)


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


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
    if anchor_words.is_number(value.get("beta")) and value["beta"] > 0:
        place["beta"] = value["beta"]
    if _is_plane(value.get("axes")):
        place["axes"] = value["axes"]
    stroke = value.get("stroke")
    if (
        isinstance(stroke, list)
        and 2 <= len(stroke) <= STROKE_MOST
        and all(anchor_words.is_code(p, 3) for p in stroke)
    ):
        place["stroke"] = stroke
    return place
