"""Taking a run along: as an address, as one HTML file."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from app import links, messages, own, services, state
from vae_core.errors import ViewNotFoundError
from vae_core.explorer import page
from vae_core.run import Run
from vae_core.views import ViewStore


def share(run: Run, model: links.Model) -> None:
    """The address of this run at this place, to copy; with what a class need not see left out.

    Made while it is looked at: a long one is kept, and not at every rest of the hand.
    """
    opened = st.popover("Share", icon=":material/link:", key=state.SHARE_KEY, on_change="rerun")
    with opened:
        st.caption("Opens this run at this place, for everyone who can open this page.")
        if own.has_own_pictures(run):
            st.caption(":material/visibility: Whoever has the link sees your pictures as examples.")
        look = st.toggle(f"In {_look()} colours, as here", value=True)
        hide = st.pills(
            "Leave out", links.PANELS, selection_mode="multi", format_func=links.PANELS.__getitem__
        )
        if opened.open:
            st.code(address(run, model, hide, look), language=None, wrap_lines=True)


def address(run: Run, model: links.Model, hide: Sequence[str] = (), look: bool = False) -> str:
    """Where this run at this place is found. Raises StorageError where a long view cannot be kept."""
    place = links.query(state.view(run.id), model)
    rest = {**state.run_query(run.id), **state.beside_query()}
    if hide:
        rest["hide"] = ",".join(hide)
    if look:
        rest["embed_options"] = f"{_look()}_theme"  # Streamlit's own, which st.query_params does not show
    text = f"{st.context.url or ''}?{urlencode({**rest, **place}, safe=',')}"
    if len(text) < links.LONGEST:
        return text
    saved = {"v": place["v"], "saved": ViewStore().put(run.id, place)}
    return f"{st.context.url or ''}?{urlencode({**rest, **saved}, safe=',')}"


def follow(run: Run, model: links.Model) -> None:
    """Go to the place that the address names, once; what does not fit is said as long as it stands there."""
    asked = state.place_in_url()
    if not asked:
        return
    try:
        place = ViewStore().get(run.id, asked["saved"]) if "saved" in asked else asked
    except ViewNotFoundError as error:
        messages.notice(str(error))
        return
    view, complaints = links.read(place, model)
    for complaint in complaints:
        messages.notice(complaint)
    if view and asked != state.followed(run.id):
        state.remember_followed(run.id, asked)
        state.move_view(run.id, {"z": _middle(run), **view})


def panel_key(name: str, hidden: Sequence[str]) -> str:
    """Key of a part of the page; style.css does not show those that an address leaves out."""
    return f"{'left-out' if name in hidden else 'panel'}-{name}"


def _middle(run: Run) -> list[float]:
    """Where a link that names no z leads to."""
    return services.bundle(run)[1]["center"]


def _look() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


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
