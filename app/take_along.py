"""A run as a file to take along, on the Runs page: which kind, how large, made, downloaded.

The file is made in a process of its own, in a temporary folder that goes once it is closed.
"""

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import data_upload, messages, services, state, words
from vae_core.carry_jobs import ExportJob
from vae_core.errors import ExportError, StorageError
from vae_core.run import CHECKPOINT, Run
from vae_core.taking.kind import Choices, Kind
from vae_core.taking.kinds import KINDS, MODELS, SHEETS

AT_ONCE = 2  # files that are made at a time on this server
EVERY = 0.4  # seconds between two looks
SHEET_NAMES = {"traversal": "Each dimension by itself", "manifold": "The two that say most"}
_asking = threading.Lock()  # from looking at what is on its way to adding to it


@dataclass(frozen=True)
class Taken:
    """A file that was asked for; its folder goes when nobody refers to this any more."""

    folder: tempfile.TemporaryDirectory
    job: ExportJob


def choose(run: Run) -> None:
    """A button that opens what there is to choose; the choices cost nothing while it is closed."""
    standing = run.state
    opened = st.popover(
        "Take along",
        icon=":material/download:",
        key=state.runs_key(f"take/{run.id}"),
        on_change="rerun",
        disabled=standing == "running",
        help="Stop its training first." if standing == "running" else None,
    )
    with opened:
        if not opened.open:
            return
        with messages.in_plain_words():
            _choices(run, standing == "finished")


def status(run: Run) -> None:
    """The file on its way, or ready; redrawn by itself."""
    taken = _of(run)
    is_running = bool(taken and taken.job.running)
    st.fragment(_status, run_every=EVERY if is_running else None)(run, is_running)


def _choices(run: Run, is_finished: bool) -> None:
    names = list(KINDS) if is_finished else ["zip"]
    name = st.selectbox(
        "As",
        names,
        format_func=lambda name: KINDS[name].title,
        key=state.runs_key(f"kind/{run.id}"),
    )
    kind = KINDS[name]
    choices, missing = _more(run, kind), kind.obstacle()
    if missing:
        messages.notice(missing)
    else:
        about = words.size(_size(run, kind, choices))
        st.caption(f"{kind.help} About {about}.")
    st.button(
        "Make the file",
        type="primary",
        key=state.runs_key("make"),
        disabled=bool(missing),
        on_click=_make,
        args=(run, kind, choices),
    )


def _more(run: Run, kind: Kind) -> Choices:
    """What else there is to choose for that kind."""
    beta = _beta(run) if kind.name in MODELS and run.config.model.kind == "multirate" else None
    if kind.name == "png":
        sheet = st.segmented_control(
            "Sheet",
            list(SHEETS),
            default="traversal",
            required=True,
            format_func=SHEET_NAMES.__getitem__,
            key=state.runs_key(f"sheet/{run.id}"),
        )
        return Choices(beta=beta, sheet=sheet)
    if kind.name == "zip" and services.stamp(run, CHECKPOINT):
        text = "Without it the file is smaller and the run cannot be trained further."
        key = state.runs_key(f"whole/{run.id}")
        return Choices(checkpoint=st.toggle("With what training goes on from", True, key=key, help=text))
    if kind.name == "html" and run.snapshots():
        key = state.runs_key(f"replay/{run.id}")
        return Choices(replay=st.toggle("With how its latent space formed", key=key))
    return Choices(beta=beta)


def _beta(run: Run) -> float:
    """Of a model for every beta, which one."""
    objective = run.config.objective
    return st.number_input(
        "β",
        objective.beta_low,
        objective.beta_high,
        run.config.beta,
        format="%.4g",
        key=state.runs_key(f"beta/{run.id}"),
        help="This model is another one at every β.",
    )


def _size(run: Run, kind: Kind, choices: Choices) -> int:
    return _known_size(run, kind, choices, str(run.path), services.stamp(run), kind.name)


@st.cache_resource(show_spinner=False, max_entries=256)
def _known_size(_run: Run, _kind: Kind, choices: Choices, path: str, stamp: int, name: str) -> int:
    return _kind.size(_run, choices)


def _make(run: Run, kind: Kind, choices: Choices) -> None:
    with messages.in_a_toast():
        begin(run, kind, choices)


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
        _taken()[state.owner()] = Taken(folder, ExportJob(run, kind, choices, Path(folder.name)))


def _status(run: Run, was_running: bool) -> None:
    taken = _of(run)
    if bool(taken and taken.job.running) != was_running:
        st.rerun()
    if taken is None:
        return
    job = taken.job
    with st.container(horizontal=True, vertical_alignment="center", key="runs-taken"):
        if job.running:
            st.progress(job.share, text=f"Making {words.escaped(job.path.name)}")
            st.button("Cancel", key=state.runs_key("cancel-take"), on_click=_forget)
            return
        if job.error:
            st.markdown(f":material/error: {words.escaped(job.error)}", width="stretch")
        else:
            st.download_button(
                f"Save {job.path.name} ({words.size(job.bytes)})",
                job.path.read_bytes,
                file_name=job.path.name,
                type="primary",
                icon=":material/save_alt:",
                on_click="ignore",
                key=state.runs_key("save"),
            )
        st.button("Close", key=state.runs_key("close-take"), type="tertiary", on_click=_forget)


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
