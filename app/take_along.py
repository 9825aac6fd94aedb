"""A run as a file to take along, on any page: which kind, how large, made, downloaded.

The file is made in a process of its own, in a temporary folder that goes once it is closed.
"""

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from app import data_upload, messages, own, services, state, take_choices, take_state, words
from vae_core.carry_jobs import ExportJob
from vae_core.errors import ExportError, StorageError
from vae_core.run import Run
from vae_core.taking.kind import Choices, Kind
from vae_core.taking.kinds import KINDS
from vae_core.ways import Way

AT_ONCE = 2  # files that are made at a time on this server
KEPT = 30  # files of visitors who may come back for theirs; those made first go first
EVERY = 0.4  # seconds between two looks
AT_HAND = 8_000_000  # bytes of a file that is given to the server as it is
WITH_WAY = ("html",)  # kinds that hold a path where there is one, besides those that are of one
_asking = threading.Lock()  # from looking at what is on its way to adding to it


@dataclass(frozen=True)
class Taken:
    """A file that was asked for; its folder goes when nobody refers to this any more."""

    folder: tempfile.TemporaryDirectory
    job: ExportJob


def choose(
    run: Run,
    page: str,
    names: Sequence[str] | None = None,
    way: Callable[[], Way | None] | None = None,
    view: Callable[[], str] | None = None,
    usual: Callable[[], Choices] = Choices,
) -> None:
    """A button that opens what there is to choose; the choices cost nothing while it is closed.

    `page` tells this one from those of other pages. `names` are the kinds to offer, by default all; `way()`
    is the path to take along, `view()` where the map is to open, as the query of a share link;
    `usual()` is where beta and what is chosen of a film stand first.
    """
    standing = run.state
    key = take_state.key(page, f"take/{run.id}")
    take_state.close_if_asked(key)
    opened = st.popover(
        "Take along",
        icon=":material/download:",
        key=key,
        on_change="rerun",
        disabled=standing == "running",
        help="Stop its training first." if standing == "running" else None,
    )
    with opened:
        if not opened.open:
            return
        with messages.in_plain_words():
            asked = replace(usual(), way=way() if way else None, view=view() if view else "")
            _choices(run, page, _offered(run, names, asked.way), asked)


def status(run: Run, page: str) -> None:
    """The file on its way, or ready; redrawn by itself."""
    taken = _of(run)
    is_running = bool(taken and taken.job.running)
    st.fragment(_status, run_every=EVERY if is_running else None)(run, page, is_running)


def _offered(run: Run, names: Sequence[str] | None, way: Way | None) -> list[str]:
    """Names of the kinds that can be had of a run in this state, those of a path where there is one."""
    if run.state != "finished":
        return ["zip"]
    return [name for name in names or KINDS if name in KINDS and (way or not KINDS[name].follows)]


def _choices(run: Run, page: str, names: Sequence[str], asked: Choices) -> None:
    name = st.selectbox(
        "As",
        names,
        format_func=lambda name: KINDS[name].title,
        key=take_state.key(page, f"kind/{run.id}"),
    )
    kind = KINDS[name]
    choices, missing = take_choices.of_kind(run, kind, page, asked), kind.obstacle()
    if kind.follows or kind.name in WITH_WAY:
        choices = replace(choices, way=asked.way)
    if kind.name == "html":
        choices = replace(choices, view=asked.view)
    if missing:
        messages.notice(missing)
    else:
        for remark in filter(None, [kind.remark()]):
            st.caption(remark)
        st.caption(f"{kind.help} About {words.size(_size(run, kind, choices))}.")
        if own.has_own_pictures(run):
            st.caption(":material/visibility: Whoever gets the file sees your pictures as examples.")
    # Not by a callback: that would be given the choices as they were before the last word was typed.
    key = take_state.key(page, "make")
    if st.button("Make the file", type="primary", key=key, disabled=bool(missing)):
        _make(run, page, kind, choices)


def _size(run: Run, kind: Kind, choices: Choices) -> int:
    return _known_size(run, kind, choices, str(run.path), services.stamp(run), kind.name)


@st.cache_resource(show_spinner=False, max_entries=256)
def _known_size(_run: Run, _kind: Kind, choices: Choices, path: str, stamp: int, name: str) -> int:
    return _kind.size(_run, choices)


def _make(run: Run, page: str, kind: Kind, choices: Choices) -> None:
    """Begin, and close what was opened: it would lie over the file on its way."""
    with messages.in_a_toast():
        begin(run, kind, choices)
        take_state.ask_to_close(take_state.key(page, f"take/{run.id}"))
        st.rerun()


def begin(run: Run, kind: Kind, choices: Choices) -> None:
    """Begin to make the file; the visitor's last one goes. Raises ExportError, StorageError."""
    with _asking:
        running = {owner for owner, taken in _taken().items() if taken.job.running}
        if state.owner() in running:
            raise ExportError("A file is being made already; wait for it to end, or call it off.")
        if len(running) >= AT_ONCE:
            raise ExportError(f"{len(running)} files are being made already; ask again in a moment.")
        try:
            folder = data_upload.temporary()
        except OSError as error:
            raise StorageError(f"There is no room for the file: {error.strerror}. Try again later.") from None
        made = Taken(folder, ExportJob(run, kind, choices, Path(folder.name)))
        _taken().pop(state.owner(), None)
        for owner in [owner for owner in _taken() if owner not in running][
            : max(0, len(_taken()) - KEPT + 1)
        ]:
            del _taken()[owner]
        _taken()[state.owner()] = made


def _status(run: Run, page: str, was_running: bool) -> None:
    taken = _of(run)
    if bool(taken and taken.job.running) != was_running:
        st.rerun()
    if taken is None:
        return
    job = taken.job
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}-taken"):
        if job.running:
            st.progress(job.share, text=f"Making {words.escaped(job.path.name)}")
            st.button("Cancel", key=take_state.key(page, "cancel-take"), on_click=_forget)
            return
        if job.error:
            st.markdown(f":material/error: {words.escaped(job.error)}", width="stretch")
        else:
            st.download_button(
                f"Save {job.path.name} ({words.size(job.bytes)})",
                _content(job),
                file_name=job.path.name,
                type="primary",
                icon=":material/save_alt:",
                on_click="ignore",
                key=take_state.key(page, "save"),
            )
        st.button("Close", key=take_state.key(page, "close-take"), type="tertiary", on_click=_forget)


def _content(job: ExportJob) -> bytes | Callable[[], bytes]:
    """A small file itself. One that is read when it is asked for has another address after every rerun, and
    a click on the former one gets nothing."""
    return job.path.read_bytes() if job.bytes <= AT_HAND else job.path.read_bytes


def _of(run: Run) -> Taken | None:
    """This visitor's latest, if it is of that run."""
    taken = _taken().get(state.owner())
    return taken if taken and taken.job.run == run.id else None


def _forget() -> None:
    taken = _taken().pop(state.owner(), None)
    if taken and taken.job.running:
        taken.job.cancel()


@st.cache_resource(show_spinner=False)
def _taken() -> dict[str, Taken]:
    """The latest of each visitor, by their token."""
    return {}
