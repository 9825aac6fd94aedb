"""What the Interpolate page does: a path, a palette between four corners, directions of attributes.

The address says which as `mode`; a path, which is what the page opens with, needs no word. The widget is not
bound to the address: it would write there what a person reads instead of a name.
"""

from collections.abc import Sequence

import streamlit as st

TITLES = {"path": "Path", "corners": "Four corners", "attributes": "Attributes"}
KEY = "mode"  # of the widget and in the address
BEGUN = "mode/begun"  # what the widget began with, the same while it is on the page
LAST = "mode/last"  # what was chosen, for whoever comes back from another page


def choose(names: Sequence[str]) -> str:
    """One of the names, each a key of TITLES; the first where neither address nor session says another."""
    if len(names) == 1:
        return names[0]
    if KEY not in st.session_state:
        st.session_state[BEGUN] = _begun(names)
    chosen = st.segmented_control(
        "What to do",
        names,
        default=st.session_state[BEGUN],
        required=True,
        format_func=TITLES.__getitem__,
        key=KEY,
        label_visibility="collapsed",
        width="content",
    )
    mode = chosen or names[0]
    st.session_state[LAST] = mode
    _put_in_url(mode if mode != names[0] else None)
    return mode


def _begun(names: Sequence[str]) -> str:
    """What the address asks for, else what was chosen last."""
    wanted = [st.query_params.get(KEY), st.session_state.get(LAST), names[0]]
    return next(str(name) for name in wanted if name in names)


def _put_in_url(name: str | None) -> None:
    if name is None:
        st.query_params.pop(KEY, None)
    elif st.query_params.get(KEY) != name:
        st.query_params[KEY] = name
