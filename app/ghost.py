"""An earlier run whose curves lie under those of the run that is watched, to see which one learns better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from app import own, picker, services, training_state
from vae_core.errors import LatentscapeError
from vae_core.run import Run

OFFERED = 50  # the newest
POINTS = 300  # of a curve
ENOUGH = 8  # held-out figures that make a curve
NOTHING = ""


@dataclass(frozen=True)
class Ghost:
    """Curves of another run over its epochs, all (n,) float32, nats per example."""

    label: str
    held: bool  # out: the pictures they are of; else those that it learnt from
    epoch: np.ndarray
    distortion: np.ndarray
    rate: np.ndarray


def candidates(run: Run) -> dict[str, Run]:
    """Runs whose curves compare with this one's, newest first: nobody trains them just now.

    They learnt from the same pictures. Distortions of different likelihoods do not compare.
    """
    if run.state == "damaged":
        return {}
    found = [other for other in services.store().list() if own.lists(other) and _compares(run, other)]
    return {other.id: other for other in found[:OFFERED]}


def choose(run: Run, known: Mapping[str, Run]) -> Ghost | None:
    """A list of `candidates`; at first it stands at the last finished one that was begun before this run."""
    if not known:
        return None
    names = {NOTHING: "nothing", **picker.labels(list(known.values()))}
    standing = training_state.ghost(run.id)
    if standing not in names:
        standing = next((other.id for other in known.values() if _came_before(run, other)), NOTHING)
    options = list(names)
    chosen = st.selectbox(
        "Underneath, dashed",
        options,
        options.index(standing),
        format_func=names.__getitem__,
        key=training_state.ghost_key(run.id),
        width=280,
        on_change=training_state.remember_ghost,
        args=(run.id,),
    )
    return read(known[chosen], names[chosen]) if chosen in known else None


def read(run: Run, label: str) -> Ghost | None:
    """None where it has no curve, or none that can be read."""
    held, arrays = _curves(run, str(run.path), services.stamp(run, "metrics.jsonl"))
    return Ghost(label, held, *arrays) if len(arrays[0]) > 1 else None


@st.cache_resource(show_spinner=False, max_entries=32)
def _curves(_run: Run, path: str, stamp: int) -> tuple[bool, np.ndarray]:
    try:
        return curves(_run.metrics())
    except (LatentscapeError, KeyError, TypeError, ValueError):  # rows that nobody has checked
        return True, np.zeros((3, 0), np.float32)


def curves(rows: Sequence[Mapping[str, Any]]) -> tuple[bool, np.ndarray]:
    """Whether they are of held-out pictures; epoch, distortion and rate, (3, n) float32, n <= `POINTS`."""
    held, learnt = ([row for row in rows if row.get("kind") == kind] for kind in ("epoch", "step"))
    is_held = len(held) >= ENOUGH or len(held) >= len(learnt)
    shown = held if is_held else learnt
    chosen = np.unique(np.linspace(0, len(shown) - 1, min(POINTS, len(shown))).round().astype(int))
    values = [[shown[k][name] for k in chosen] for name in ("epoch", "distortion", "rate")]
    return is_held, np.array(values, np.float32).reshape(3, -1)


def _came_before(run: Run, other: Run) -> bool:
    return not other.starter and other.created < run.created and other.state == "finished"


def _compares(run: Run, other: Run) -> bool:
    return (
        other.id != run.id
        and other.state not in ("running", "damaged")
        and other.config.data.source == run.config.data.source
        and other.config.model.likelihood == run.config.model.likelihood
    )
