"""Mounts the browser part (`vae_core/explorer/web`) in Streamlit. `explorer_adapter.js` is the other half.

The bundle's bytes travel in a mount of their own that draws nothing: Streamlit remembers messages of more
than 10 kB by their hash, so a rerun sends a reference, and moving z from Python never sends the model again.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app import links, places
from vae_core.explorer.build import runtime_css, runtime_js

_adapter = (Path(__file__).parent / "explorer_adapter.js").read_text("utf-8")
_component = st.components.v2.component(
    "latentscape_explorer",
    html='<div class="latentscape"></div>',
    css=runtime_css(),
    js=runtime_js() + _adapter,
)


def explorer(
    name: str,
    bundle: bytes,
    model: links.Model,
    *,
    beside: bytes | None,
    extras: Callable[[], bytes],
    news: Mapping[str, Any],
    hide: Sequence[str],
    heard: Callable[[str, Any], None],
    lab: bool = False,
) -> None:
    """The explorer of the run or ladder of that id, at the view that `places` keeps and follows.

    `lab` adds what belongs to a dial of beta; `beside` is the bundle of a run to compare with; `extras()`
    gives the examples' pictures and the encoder, which follow when the map is on its way; `news` is told to
    features of the browser part, `hide` names its panels to leave out, `heard(name, value)` is called with
    what they ask for.

    Call it outside fragments: only there are bytes remembered by the browser.
    """
    identity = _identity(bundle)
    key = places.key(name, lab)
    start = places.start(name, key)  # before mounting, which is when the key appears
    data = {"bundle": identity, "state": start, "rev": places.revision(name), "lab": lab}
    second = _identity(beside) if beside else None
    with st.container(key=f"stage/{key}", gap=None):
        _component(
            key=key,
            data={**data, "beside": second, "news": dict(news), "hide": list(hide)},
            on_state_change=lambda: places.take(name, model, key),
            on_event_change=lambda: _hear(key, heard),
        )
        _component(key=f"{key}/bundle", data=_envelope("bundle", identity, bundle), height=1)
        if beside and second and second != identity:
            _component(key=f"{key}/beside", data=_envelope("bundle", second, beside), height=1)
        _component(key=f"{key}/extras", data=_envelope("extras", identity, extras()), height=1)


def _hear(key: str, heard: Callable[[str, Any], None]) -> None:
    event = places.event(key)
    if event:
        heard(*event)


def miniature(bundle: bytes, key: str) -> None:
    """A small live map that answers the pointer and reports nothing."""
    _component(key=key, data=_envelope("miniature", _identity(bundle), bundle))


def _identity(bundle: bytes) -> str:
    return hashlib.sha256(bundle).hexdigest()[:16]


def _envelope(role: str, identity: str, bundle: bytes) -> bytes:
    """What the bytes are for, as one line of JSON before them; Streamlit passes bytes only by themselves."""
    return json.dumps({"role": role, "id": identity}).encode() + b"\n" + bundle
