"""Settings as widgets. Bounds, choices and help come from `vae_core.config`; only names and steps are ours.

A widget shows what the person changed, else what the data set's recipe recommends. Changes are kept in
`state.changes()`, so that they survive another data set and a visit to another page.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from app import state
from vae_core.config import NAMES, Option, RunConfig, options
from vae_core.errors import ConfigError
from vae_core.recipes import multirate

LABELS = {
    "name": "Name",
    "data.source": "Data set",
    "data.limit": "Pictures used (0 = all)",
    "data.test_share": "Share held out",
    "data.split_seed": "Seed of the split",
    "data.map_points": "Pictures on the map",
    "model.kind": "Model",
    "model.net": "Network",
    "model.hidden": "Hidden layers",
    "model.tied": "Tied weights",
    "model.channels": "Channels",
    "model.blocks": "Residual blocks",
    "model.dense": "Dense layer",
    "model.up": "Enlarging",
    "model.norm": "Normalisation",
    "model.latent": "Latent dimensions z",
    "model.activation": "Activation",
    "model.likelihood": "Likelihood",
    "model.sigma": "Scale σ",
    "objective.beta": "Beta β",
    "objective.beta_low": "β from",
    "objective.beta_high": "β to",
    "objective.kl": "Weight of the rate",
    "objective.warmup": "Warm-up of β",
    "objective.rise": "Share of rising",
    "objective.cycles": "Cycles",
    "objective.free_bits": "Free nats",
    "objective.free_group": "Dimensions sharing them",
    "objective.target_rate": "Target rate",
    "objective.pull": "Pull γ",
    "objective.gain": "Gain of the controller",
    "training.epochs": "Epochs",
    "training.batch": "Batch size",
    "training.lr": "Learning rate",
    "training.lr_schedule": "Course of the learning rate",
    "training.plateau_patience": "Patience before lowering",
    "training.plateau_factor": "Lowered by the factor",
    "training.adam_beta2": "Adam's β₂",
    "training.clip": "Longest gradient (0 = any)",
    "training.weight_decay": "Weight decay",
    "training.accumulate": "Batches a step",
    "training.average": "Averaging of the weights",
    "training.patience": "Early stopping (0 = never)",
    "training.seed": "Seed",
    "training.threads": "Processor cores",
    "training.checkpoint_seconds": "Seconds between checkpoints",
}
STEPS = {
    "model.sigma": 0.01,
    "objective.beta_high": 1.0,
    "objective.warmup": 0.05,
    "objective.rise": 0.05,
    "objective.free_bits": 0.1,
    "objective.target_rate": 0.5,
    "objective.pull": 10.0,
    "objective.gain": 0.005,
    "training.epochs": 1.0,
    "training.lr": 0.001,
    "training.checkpoint_seconds": 1.0,
}
LOW_BETAS = (0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
HIGH_BETAS = (1, 1.5, 2, 3, 4, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1000)
WIDTHS = {
    "model.hidden": ((512, 128), (256,), (512, 256, 128), (1024, 512), ()),
    "model.channels": ((16, 32, 64), (8, 16, 32), (32, 64), (32, 64, 128), (16, 32, 64, 128)),
}
SIDE_BY_SIDE = 20  # letters of all choices together that fit half a column
RANGE = (
    "objective.beta_low",
    "objective.beta_high",
)  # refused in words and not by the field, where it is wrong
OPENS, STARTS = "Opens at β", "Starts at β"  # what beta is called where it is not all there is
OBJECTIVES = {  # of each way to weigh the rate, the settings that it heeds
    "constant": {"beta"},
    "linear": {"beta", "warmup"},
    "cyclical": {"beta", "rise", "cycles"},
    "sigmoid": {"beta", "rise"},
    "free_bits": {"beta", "free_bits", "free_group"},
    "capacity": {"rise", "target_rate", "pull"},
    "controlled": {"beta", "beta_low", "beta_high", "target_rate", "gain"},
}
PLATEAU = {"training.plateau_patience", "training.plateau_factor"}
SCALED = ("gaussian", "laplace")  # likelihoods with a fixed scale
NO_HIDDEN = "none (linear)"
_PATHS = "|".join(re.escape(path) for path in LABELS if "." in path)
_PATH = re.compile(rf"\b({_PATHS}|name(?= is ))(: |\b)")


def config(recommended: RunConfig) -> RunConfig:
    """What the form says now. Raises ConfigError naming what is out of range."""
    return recommended.override(state.changes())


def setting(path: str, recommended: RunConfig) -> None:
    """The widget of one setting."""
    option = options()[path]
    wanted = current(path, recommended)
    label = LABELS.get(path, path.rpartition(".")[2].replace("_", " ").capitalize())
    if path == "objective.beta" and has_range(recommended):
        label = OPENS
    elif path == "objective.beta" and current("objective.kl", recommended) == "controlled":
        label = STARTS
    common: dict[str, Any] = {
        "key": state.widget_key(path),
        "help": option.help,
        "on_change": _changed,
        "args": (path, recommended),
    }
    if option.kind is tuple:
        _widths(label, path, wanted, common)
    elif option.kind is bool:
        st.toggle(label, _keep(path, wanted), **common)
    elif path == "objective.beta":
        _beta(label, wanted, common)
    elif option.choices:
        _choice(label, path, option, wanted, common)
    else:
        _number(label, path, option, wanted, common)


def name(recommended: RunConfig) -> None:
    """The run's name; without one the run is named after its settings."""
    st.text_input(
        LABELS["name"],
        _keep("name", state.changes().get("name", recommended.name)),
        key=state.widget_key("name"),
        max_chars=80,
        placeholder="Made from the settings",
        help=RunConfig.model_fields["name"].description,
        on_change=_changed,
        args=("name", recommended),
    )


