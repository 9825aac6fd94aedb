"""What one can do about a training: pause, finish or cancel it while it lasts, go on from it afterwards."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from app import (
    beta_lab,
    longer_view,
    navigation,
    preset_choice,
    services,
    state,
    take_along,
    training_state,
    words,
)
from vae_core.errors import LatentscapeError
from vae_core.progress import Progress
from vae_core.run import Run

ENDING = ("stopping", "finishing")


def while_it_lasts(run: Run, progress: Progress) -> None:
    """Beside the title: what steers a training, nothing that changes one of somebody else.

    What one can do afterwards stands on another line, so that a second click on Cancel meets nothing.
    """
    if progress.state != "finished" and run.owner not in ("", state.owner()):
        st.caption("Started by someone else; you are watching.", width="content")
    elif progress.active and not run.owner:
        st.caption("Started on the command line; you are watching.", width="content")
    elif has_wheel(run, progress):
        _control(run.id, progress)
    elif progress.active:
        st.caption("Another Latentscape trains it; you are watching.", width="content")


def has_wheel(run: Run, progress: Progress) -> bool:
    """Whether this visitor steers it: they started it, and it is trained here and not by another app."""
    is_here = progress.course.steerable or progress.state in ENDING
    return progress.active and run.owner == state.owner() and bool(is_here)


def afterwards(run: Run, progress: Progress) -> None:
    """Where to go from a run that has ended."""
    if progress.state == "finished":
        _finished(run)
    elif not progress.active and run.owner in ("", state.owner()):
        _broken(run, progress)


def new(kind: Literal["primary", "tertiary"]) -> None:
    """To the form, as it was left."""
    if st.button("New training", type=kind, icon=":material/add:"):
        state.put_run_in_url(None)
        st.rerun()


def beside_title(run: Run, progress: Progress) -> None:
    """Quiet ways on: another training, and the moments that a run has kept so far."""
    new("tertiary")
    if progress.state == "finished":
        _again(run, "tertiary")
    elif progress.state != "damaged" and run.snapshots():
        _replay(run, "tertiary")


def attempt(action: Callable[..., None], *arguments: object, **wishes: object) -> None:
    """A request that came too late is no error: `answer` says so, and the look shows how the run stands."""
    try:
        action(*arguments, **wishes)
    except LatentscapeError as error:
        training_state.put_answer(str(error))


def snapshot(run_id: str) -> None:
    """Asks for one and says what becomes of it."""
    training_state.put_answer("A snapshot is on its way: it comes on the map, and Replay keeps it.")
    attempt(services.trainer().snapshot, run_id)


def answer() -> None:
    """What became of what was asked for last. A callback of a fragment has no place where to say it."""
    if said := training_state.take_answer():
        st.toast(words.escaped(said))


def _control(run_id: str, progress: Progress) -> None:
    """Three buttons that keep their places; what cannot be done now is greyed out."""
    service = services.trainer()
    is_ending = progress.state in ENDING
    is_going = progress.state in ("running", "paused") and not progress.measured
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
    _replay(run, "secondary")
    take_along.choose(run, "train")
    longer_view.button(run)


def _broken(run: Run, progress: Progress) -> None:
    can_resume = progress.state in ("interrupted", "failed")
    if can_resume and st.button("Resume", type="primary", icon=":material/play_arrow:"):
        services.trainer().resume(run.id)
        st.rerun()
    if progress.state != "damaged":
        _again(run, "secondary")


def _replay(run: Run, kind: Literal["secondary", "tertiary"]) -> None:
    if st.button("Replay", type=kind, icon=":material/movie:"):
        navigation.go(navigation.REPLAY, run.id)


def _again(run: Run, kind: Literal["secondary", "tertiary"]) -> None:
    if st.button("Set up another like it", type=kind, icon=":material/tune:"):
        preset_choice.load(run.config)
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
        label,
        icon=f":material/{icon}:",
        help=help,
        disabled=disabled,
        on_click=attempt,
        args=(action, run_id),
    )
