"""The picture that one looks at as lines of Python, to copy; shown where a place is shared."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import places
from vae_core.run import Run
from vae_core.taking import code


def lines(run: Run, meta: Mapping[str, Any]) -> None:
    """`meta` describes the run's bundle; before the first move it is its centre that one looks at."""
    view = places.view(run.id) or {}
    beta = view.get("beta", meta["dial"]["beta"]) if "dial" in meta else None
    st.caption("Or this picture in Python, with vae_core:")
    st.code(code.python(run, view.get("z", meta["center"]), beta), language="python", height=150)
