"""What the pages around a training remember, with types: with `state.py` and `places.py` the only file that
names session and URL keys. A section for each of them.
"""

from typing import Any

import streamlit as st

# Steering a training that is watched. Its widgets keep their values while the page looks twice a second.


def steer_key(run_id: str, name: str) -> str:
    """Key of a widget that steers this run."""
    return f"steer/{run_id}/{name}"


def steer_value(run_id: str, name: str) -> Any:
    return st.session_state.get(steer_key(run_id, name))


# Which earlier run's curves lie under those of the run that is watched.


def ghost_key(run_id: str) -> str:
    """Key of the list to choose it from."""
    return f"ghost/{run_id}"


def ghost(run_id: str) -> str | None:
    """The run that was chosen, empty for none; None before a choice."""
    return st.session_state.get(f"ghost-of/{run_id}")


def remember_ghost(run_id: str) -> None:
    """Keep what the list has just been set to; Streamlit forgets it once the page is left."""
    st.session_state[f"ghost-of/{run_id}"] = st.session_state[ghost_key(run_id)]


# A step in slow motion: whether it is open below a run, and which moment of it was chosen.


def slow_key(run_id: str) -> str:
    """Key of the choice of the moment."""
    return f"slow/{run_id}"


def slow_at(run_id: str) -> str | None:
    return st.session_state.get(slow_key(run_id))


def slow_open(run_id: str) -> bool:
    return bool(st.session_state.get(f"slow-open/{run_id}"))


def open_slow(run_id: str, is_open: bool) -> None:
    st.session_state[f"slow-open/{run_id}"] = is_open
