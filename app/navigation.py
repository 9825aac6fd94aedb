"""Where the pages are, and links to them that carry a run along."""

from typing import NoReturn

import streamlit as st

from app import state

HOME, EXPLORE, INTERPOLATE, BETA, TRAIN, REPLAY, RUNS, DATA, ABOUT = (
    f"../pages/{name}.py"
    for name in ("home", "explore", "interpolate", "beta", "train", "replay", "runs", "data", "about")
)


def pages() -> list[st.Page]:
    return [
        st.Page(HOME, title="Home", default=True),
        st.Page(EXPLORE, title="Explore", url_path="explore", help="Walk a trained model's latent space."),
        st.Page(
            INTERPOLATE,
            title="Interpolate",
            url_path="interpolate",
            help="A path from example to example, as a film.",
        ),
        st.Page(BETA, title="Beta lab", url_path="beta", help="Turn β over a trained model."),
        st.Page(TRAIN, title="Train", url_path="train", help="Train a model of your own and watch it learn."),
        st.Page(
            REPLAY, title="Replay", url_path="replay", help="Watch a latent space form, moment by moment."
        ),
        st.Page(
            RUNS, title="Runs", url_path="runs", help="All that was trained: find, compare, name, delete."
        ),
        st.Page(DATA, title="Data", url_path="data", help="Your own pictures, and the sets that are here."),
        st.Page(ABOUT, title="About", url_path="about", help="Version, folders and licences."),
    ]


def link(page: str, label: str, run_id: str | None = None, icon: str | None = None) -> None:
    """A link to a page, about a run if one is given."""
    st.page_link(page, label=label, icon=icon, query_params=state.run_query(run_id) if run_id else None)


def go(page: str, run_id: str | None = None) -> NoReturn:
    """Leave for another page."""
    st.switch_page(page, query_params=state.run_query(run_id) if run_id else None)
