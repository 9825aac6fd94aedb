"""The Interpolate page's browser part, mounted in Streamlit; path_adapter.js is its other half."""

import streamlit as st

from app import adapters, messages, path_state, run_bytes, shortest_view
from vae_core.explorer.build import runtime_css
from vae_core.run import Run

_component = st.components.v2.component(
    "latentscape_path",
    html='<div class="path"></div>',
    css=runtime_css(),
    js=adapters.script("path_adapter.js"),
)


def show(run: Run) -> None:
    """The path of a finished run, where it was left or where the address leads. Call it outside fragments.

    Raises RunDamagedError or BundleError.
    """
    _component(
        key=path_state.key(run.id),
        data=run_bytes.headed(run, path_state.start(run.id)),
        on_place_change=lambda: path_state.keep(run.id),
        on_ask_change=lambda: _ask(run),
    )
    # By itself, so that the bytes stay the same and are not sent again.
    told = {"run": run.id, "news": shortest_view.news(run)}
    _component(key=f"{path_state.key(run.id)}/news", data=told, height=1)
    shortest_view.status(run)


def _ask(run: Run) -> None:
    with messages.in_a_toast():
        shortest_view.ask(run)
