"""The palette of the Interpolate page, mounted in Streamlit; corners_adapter.js is its other half."""

from pathlib import Path

import streamlit as st

from app import corners_state, run_bytes
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.run import Run

_component = st.components.v2.component(
    "latentscape_corners",
    html='<div class="corners"></div>',
    css=runtime_css(),
    js=runtime_js() + (Path(__file__).parent / "corners_adapter.js").read_text("utf-8"),
)


def show(run: Run) -> None:
    """The palette of a finished run, where it was left or where the address leads. Call it outside fragments.

    Raises RunDamagedError or BundleError.
    """
    _component(
        key=corners_state.key(run.id),
        data=run_bytes.headed(run, corners_state.start(run.id)),
        on_place_change=lambda: corners_state.keep(run.id),
    )
