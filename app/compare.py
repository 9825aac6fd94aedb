"""A second run beside the first on Explore: choosing it, and what it is allowed to be."""

import streamlit as st

from app import messages, navigation, own, picker, services, state, words
from app.links import LinkError
from vae_core.errors import LatentscapeError
from vae_core.run import Run


def choose(run: Run) -> None:
    """A list of the runs that `run` can be compared with; the choice goes to the address."""
    with st.popover("Compare", icon=":material/compare:"):
        known = {other.id: other for other in sorted(_others(run), key=picker.group)}
        if not known:
            st.caption(f"No other finished run on {words.escaped(_data(run))} yet.")
            if st.button("Train one"):
                state.choose_source(run.config.data.source)
                navigation.go(navigation.TRAIN)
            return
        names = picker.labels(list(known.values()))
        asked = _asked() if _asked() in known else None
        state.put_beside(asked)
        st.selectbox(
            "Beside this run",
            list(known),
            list(known).index(asked) if asked else None,
            format_func=names.__getitem__,
            key=state.BESIDE_KEY,
            placeholder="Choose a run",
            help="Both follow one cursor: the same example, or the same z. Only runs on the same pictures.",
            on_change=_chosen,
            args=(run.id,),
        )


def beside(run: Run) -> bytes | None:
    """The bundle of the run that the address puts beside `run`; where that cannot be, why not is said."""
    try:
        asked = state.beside_in_url()
        if asked is None:
            return None
        other = services.store().get(asked)
        why = obstacle(run, other)
        if not why:
            return services.bundle(other)[0]
        messages.notice(f"The run {other.title} cannot stand beside this one: {why}.")
    except LatentscapeError as error:
        messages.notice(str(error))
    return None


def close(run: Run, value: object) -> None:
    """The run beside was closed in the browser."""
    state.put_beside_in_url(run.id, None)


def _chosen(run_id: str) -> None:
    state.put_beside_in_url(run_id, state.chosen_beside())


def _asked() -> str | None:
    try:
        return state.beside_in_url()
    except LinkError:
        return None


def _others(run: Run) -> list[Run]:
    return [other for other in services.store().list() if own.lists(other) and not obstacle(run, other)]


def obstacle(run: Run, other: Run) -> str:
    """Why the two cannot be compared, empty where they can."""
    if other.id == run.id:
        return "it is the same run"
    if other.state != "finished":
        return f"it is {words.STATES[other.state]}, not finished"
    if other.config.data.source != run.config.data.source or _differ(run, other):
        return "it was trained on other pictures"
    return ""


def _differ(run: Run, other: Run) -> bool:
    """Whether the pictures are known to be different ones: a source may have changed since."""
    first, second = (_about(each).get("checksum") for each in (run, other))
    return bool(first and second and first != second)


def _data(run: Run) -> str:
    return str(_about(run).get("title") or run.config.data.source)


def _about(run: Run) -> dict:
    about = run.about.get("data")
    return about if isinstance(about, dict) else {}
