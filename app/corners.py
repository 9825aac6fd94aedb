"""The palette of the Interpolate page, mounted in Streamlit; corners_adapter.js is its other half."""

import hashlib
import json
from pathlib import Path

import streamlit as st

from app import corners_state, services
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
    bundle, _ = services.bundle(run)
    extras = services.extras(run)
    head = {
        "run": run.id,
        "stamp": hashlib.sha256(bundle).hexdigest()[:16],
        "bundle": len(bundle),
        "place": corners_state.start(run.id),
    }
    _component(
        key=corners_state.key(run.id),
        data=json.dumps(head).encode() + b"\n" + bundle + extras,
        on_place_change=lambda: corners_state.keep(run.id),
    )
