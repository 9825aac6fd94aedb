"""What can be chosen of each kind of file to take along."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from app import services, take_films, take_state
from vae_core.explorer.page_words import NOTES_MOST, TITLE_MOST
from vae_core.run import CHECKPOINT, Run
from vae_core.taking.film_kinds import FILMS
from vae_core.taking.kind import Choices, Kind
from vae_core.taking.kinds import MODELS, SHEETS

SHEET_NAMES = {"traversal": "Each dimension by itself", "manifold": "The two that say most"}
HTML_PARTS = {
    "thumbs": "Pictures of the examples",
    "sliders": "Sliders",
    "player": "Interpolation",
    "encoder": "Drawing and own pictures",
    "replay": "How it formed",
}


def of_kind(run: Run, kind: Kind, page: str, usual: Choices) -> Choices:
    """The choices that the widgets of this kind stand at, first as `usual`; drawn where one calls it."""
    beta = _beta(run, page, usual.beta) if kind.name in MODELS else None
    draw = _DRAWN.get(kind.name)
    if draw:
        return replace(draw(run, page), beta=beta)
    if kind.name in FILMS:
        return take_films.of_film(run, page, kind.name, replace(usual, beta=beta))
    return take_films.of_strip(run, page, beta) if kind.name == "strip" else Choices(beta=beta)


def _png(run: Run, page: str) -> Choices:
    sheet = st.segmented_control(
        "Sheet",
        list(SHEETS),
        default="traversal",
        required=True,
        format_func=SHEET_NAMES.__getitem__,
        key=take_state.key(page, f"sheet/{run.id}"),
    )
    return Choices(sheet=sheet)


def _zip(run: Run, page: str) -> Choices:
    if not services.stamp(run, CHECKPOINT):
        return Choices()
    text = "Without it the file is smaller and the run cannot be trained further."
    key = take_state.key(page, f"whole/{run.id}")
    return Choices(checkpoint=st.toggle("With what training goes on from", True, key=key, help=text))


def _html(run: Run, page: str) -> Choices:
    """Title and notes of the author, and which parts the page has."""
    title = st.text_input(
        "Title",
        placeholder=run.title,
        max_chars=TITLE_MOST,
        key=take_state.key(page, f"title/{run.id}"),
    )
    notes = st.text_area(
        "Notes",
        placeholder="What is to be seen here. Shown above the pictures, and beside them when presenting.",
        max_chars=NOTES_MOST,
        height=80,
        key=take_state.key(page, f"notes/{run.id}"),
    )
    offered = [part for part in HTML_PARTS if part != "replay" or run.snapshots()]
    inside = st.pills(
        "What is inside besides the map",
        offered,
        selection_mode="multi",
        default=[part for part in offered if part not in ("encoder", "replay")],
        format_func=HTML_PARTS.__getitem__,
        key=take_state.key(page, f"parts/{run.id}"),
    )
    return Choices(
        replay="replay" in inside,
        encoder="encoder" in inside,
        without=tuple(part for part in ("thumbs", "sliders", "player") if part not in inside),
        title=title.strip(),
        notes=notes.strip(),
    )


def _beta(run: Run, page: str, usual: float | None) -> float | None:
    """Of a model for every beta, which one; of another none."""
    if run.config.model.kind != "multirate":
        return None
    objective = run.config.objective
    return st.number_input(
        "β",
        objective.beta_low,
        objective.beta_high,
        min(objective.beta_high, max(objective.beta_low, usual or run.config.beta)),
        format="%.4g",
        key=take_state.key(page, f"beta/{run.id}"),
        help="This model is another one at every β.",
    )


_DRAWN: dict[str, Callable[[Run, str], Choices]] = {"png": _png, "zip": _zip, "html": _html}
