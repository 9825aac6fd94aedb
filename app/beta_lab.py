"""What stands under the dial of the Beta lab: a multi-rate run or a ladder of runs; what if there is none."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from app import (
    beta_ladder,
    ladder_setup,
    links,
    navigation,
    own,
    picker,
    preset_choice,
    services,
    sharing,
    state,
    take_along,
    words,
)
from app.links import LinkError
from vae_core.errors import LatentscapeError, RunDamagedError
from vae_core.run import Run

MULTIRATE = "multirate"


@dataclass(frozen=True)
class Subject:
    """One thing with a dial, ready to be shown."""

    name: str  # the id of the run or of the ladder
    run: Run  # of a ladder its reference
    bundle: bytes
    meta: Mapping[str, Any]
    model: links.Model
    where: Mapping[str, str] = field(default_factory=dict)  # parameters that name it
    is_ladder: bool = False


def has_dial(run: Run) -> bool:
    return run.state != "damaged" and run.config.model.kind == MULTIRATE


class Chosen(NamedTuple):
    name: str  # the id of a run or of a ladder
    is_ladder: bool


def choose() -> Chosen | None:
    """What to show: the address's, else the last seen, else the best here.

    None where there is none. Raises LinkError once the list to choose from is drawn.
    """
    runs = [run for run in services.store().list() if has_dial(run) and own.lists(run)]
    runs.sort(key=picker.group)
    ladders = beta_ladder.listed()
    names = {**picker.labels(runs), **ladders}
    asked, wrong = _asked()
    if not names and not asked and not wrong:
        return None
    chosen = None if wrong else asked or picker.default(runs) or next(iter(ladders), None)
    state.put_lab_picked(chosen if chosen in names else None)
    st.selectbox(
        "Run with a dial",
        list(names),
        list(names).index(chosen) if chosen in names else None,
        format_func=names.__getitem__,
        key=state.LAB_KEY,
        label_visibility="collapsed",
        placeholder="Choose a run with a dial",
        width=320,
        on_change=_chosen,
        args=(list(names), list(ladders)),
    )
    if wrong:
        raise wrong
    return Chosen(chosen, chosen in ladders or chosen == state.ladder_in_url()) if chosen else None


def opened(run: Run) -> Subject:
    """A finished multi-rate run. Raises RunDamagedError or BundleError."""
    state.remember_run(run.id)
    bundle, meta = services.bundle(run)
    if "dial" not in meta:
        raise RunDamagedError(
            f"Run {run.id} is damaged: its map has no dial. Bring explorer.bundle back from a copy, or train "
            "the run again."
        )
    return Subject(run.id, run, bundle, meta, services.model(run), state.run_query(run.id))


def opened_ladder(name: str) -> Subject | None:
    """A ladder of runs, None while it is trained. Raises LadderNotFoundError, LadderError."""
    found = beta_ladder.opened(name)
    return Subject(**vars(found), is_ladder=True) if found else None


def nearest(subject: Subject, beta: float) -> tuple[str, float]:
    """The run of a ladder whose beta is next to that one, and its beta."""
    there = [member for member in subject.meta["members"] if "decoder" in member]
    found = min(there, key=lambda member: abs(math.log(member["beta"] / beta)))
    return found["run"], found["beta"]


def beta(subject: Subject, view: links.View | None) -> float:
    """Where the dial stands, to three digits and within its range."""
    low, high, opens = (subject.meta["dial"][name] for name in ("low", "high", "beta"))
    return min(max(float(f"{(view or {}).get('beta') or opens:.3g}"), low), high)


def way_from_explore(run: Run) -> None:
    """A link from Explore to the lab, where the run has a dial."""
    if has_dial(run):
        navigation.link(navigation.BETA, "Beta lab", run.id, icon=":material/tune:")


def ways_on(subject: Subject) -> None:
    """Taking a run along, and to Explore, at the same place."""
    if not subject.is_ladder:
        view = partial(sharing.view, subject.run, subject.model)
        take_along.choose(subject.run, "lab", view=view)
        navigation.link(navigation.EXPLORE, "Explore", subject.name, icon=":material/explore:")


def nothing_yet() -> None:
    """No run with a dial on this computer."""
    st.subheader("No run with a dial yet", anchor=False)
    st.write(
        "A multi-rate model learns every β of a range in one training. Here you then turn β and watch the "
        "map and the pictures follow."
    )
    with st.container(horizontal=True):
        if st.button("Train a multi-rate model", type="primary", icon=":material/model_training:"):
            _set_up(None)
        ladder_setup.offer(None)


def without_dial(run: Run) -> None:
    """A run that was trained with one beta."""
    st.subheader(words.escaped(run.title), anchor=False)
    st.write(
        "This run was trained with one β, so there is nothing to turn. A multi-rate model learns every β of "
        "a range in one training."
    )
    with st.container(horizontal=True):
        if st.button("Train it for every β", type="primary", icon=":material/model_training:"):
            _set_up(run)
        if run.state == "finished" and st.button("Explore this run", icon=":material/explore:"):
            navigation.go(navigation.EXPLORE, run.id)
        ladder_setup.offer(run)


def _set_up(run: Run | None) -> None:
    """To the Train form, set for a multi-rate model, otherwise as it was or like `run`."""
    if run:
        preset_choice.load(run.config)
        state.changes().pop("name", None)
    state.changes()["model.kind"] = MULTIRATE
    navigation.go(navigation.TRAIN)


def _chosen(names: Sequence[str], ladders: Sequence[str]) -> None:
    """Take the choice to the address; what is no id is a label that has changed since, see `picker`."""
    name = state.lab_picked()
    if name and name in ladders:
        state.put_ladder_in_url(name)
    elif name in names:
        state.put_run_in_url(name)


def _asked() -> tuple[str | None, LatentscapeError | None]:
    """The run or ladder that the address names, or what is wrong with the address."""
    readers: tuple[Callable[[], str | None], ...] = (state.ladder_in_url, state.run_in_url)
    try:
        return next(filter(None, (read() for read in readers)), None), None
    except LinkError as error:
        return None, error
