"""Taking a run along: as an address, as one HTML file."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import copy_code, links, messages, own, places, services, state
from vae_core.errors import ViewNotFoundError
from vae_core.run import Run
from vae_core.views import ViewStore


def share(run: Run, model: links.Model, where: Mapping[str, str] | None = None) -> None:
    """The address of this run at this place, to copy; with what a class need not see left out.

    Made while it is looked at: a long one is kept, and not at every rest of the hand. `where` are the
    parameters that name what is looked at, by default this run; of a ladder `run` is its reference.
    """
    is_elsewhere = where is not None  # at a ladder, where the picture is that of another run
    where = where or state.run_query(run.id)
    opened = st.popover("Share", icon=":material/link:", key=state.SHARE_KEY, on_change="rerun")
    with opened:
        st.caption("Opens this run at this place, for everyone who can open this page.")
        if own.has_own_pictures(run):
            st.caption(":material/visibility: Whoever has the link sees your pictures as examples.")
        look = st.toggle(f"In {_look()} colours, as here", value=True)
        panels = {name: title for name, title in links.PANELS.items() if model.dial or name not in links.LAB}
        hide = st.pills("Leave out", panels, selection_mode="multi", format_func=panels.__getitem__)
        if opened.open:
            st.code(address(where, model, hide, look), language=None, wrap_lines=True)
            if not is_elsewhere:
                copy_code.lines(run, services.bundle(run)[1], model)


def address(
    where: Mapping[str, str], model: links.Model, hide: Sequence[str] = (), look: bool = False
) -> str:
    """Where this is found at its present place. Raises StorageError where a long view cannot be kept."""
    name = next(iter(where.values()))
    place = links.query(places.view(name), model)
    rest = {**where, **state.beside_query()}
    if hide:
        rest["hide"] = ",".join(hide)
    if look:
        rest["embed_options"] = f"{_look()}_theme"  # Streamlit's own, which st.query_params does not show
    text = f"{st.context.url or ''}?{urlencode({**rest, **place}, safe=',')}"
    if len(text) < links.LONGEST:
        return text
    saved = {"v": place["v"], "saved": ViewStore().put(name, place)}
    return f"{st.context.url or ''}?{urlencode({**rest, **saved}, safe=',')}"


def follow(name: str, meta: Mapping[str, Any], model: links.Model) -> None:
    """Go to the place that the address names in the run or ladder of that id, described by `meta`, once.

    What does not fit is said as long as it stands there.
    """
    asked = places.in_url()
    if not asked:
        return
    try:
        place = ViewStore().get(name, asked["saved"]) if "saved" in asked else asked
    except ViewNotFoundError as error:
        messages.notice(str(error))
        return
    view, complaints = links.read(place, model)
    for complaint in complaints:
        messages.notice(complaint)
    if view and asked != places.followed(name) and not places.is_here(name, asked):
        places.remember_followed(name, asked)
        places.move(name, {"z": _begin(view, meta, model), **view})


def panel_key(name: str, hidden: Sequence[str]) -> str:
    """Key of a part of the page; style.css does not show those that an address leaves out."""
    return f"{'left-out' if name in hidden else 'panel'}-{name}"


def _begin(view: links.View, meta: Mapping[str, Any], model: links.Model) -> list[float]:
    """Where a link that names no z leads to: the middle, with a beta the first example, as without a link."""
    if view.get("beta") and len(model.index):
        return model.at(view["beta"]).mu[0].tolist()
    return meta["center"]


def _look() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def view(run: Run, model: links.Model) -> str:
    """Where one stands in it, as the query of a share link; for files that open there."""
    return urlencode(links.query(places.view(run.id), model), safe=",")
