"""Replay: which run, the browser part that shows it, and how it follows a training that goes on."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from app import navigation, own, picker, services, state, training_state, words
from vae_core import replay
from vae_core.errors import RunError
from vae_core.explorer.build import runtime_css, runtime_js
from vae_core.run import Run

EVERY = 1.0  # seconds between two looks at a training that goes on

_component = st.components.v2.component(
    "latentscape_replay",
    html='<div class="replay"></div>',
    css=runtime_css(),
    js=runtime_js() + (Path(__file__).parent / "replay_adapter.js").read_text("utf-8"),
)


def choose() -> Run | None:
    """The run to watch: the address's, else the last looked at, else the newest of one's own.

    None where there is none. Raises RunNotFoundError or LinkError once the list is drawn.
    """
    runs = [run for run in services.store().list() if own.lists(run) and run.snapshots()]
    runs.sort(key=picker.group)
    known = {run.id: run for run in runs}
    try:
        asked, wrong = state.run_in_url(), None
    except state.LinkError as error:
        asked, wrong = None, error
    if not (runs or asked or wrong):
        return None
    chosen = None if wrong else asked or picker.default(runs) or next(iter(known), None)
    training_state.put_replayed(chosen if chosen in known else None)
    names = picker.labels(runs)
    st.selectbox(
        "Run",
        list(known),
        list(known).index(chosen) if chosen in known else None,
        format_func=names.__getitem__,
        key=training_state.REPLAY_KEY,
        label_visibility="collapsed",
        placeholder="Choose a run",
        width=320,
        on_change=_chosen,
        args=(list(known),),
    )
    if wrong:
        raise wrong
    if not chosen:
        return None
    found = known.get(chosen) or services.store().get(chosen)
    if found.snapshots() or not found.starter:
        state.remember_run(chosen)
    return found


def _chosen(ids: list[str]) -> None:
    """Take the choice to the address; see `picker._chosen` for what else may arrive."""
    if training_state.replayed() in ids:
        state.put_run_in_url(training_state.replayed())


def nothing_yet() -> None:
    """No run on this computer kept moments of its training."""
    st.subheader("Nothing to watch again yet", anchor=False)
    st.write("Every model that is trained here can be watched as it formed. Digits take two seconds.")
    if st.button("Train a model", type="primary", icon=":material/model_training:"):
        navigation.go(navigation.TRAIN)


def show(run: Run, packed: bytes) -> None:
    """The replay at the place where it was left, or that the address names. Call it outside fragments."""
    stamp = hashlib.sha256(packed).hexdigest()[:16]
    if run.id not in st.query_params.get_all("run"):
        state.put_run_in_url(run.id)
    key = training_state.replay_key(run.id)
    head = {"run": run.id, "stamp": stamp, "place": training_state.replay_start(run.id, _asked())}
    _component(
        key=key,
        data=json.dumps(head).encode() + b"\n" + packed,
        on_place_change=lambda: training_state.keep_replay_place(run.id, key, _checked),
    )
    if run.state == "running":
        st.fragment(_follow, run_every=EVERY)(run, len(run.snapshots()))


def moments(run: Run) -> bytes:
    """What the browser part replays, read once for each state of the run. Raises as `replay.moments`."""
    steps = run.snapshots()
    return _moments(run, str(run.path), (len(steps), *steps[-1:]), run.state)


@st.cache_resource(show_spinner=False, max_entries=16)
def _moments(_run: Run, path: str, standing: tuple[int, ...], state: str) -> bytes:
    return replay.pack(replay.moments(_run))


def _follow(run: Run, known: int) -> None:
    """Shows what has come since, once there is something; only a rerun of the page sends bytes but once."""
    try:
        news = len(run.snapshots()) != known or run.state != "running"
    except RunError:
        return  # deleted meanwhile
    if news:
        st.rerun()


def _asked() -> dict[str, Any]:
    """The place that the address names."""
    given = {name: st.query_params.get(key) for key, name in training_state.REPLAY_PLACES.items()}
    return _checked({name: _number(text) for name, text in given.items() if text is not None})


def _number(text: str) -> Any:
    try:
        value = json.loads(text[:20])
    except ValueError:
        return None
    return value if type(value) in (int, float) else None


def _checked(value: Any) -> dict[str, Any]:
    """What of a place can be one; the browser part passes over what does not fit the run."""
    if not isinstance(value, Mapping):
        return {}
    whole = {
        name: value[name]
        for name in ("step", "selected", "view")
        if type(value.get(name)) is int and 0 <= value[name] < 2**31
    }
    speed = value.get("speed")
    return whole | ({"speed": speed} if speed in (0.5, 1, 2, 4) else {})


def title(run: Run) -> str:
    """What it is, beside the list."""
    config = run.config
    latent = config.model.latent
    dimensions = "1 dimension" if latent == 1 else f"{latent} dimensions"
    return f":small[{words.escaped(dimensions)} · how its latent space formed]"
