"""Small pictures and the cards that carry them."""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image

from app import navigation, words
from vae_core.runs import Run


def heading(text: str) -> None:
    """A section's title on a page."""
    st.html(f"<h2 class='section'>{html.escape(text)}</h2>")


def strip(pictures: np.ndarray, description: str, kind: str = "") -> None:
    """Pictures (N, C, H, W) uint8, exact pixels enlarged without blur; `kind` "row" is one line of ten."""
    images = "".join(f'<img alt="" src="{_address(picture)}">' for picture in pictures)
    st.html(f'<div class="strip {kind}" role="img" aria-label="{html.escape(description)}">{images}</div>')


def card(run: Run, pictures: np.ndarray, blurb: str) -> None:
    """A run to explore: what it is, a few of its pictures, one link that fills the card."""
    with st.container(border=True, key=f"card-{run.id}", gap="small"):
        strip(pictures, f"Pictures of {run.title}", "row")
        with st.container(gap=None):
            navigation.link(navigation.EXPLORE, words.escaped(run.title), run.id)
            st.caption(blurb)


def recent(runs: Sequence[Run]) -> None:
    """One line for each run: name, state, when; a link to where one goes on with it."""
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center", key=f"recent-{run.id}"):
            page = navigation.EXPLORE if run.state == "finished" else navigation.TRAIN
            navigation.link(page, words.escaped(run.title), run.id)
            st.caption(f"{words.STATES[run.state]} · {words.ago(run.created)}")


def _address(picture: np.ndarray) -> str:
    """A picture (C, H, W) uint8 as a data URI, PNG."""
    stream = io.BytesIO()
    pixels = picture[0] if len(picture) == 1 else np.moveaxis(picture[:3], 0, -1)
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
