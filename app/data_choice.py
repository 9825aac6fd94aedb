"""Which pictures to train on: the built-in sets, one's own and shared ones, by name with their number."""

import streamlit as st

from app import controls, data_download, gallery, messages, own, services, state, words
from vae_core import data
from vae_core.config import OWN, options

PREVIEW = 20


def choose() -> data.SourceInfo:
    """The list, and a look at what is chosen or the offer to download it."""
    if not own.is_usable(state.source()):
        messages.notice("The pictures that were chosen are not here, or not shared with you. Choose others.")
        state.choose_source(next(iter(data.SOURCES)))
    shown = labels()
    names = list(shown)
    st.selectbox(
        controls.LABELS["data.source"],
        names,
        names.index(state.source()),
        format_func=shown.__getitem__,
        key=state.widget_key("data.source"),
        help=options()["data.source"].help,
        on_change=_chosen,
        args=(names,),
    )
    info = data.info(state.source())
    origin = words.escaped(f"{info.source}. Licence: {info.licence}.")
    if data.available(info.name):
        gallery.strip(services.preview(info.name, PREVIEW), f"Pictures of {info.title}", "row")
        st.caption(f"{words.escaped(info.blurb)}  \n{origin}")
    else:
        st.caption(words.escaped(info.blurb))
        data_download.offer(info)
        st.caption(origin)
    return info


def labels() -> dict[str, str]:
    """What the list says, by source: one's own and shared sets first, each said in its own way."""
    found: dict[str, str] = {}
    for info in [*(each.info() for each in own.sets()), *data.SOURCES.values()]:
        label = f"{info.title} · {info.count:,}"
        found[info.name] = f"{label} · {info.name[-4:]}" if label in found.values() else label
    return found


def _chosen(names: list[str]) -> None:
    """Take the choice. A label that is no source was in the list when it was drawn and has changed since."""
    if state.has_widget("data.source"):
        chosen = state.widget_value("data.source")
        if chosen in names and (not chosen.startswith(OWN) or own.is_usable(chosen)):
            state.choose_source(chosen)
