"""Where the explorer stands: one view for each run, which Explore and the Beta lab share.

The component begins at `start` and moves by itself from there; Python moves it only by a new revision, so
that a rerun sends nothing again. With `state.py` the only file that names session and URL keys.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import links
from app.links import View


def view(run_id: str) -> View | None:
    """Where the person stands in this run, None before the first move."""
    return st.session_state.get(f"view/{run_id}")


def take(run_id: str, model: links.Model, key: str) -> None:
    """Remember what the browser has just reported from the explorer of that key. What is no view is dropped.

    Called when a report arrives and at no other time: the component goes on holding its last report, which
    `move` may have overtaken.
    """
    value = links.checked(st.session_state[key].get("state"), model)
    if value is not None:
        st.session_state[f"view/{run_id}"] = value
        _leave(run_id, value)


def _leave(run_id: str, value: View) -> None:
    """Put the place that a link named behind: of it the address keeps beta, so that a reload finds it again.

    From then on explorer_adapter.js rewrites the address, which makes no step in the browser's history; only
    a reload tells us of it, and what stands here may lag behind.
    """
    asked = in_url()
    if not asked or asked == st.session_state.get(f"left/{run_id}"):
        return
    rest = {name: text for name, text in st.query_params.to_dict().items() if name not in links.KEYS}
    kept = {"beta": f"{value['beta']:.6g}"} if "beta" in value else {}
    st.query_params.from_dict({**rest, **kept})  # at once: each change may be a step of the history
    st.session_state[f"left/{run_id}"] = in_url()
    remember_followed(run_id, in_url())


def move(run_id: str, value: View) -> None:
    """Take the explorers of this run somewhere, mounted or not."""
    st.session_state[f"view/{run_id}"] = st.session_state[f"start/{run_id}"] = dict(value)
    st.session_state[f"revision/{run_id}"] = revision(run_id) + 1


def key(run_id: str, lab: bool = False) -> str:
    """Key of the explorer of this run; another one in the Beta lab, which begins where Explore was left."""
    return f"{'lab' if lab else 'explorer'}/{run_id}"


def start(run_id: str, key: str) -> View | None:
    """Where the mounted explorer of that key began, or was last moved to."""
    if key not in st.session_state:
        st.session_state[f"start/{run_id}"] = view(run_id)
    return st.session_state.get(f"start/{run_id}")


def revision(run_id: str) -> int:
    """How often Python moved this run's explorers."""
    return st.session_state.get(f"revision/{run_id}", 0)


def event(key: str) -> tuple[str, Any] | None:
    """What a feature of the explorer has just asked for: its name and a value that nobody has checked."""
    found = st.session_state[key].get("event")
    if not isinstance(found, Mapping) or not isinstance(found.get("name"), str):
        return None
    return found["name"], found.get("value")


def in_url() -> dict[str, str]:
    """The place that the address asks for, as it stands there and unchecked; empty where it asks for none."""
    return {name: text for name in links.KEYS if (text := st.query_params.get(name)) is not None}


def followed(run_id: str) -> dict[str, str] | None:
    """The place of an address that was gone to last."""
    return st.session_state.get(f"followed/{run_id}")


def is_here(run_id: str, asked: dict[str, str]) -> bool:
    """Whether an address asks for nothing but the beta at which the person stands anyway."""
    beta = (view(run_id) or {}).get("beta")
    return beta is not None and asked == {"beta": f"{beta:.6g}"}


def remember_followed(run_id: str, asked: dict[str, str]) -> None:
    st.session_state[f"followed/{run_id}"] = asked
