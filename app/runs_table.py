"""The table of runs: what to look for, the runs that are found, the ones that are chosen."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import runs_list, runs_pictures, state, words
from app.links import LinkError
from app.runs_list import WHOSE, Row

AT_ONCE = 0.4  # seconds for pictures before the table is shown
BETWEEN = 2.0  # seconds for further ones before it is shown anew
ROW, HEAD = 56, 36  # pixels
TALLEST = 7.5  # rows in sight: half a row says that there are more
ALL = "All"


def find(rows: Sequence[Row]) -> list[Row]:
    """What to look for, and the rows that are found."""
    there = [whose for whose in WHOSE if any(row.whose == whose for row in rows)]
    whose = None
    with st.container(horizontal=True, vertical_alignment="center", key="runs-find"):
        if len(there) > 1:
            whose = st.segmented_control(
                "Whose",
                [*there, ALL],
                default=there[0],
                required=True,
                format_func=lambda name: _counted(name, rows),
                key=state.runs_key("whose"),
                label_visibility="collapsed",
            )
        text = st.text_input(
            "Search",
            key=state.runs_key("text"),
            placeholder="Search title, tag, note",
            icon=":material/search:",
            label_visibility="collapsed",
            width=240,
        )
        tags, data, states = _narrowing(rows)
    return runs_list.matching(rows, None if whose == ALL else whose, text or "", tags, data, states)


def table(rows: Sequence[Row]) -> list[Row]:
    """The table. Returns the chosen rows, in its order."""
    pictures, is_complete = runs_pictures.pictures([row.run for row in rows], AT_ONCE)
    ids = [row.run.id for row in rows]
    key = state.runs_key(f"table/{hashlib.sha256(' '.join(ids).encode()).hexdigest()[:16]}")
    answer = st.dataframe(
        _frame(rows, pictures),
        height=min(len(rows) * ROW + HEAD + 3, round(TALLEST * ROW)),
        row_height=ROW,
        hide_index=True,
        column_config=_columns(any(row.tags for row in rows)),
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        selection_default=_asked(ids),
        alt=f"{len(rows)} runs with their figures",
    )
    chosen = [rows[place] for place in answer["selection"]["rows"] if place < len(rows)]
    _remember(chosen)
    state.put_runs_value("incomplete", not is_complete)
    return chosen


def complete(rows: Sequence[Row]) -> None:
    """Draws pictures that there was no time for, and shows the page anew. Comes last on the page."""
    if state.runs_value("incomplete"):
        runs_pictures.pictures([row.run for row in rows], BETWEEN)
        st.rerun()


def _narrowing(rows: Sequence[Row]) -> tuple[list[str], list[str], list[str]]:
    """Tags, data sets and states to narrow down to, behind a button that counts them."""
    choices = {
        "tags": sorted({tag for row in rows for tag in row.tags}, key=str.casefold),
        "data": sorted({row.data for row in rows if row.data}),
        "state": sorted({row.state for row in rows}),
    }
    labels = {"tags": "Tags", "data": "Data", "state": "State"}
    count = sum(len(state.runs_value(name) or ()) for name in choices)
    with st.popover(f"Filter · {count}" if count else "Filter", icon=":material/filter_list:"):
        picked = [
            st.multiselect(labels[name], found, key=state.runs_key(name), placeholder="All")
            for name, found in choices.items()
        ]
    return picked[0], picked[1], picked[2]


def _counted(whose: str, rows: Sequence[Row]) -> str:
    return f"{whose} {len(rows) if whose == ALL else sum(row.whose == whose for row in rows)}"


def _frame(rows: Sequence[Row], pictures: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "map": [pictures.get(row.run.id) or None for row in rows],
            "title": [row.listed for row in rows],
            "state": [row.state for row in rows],
            "data": [row.data for row in rows],
            "rate": pd.Series([row.rate for row in rows], dtype="float64"),
            "distortion": pd.Series([row.distortion for row in rows], dtype="float64"),
            "elbo": pd.Series([row.elbo for row in rows], dtype="float64"),
            "seconds": pd.Series([row.seconds for row in rows], dtype="float64"),
            "tags": [list(row.tags) for row in rows],
            "begun": pd.Series([row.begun for row in rows], dtype="datetime64[ns, UTC]"),
            "size": pd.Series([row.bytes / 1e6 for row in rows], dtype="float64"),
        }
    )


def _columns(has_tags: bool) -> dict[str, Any]:
    column = st.column_config
    return {
        "map": column.ImageColumn("Map", width=68),
        "title": column.TextColumn("Run", width=196),
        "state": column.TextColumn("State", width=92),
        "data": column.TextColumn("Data", width=112),
        "rate": column.NumberColumn("Rate", format="%.1f", width=64, help="Nats for each picture."),
        "distortion": column.NumberColumn(
            "Distortion", format="%.1f", width=88, help="Nats for each picture."
        ),
        "elbo": column.NumberColumn("ELBO", format="%.1f", width=72, help="Nats; larger is better."),
        "seconds": column.NumberColumn("Took", format="%.1f s", width=84, help="Training alone."),
        "tags": column.ListColumn("Tags", width=112) if has_tags else None,
        "begun": column.DatetimeColumn("Begun", format="distance", width=116),
        "size": column.NumberColumn("On disk", format="%.1f MB", width=84),
    }


def _asked(ids: Sequence[str]) -> Any:
    """The runs that the address names, as a selection of the table's rows."""
    try:
        asked = (state.run_in_url(), state.beside_in_url())
    except LinkError:
        asked = (None, None)
    return {"selection": {"rows": sorted(ids.index(name) for name in asked if name in ids)}}


def _remember(chosen: Sequence[Row]) -> None:
    """Up to two chosen runs stand in the address, so that a reload finds them."""
    ids = [row.run.id for row in chosen] if len(chosen) <= 2 else []
    if len(ids) == 2:
        state.put_beside_in_url(ids[0], ids[1])
    else:
        state.put_run_in_url(ids[0] if ids else None)


def foot(rows: Sequence[Row], found: Sequence[Row]) -> None:
    """How many there are, or that nothing fits."""
    if not found:
        st.caption("No run fits. Take something out of the search or the filter.")
        return
    count = f"{len(found)} of {len(rows)} runs" if len(found) < len(rows) else f"{len(rows)} runs"
    total = words.size(sum(row.bytes for row in found if not row.run.starter))
    st.caption(f"{count} · {total} on disk · choose one to act on it, two to compare them")