def current(path: str, recommended: RunConfig) -> Any:
    """What the form says of one setting; it need not be allowed."""
    return state.changes().get(path, value_of(recommended, path))


def has_range(recommended: RunConfig) -> bool:
    """Whether the form stands for a multi-rate model."""
    return current("model.kind", recommended) == "multirate"


def in_time(recommended: RunConfig) -> RunConfig:
    """The same settings with the time that a multi-rate model of the form's latent dimensions takes."""
    with suppress(ConfigError):  # which the form says by itself
        chosen = recommended.override({"model.latent": current("model.latent", recommended)})
        training = multirate(chosen).training
        return recommended.model_copy(update={"training": training})
    return recommended


def idle(recommended: RunConfig) -> set[str]:
    """Paths of the settings that change nothing as the form stands, so that they need not be shown."""
    if current("model.net", recommended) == "conv":
        paths = {"model.hidden", "model.tied"}
    else:
        paths = {"model.channels", "model.dense", "model.blocks", "model.up"}
    if current("model.likelihood", recommended) not in SCALED:
        paths.add("model.sigma")
    if current("training.lr_schedule", recommended) != "plateau":
        paths |= PLATEAU
    objective = {path for path in options() if path.startswith("objective.")}
    if current("model.kind", recommended) == "ae":
        return paths | objective
    kl = current("objective.kl", recommended)
    heeded = {"objective.kl", *(f"objective.{name}" for name in OBJECTIVES[kl])}
    if has_range(recommended):
        return paths | {"model.tied"} | (objective - heeded - set(RANGE))
    return paths | (objective - heeded)


def changed(recommended: RunConfig) -> list[str]:
    """Paths of the settings in use that differ from the recipe."""
    unused = idle(recommended)
    return [
        path
        for path, value in state.changes().items()
        if path not in unused and value != value_of(recommended, path)
    ]


def forget_changes() -> None:
    """Back to what the recipe recommends."""
    state.changes().clear()


def value_of(settings: RunConfig, path: str) -> Any:
    section, _, field = path.rpartition(".")
    return getattr(getattr(settings, section) if section else settings, field)


def parse_widths(text: str) -> tuple[Any, ...]:
    """Layer widths from "512, 128". What is no number stays a word, for the config to refuse by name."""
    words = text.replace("×", ",").replace(";", ",").replace(" ", ",").split(",")
    return tuple(int(word) if word.isdecimal() else word for word in words if word)


def in_labels(sentence: str) -> str:
    """A sentence of the configuration with the form's labels in place of its paths."""
    return _PATH.sub(
        lambda found: LABELS[found[1]] + found[2] if found[2] else f"“{LABELS[found[1]]}”",
        sentence,
    )


def _changed(path: str, recommended: RunConfig) -> None:
    """Keep what the person set; what equals the recommendation counts as unchanged."""
    value = state.widget_value(path)
    if path in WIDTHS:
        value = parse_widths(value or "") if value != NO_HIDDEN else ()
    if value is None or value == value_of(recommended, path):
        state.changes().pop(path, None)
    else:
        state.changes()[path] = value


def _keep(path: str, value: Any) -> Any:
    """Brings a drawn widget to `value`; one that is new takes it as its default, hence returned."""
    if state.has_widget(path) and state.widget_value(path) != value:
        state.put_widget(path, value)
    return value


def _widths(label: str, path: str, wanted: Sequence[Any], common: dict[str, Any]) -> None:
    """Presets, or any widths typed in."""
    shown = [_spelled(widths) for widths in WIDTHS[path]]
    text = _keep(path, _spelled(wanted))
    choices = shown if text in shown else [*shown, text]
    st.selectbox(label, choices, choices.index(text), accept_new_options=True, **common)


def _beta(label: str, wanted: float, common: dict[str, Any]) -> None:
    """A ladder, as equal ratios matter; a value from elsewhere becomes a rung of its own."""
    rungs = sorted({float(beta) for beta in (*LOW_BETAS, *HIGH_BETAS)} | {float(wanted)})
    beta = _keep("objective.beta", float(wanted))
    st.select_slider(label, rungs, beta, format_func=lambda rung: f"{rung:g}", **common)


def _spelled(widths: Sequence[Any]) -> str:
    return ", ".join(str(width) for width in widths) or NO_HIDDEN


def _choice(label: str, path: str, option: Option, wanted: Any, common: dict[str, Any]) -> None:
    _keep(path, wanted)
    common["format_func"] = _value_name
    if len("".join(map(_value_name, option.choices))) <= SIDE_BY_SIDE:
        st.segmented_control(label, option.choices, default=wanted, required=True, width="stretch", **common)
    else:
        st.selectbox(label, option.choices, option.choices.index(wanted), **common)


def _value_name(value: Any) -> str:
    return NAMES.get(value, str(value))


def _number(label: str, path: str, option: Option, wanted: Any, common: dict[str, Any]) -> None:
    kind = option.kind
    value = _keep(path, kind(wanted))
    is_free = path in RANGE
    low = None if option.low is None or is_free else kind(option.low)
    high = None if option.high is None or is_free else kind(option.high)
    step = kind(STEPS.get(path, 1 if kind is int else 0.01))
    st.number_input(label, low, high, value, step=step, format="%d" if kind is int else "%g", **common)
