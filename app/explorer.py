"""Mounts the browser part (`vae_core/explorer/web`) in Streamlit. `explorer_adapter.js` is the other half.

The bundle's bytes travel in a mount of their own that draws nothing: Streamlit remembers messages of more
than 10 kB by their hash, so a rerun sends a reference, and moving z from Python never sends the model again.
"""

import hashlib
import json
from pathlib import Path

import streamlit as st

from app import state
from vae_core.explorer.build import runtime_css, runtime_js

_adapter = (Path(__file__).parent / "explorer_adapter.js").read_text("utf-8")
_component = st.components.v2.component(
    "latentscape_explorer",
    html='<div class="latentscape"></div>',
    css=runtime_css(),
    js=runtime_js() + _adapter,
)


def explorer(run_id: str, bundle: bytes, latent: int) -> None:
    """The explorer of a run, at the view that `state` keeps and follows.

    Call it outside fragments: only there are the bundle's bytes remembered by the browser.
    """
    identity = _identity(bundle)
    key = state.explorer_key(run_id)
    start = state.explorer_start(run_id)  # before mounting, which is when the key appears
    with st.container(key=f"stage/{run_id}", gap=None):
        _component(
            key=key,
            data={"bundle": identity, "state": start, "rev": state.explorer_revision(run_id)},
            on_state_change=lambda: state.take_view(run_id, latent),
        )
        _component(key=f"{key}/bundle", data=_envelope("bundle", identity, bundle), height=1)


def miniature(bundle: bytes, key: str) -> None:
    """A small live map that answers the pointer and reports nothing."""
    _component(key=key, data=_envelope("miniature", _identity(bundle), bundle))


def _identity(bundle: bytes) -> str:
    return hashlib.sha256(bundle).hexdigest()[:16]


def _envelope(role: str, identity: str, bundle: bytes) -> bytes:
    """What the bytes are for, as one line of JSON before them; Streamlit passes bytes only by themselves."""
    return json.dumps({"role": role, "id": identity}).encode() + b"\n" + bundle
