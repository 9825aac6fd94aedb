"""Watching a training: how far it is, what it has learnt, what one can do about it."""

import streamlit as st

from app import (
    figures,
    ghost,
    health_view,
    messages,
    services,
    slow,
    state,
    steered,
    steering_view,
    take_along,
    watch_actions,
    watch_line,
    words,
)
from vae_core.errors import RunNotFoundError
from vae_core.progress import Progress
from vae_core.run import Examples, Run

EVERY = 0.5  # seconds between two looks


def asked() -> str | None:
    """The run that the address names, if it names one; what cannot be a run's id becomes an empty one."""
    try:
        return state.run_in_url()
    except state.LinkError:
        return ""


def watch(run_id: str) -> None:
    """The run as it stands, looked at twice a second while somebody works on it."""
    try:
        if not run_id:
            raise RunNotFoundError
        progress = services.trainer().progress(run_id)
    except RunNotFoundError:
        name = f" “{run_id}”" if run_id else " of that name"
        messages.problem(f"There is no run{name} here. Set up a new training, or choose a run on Explore.")
        watch_actions.new("primary")
        return
    earlier = ghost.candidates(services.store().get(run_id))
    st.fragment(_look, run_every=EVERY if progress.active else None)(run_id, progress.active, earlier)
    slow.section(run_id)


def _look(run_id: str, was_active: bool, earlier: dict[str, Run]) -> None:
    with messages.in_plain_words():
        run = services.store().get(run_id)
        progress = services.trainer().progress(run_id)
        if was_active and not progress.active:
            st.rerun()  # the whole page, so that nothing looks any longer
        watch_line.name_tab(run, progress)
        watch_actions.answer()
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.subheader(words.escaped(steered.named(run)), anchor=False, width="content")
                watch_actions.beside_title(run, progress)
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                watch_actions.while_it_lasts(run, progress)
        with st.container(horizontal=True, vertical_alignment="center", key="outcome"):
            watch_line.line(run, progress)
            watch_actions.afterwards(run, progress)
        if progress.state == "finished":
            take_along.status(run, "train")
        watch_line.remarks(progress)
        if progress.state != "damaged":
            with st.container(
                horizontal=True, vertical_alignment="bottom", horizontal_alignment="right", key="wheel"
            ):
                steering_view.show(run, progress)
                under = ghost.choose(run, earlier)
            figures.training(
                state.training_key(run_id),
                progress.rows,
                progress.snapshot,
                _examples(run),
                *_extent(run, progress),
                under,
                health_view.gravest(run, progress.rows),
                run.config.model.kind == "multirate",
            )


def _extent(run: Run, progress: Progress) -> tuple[int, float]:
    """How far the curves reach: steps and epochs. Those of a training that ended early end where it did."""
    total, epochs = progress.total_steps, run.config.training.epochs
    if progress.state != "finished":
        return total, epochs
    return progress.step, epochs * progress.step / total if total else epochs


def _examples(run: Run) -> Examples | None:
    """None before training begins."""
    return run.examples() if (run.path / "examples.safetensors").is_file() else None
