"""Watching a training: how far it is, what it has learnt, what one can do about it."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from app import beta_lab, controls, figures, messages, navigation, services, sharing, state, words
from vae_core.errors import LatentscapeError, RunNotFoundError
from vae_core.progress import Progress
from vae_core.recipes import recommended
from vae_core.run import Examples, Run

EVERY = 0.5  # seconds between two looks

HEADLINES = {
    "queued": "Waiting for its turn",
    "starting": "Getting ready",
    "running": "Training",
    "paused": "Paused",
    "stopping": "Stopping, saving where it stands",
    "finishing": "Finishing early",
    "finished": "Finished",
    "interrupted": "Interrupted",
    "diverged": "Diverged",
    "failed": "Failed",
    "damaged": "Damaged",
}


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
        _new("primary")
        return
    st.fragment(_look, run_every=EVERY if progress.active else None)(run_id, progress.active)


def _look(run_id: str, was_active: bool) -> None:
    with messages.in_plain_words():
        run = services.store().get(run_id)
        progress = services.trainer().progress(run_id)
        if was_active and not progress.active:
            st.rerun()  # the whole page, so that nothing looks any longer
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.subheader(words.escaped(run.title), anchor=False, width="content")
                _new("tertiary")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                _while_it_lasts(run, progress)
        with st.container(horizontal=True, vertical_alignment="center", key="outcome"):
            _line(run, progress)
            _afterwards(run, progress)
        _remarks(progress)
        if progress.state != "damaged":
            figures.training(
                state.training_key(run_id),
                progress.rows,
                progress.snapshot,
                _examples(run),
                *_extent(run, progress),
            )


def _while_it_lasts(run: Run, progress: Progress) -> None:
    """Beside the title: what steers a training, nothing that changes one of somebody else.

    What one can do afterwards stands on another line, so that a second click on Cancel meets nothing.
    """
    if progress.state != "finished" and run.owner not in ("", state.owner()):
        st.caption("Started by someone else; you are watching.", width="content")
    elif progress.active and not run.owner:
        st.caption("Started on the command line; you are watching.", width="content")
    elif progress.active:
        _steer(run.id, progress)


def _afterwards(run: Run, progress: Progress) -> None:
    if progress.state == "finished":
        _finished(run)
    elif not progress.active and run.owner in ("", state.owner()):
        _broken(run, progress)


def _steer(run_id: str, progress: Progress) -> None:
    """Three buttons that keep their places; what cannot be done now is greyed out."""
    service = services.trainer()
    is_ending = progress.state in ("stopping", "finishing")
    is_going = progress.state in ("running", "paused")
    if progress.state == "paused":
        _button("Go on", "play_arrow", service.unpause, run_id)
    else:
        _button("Pause", "pause", service.pause, run_id, disabled=not is_going)
    _button("Finish now", "check", service.finish, run_id, "End here, with a map.", disabled=not is_going)
    _button("Cancel", "close", service.stop, run_id, "Stop here; it can be resumed.", disabled=is_ending)


def _finished(run: Run) -> None:
    has_dial = beta_lab.has_dial(run)
    if has_dial and st.button("Open in the Beta lab", type="primary", icon=":material/tune:"):
        navigation.go(navigation.BETA, run.id)
    if st.button("Explore it", type="secondary" if has_dial else "primary", icon=":material/explore:"):
        navigation.go(navigation.EXPLORE, run.id)
    sharing.download(run)
    _again(run)


def _broken(run: Run, progress: Progress) -> None:
    can_resume = progress.state in ("interrupted", "failed")
    if can_resume and st.button("Resume", type="primary", icon=":material/play_arrow:"):
        services.trainer().resume(run.id)
        st.rerun()
    if progress.state != "damaged":
        _again(run)


def _again(run: Run) -> None:
    if st.button("Set up another like it", icon=":material/tune:"):
        controls.load(run.config, recommended(run.config.data.source))
        state.put_run_in_url(None)
        st.rerun()  # the whole page, not only what is looked at


def _new(kind: Literal["primary", "tertiary"]) -> None:
    """To the form, as it was left."""
    if st.button("New training", type=kind, icon=":material/add:"):
        state.put_run_in_url(None)
        st.rerun()


def _button(
    label: str,
    icon: str,
    action: Callable[[str], None],
    run_id: str,
    help: str | None = None,
    disabled: bool = False,
) -> None:
    st.button(
        label, icon=f":material/{icon}:", help=help, disabled=disabled, on_click=_try, args=(action, run_id)
    )


def _try(action: Callable[[str], None], run_id: str) -> None:
    """A request that came too late is no error: the next look shows how the run stands."""
    try:
        action(run_id)
    except LatentscapeError as error:
        st.toast(words.escaped(str(error)))


def _line(run: Run, progress: Progress) -> None:
    """How far it is, or what came out."""
    if progress.state == "finished":
        meta = services.bundle(run)[1]
        seconds = meta["report"].get("seconds")
        took = f":small[ · {words.duration(seconds)} of training]" if isinstance(seconds, int | float) else ""
        st.markdown(words.facts(meta) + took, width="stretch", help=words.FACTS)
    elif progress.state != "damaged":
        _bar(run, progress)


def _remarks(progress: Progress) -> None:
    """What a person should know about it."""
    if progress.note:
        messages.notice(progress.note)
    if progress.error:
        messages.problem(progress.error)


def _bar(run: Run, progress: Progress) -> None:
    total = progress.total_steps
    done = f"epoch {words.epochs(progress.step / total, run.config.training.epochs)}" if total else ""
    is_measured = progress.state == "running" and 0 < total <= progress.step
    if progress.stopped:
        text = f"Stopped at {done or 'the start'}; it can go on"
    else:
        headline = "Measuring what it has learnt" if is_measured else HEADLINES[progress.state]
        text = " · ".join(filter(None, (headline, done)))
    if progress.state == "queued" and progress.position:
        text += f" · place {progress.position} in the queue"
    if progress.seconds_left is not None and progress.active and not is_measured:
        text += f" · {words.duration(progress.seconds_left)} left"
    st.progress(progress.share, text=words.escaped(text))


def _extent(run: Run, progress: Progress) -> tuple[int, float]:
    """How far the curves reach: steps and epochs. Those of a training that ended early end where it did."""
    total, epochs = progress.total_steps, run.config.training.epochs
    if progress.state != "finished":
        return total, epochs
    return progress.step, epochs * progress.step / total if total else epochs


def _examples(run: Run) -> Examples | None:
    """None before training begins."""
    return run.examples() if (run.path / "examples.safetensors").is_file() else None
