"""How much training the form stands for: a sketch, a good one or the best, and what follows from it."""

from contextlib import suppress

import streamlit as st

from app import controls, state, training_state
from vae_core import data, presets
from vae_core.config import RunConfig, options
from vae_core.errors import ConfigError
from vae_core.presets import PRESETS
from vae_core.recipes import multirate_cost, recommended

DECIDING = ("model.net", "model.kind", "model.latent")  # settings from which others follow


def recipe(preset: str | None = None) -> RunConfig:
    """The settings recommended for the chosen pictures, for so much training of the form's kind of net.

    The net itself is the one that suits the pictures best, so that another one counts as a change.
    """
    preset = preset or training_state.preset()
    found = recommended(state.source(), preset)
    natural, net = found.model.net, controls.current("model.net", found)
    if net != natural:
        with suppress(ConfigError):  # a net that there is not, which the form says by itself
            found = recommended(state.source(), preset, net)
            found = found.model_copy(update={"model": found.model.model_copy(update={"net": natural})})
    return controls.in_time(found) if controls.has_range(found) else found


def choose() -> None:
    """The choice, each with about the time that it takes with the form's other settings."""
    chosen = training_state.preset()
    training_state.show_preset(chosen)
    st.segmented_control(
        "How much training",
        PRESETS,
        default=chosen,
        format_func=_label,
        required=True,
        width="stretch",
        key=training_state.PRESET_KEY,
        help=presets.HELP,
        on_change=_chosen,
    )


def load(settings: RunConfig) -> None:
    """Set the form up like an existing run: its data set, and its differences from a good training."""
    state.choose_source(settings.data.source)
    training_state.choose_preset("good")
    changes = state.changes()
    changes.clear()
    natural = recommended(settings.data.source)
    for paths, base in ((DECIDING, lambda: natural), (options(), recipe)):
        usual = base()
        for path in paths:
            value = controls.value_of(settings, path)
            if path != "data.source" and value != controls.value_of(usual, path):
                changes[path] = value


def _chosen() -> None:
    """Take the choice; what the person set of the settings that follow from it gives way."""
    training_state.choose_preset(training_state.chosen_preset())
    for path in presets.paths():
        state.changes().pop(path, None)


def _label(preset: str) -> str:
    others = {path: value for path, value in state.changes().items() if path not in presets.paths()}
    try:
        config = recipe(preset).override(others)
        info = data.info(config.data.source)
        count = min(config.data.limit or info.count, info.count)
        cost = multirate_cost(config.model.latent) if controls.has_range(config) else 1.0
        # A multi-rate training's epochs are more, and each takes longer; the cost holds both.
        single = recommended(config.data.source, preset, config.model.net).training.epochs
        config = config.override({"training.epochs": single})
        return f"{presets.NAMES[preset]} · {presets.span(cost * presets.seconds(config, info.shape, count))}"
    except ConfigError:  # of another setting, which the form says by itself
        return presets.NAMES[preset]
