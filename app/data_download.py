"""The offer to download a data set, and how far that is."""

import streamlit as st

from app import downloads, messages, words
from vae_core import data


def offer(info: data.SourceInfo, primary: bool = True) -> None:
    """A button, then a bar and a way to call it off; redrawn by itself. Once here, the whole page is."""
    known = downloads.current(info.name)
    is_running = known is not None and known.running
    st.fragment(_download, run_every=0.4 if is_running else None)(info, is_running, primary)


def _download(info: data.SourceInfo, was_running: bool, primary: bool) -> None:
    with messages.in_plain_words():
        known = downloads.current(info.name)
        is_running = known is not None and known.running
        if is_running != was_running:
            st.rerun()
        if known and is_running:
            st.progress(known.share, text=f"{words.size(known.done)} of {words.size(info.bytes)}")
            st.button("Cancel", key=f"cancel/{info.name}", on_click=downloads.cancel, args=(info.name,))
            return
        if known and known.error:
            messages.problem(known.error)
        st.button(
            f"Download {info.title} ({words.size(info.bytes)})",
            key=f"download/{info.name}",
            type="primary" if primary else "secondary",
            icon=":material/download:",
            on_click=downloads.start,
            args=(info.name,),
        )
