"""Where the page of attributes stands in each run; its keys in session and address.

In the address: `having` and `without`, groups in words (`vae_core.groups`); `vector`, mean or lda; `apart`,
the kept direction whose part is left out; `added`, kept ones beside it, with ~ between; `start`, the example
by its place among the points or a code behind a z; `amounts=0.5:~-1:smile`, how much of each, the one
made here without a name; `analogy=12~87~5`. directions_adapter.js writes the same.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import anchor_words
from app.anchor_words import is_number
from vae_core.directions import NAME_LENGTH
from vae_core.groups import REST, VECTORS

WORDS = ("having", "without", "vector", "apart", "added", "start", "amounts", "analogy")
LONGEST = 1_000  # characters of one parameter, so that the address stays one that can be sent
ADDED = 5  # kept directions beside the one made here
REACH = 2.0  # distances of the groups' means, as in direction_state.js

Place = dict[str, Any]  # {start, amounts, analogy} as direction_state.js takes it


def key(run_id: str, name: str = "") -> str:
    """Key of the page's browser part for this run, or of a widget beside it."""
    return f"directions/{run_id}{f'/{name}' if name else ''}"


def begin(run_id: str) -> None:
    """Once each time the page is come to: what the address asks for goes before what was left here."""
    if key(run_id) in st.session_state:
        return
    asked = {name: text for name in WORDS if (text := st.query_params.get(name)) and len(text) <= LONGEST}
    if asked:
        st.session_state[key(run_id, "chosen")] = _chosen(asked)
        st.session_state[key(run_id, "place")] = read_place(asked)
    st.session_state[key(run_id, "start")] = st.session_state.get(key(run_id, "place"), {})


def start(run_id: str) -> Place:
    """Where the browser part began."""
    return st.session_state.get(key(run_id, "start"), {})


def place(run_id: str) -> Place:
    """Where it stands now, as last reported."""
    return st.session_state.get(key(run_id, "place"), {})


def take(run_id: str) -> None:
    """Remember what the browser has just reported; what is no place is dropped."""
    place = checked(st.session_state[key(run_id)].get("place"))
    if place is not None:
        st.session_state[key(run_id, "place")] = place


def drawn(run_id: str) -> tuple[str, list[int]] | None:
    """A group, having or without, just drawn on the map, and its places; the run may not have all of them."""
    event = st.session_state[key(run_id)].get("event")
    value = event.get("value") if isinstance(event, Mapping) and event.get("name") == "drawn" else None
    if not isinstance(value, Mapping) or value.get("group") not in ("having", "without"):
        return None
    rows = value.get("rows")
    if not isinstance(rows, list) or not all(type(row) is int and 0 <= row < 2**31 for row in rows):
        return None
    return value["group"], rows


# What is chosen above it.


def chosen(run_id: str) -> dict[str, Any]:
    """{having, without, vector, apart, added}, those that were chosen; mutable, kept for the session."""
    return st.session_state.setdefault(key(run_id, "chosen"), {})


def value(run_id: str, name: str) -> Any:
    """Of a widget, None before it is drawn."""
    return st.session_state.get(key(run_id, name))


def put(run_id: str, name: str, given: Any) -> None:
    """Set a widget before it is drawn, or something that is remembered beside them; None forgets it."""
    if given is None:
        st.session_state.pop(key(run_id, name), None)
    else:
        st.session_state[key(run_id, name)] = given


def in_address(choice: Mapping[str, Any]) -> dict[str, str]:
    """The choice as the address says it; a group too long for one is left out."""
    says = {name: choice.get(name) or "" for name in ("having", "without", "vector", "apart")}
    says["without"] = "" if says["without"] == REST else says["without"]
    says["vector"] = "" if says["vector"] == VECTORS[0] else says["vector"]
    says["added"] = "~".join(choice.get("added", ()))
    return {name: text for name, text in says.items() if len(text) <= LONGEST}


def _chosen(asked: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: asked[name] for name in ("having", "without", "apart") if name in asked}
    if asked.get("vector") in VECTORS:
        found["vector"] = asked["vector"]
    if "added" in asked:
        names = [name for name in asked["added"].split("~") if 0 < len(name) <= NAME_LENGTH]
        found["added"] = list(dict.fromkeys(names))[:ADDED]
    return found


def read_place(asked: Mapping[str, str]) -> Place:
    """The place that an address names; what makes no sense is passed over."""
    given: Place = {}
    if "start" in asked:
        given["start"] = anchor_words.read(asked["start"])
    parts = [part.partition(":") for part in asked.get("amounts", "").split("~") if part]
    given["amounts"] = [[name, _number(amount)] for amount, _, name in parts]
    given["analogy"] = [_whole(part) for part in asked.get("analogy", "").split("~")]
    return checked(given) or {}


def checked(given: Any) -> Place | None:
    """What of a place makes one, else None. The browser passes over what does not fit the run."""
    if not isinstance(given, Mapping):
        return None
    place: Place = {}
    begun = anchor_words.checked([given.get("start")], 1, 1)
    if begun:
        place["start"] = begun[0]
    amounts = given.get("amounts")
    if isinstance(amounts, list) and len(amounts) <= ADDED + 1:
        sound = [pair for pair in amounts if _is_amount(pair)]
        place["amounts"] = [[name, max(-REACH, min(REACH, amount))] for name, amount in sound]
    rows = given.get("analogy")
    if isinstance(rows, list) and len(rows) == 3 and all(map(_is_row, rows)):
        place["analogy"] = rows
    return place


def _is_amount(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
        return False
    return len(pair[0]) <= NAME_LENGTH and is_number(pair[1])


def _is_row(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
