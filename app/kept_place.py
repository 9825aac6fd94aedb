"""Where a part of Interpolate stands in each run: what the browser reported last, in this session.

A part is "path" or "corners"; what its places are, and their words in an address, is for path_state.py and
corners_state.py to say.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

Place = dict[str, Any]


def key(part: str, run_id: str) -> str:
    """Key of the part's browser half for this run."""
    return f"{part}/{run_id}"


def start(part: str, run_id: str, in_url: Callable[[], Place]) -> Place:
    """Where what is mounted began: what the address asks for, else where it was left in this session."""
    if key(part, run_id) not in st.session_state:
        begun = in_url() or place(part, run_id)
        st.session_state[f"{part}-start/{run_id}"] = st.session_state[f"{part}-place/{run_id}"] = begun
    return st.session_state[f"{part}-start/{run_id}"]


def keep(part: str, run_id: str, checked: Callable[[Any], Place]) -> None:
    """Remember what the browser has just reported; `checked` makes nothing of what is no place."""
    found = checked(st.session_state[key(part, run_id)].get("place"))
    if found:
        st.session_state[f"{part}-place/{run_id}"] = found


def place(part: str, run_id: str) -> Place:
    """Where it stands now, as last reported; empty before that."""
    return st.session_state.get(f"{part}-place/{run_id}", {})
