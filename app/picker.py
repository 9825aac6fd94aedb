"""Which run to explore, and what to say where there is none to show."""

from collections.abc import Sequence

import streamlit as st

from app import navigation, own, services, state, steered, words
from app.links import LinkError
from vae_core.errors import RunNotFoundError
from vae_core.run import Run


def choose() -> Run | None:
    """The run to explore: the address's, else the last looked at, else one's newest, else a starter.

    None where there is none. Raises RunNotFoundError or LinkError once the list to choose from is drawn.
    """
    runs = [run for run in services.store().list() if own.lists(run)]
    runs.sort(key=group)  # one's own, others', starters; each newest first
    asked, wrong = _asked()
    if not runs and not asked and not wrong:
        return None
    known = {run.id: run for run in runs}
    chosen = None if wrong else asked or default(runs)
    ids, names = list(known), labels(runs)
    state.put_picked(chosen if chosen in known else None)
    st.selectbox(
        "Run",
        ids,
        ids.index(chosen) if chosen in known else None,
        format_func=names.__getitem__,
        key=state.PICKED_KEY,
        label_visibility="collapsed",
        placeholder="Choose a run" if wrong or not chosen else _unlisted(chosen),
        width=320,
        on_change=_chosen,
        args=(ids,),
    )
    if wrong:
        raise wrong
    if not chosen:
        return None
    state.remember_run(chosen)
    return known.get(chosen) or services.store().get(chosen)


def _unlisted(run_id: str) -> str:
    """How a run is called that an address leads to and the list does not show."""
    try:
        return services.store().get(run_id).title
    except RunNotFoundError:
        return "Choose a run"


def group(run: Run) -> int:
    """For sorting: one's own runs, others', starters."""
    return 2 if run.starter else 0 if run.owner == state.owner() else 1


def labels(runs: Sequence[Run]) -> dict[str, str]:
    """What the list says, by id: title, state, beginning. All different, and the same for everyone."""
    made: dict[str, str] = {}
    for run in runs:
        parts = ["Starter", run.title] if run.starter else [steered.named(run)]
        if run.state != "finished":
            parts.append(words.STATES[run.state])
        if not run.starter:
            parts.append(words.when(run.created, st.context.timezone))
        label = " · ".join(parts)
        made[run.id] = f"{label} · {run.id[-4:]}" if label in made.values() else label
    return made


def nothing_yet() -> None:
    """No run on this computer and no starters."""
    st.subheader("Nothing to explore yet", anchor=False)
    st.write("A run appears here as soon as its training is finished. Digits take two seconds.")
    if st.button("Train a model", type="primary"):
        navigation.go(navigation.TRAIN)


def not_finished(run: Run) -> None:
    """Why this run has no map, and where to go on with it."""
    st.subheader(words.escaped(run.title), anchor=False)
    if run.state == "damaged":
        st.write(
            words.escaped(
                f"This run cannot be opened: {run.reason}. Choose another one above, or train it again."
            )
        )
        return
    st.write(
        {
            "running": "This run is still being trained. Its map is ready when that ends.",
            "interrupted": "Training was interrupted. It can go on from where it was saved.",
            "diverged": "Training diverged, so there is no map. A lower learning rate usually helps.",
        }[run.state]
    )
    if st.button("Go to its training", type="primary"):
        navigation.go(navigation.TRAIN, run.id)


def _chosen(ids: Sequence[str]) -> None:
    """Take the choice to the address.

    The browser answers with a label. Where that has changed since it was drawn, because a training has ended,
    Streamlit hands the label itself over, and nobody has chosen anything.
    """
    if state.picked() in ids:
        state.put_run_in_url(state.picked())


def _asked() -> tuple[str | None, LinkError | None]:
    """The run that the address names, or what is wrong with the address."""
    try:
        return state.run_in_url(), None
    except LinkError as error:
        return None, error


def default(runs: list[Run]) -> str | None:
    """Of runs in the order of `group`: the last seen, else one's newest finished, a starter, another's."""
    last = state.last_run()
    if any(run.id == last for run in runs):
        return last
    finished = sorted((run for run in runs if run.state == "finished"), key=_strangeness)
    return finished[0].id if finished else None


def _strangeness(run: Run) -> int:
    """For sorting: what a visitor who asks for nothing should see first is not somebody else's."""
    return (0, 2, 1)[group(run)]
