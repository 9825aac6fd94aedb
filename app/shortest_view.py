"""Shortest ways on the Interpolate page: asking for one, what the browser is told of it, how far it is."""

import threading
from typing import Any

import streamlit as st

from app import messages, path_state, services, state
from vae_core.errors import PathError
from vae_core.interpolate_job import InterpolateJob
from vae_core.run import Run
from vae_core.ways import Way

AT_ONCE = 2  # ways on their way on this server
KEPT = 64  # jobs that are done and remembered
EVERY = 0.4  # seconds between two looks
_asking = threading.Lock()  # from looking at what is on its way to adding to it


def ask(run: Run) -> None:
    """Begin to work out the way that the browser has just asked for; what is no way is passed over."""
    way = path_state.asked(run.id)
    if way is None:
        return
    beta = path_state.asked_beta(run.id)
    name = _name(run, way, beta)
    path_state.await_shortest(run.id, name)
    with _asking:
        jobs = _jobs()
        for other, job in jobs.items():
            if other != name and job.running and job.owner == state.owner():
                job.cancel()  # a hand has moved on
        if name in jobs and not (jobs[name].error or jobs[name].cancelled):
            return
        if sum(job.running and not job.cancelled for job in jobs.values()) >= AT_ONCE:
            raise PathError("Other ways are being worked out on this server; choose it again in a moment.")
        while len(jobs) >= KEPT:
            del jobs[next(iter(jobs))]
        jobs[name] = InterpolateJob(run.id, way, beta, state.owner())


def news(run: Run) -> dict[str, Any]:
    """{"way": what was asked for as a place of the browser, "beta", "legs", "error"}; empty without."""
    job = _job(run)
    if job is None or job.running:
        return {}
    told: dict[str, Any] = {"way": job.way.place(), "beta": job.beta, "legs": job.legs}
    return told | {"error": "It was called off." if job.cancelled else job.error}


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
    return _jobs().get(path_state.awaited(run.id))


def _name(run: Run, way: Way, beta: float | None) -> str:
    """Of what is worked out: another stamp is another model."""
    return f"{run.id} {services.stamp(run)} {way.anchors} {way.loop} {beta}"


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, InterpolateJob]:
    """The latest, by name."""
    return {}
