"""The picture that one looks at as lines of Python, to copy; shown where a place is shared."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import links, places
from vae_core.run import Run
from vae_core.taking import code


def lines(run: Run, meta: Mapping[str, Any], model: links.Model) -> None:
    """`meta` describes the run's bundle; before the first move one looks at its first example."""
    view = places.view(run.id) or {}
    beta = view.get("beta", meta["dial"]["beta"]) if "dial" in meta else None
    st.caption("Or this picture in Python, with vae_core:")
    first = model.mu[0].tolist() if len(model.mu) else meta["center"]
    st.code(code.python(run, view.get("z", first), beta), language="python", height=150)
