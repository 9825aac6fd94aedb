"""Keys of what is chosen where a run is taken along: each page has its own."""

from typing import Any

import streamlit as st


def key(page: str, name: str) -> str:
    """Key of a widget of taking along on that page."""
    return f"{page}/{name}"


def value(page: str, name: str) -> Any:
    return st.session_state.get(key(page, name))


def ask_to_close(popover: str) -> None:
    """Have the popover of that key closed at the next run of the page; it cannot be once it is drawn."""
    st.session_state[f"{popover}/close"] = True


def close_if_asked(popover: str) -> None:
    """To be called before that popover is drawn."""
    if st.session_state.pop(f"{popover}/close", False):
        st.session_state[popover] = False
