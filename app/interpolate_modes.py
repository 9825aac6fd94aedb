"""What the Interpolate page does: a path, a palette between four corners, directions of attributes.

The address says which as `mode`; a path, which is what the page opens with, needs no word.
"""

from collections.abc import Sequence

import streamlit as st

TITLES = {"path": "Path", "corners": "Four corners", "attributes": "Attributes"}
KEY = "mode"  # of session and address


def choose(names: Sequence[str]) -> str:
    """One of the names, each a key of TITLES; the first where the address says none or another."""
    if len(names) == 1:
        return names[0]
    chosen = st.segmented_control(
        "What to do",
        names,
        default=names[0],
        required=True,
        format_func=TITLES.__getitem__,
        key=KEY,
        bind="query-params",
        label_visibility="collapsed",
        width="content",
    )
    return chosen if chosen in names else names[0]
