"""Watching a training: how far it is, what it has learnt, what one can do about it."""

from collections.abc import Callable

import streamlit as st

from app import controls, figures, messages, navigation, services, sharing, state, words
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


def watch(run_id: str) -> None:
    """The run as it stands, looked at twice a second while somebody works on it."""
    try:
        progress = services.trainer().progress(run_id)
    except RunNotFoundError as error:
        messages.problem(str(error))
        st.button("Set up a training", type="primary", on_click=state.put_run_in_url, args=(None,))
        return
    st.fragment(_look, run_every=EVERY if progress.active else None)(run_id, progress.active)


def _look(run_id: str, was_active: bool) -> None:
    with messages.in_plain_words():
        run = services.store().get(run_id)
        progress = services.trainer().progress(run_id)
        if was_active and not progress.active:
            st.rerun()  # the whole page, so that nothing looks any longer
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(words.escaped(run.title), anchor=False, width="stretch")
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                _actions(run, progress)
        _line(run, progress)
        if progress.state != "damaged":
            figures.training(
                state.training_key(run_id),
                progress.rows,
                progress.snapshot,
                _examples(run),
                progress.step if progress.state == "finished" else progress.total_steps,
            )


def _actions(run: Run, progress: Progress) -> None:
    """What one can do now; nothing that changes a training of somebody else."""
    if progress.state == "finished":
        _finished(run)
    elif run.owner not in ("", state.owner()):
        st.caption("Started by someone else; you are watching.", width="content")
    elif progress.active and not run.owner:
        st.caption("Started on the command line; you are watching.", width="content")
    elif progress.active:
        _steer(run.id, progress)
    else:
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
    if st.button("Explore it", type="primary", icon=":material/explore:"):
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
    """How far it is, or what came out, and what a person should know about it."""
    if progress.state == "finished":
        meta = services.bundle(run)[1]
        seconds = meta["report"].get("seconds")
        took = f":small[ · {words.duration(seconds)} of training]" if isinstance(seconds, int | float) else ""
        st.markdown(words.facts(meta) + took)
    elif progress.state != "damaged":
        _bar(progress)
    if progress.note:
        messages.notice(progress.note)
    if progress.error:
        messages.problem(progress.error)


def _bar(progress: Progress) -> None:
    text = HEADLINES[progress.state]
    total = progress.total_steps
    if total:
        text += f" · step {progress.step:,} of {total:,}"
    if progress.state == "queued" and progress.position:
        text += f" · place {progress.position} in the queue"
    if progress.seconds_left is not None and progress.active:
        text += f" · {words.duration(progress.seconds_left)} left"
    st.progress(min(1.0, progress.step / total) if total else 0.0, text=words.escaped(text))


def _examples(run: Run) -> Examples | None:
    """None before training begins."""
    return run.examples() if (run.path / "examples.safetensors").is_file() else None
