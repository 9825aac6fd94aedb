"""The way from Home to Interpolate: a card that shows what a path looks like."""

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from app import navigation
from vae_core.run import Run

PICTURE = Path(__file__).parents[1] / "assets" / "path.png"  # scripts/make_starters.py draws it
OF = "fashion-mnist"  # the starter that it is of
SAID = "Eight decoded pictures: a sandal with a heel becomes an ankle boot. Below, the plain cross-fade"


def card(starters: Sequence[Run]) -> None:
    """The picture, a link that fills the card, one sentence; leads to the starter shown, else another."""
    run = next((run for run in starters if run.id == OF), starters[0])
    with st.container(
        border=True, key="card-path", gap="small", height="stretch", vertical_alignment="distribute"
    ):
        st.html(f'<img class="path-card" alt="{SAID}" src="{_address()}">')
        with st.container(gap=None):
            navigation.link(navigation.INTERPOLATE, "Go from picture to picture", run.id)
            st.caption(
                "The model draws what lies between two examples, here over a plain cross-fade, and says how "
                "far it can be trusted. Take it along as a film or a page that opens offline."
            )


@cache
def _address() -> str:
    return "data:image/png;base64," + base64.b64encode(PICTURE.read_bytes()).decode()
