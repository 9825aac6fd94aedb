"""Taking a run along: as an address, as one HTML file."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from app import messages, services, state
from vae_core.explorer import page
from vae_core.run import Run


def share(run: Run) -> None:
    """The address of this run at this place, to copy."""
    with st.popover("Share", icon=":material/link:"):
        query = urlencode({**state.run_query(run.id), **state.view_query(state.view(run.id))}, safe=",")
        st.caption("Opens this run at this place, for everyone who can open this page.")
        st.code(f"{st.context.url or ''}?{query}", language=None, wrap_lines=True)


def follow(run: Run, center: Sequence[float]) -> None:
    """Go to the place that the address names; where it does not fit the run, say so."""
    try:
        state.follow_link(run.id, center)
    except state.LinkError as error:
        messages.notice(str(error))


def download(run: Run) -> None:
    """The whole run as one file, made when it is asked for; where it cannot be made the button says why."""
    obstacle = services.export_obstacle(run)
    st.download_button(
        "Download as HTML",
        lambda: services.html_page(run),
        file_name=page.file_name(run.title),
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        disabled=bool(obstacle),
        help=obstacle or "One file with the model and its map; it opens in any browser, without a network.",
    )
