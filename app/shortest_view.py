"""Shortest ways on the Interpolate page: asking for one, what the browser is told of it, how far it is."""

import threading
from typing import Any

import streamlit as st

from app import messages, path_state, services, state
from vae_core.interpolate_job import InterpolateJob
from vae_core.run import Run
from vae_core.ways import Way

AT_ONCE = 2  # ways on their way on this server
KEPT = 64  # jobs that are done and remembered
EVERY = 0.4  # seconds between two looks
BUSY = "Other ways are being worked out on this server; choose it again in a moment."
_asking = threading.Lock()  # from looking at what is on its way to adding to it


def ask(run: Run) -> None:
    """Begin to work out the way that the browser has just asked for; what is no way is passed over.

    Raises PathError where it cannot be begun.
    """
    way = path_state.asked(run.id)
    if way is None:
        return
    beta = path_state.asked_beta(run.id)
    name = _name(run, way, beta)
    path_state.await_shortest(run.id, way, beta)
    with _asking:
        jobs = _jobs()
        for other, job in jobs.items():
            if other != name and job.running and job.owner == state.owner():
                job.cancel()  # a hand has moved on
        if name in jobs and not (jobs[name].error or jobs[name].cancelled):
            return
        jobs.pop(name, None)
        if sum(job.running and not job.cancelled for job in jobs.values()) >= AT_ONCE:
            return  # `news` says so
        while len(jobs) >= KEPT:
            del jobs[next(iter(jobs))]
        jobs[name] = InterpolateJob(run.id, way, beta, state.owner())


def news(run: Run) -> dict[str, Any]:
    """{"way": what was asked for as a place of the browser, "beta", "legs", "error"}; empty without."""
    awaited, job = path_state.awaited(run.id), _job(run)
    if awaited is None or (job is not None and job.running):
        return {}
    way, beta = awaited
    error = BUSY if job is None else "It was called off." if job.cancelled else job.error
    return {"way": way.place(), "beta": beta, "legs": job.legs if job else [], "error": error}


def status(run: Run) -> None:
    """A bar while a way is worked out, redrawn by itself; at its end the page is. It can be called off."""
    job = _job(run)
    is_running = job is not None and job.running
    st.fragment(_status, run_every=EVERY if is_running else None)(run, is_running)


def _status(run: Run, was_running: bool) -> None:
    job = _job(run)
    if (job is not None and job.running) != was_running:
        st.rerun()
    if job is None or not (job.running or job.error):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="shortest-status"):
        if job.running:
            st.progress(job.share, text="The shortest way is being worked out; the straight one stands in.")
            st.button("Cancel", key=f"cancel-shortest/{run.id}", on_click=job.cancel)
        else:
            messages.problem(job.error)


def _job(run: Run) -> InterpolateJob | None:
    awaited = path_state.awaited(run.id)
    return _jobs().get(_name(run, *awaited)) if awaited else None


def _name(run: Run, way: Way, beta: float | None) -> str:
    """Of what is worked out: another stamp is another model."""
    return f"{run.id} {services.stamp(run)} {way.anchors} {way.loop} {beta}"


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, InterpolateJob]:
    """The latest, by name."""
    return {}
