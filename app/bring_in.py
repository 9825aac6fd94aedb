"""A run from elsewhere, on the Runs page: a zip is uploaded, read with suspicion, and is a run of one's own.

What is uploaded is a stranger's, see `vae_core.carrying`; it is read in a process of its own.
"""

import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from app import data_upload, messages, navigation, services, state, words
from vae_core.carry_jobs import ImportJob
from vae_core.errors import CarryError, LatentscapeError, RunNotFoundError

AT_ONCE = 2  # that are read at a time on this server: each may hold a model
EVERY = 0.4  # seconds between two looks
REFUSED = "refused"  # what was wrong with the last upload
_asking = threading.Lock()  # from looking at what is on its way to adding to it


@dataclass(frozen=True)
class Brought:
    """An upload; its folder goes when nobody refers to this any more."""

    folder: tempfile.TemporaryDirectory
    job: ImportJob


def section() -> None:
    """A line to open; the upload on its way stands there whether it is open or not."""
    with st.expander(
        "Import a run", icon=":material/upload:", key=state.runs_key("import"), on_change="rerun"
    ) as opened:
        if opened.open:
            with messages.in_plain_words():
                _ask()
    found = _brought().get(state.owner())
    is_running = bool(found and found.job.running)
    st.fragment(_status, run_every=EVERY if is_running else None)(is_running)


def _ask() -> None:
    turn = state.runs_value("turn") or 0  # another key after each upload, so that Streamlit lets go of it
    file = st.file_uploader(
        "A run that was taken along as a zip", type=["zip"], key=state.runs_key(f"upload/{turn}")
    )
    most = st.get_option("server.maxUploadSize")
    st.caption(f"It becomes a run of yours. Larger ones than {most} MB: latentscape import FILE.")
    if problem := state.runs_value(REFUSED):
        messages.problem(problem)
    if file is None:
        return
    state.put_runs_value("turn", turn + 1)
    state.put_runs_value(REFUSED, "")
    try:
        begin(file)
    except LatentscapeError as error:
        state.put_runs_value(REFUSED, str(error))
    st.rerun()


def begin(file: data_upload.File) -> None:
    """Begin to read an uploaded file. Raises CarryError where it cannot be now, StorageError."""
    with _asking:
        running = {owner for owner, found in _brought().items() if found.job.running}
        if state.owner() in running:
            raise CarryError("A run is being imported already; wait for it to end.")
        if len(running) >= AT_ONCE:
            raise CarryError(f"{len(running)} runs are being imported already; ask again in a moment.")
        folder, path = data_upload.keep(file)
        _brought()[state.owner()] = Brought(folder, ImportJob(path, state.owner()))


def _status(was_running: bool) -> None:
    found = _brought().get(state.owner())
    if bool(found and found.job.running) != was_running:
        st.rerun()
    if found is None:
        return
    job = found.job
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="runs-brought"):
        if job.running:
            st.progress(job.share, text=f"Reading {words.escaped(job.name)}")
            st.button("Cancel", key=state.runs_key("cancel-bring"), on_click=_forget)
            return
        if job.made:
            _made(job)
        else:
            st.markdown(f":material/error: {words.escaped(job.error)}", width="stretch")
        st.button("Close", key=state.runs_key("close-bring"), type="tertiary", on_click=_forget)


def _made(job: ImportJob) -> None:
    with suppress(RunNotFoundError):  # deleted since
        run = services.store().get(job.made)
        st.markdown(f":material/check: “{words.escaped(run.title)}” is a run of yours now.", width="stretch")
        if run.state == "finished":
            navigation.link(navigation.EXPLORE, "Explore it", run.id, icon=":material/explore:")


def _forget() -> None:
    found = _brought().pop(state.owner(), None)
    if found and found.job.running:
        found.job.cancel()


@st.cache_resource(show_spinner=False)
def _brought() -> dict[str, Brought]:
    """The latest of each visitor, by their token."""
    return {}
