"""Keys of what is chosen where a run is taken along: each page has its own."""

from typing import Any

import streamlit as st


def key(page: str, name: str) -> str:
    """Key of a widget of taking along on that page."""
    return f"{page}/{name}"


def value(page: str, name: str) -> Any:
    return st.session_state.get(key(page, name))
