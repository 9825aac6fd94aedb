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
