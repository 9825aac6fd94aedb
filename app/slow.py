"""A step in slow motion, on Train: one step of the run's own training, stage by stage, for teaching.

It is worked out in a process of its own (`vae_core.slow_job`); the page gets numbers and draws them in the
browser.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import messages, services, slow_words, training_state
from vae_core.errors import RunError
from vae_core.run import CHECKPOINT, Run
from vae_core.slow_job import SlowJob

HERE = Path(__file__).parent
AT_ONCE = 2  # steps that are worked out on this server at a time
KEPT = 16  # that it remembers
EVERY = 0.5  # seconds between two looks
MOMENTS = {"start": "Its first step", "now": "As it stands"}
ABOUT = (
    "Walk through one step of this training: what is computed, the real numbers, and the line of our code."
)

_asking = threading.Lock()  # from looking at what is on its way to adding to it

SCRIPTS = ("slow_drawing.js", "slow_stages.js", "slow_later.js", "slow_view.js")  # one scope
_component = st.components.v2.component(
    "latentscape_slow",
    html='<div class="slow"></div>',
    css=(HERE / "slow_view.css").read_text("utf-8"),
    js="".join((HERE / name).read_text("utf-8") for name in SCRIPTS),
)


@dataclass
class Step:
    """One that was asked for."""

    job: SlowJob
    stamp: int  # of the state that it begins from
    packed: bytes = b""  # for the browser, once it was shown


def section(run_id: str) -> None:
    """A line to open it with; opened, the step. Does no work before."""
    is_working = _is_working(run_id)
    st.fragment(_section, run_every=EVERY if is_working else None)(run_id, is_working)


def _section(run_id: str, was_working: bool) -> None:
    with messages.in_plain_words():
        run = services.store().get(run_id)
        if run.state == "damaged":
            return
        if not training_state.slow_open(run_id):
            st.button(
                "A step in slow motion",
                icon=":material/slow_motion_video:",
                help=ABOUT,
                on_click=training_state.open_slow,
                args=(run_id, True),
            )
            return
        at = _head(run)
        step = _steps().get((run_id, at)) or _begin(run, at)
        if _is_working(run_id) != was_working:
            st.rerun()
        if step:
            _show(run, step)


def _head(run: Run) -> str:
    """The line above it. Returns the moment that was chosen."""
    can_choose = services.stamp(run, CHECKPOINT) or services.stamp(run, "model.safetensors")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("A step in slow motion", anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            at = "start"
            if can_choose:
                at = training_state.slow_at(run.id) or "now"
                st.segmented_control(
                    "Moment",
                    list(MOMENTS),
                    default=at,
                    required=True,
                    format_func=MOMENTS.__getitem__,
                    key=training_state.slow_key(run.id),
                    label_visibility="collapsed",
                )
            st.button(
                "Close",
                icon=":material/close:",
                type="tertiary",
                key=f"close-slow/{run.id}",
                on_click=training_state.open_slow,
                args=(run.id, False),
            )
    return at


def _begin(run: Run, at: str) -> Step | None:
    """Begins to work a step out. Says so where that cannot be done now."""
    with _asking:
        steps = _steps()
        if sum(step.job.running for step in steps.values()) >= AT_ONCE:
            messages.notice("Other steps are being worked out already.")
            st.button("Try again", key=f"try-slow/{run.id}")
            return None
        try:
            made = Step(SlowJob(run.id, at), services.stamp(run, CHECKPOINT))
        except RunError as error:
            messages.problem(str(error))
            return None
        steps[run.id, at] = made
        for key in [key for key, step in steps.items() if not step.job.running][: max(0, len(steps) - KEPT)]:
            del steps[key]
    return made


def _show(run: Run, step: Step) -> None:
    job = step.job
    if job.running:
        st.progress(job.share, text="Working the step out, with the run's own weights and pictures.")
        return
    if not job.made:
        messages.problem(job.error or "The step was not made.")
        st.button("Try again", key=f"again-slow/{run.id}", on_click=_forget, args=(run.id, job.at))
        return
    if not step.packed:
        step.packed = pack(job.made)
    if job.made["notes"]:
        st.caption(" ".join(job.made["notes"]))
    if job.at == "now" and (run.state == "running" or step.stamp != services.stamp(run, CHECKPOINT)):
        st.button(
            "Take its latest state",
            icon=":material/refresh:",
            key=f"latest-slow/{run.id}",
            help=f"This is step {job.made['step']:,}; the run may have been saved since.",
            on_click=_forget,
            args=(run.id, job.at),
        )
    _component(key=f"slow-view/{run.id}", data=step.packed)


def pack(report: dict) -> bytes:
    """What the browser is told, as JSON: {report, stages}; see `slow_words.stages`."""
    return json.dumps({"report": report, "stages": slow_words.stages(report)}).encode()


def _is_working(run_id: str) -> bool:
    return any(step.job.running for (run, _), step in list(_steps().items()) if run == run_id)


def _forget(run_id: str, at: str) -> None:
    _steps().pop((run_id, at), None)


@st.cache_resource(show_spinner=False)
def _steps() -> dict[tuple[str, str], Step]:
    """The latest of each run and moment."""
    return {}
