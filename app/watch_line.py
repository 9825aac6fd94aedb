"""How far a training is, or what came out, as a line on the page and as the title of the browser's tab."""

import streamlit as st

from app import messages, services, steered, words
from vae_core.progress import Progress
from vae_core.run import Run

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


def line(run: Run, progress: Progress) -> None:
    """How far it is, or what came out."""
    if progress.state == "finished":
        meta = services.bundle(run)[1]
        seconds = meta["report"].get("seconds")
        took = f":small[ · {words.duration(seconds)} of training]" if isinstance(seconds, int | float) else ""
        course = steered.said(run)
        took += f":small[ · steered to {words.escaped(course)}]" if course else ""
        st.markdown(words.facts(meta) + took, width="stretch", help=words.FACTS)
    elif progress.state != "damaged":
        _bar(run, progress)


def remarks(progress: Progress) -> None:
    """What a person should know about it."""
    if progress.note:
        messages.notice(progress.note)
    if progress.error:
        messages.problem(progress.error)


def name_tab(run: Run, progress: Progress) -> None:
    """The title of the browser's tab, to be read from another one: how far it is, else how it ended."""
    st.set_page_config(page_title=tab(steered.named(run), progress))


def tab(title: str, progress: Progress) -> str:
    """47 % · Training · its title; what is not a training has no per cent."""
    parts = [HEADLINES[progress.state].partition(",")[0], title, "Latentscape"]
    if progress.state in ("running", "paused", "finishing", "stopping"):
        parts.insert(0, f"{int(100 * progress.share)} %")
    elif progress.state == "queued" and progress.position:
        parts.insert(0, f"Place {progress.position}")
    return " · ".join(parts)


def _bar(run: Run, progress: Progress) -> None:
    total = progress.total_steps
    done = f"epoch {words.epochs(progress.step / total, run.config.training.epochs)}" if total else ""
    if progress.stopped:
        text = f"Stopped at {done or 'the start'}; it can go on"
    else:
        headline = "Measuring what it has learnt" if progress.measured else HEADLINES[progress.state]
        text = " · ".join(filter(None, (headline, done)))
    if progress.state == "queued" and progress.position:
        text += f" · place {progress.position} of {max(progress.position, progress.waiting)} in the queue"
    if progress.seconds_left is not None and progress.active and not progress.measured:
        text += f" · {words.duration(progress.seconds_left)} left"
    st.progress(progress.share, text=words.escaped(text))
