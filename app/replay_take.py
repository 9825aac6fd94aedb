"""Taking a replay along: as a video, a GIF, or inside the run's HTML file, each made when asked for."""

import threading

import streamlit as st

from app import own, replay_view, services, training_state
from vae_core import cli_replay, replay, replay_film
from vae_core.errors import LatentscapeError
from vae_core.explorer import page
from vae_core.explorer.page_parts import Inside
from vae_core.run import Run

_making = threading.Lock()  # one film at a time: each keeps a core busy, and pages of others need theirs


def take(run: Run) -> None:
    """A list of files; what cannot be made here says why."""
    with st.popover("Take along", icon=":material/download:", key=training_state.replay_film_key("list")):
        if own.has_own_pictures(run):
            st.caption(":material/visibility: Whoever gets the file sees your pictures as examples.")
        missing = "" if replay_film.has_video() else replay_film.NO_VIDEO
        _file(run, "mp4", "Video", missing or "MP4, for slides. Takes up to a minute to make.", bool(missing))
        _file(run, "gif", "Animated GIF", "Plays anywhere by itself. Takes up to half a minute to make.")
        if run.state == "finished":
            obstacle = _obstacle(run)
            st.download_button(
                "HTML with replay",
                lambda: _html(run),
                file_name=page.file_name(run.title),
                mime="text/html",
                icon=":material/html:",
                on_click="ignore",
                disabled=bool(obstacle),
                help=obstacle or "One file with the map and the replay; it opens in any browser, offline.",
                width="stretch",
            )


def _file(run: Run, kind: str, label: str, help: str, disabled: bool = False) -> None:
    is_dark = st.context.theme.type == "dark"  # known to this visit, not to whoever makes the file later
    st.download_button(
        label,
        lambda: _film(run, kind, is_dark),
        file_name=cli_replay.file_name(run.title, kind),
        mime={"mp4": "video/mp4", "gif": "image/gif"}[kind],
        icon={"mp4": ":material/movie:", "gif": ":material/gif_box:"}[kind],
        on_click="ignore",
        disabled=disabled,
        help=help,
        width="stretch",
    )


def _film(run: Run, kind: str, is_dark: bool) -> bytes:
    make = replay_film.mp4 if kind == "mp4" else replay_film.gif
    with _making:
        return make(replay.moments(run), dark=is_dark)


def _obstacle(run: Run) -> str:
    """Why it cannot become an HTML file; empty where it can."""
    try:
        return services.export(run)
    except LatentscapeError as error:
        return str(error)


def _html(run: Run) -> bytes:
    contents, _ = services.bundle(run)
    inside = Inside(extras=services.extras(run), place={}, moments=replay_view.moments(run))
    return page.html(contents, run.title, run.config, inside=inside).encode()
