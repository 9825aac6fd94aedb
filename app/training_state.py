"""What the pages around a training remember, with types: with `state.py` and `places.py` the only file that
names session and URL keys. A section for each of them.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

# Steering a training that is watched. Its widgets keep their values while the page looks twice a second.


def steer_key(run_id: str, name: str) -> str:
    """Key of a widget that steers this run."""
    return f"steer/{run_id}/{name}"


def steer_options(run_id: str, name: str, options: list[float], start: float) -> tuple[list[float], float]:
    """The places of a slider, as at its first drawing, and where it stands: under a hand nothing moves.

    A browser that draws it anew, after a pause between two attempts, begins at the place that it is told.
    """
    if steer_key(run_id, name) not in st.session_state:
        st.session_state[f"steer-options/{run_id}/{name}"] = options
        st.session_state[f"steered/{run_id}/{name}"] = start
    return st.session_state[f"steer-options/{run_id}/{name}"], st.session_state[f"steered/{run_id}/{name}"]


def take_steer(run_id: str, name: str) -> float | None:
    """Where that slider was moved to; None where it stands as before, or is only drawn no longer or anew."""
    value = st.session_state.get(steer_key(run_id, name))
    if value is None or value == st.session_state.get(f"steered/{run_id}/{name}"):
        return None
    st.session_state[f"steered/{run_id}/{name}"] = value
    return value


def put_answer(sentence: str) -> None:
    """What became of what was asked of a training, to be said at the next look."""
    st.session_state["training-answer"] = sentence


def take_answer() -> str:
    return st.session_state.pop("training-answer", "")


# Which earlier run's curves lie under those of the run that is watched.


def ghost_key(run_id: str) -> str:
    """Key of the list to choose it from."""
    return f"ghost/{run_id}"


def ghost(run_id: str) -> str | None:
    """The run that was chosen, empty for none; None before a choice."""
    return st.session_state.get(f"ghost-of/{run_id}")


def remember_ghost(run_id: str) -> None:
    """Keep what the list has just been set to; Streamlit forgets it once the page is left."""
    st.session_state[f"ghost-of/{run_id}"] = st.session_state[ghost_key(run_id)]


# A step in slow motion: whether it is open below a run, and which moment of it was chosen.


def slow_key(run_id: str) -> str:
    """Key of the choice of the moment."""
    return f"slow/{run_id}"


def slow_at(run_id: str) -> str | None:
    return st.session_state.get(slow_key(run_id))


SLOW_OPEN = "slow"  # in the address: a link that is handed out in class opens it


def slow_open(run_id: str) -> bool:
    return bool(st.session_state.get(f"slow-open/{run_id}", SLOW_OPEN in st.query_params))


def open_slow(run_id: str, is_open: bool) -> None:
    st.session_state[f"slow-open/{run_id}"] = is_open
    if is_open:
        st.query_params[SLOW_OPEN] = "1"
    else:
        st.query_params.pop(SLOW_OPEN, None)


# How much training the form stands for, one of vae_core.presets.PRESETS.

PRESET_KEY = "preset-widget"  # of what chooses it


def preset() -> str:
    return st.session_state.get("preset", "good")


def choose_preset(name: str) -> None:
    st.session_state["preset"] = name


def chosen_preset() -> str:
    """What the widget says."""
    return st.session_state[PRESET_KEY]


def show_preset(name: str) -> None:
    """Bring the widget there where it is drawn already and says something else."""
    if PRESET_KEY in st.session_state and chosen_preset() != name:
        st.session_state[PRESET_KEY] = name


# Where a replay stands, for each run.

REPLAY_KEY = "replay/run"  # of the list to choose it from
REPLAY_PLACES = {"at": "step", "example": "selected", "view": "view", "speed": "speed"}  # in the address


def replayed() -> str | None:
    return st.session_state.get(REPLAY_KEY)


def put_replayed(run_id: str | None) -> None:
    """Bring the list to this run where it is drawn already and shows another."""
    if REPLAY_KEY in st.session_state and replayed() != run_id:
        st.session_state[REPLAY_KEY] = run_id


def replay_key(run_id: str) -> str:
    """Key of the replay of this run."""
    return f"replay/{run_id}"


def replay_start(run_id: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Where the mounted replay began: what the address asks for, else where it was left in this session."""
    if replay_key(run_id) not in st.session_state:
        start = asked or st.session_state.get(f"replay-place/{run_id}", {})
        st.session_state[f"replay-start/{run_id}"] = st.session_state[f"replay-place/{run_id}"] = start
    return st.session_state[f"replay-start/{run_id}"]


def keep_replay_place(run_id: str, key: str, checked: Callable[[Any], dict[str, Any]]) -> None:
    """What the browser reports, once it is `checked`."""
    st.session_state[f"replay-place/{run_id}"] = checked(st.session_state[key].get("place"))


def replay_film_key(name: str) -> str:
    """Key of a widget that takes a replay along."""
    return f"replay-film/{name}"


# Training a finished run longer.


def longer_key(name: str) -> str:
    """Key of a widget that asks for it."""
    return f"longer/{name}"
