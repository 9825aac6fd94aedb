"""Steering a training that is watched: beta and learning rate on sliders that act when they are let go."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import services, training_state, watch_actions, words
from vae_core.progress import Progress
from vae_core.run import Run
from vae_core.steering import steerable

STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # of a decade: even enough on a log scale, and round
BETAS = (0.001, 100.0)  # what the slider reaches; other values of a run are taken in
FACTORS = (0.01, 10.0)  # on the learning rate
HELP = {
    "beta": "What is in force now. A larger β asks for a smaller rate. While β warms up, it rises to this "
    "over its schedule.",
    "lr": "Multiplies the learning rate that its schedule says; now is the product. Smaller steps settle, "
    "larger ones search.",
}


def show(run: Run, progress: Progress) -> None:
    """The sliders of what can be changed and "Snapshot now"; nothing for those who only watch.

    They keep their places to the end, greyed out once it is near.
    """
    if not watch_actions.has_wheel(run, progress):
        return
    for name in ("beta", "lr"):
        if name in steerable(run.config):
            with st.container(width=326, gap=None):
                st.markdown(said(name, progress, run.config.training.epochs), help=HELP[name])
                _slider(run, progress, name)
    st.button(
        "Snapshot now",
        icon=":material/photo_camera:",
        help="Shows the map as it is at this step, and keeps it for the replay.",
        disabled=progress.course.asked.snapshot or not progress.course.steerable,
        on_click=watch_actions.snapshot,
        args=(run.id,),
    )


def scale(low: float, high: float, besides: Sequence[float] = ()) -> list[float]:
    """Round numbers from `low` to `high`, even on a log scale, with those `besides` among them; ascending."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (float(f"{step}e{decade}") for decade in decades for step in STEPS)
    return sorted({*besides, *(step for step in steps if low <= step <= high)})


def said(name: str, progress: Progress, epochs: float) -> str:
    """What is in force and since when, as Markdown; and what was asked for and is still to come."""
    value, asked = _standing(name, progress)
    sign = ":violet[**β {}**]" if name == "beta" else "**Learning rate ×{}**"
    parts = [f"{sign.format(words.short(value))} {_since(name, progress, epochs)}"]
    if asked is not None:
        parts.append(f"{words.short(asked)} asked for")
    elif (now := _used(name, progress)) is not None and not math.isclose(now, value):
        verb = "rising, now" if name == "beta" and now < value else "now"
        parts.append(f"{verb} {words.short(float(f'{now:.2g}'))}")
    return f":small[{' · '.join(parts)}]"


def _slider(run: Run, progress: Progress, name: str) -> None:
    """Its place is the person's: what is in force is said above it and never moves it."""
    value, asked = _standing(name, progress)
    first = value if asked is None else asked
    besides = (first, run.config.beta) if name == "beta" else (first, 1.0)
    reach = BETAS if name == "beta" else FACTORS
    options, start = training_state.steer_options(run.id, name, scale(*reach, besides), first)
    st.select_slider(
        "β" if name == "beta" else "Factor on the learning rate",
        options,
        start,
        format_func=words.short,
        key=training_state.steer_key(run.id, name),
        label_visibility="collapsed",
        disabled=name not in progress.course.steerable,
        on_change=_steer,
        args=(run.id, name),
    )


def _steer(run_id: str, name: str) -> None:
    value = training_state.take_steer(run_id, name)
    if value is not None:
        wish: dict[str, Any] = {name: value}
        watch_actions.attempt(services.trainer().steer, run_id, **wish)


def _standing(name: str, progress: Progress) -> tuple[float, float | None]:
    """What is in force, and what is asked for and still to come."""
    course = progress.course
    return (course.beta, course.asked.beta) if name == "beta" else (course.lr, course.asked.lr)


def _since(name: str, progress: Progress, epochs: float) -> str:
    """Since when: the last change of it."""
    changes = [row for row in progress.rows if row.get("kind") == "steered" and row.get(name) is not None]
    if not changes or not progress.total_steps:
        return "from the start"
    epoch = epochs * changes[-1]["step"] / progress.total_steps
    return f"since epoch {words.plain(epoch) if epoch < 10 else f'{epoch:.0f}'}"


def _used(name: str, progress: Progress) -> float | None:
    """What the schedule made of it at the last step that is known."""
    rows: Sequence[Mapping[str, Any]] = progress.rows
    return next((row.get(name) for row in reversed(rows) if row.get("kind") == "step"), None)
