"""The palette of the Interpolate page, mounted in Streamlit; corners_adapter.js is its other half."""

import streamlit as st

from app import adapters, corners_state, run_bytes
from vae_core.explorer.build import runtime_css
from vae_core.run import Run

_component = st.components.v2.component(
    "latentscape_corners",
    html='<div class="corners"></div>',
    css=runtime_css(),
    js=adapters.script("corners_adapter.js"),
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
