"""What the Beta lab does with a beta: freeze it into a run of its own, train it alone; how far that is."""

import threading
from collections.abc import Callable

import streamlit as st

from app import beta_lab, beta_singles, data_download, messages, navigation, own, services, state, words
from app.beta_lab import Subject
from vae_core import data
from vae_core.config import OWN
from vae_core.errors import RunError
from vae_core.freeze_job import FreezeJob
from vae_core.freezing import alone as trained_alone
from vae_core.progress import stored
from vae_core.run import Run

AT_ONCE = 2  # runs that are frozen at a time on this server
EVERY = 0.5  # seconds between two looks
_asking = threading.Lock()  # from looking at what is on its way to adding to it


def offer(subject: Subject, beta: float) -> None:
    """What can be done with the beta that the dial stands at; a ladder has an ordinary run there already."""
    if subject.is_ladder:
        name, nearest = beta_lab.nearest(subject, beta)
        label = f"Explore the model at β {nearest:g}"
        navigation.link(navigation.EXPLORE, label, name, icon=":material/explore:")
        return
    with st.container(horizontal=True, width="content", key="lab-actions"):
        _buttons(subject.run, beta)


def _buttons(run: Run, beta: float) -> None:
    st.button(
        f"Freeze at β {beta:g}",
        key=f"freeze/{run.id}",
        type="primary",
        icon=":material/ac_unit:",
        help="Makes an ordinary run of this β, to explore, compare and take along. Takes seconds.",
        on_click=_tried,
        args=(freeze, run, beta),
    )
    st.button(
        f"Train β {beta:g} alone",
        key=f"alone/{run.id}/ask",
        icon=":material/model_training:",
        help="Trains an ordinary model with this one β and otherwise the same settings, as a check: it "
        "becomes a point beside the curve.",
        on_click=_tried,
        args=(alone, run, beta),
    )


def freeze(run: Run, beta: float) -> None:
    """Begin to make an ordinary run of this one at that beta. Raises RunError where it cannot be now."""
    with _asking:
        running = {name: job for name, job in _jobs().items() if job.running}
        if state.owner() in running:
            raise RunError("A run is being frozen already; wait for it to end.")
        if len(running) >= AT_ONCE:
            raise RunError(f"{len(running)} runs are being frozen already; ask again in a moment.")
        _jobs()[state.owner()] = FreezeJob(run.id, beta, state.owner())


def alone(run: Run, beta: float) -> None:
    """Begin to train this beta by itself, or say that the data set is not here (`status`).

    Raises what `TrainingService.submit` raises.
    """
    source = run.config.data.source
    if not (own.is_usable(source) and data.available(source)):
        state.want_data(run.id)
        return
    state.want_data(None)
    config = trained_alone(run.config, beta)
    state.begun_alone(run.id).append(services.trainer().submit(config, state.owner(), own.is_local()))


def status(run: Run) -> None:
    """What is on its way from this run, redrawn by itself; at its end the page is."""
    job = _job(run)
    going = [other.id for other in beta_singles.going(run)]
    is_active = bool(going) or bool(job and job.running)
    st.fragment(_status, run_every=EVERY if is_active else None)(run, bool(job and job.running), going)


def _status(run: Run, was_freezing: bool, were_going: list[str]) -> None:
    job = _job(run)
    going = beta_singles.going(run)
    if bool(job and job.running) != was_freezing or [other.id for other in going] != were_going:
        st.rerun()
    broken = beta_singles.broken(run)
    if not (job or going or broken or state.wants_data(run.id)):
        return
    with st.container(key="lab-status"):
        if job:
            _freezing(job)
        for other in going:
            _going(other)
        for other in broken:
            _broken(run, other)
        if state.wants_data(run.id):
            _missing(run)


def _freezing(job: FreezeJob) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.running:
            st.progress(job.share, text=f"Freezing at β {job.beta:g}")
            st.button("Cancel", key="cancel-freeze", on_click=job.cancel)
        elif job.made:
            st.markdown(f":material/ac_unit: Frozen at β {job.beta:g} as a run of its own.", width="stretch")
            navigation.link(navigation.EXPLORE, "Explore it", job.made, icon=":material/explore:")
            st.button("Close", key="close-freeze", type="tertiary", on_click=_forget)
        elif job.error:
            st.markdown(words.escaped(job.error), width="stretch")
            st.button("Close", key="close-freeze", type="tertiary", on_click=_forget)


def _going(other: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        share = stored(other).share
        st.progress(share, text=f"Training β {other.config.beta:g} alone, {share:.0%}")
        navigation.link(navigation.TRAIN, "Watch it", other.id)


def _broken(run: Run, other: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Training β {other.config.beta:g} alone: {words.STATES[other.state]}.",
            width="stretch",
        )
        navigation.link(navigation.TRAIN, "See why", other.id)
        st.button(
            "Close",
            key=f"close/{other.id}",
            type="tertiary",
            on_click=state.begun_alone(run.id).remove,
            args=(other.id,),
        )


def _missing(run: Run) -> None:
    """The data set of a run whose beta is to be trained is not here."""
    source = run.config.data.source
    with st.container(horizontal=True, vertical_alignment="center"):
        if source.startswith(OWN) or source not in data.SOURCES:
            st.markdown(
                "Training needs the pictures of this run, and they are not here or not shared with you. Its "
                "owner can share them on Data.",
                width="stretch",
            )
        else:
            info = data.info(source)
            title = words.escaped(info.title)
            if data.available(source):
                st.markdown(f"{title} is here now.", width="stretch")
            else:
                st.markdown(f"Training needs {title}, which is not here yet.", width="stretch")
                data_download.offer(info, primary=False)
        st.button("Close", key="close-missing", type="tertiary", on_click=state.want_data, args=(None,))


def _tried(action: Callable[[Run, float], None], run: Run, beta: float) -> None:
    with messages.in_a_toast():
        action(run, beta)


def _job(run: Run) -> FreezeJob | None:
    """The latest of this visitor, if it is about that run and was not called off."""
    job = _jobs().get(state.owner())
    return job if job and job.run == run.id and not job.cancelled else None


def _forget() -> None:
    _jobs().pop(state.owner(), None)


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, FreezeJob]:
    """The latest of each visitor, by their token."""
    return {}
