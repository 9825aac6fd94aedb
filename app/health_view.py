"""What is not as it should be in a training, on the pages; nothing is shown where all is well."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from app import services, words
from vae_core.errors import LatentscapeError
from vae_core.run import Run
from vae_core.training_health import Facts, Note, facts_of, notes_on

MOST = 3  # notes at a time, the gravest first
MOST_KEPT = 500  # runs whose notes stay in memory

Rows = Sequence[Mapping[str, Any]]


def show(run: Run) -> None:
    """Notes on a run by the rows that are stored."""
    found = gravest(run)
    if not found:
        return
    said = (f"**{words.escaped(note.text)}** {words.escaped(note.advice)}" for note in found)
    st.warning("\n\n".join(said), icon=":material/stethoscope:")


def gravest(run: Run, rows: Rows | None = None) -> list[Note]:
    """The notes that are shown, by its rows so far, or by those that are stored."""
    return notes(run, rows)[:MOST]


def notes(run: Run, rows: Rows | None = None) -> list[Note]:
    """Reckoned anew only where rows came; none of a run that cannot be read."""
    kept, stamp = _kept(), services.stamp(run, "metrics.jsonl") if rows is None else len(rows)
    known = kept.get(run.id)
    if known is None or known[0] != stamp:
        found: list[Note] = []
        facts = known[1] if known else None
        with suppress(LatentscapeError):
            facts = facts or _facts(run)
            found = notes_on(run, run.metrics() if rows is None else rows, facts or Facts())
        kept.pop(run.id, None)
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[run.id] = known = (stamp, facts, found)
    return known[2]


def _facts(run: Run) -> Facts | None:
    """None before its pictures are there."""
    return facts_of(run) if (run.path / "examples.safetensors").is_file() else None


@st.cache_resource(show_spinner=False)
def _kept() -> dict[str, tuple[int, Facts | None, list[Note]]]:
    """By run: what they follow from, what is known of its pictures, and the notes; the oldest first."""
    return {}
