"""Starting a ladder: whose settings, which betas, warm or cold."""

import numpy as np
import streamlit as st

from app import beta_ladder, data_choice, messages, own, state, words
from vae_core import data
from vae_core.config import RunConfig
from vae_core.errors import ConfigError
from vae_core.recipes import recommended
from vae_core.run import Run
from vae_core.sweep_record import LOWEST, checked_betas

USUAL = (0.1, 0.3, 1.0, 3.0, 10.0)
COUNT = 5  # betas that are proposed over a range
LIKE = "run"  # choice of the settings of the run at hand, where others are data sets


def offer(run: Run | None = None) -> None:
    """The button; `run` is the one at hand, whose settings the ladder may have."""
    if st.button(
        "Ladder of models",
        icon=":material/stairs:",
        help="Trains an ordinary model at each of a few β, for models that cannot follow a dial themselves.",
    ):
        _set_up(run)


@st.dialog("A ladder of models")
def _set_up(run: Run | None) -> None:
    form(run)


def form(run: Run | None) -> None:
    """Whose settings, which betas, and the button that starts it."""
    st.write(
        "Trains a model of its own at each β. Afterwards their maps are turned onto each other, and the dial "
        "steps from model to model."
    )
    with messages.in_plain_words():
        base = _settings(run)
        text = st.text_input(
            "Values of β",
            ", ".join(f"{beta:g}" for beta in proposed(base)),
            key=state.ladder_key(f"betas/{base.data.source}/{base.name}"),
            help="From small to large, with commas between them.",
        )
        warm = st.toggle(
            "Warm start",
            True,
            help="Each model begins with the weights of its neighbour at a smaller β: their maps then lie "
            "alike, and one waits for the other. Without it they are independent.",
        )
        config = base.override({"model.kind": "vae", "objective.beta": base.beta or 1.0})
        betas = None
        try:
            betas = checked_betas([part for part in text.replace(";", ",").split(",") if part.strip()])
        except ConfigError as error:
            messages.problem(str(error))
        _cost(config, betas)
        ready = betas is not None and data.available(config.data.source)
        if st.button("Train the ladder", type="primary", width="stretch", disabled=not ready) and betas:
            seeds = [config.training.seed]
            name = beta_ladder.sweeps().start(config, betas, seeds, warm, state.owner(), own.is_local())
            state.put_ladder_in_url(name)
            st.rerun()


def proposed(config: RunConfig) -> tuple[float, ...]:
    """Betas to begin with: over the range of a multi-rate model, else a usual one; two digits each."""
    if config.model.kind != "multirate":
        return USUAL
    low, high = max(config.objective.beta_low, LOWEST), config.objective.beta_high
    return tuple(float(f"{beta:.2g}") for beta in np.geomspace(low, high, COUNT))


def _settings(run: Run | None) -> RunConfig:
    """Those of the run at hand, or the recommended ones of a data set."""
    names = data_choice.labels()
    usable = run if run is not None and own.is_usable(run.config.data.source) else None
    choices = [LIKE, *names] if usable else list(names)
    first = choices.index(state.source()) if not usable and state.source() in choices else 0
    chosen = st.selectbox(
        "Settings",
        choices,
        first,
        format_func=lambda choice: f"As {usable.title}" if choice == LIKE and usable else names[choice],
        key=state.ladder_key("settings"),
        help="Those of the run at hand, or the recommended ones of a data set.",
    )
    if chosen == LIKE and usable:
        return _single(usable.config)
    return recommended(chosen)


def _single(config: RunConfig) -> RunConfig:
    """A multi-rate model trains for longer than one beta needs."""
    epochs = recommended(config.data.source).training.epochs
    changes = {"training.epochs": epochs} if config.model.kind == "multirate" else {}
    return config.override({**changes, "name": ""})


def _cost(config: RunConfig, betas: tuple[float, ...] | None) -> None:
    if not data.available(config.data.source):
        messages.notice("These pictures are not on this computer yet; download them on Train.")
    elif betas:
        epochs = words.number(config.training.epochs)
        st.caption(f"{len(betas)} trainings of {epochs} epochs each. The dial is there when they have ended.")
