"""Small pictures and the cards that carry them."""

import base64
import html
import io
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image

from app import navigation, services, words
from vae_core.progress import was_stopped
from vae_core.runs import Run


def heading(text: str) -> None:
    """A section's title on a page."""
    st.html(f"<h2 class='section'>{html.escape(text)}</h2>")


def strip(pictures: np.ndarray, description: str, kind: str = "") -> None:
    """Pictures (N, C, H, W) uint8, exact pixels enlarged without blur; `kind` "row" is one line of ten."""
    images = "".join(f'<img alt="" src="{_address(picture)}">' for picture in pictures)
    st.html(f'<div class="strip {kind}" role="img" aria-label="{html.escape(description)}">{images}</div>')


def cards(runs: Sequence[Run], blurb: Callable[[Run], str]) -> None:
    """Runs side by side, two in a row."""
    for first in range(0, len(runs), 2):
        for column, run in zip(st.columns(2, gap="medium"), runs[first : first + 2]):
            with column:
                _card(run, blurb(run))


def _card(run: Run, blurb: str) -> None:
    """What the run is, a few of its pictures, one link that fills the card and leads to where one goes on."""
    with st.container(border=True, key=f"card-{run.id}", gap="small"):
        pictures = services.pictures(run, 10)
        if len(pictures):
            strip(pictures, f"Pictures of {run.title}", "row")
        with st.container(gap=None):
            page = navigation.EXPLORE if run.state == "finished" else navigation.TRAIN
            navigation.link(page, words.escaped(run.title), run.id)
            st.caption(blurb)


def standing(run: Run) -> str:
    """State and age in a few words."""
    return f"{'stopped' if was_stopped(run) else words.STATES[run.state]} · {words.ago(run.created)}"


def _address(picture: np.ndarray) -> str:
    """A picture (C, H, W) uint8 as a data URI, PNG."""
    stream = io.BytesIO()
    pixels = picture[0] if len(picture) == 1 else np.moveaxis(picture[:3], 0, -1)
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
