"""Changes of a training's course in words: a run that was steered is not told by its settings alone."""

import streamlit as st

from app import services, words
from vae_core.errors import LatentscapeError
from vae_core.run import Run


def said(run: Run) -> str:
    """What was set by hand and stayed: "β 1.5, learning rate ×0.8"; empty where nothing was."""
    return _said(run, str(run.path), services.stamp(run, "log.jsonl"))


def named(run: Run) -> str:
    """The run's title for lists and headings."""
    return f"{run.title} · steered" if said(run) else run.title


@st.cache_data(show_spinner=False, max_entries=4_000)
def _said(_run: Run, path: str, stamp: int) -> str:
    if not stamp:  # a starter, or a run that noted nothing
        return ""
    try:
        changes = _run.changes()
    except LatentscapeError:  # of a run that says so by itself
        return ""
    betas = [change.beta for change in changes if change.beta is not None]
    rates = [change.lr for change in changes if change.lr is not None]
    parts = [f"β {words.short(betas[-1])}"] if betas else []
    return ", ".join(parts + ([f"learning rate ×{words.short(rates[-1])}"] if rates else []))
