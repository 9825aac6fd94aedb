"""Setting up a training: the pictures, the settings that matter most, the rest behind "More", and Start."""

import math

import streamlit as st

from app import controls, data_choice, messages, own, preset_choice, schedule_view, services, state, words
from vae_core import advice, data, presets
from vae_core.checks import check, parameter_count
from vae_core.config import RunConfig, options
from vae_core.errors import ConfigError
from vae_core.recipes import multirate_cost

LEFT = ("model.net", "model.hidden", "model.channels", "training.epochs")  # in sight, two columns of them
RIGHT = ("model.kind", "model.latent", "objective.beta")
FIRST = ("objective.beta", "objective.kl", "model.likelihood", "model.sigma")  # behind "More"
SECTIONS = {"Model": ("model",), "Training": ("objective", "training"), "Data": ("data",)}


def choose_data() -> RunConfig:
    """Which pictures, with a look at them. Returns the settings recommended for them."""
    data_choice.choose()
    return preset_choice.recipe()


def choose_settings(recipe: RunConfig) -> None:
    """How much training, and the settings that matter most; the others behind a line that counts the changed.

    Those that change nothing as the form stands are left out.
    """
    preset_choice.choose()
    idle = controls.idle(recipe)
    sight = {*LEFT, *RIGHT, *(controls.RANGE if controls.has_range(recipe) else ())} - idle
    if controls.has_range(recipe):
        sight.remove("objective.beta")
    for column, paths in zip(st.columns(2, gap="medium"), (LEFT, RIGHT)):
        with column:
            for path in paths:
                if path in sight:
                    controls.setting(path, recipe)
            if controls.RANGE[0] in sight and paths is RIGHT:
                _pairs(list(controls.RANGE), recipe)
    _more(recipe, idle, sight)


def start(recipe: RunConfig) -> None:
    """What is wrong, or what will be trained, and the button."""
    config = None
    try:
        config = controls.config(recipe)
        check(config)
        _size(config)
        schedule_view.show(config)
        _advice(config)
    except ConfigError as error:
        config = None
        messages.problem(controls.in_labels(str(error)))
    ready = config is not None and data.available(state.source())
    if st.button("Start training", type="primary", width="stretch", disabled=not ready) and config:
        state.dismiss(_remark(config))
        run_id = services.trainer().submit(config, state.owner(), own.is_local())
        state.put_run_in_url(run_id)
        st.rerun()


def _more(recipe: RunConfig, idle: set[str], sight: set[str]) -> None:
    """All that is neither idle nor in sight already."""
    elsewhere = idle | sight | {"data.source"}
    changed = controls.changed(recipe)
    hidden = [path for path in changed if path not in elsewhere]
    label = "More settings" + (f" · {len(hidden)} changed" if hidden else "")
    with st.expander(label, key="more-settings"):
        controls.name(recipe)
        for title, sections in SECTIONS.items():
            paths = [path for path in (*FIRST, *options()) if path.partition(".")[0] in sections]
            st.markdown(f"**{title}**")
            _pairs([path for path in dict.fromkeys(paths) if path not in elsewhere], recipe)
    if changed:
        st.button(
            f"Back to the recommended settings ({len(changed)} changed)",
            type="tertiary",
            icon=":material/undo:",
            on_click=controls.forget_changes,
        )


def _pairs(paths: list[str], recipe: RunConfig) -> None:
    """Settings side by side, two in a row."""
    for pair in zip(paths[::2], [*paths[1::2], None]):
        for column, path in zip(st.columns(2, gap="medium", vertical_alignment="center"), pair):
            if path:
                with column:
                    controls.setting(path, recipe)


def _size(config: RunConfig) -> None:
    """One quiet line that says what the numbers amount to."""
    info = data.info(config.data.source)
    parameters = parameter_count(config.model, info.shape)
    if config.model.kind == "ae":
        st.caption(f"{parameters:,} parameters{_cost(config)} · a plain autoencoder has no β")
        return
    ends = [config.beta]
    if config.model.kind == "multirate":
        ends = [config.objective.beta_low, config.objective.beta_high]
    normalised = [words.plain(beta * config.model.latent / math.prod(info.shape)) for beta in ends]
    st.caption(
        f"{parameters:,} parameters{_cost(config)} · normalised β {' to '.join(normalised)}",
        help="β times the number of latent dimensions by the number of pixels: it compares across data sets.",
    )


def _cost(config: RunConfig) -> str:
    """What a multi-rate model costs, with the epochs it was measured with; else about the time of epochs
    that a person chose, of which the preset says nothing."""
    is_own = "training.epochs" in state.changes()
    if config.model.kind == "multirate" and not is_own:
        return f" · in the time of about {multirate_cost(config.model.latent):g} trainings of one β"
    if config.model.kind == "multirate" or not is_own:
        return ""
    info = data.info(config.data.source)
    seconds = presets.seconds(config, info.shape, min(config.data.limit or info.count, info.count))
    return f" · about {presets.span(seconds)} of training"


def _advice(config: RunConfig) -> None:
    """Remarks in quiet lines; one on pixels until it is put away or trained with, once for a data set."""
    for beyond in filter(None, (advice.on_beta(config), advice.on_memory(config))):
        st.caption(f":material/info: {words.escaped(beyond)}")
    source = config.data.source
    if state.is_dismissed(_remark(config)) or not data.available(source):
        return
    remark = advice.on_likelihood(config, services.preview(source, data_choice.PREVIEW))
    if remark:
        with st.container(horizontal=True, vertical_alignment="center", key="advice"):
            st.caption(f":material/info: {words.escaped(remark)} See More settings.", width="stretch")
            st.button("Got it", type="tertiary", on_click=state.dismiss, args=(_remark(config),))


def _remark(config: RunConfig) -> str:
    """What is remembered of the advice that was given."""
    return f"{config.model.likelihood}/{config.data.source}"
