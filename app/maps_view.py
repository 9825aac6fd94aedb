"""Maps for the eye on Explore: what the browser is told of them, asking for one, how far it is."""

import base64
import threading
from typing import Any

import streamlit as st

from app import messages, services, state
from vae_core.errors import MapError
from vae_core.map_job import MapJob
from vae_core.maps import KINDS, Map, MapStore, obstacle
from vae_core.run import Run

AT_ONCE = 2  # maps on their way on this server
EVERY = 0.5  # seconds between two looks
_asking = threading.Lock()  # from looking at what is on its way to adding to it


def news(run: Run) -> dict[str, Any]:
    """{"made": {kind: {places, ...}}, "can": [kinds], "making": kind or ""}, as projections.js takes it."""
    mu, labels = services.codes(run)
    made = {kind: found for kind in KINDS if (found := MapStore().get(run, kind, mu))}
    job = _jobs().get(run.id)
    return {
        "made": {kind: _told(found) for kind, found in made.items()},
        "can": [kind for kind in KINDS if kind not in made and not obstacle(kind, mu, labels)],
        "making": job.kind if job and job.running else "",
    }


def ask(run: Run, kind: Any) -> None:
    """Begin to make a map of the kind that a person chose. Raises MapError where it cannot be, or not now."""
    if not isinstance(kind, str) or kind not in KINDS:
        return
    problem = obstacle(kind, *services.codes(run))
    with _asking:
        jobs = _jobs()
        running = [job.run for job in jobs.values() if job.running]
        if run.id in running:
            problem = "A map of this run is on its way already."
        elif len(running) >= AT_ONCE:
            problem = f"{len(running)} maps are on their way already; ask again when one is done."
        if problem:
            raise MapError(problem)
        jobs[run.id] = MapJob(run.id, kind, state.owner())


def status(run: Run) -> None:
    """A bar while a map is made, redrawn by itself; at its end the page is. Who asked can call it off."""
    job = _jobs().get(run.id)
    is_running = job is not None and job.running
    st.fragment(_status, run_every=EVERY if is_running else None)(run.id, is_running)


def _status(run_id: str, was_running: bool) -> None:
    job = _jobs().get(run_id)
    if (job is not None and job.running) != was_running:
        st.rerun()
    if job is None or not (job.running or job.error):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="map-status"):
        if job.running:
            st.progress(job.share, text=f"The {KINDS[job.kind]} map is being made; explore meanwhile.")
            if job.owner == state.owner():
                st.button("Cancel", key=f"cancel-map/{run_id}", on_click=job.cancel)
        else:
            messages.problem(job.error)
            st.button("Close", key=f"close-map/{run_id}", on_click=_forget, args=(run_id,))


def _forget(run_id: str) -> None:
    _jobs().pop(run_id, None)


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, MapJob]:
    """The latest for each run, by its id."""
    return {}


def _told(made: Map) -> dict[str, Any]:
    return {
        "places": base64.b64encode(made.places.astype("<f4").tobytes()).decode(),
        "trustworthiness": made.trustworthiness,
        "neighbours": made.neighbours,
        "arranged": made.arranged,
    }
