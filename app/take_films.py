"""What can be chosen of a film or a strip of a path to take along."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import take_state
from vae_core.run import Run
from vae_core.taking.film_clock import EASES, REPEATS, SPEEDS
from vae_core.taking.kind import Choices

SIZES = {
    "gif": {"Small": 224, "Medium": 336, "Large": 560},
    "webp": {"Small": 224, "Medium": 448, "Large": 720},
    "apng": {"Small": 224, "Medium": 448, "Large": 720},
    "mp4": {"Small": 448, "Medium": 720, "Large": 1080},
}  # pixels of the picture
REPEAT_NAMES = {"once": "Once", "loop": "Loop", "swing": "To and fro"}
EASE_NAMES = {"even": "Even", "soft": "Soft", "pauses": "Pause at anchors"}


def of_film(run: Run, page: str, kind: str, usual: Choices) -> Choices:
    """What the widgets stand at, first as `usual`; drawn where one calls it."""
    size = _one_of(run, page, "Size", f"size/{kind}", list(SIZES[kind]), "Medium")
    repeat = _one_of(run, page, "At the end", "repeat", REPEATS, usual.repeat, REPEAT_NAMES)
    names = {speed: f"{speed:g}×" for speed in SPEEDS}
    speed = _one_of(run, page, "Speed", "speed", SPEEDS, float(usual.speed), names)
    ease = _one_of(run, page, "Pace", "ease", EASES, usual.ease, EASE_NAMES)
    labels = st.toggle(
        "With anchors, way and support",
        key=take_state.key(page, f"labels/{run.id}"),
        help="Below each picture: which anchors it lies between, how far it is, how well data supports it.",
    )
    dark = labels and st.context.theme.type == "dark"
    pixels = SIZES[kind][size]
    film = {"repeat": repeat, "speed": speed, "ease": ease, "labels": labels, "dark": dark}
    return Choices(beta=usual.beta, pixels=pixels, **film)


def of_strip(run: Run, page: str, beta: float | None) -> Choices:
    """As `of_film`."""
    key = take_state.key(page, f"nearest/{run.id}")
    return Choices(beta=beta, nearest=st.toggle("With the nearest real examples", key=key))


def _one_of(
    run: Run,
    page: str,
    label: str,
    name: str,
    options: Sequence[Any],
    default: Any,
    names: dict[Any, str] | None = None,
) -> Any:
    return st.segmented_control(
        label,
        list(options),
        default=default,
        required=True,
        format_func=names.__getitem__ if names else str,
        key=take_state.key(page, f"{name}/{run.id}"),
    )
