"""The picture or the path that one looks at as lines of Python, to copy; shown where a place is shared."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import links, messages, places
from vae_core.run import Run
from vae_core.taking import code
from vae_core.ways import Way


def lines(run: Run, meta: Mapping[str, Any], model: links.Model) -> None:
    """`meta` describes the run's bundle; before the first move one looks at its first example."""
    view = places.view(run.id) or {}
    beta = view.get("beta", meta["dial"]["beta"]) if "dial" in meta else None
    st.caption("Or this picture in Python, with vae_core:")
    first = model.mu[0].tolist() if len(model.mu) else meta["center"]
    st.code(code.python(run, view.get("z", first), beta), language="python", height=150)


def of_path(run: Run, key: str, way: Callable[[], Way], beta: float | None = None) -> None:
    """A button that opens the same of a path; the lines cost nothing while it is closed."""
    opened = st.popover("Code", icon=":material/code:", key=key, on_change="rerun")
    with opened:
        if opened.open:
            with messages.in_plain_words():
                st.caption("This path in Python, with vae_core:")
                st.code(code.path(run, way(), beta), language="python", height=280)
