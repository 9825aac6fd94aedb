"""Ladders on the Beta lab page: those that are there, opening one, watching one come about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from app import links, messages, navigation, own, services, state, words
from vae_core import ladder_bundle
from vae_core.errors import LadderError
from vae_core.progress import stored
from vae_core.run import Run
from vae_core.settings import settings
from vae_core.sweeping import Sweeps
from vae_core.sweeps import OPEN, Ladder, LadderStore, Standing, standings, state_of

EVERY = 1.0  # s between two looks
NOTE = "Separate models, each trained at its own β; pictures are those of the nearest one."
STATES = {**words.STATES, "waiting": "waiting", "failed": "failed", "deleted": "deleted"}
ICONS = {"finished": "✓", "running": "●", "waiting": "○", "interrupted": "◐"}


@dataclass(frozen=True)
class Opened:
    """A ladder ready to be shown, with what `beta_lab.Subject` holds of it."""

    name: str
    run: Run  # the reference, whose points are on the map
    bundle: bytes
    meta: Mapping[str, Any]
    model: links.Model
    where: Mapping[str, str]


def sweeps() -> Sweeps:
    """What trains the ladders of this home."""
    return _sweeps(str(settings().home))


@st.cache_resource(show_spinner=False)
def _sweeps(home: str) -> Sweeps:
    return Sweeps(services.trainer())


def listed() -> dict[str, str]:
    """What a list says of the ladders this visitor may see, by id; one's own first, each newest first."""
    store = LadderStore()
    ladders = [ladder for ladder in store.list() if own.is_listed(ladder.owner, ladder.config.data.source)]
    ladders.sort(key=lambda ladder: ladder.owner != state.owner())
    found: dict[str, str] = {}
    for ladder in ladders:
        now = store.state(ladder)
        parts = ["Ladder", ladder.label, *([] if now == "finished" else [STATES[now]]), _when(ladder)]
        label = " · ".join(parts)
        found[ladder.id] = f"{label} · {ladder.id[-4:]}" if label in found.values() else label
    return found


def opened(name: str) -> Opened | None:
    """The ladder of that id with its dial; None while it is trained, or with fewer than two models.

    Raises LadderNotFoundError, LadderError for a damaged record.
    """
    store = LadderStore()
    ladder = store.get(name)
    every = standings(ladder, store.runs)
    if store.held(name) or sum(one.state == "finished" for one in _shown(ladder, every)) < 2:
        return None
    stamps = tuple((one.state, one.found and services.stamp(one.found)) for one in every)
    try:
        contents, meta, points = _packed(ladder, name, stamps)
    except LadderError:
        return None  # `watch` lists what is missing
    reference = next(member for member in meta["members"] if member["beta"] == meta["dial"]["beta"])
    run = store.runs.get(reference["run"])
    return Opened(name, run, contents, meta, services.model_of(meta, points), state.ladder_query(name))


@st.cache_resource(show_spinner=False, max_entries=8)
def _packed(
    _ladder: Ladder, name: str, stamps: tuple[Any, ...]
) -> tuple[bytes, dict[str, Any], dict[str, np.ndarray]]:
    """Made once for all who ask, and again when a member has changed."""
    contents = ladder_bundle.pack(LadderStore(), _ladder)
    return contents, *services.described(contents)


def watch(name: str) -> None:
    """What the ladder is made of and how its members stand, looked at every second while it is trained."""
    held = LadderStore().held(name)
    st.fragment(_look, run_every=EVERY if held else None)(name, held)


def _look(name: str, was_held: bool) -> None:
    with messages.in_plain_words():
        store = LadderStore()
        ladder = store.get(name)
        held = store.held(name)
        if held != was_held:
            st.rerun()  # the whole page: its map may be there now, or nothing looks any longer
        every = standings(ladder, store.runs)
        with st.container(key="ladder", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                _headline(ladder, every, held)
                _buttons(ladder, every, held)
            if state_of(every, held) != "finished":
                for seed in ladder.seeds:
                    places = ladder.places(seed)
                    label = f"Seed {seed}: " if len(ladder.seeds) > 1 else ""
                    st.html(_chips(every[places.start : places.stop], label))
            for one in every:
                if one.reason:
                    st.caption(f":material/info: {_missing(ladder, one)}")


def _headline(ladder: Ladder, every: list[Standing], held: bool) -> None:
    """What the dial is made of, or how far the ladder is."""
    now = state_of(every, held)
    if now == "finished":
        st.caption(NOTE, width="stretch")
        return
    done = sum(one.state == "finished" for one in every)
    warm = ", each from its neighbour’s weights" if ladder.warm_start else ""
    told = f"{STATES[now]} · {done} of {len(every)} models{warm}"
    more = ". A dial needs two finished models" if now == "failed" else ""
    st.markdown(f"**{words.escaped(ladder.title)}** · {told}{more}", width="stretch")


def _buttons(ladder: Ladder, every: list[Standing], held: bool) -> None:
    """What steers it; nothing that changes a ladder of somebody else."""
    running = next((one.found for one in every if one.state == "running" and one.found), None)
    if running:
        navigation.link(navigation.TRAIN, f"Watch β {running.config.beta:g}", running.id)
    if ladder.owner not in ("", state.owner()):
        return
    if held and ladder.owner:
        _button("Cancel", "close", "cancel", ladder.id, "Stop here; it can be resumed.")
    elif held:
        st.caption("Started on the command line; you are watching.", width="content")
    elif any(one.state in OPEN for one in every):
        failed = all(one.state != "interrupted" and one.state != "waiting" for one in every)
        label = "Try the failed ones again" if failed else "Resume"
        _button(label, "play_arrow", "resume", ladder.id)


def _button(label: str, icon: str, action: str, name: str, help: str | None = None) -> None:
    st.button(label, icon=f":material/{icon}:", help=help, on_click=_tried, args=(action, name))


def _tried(action: str, name: str) -> None:
    with messages.in_a_toast():
        getattr(sweeps(), action)(name)


def _chips(members: Iterable[Standing], label: str) -> str:
    """A row of small states."""
    spans = []
    for one in members:
        text = STATES[one.state] + (
            f" {stored(one.found).share:.0%}" if one.state == "running" and one.found else ""
        )
        icon = ICONS.get(one.state, "✕")
        spans.append(f"<span><i>{icon}</i> β {one.member.beta:g} <i>{escape(text)}</i></span>")
    return f'<p class="chips">{escape(label)}{" ".join(spans)}</p>'


def _missing(ladder: Ladder, one: Standing) -> str:
    seed = f", seed {one.member.seed}" if len(ladder.seeds) > 1 else ""
    return words.escaped(f"β {one.member.beta:g}{seed} is missing: {one.reason}")


def _shown(ladder: Ladder, every: list[Standing]) -> list[Standing]:
    """Members of the seed that is shown."""
    places = ladder.places(ladder.seeds[0])
    return every[places.start : places.stop]


def _when(ladder: Ladder) -> str:
    try:
        return words.when(datetime.fromisoformat(ladder.created), st.context.timezone)
    except ValueError:
        return ""
