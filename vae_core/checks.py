"""What is refused before a training starts, and why. Without torch, so that forms can ask at every change."""

from vae_core import data
from vae_core.config import ModelConfig, RunConfig
from vae_core.data import Dataset
from vae_core.errors import ConfigError
from vae_core.memory import held, machine, needed, shown
from vae_core.sizes import Shape, multiply_adds, parameter_count, require

__all__ = ["check", "parameter_count"]

ONE_BETA = ("free_bits", "capacity", "controlled")  # ways to weigh the rate that make no sense for many

PARAMETERS = 30_000_000  # more does not train in reasonable time on a processor, nor travel to a browser
STEPS = 10_000_000
MEMORY = 4e9  # bytes
WORK = 1e12  # multiplications a step, about a minute on one core
DIALLED = 64  # latent dimensions of a multi-rate model; a cloud of them travels for every rung of its ladder


def check(config: RunConfig, dataset: Dataset | None = None) -> None:
    """Raises ConfigError where settings do not go together or this machine is too small; reads no picture.

    Without a data set the source's known size is used.
    Raises DataMissingError for imported pictures that are gone.
    """
    info = data.info(config.data.source)
    shape = dataset.shape if dataset else info.shape
    if config.data.limit == 1:
        raise ConfigError("data.limit is 1, but one picture is needed to train on and one to hold out.")
    pictures = len(dataset.train) if dataset else min(config.data.limit or info.count, info.count)
    _check_range(config)
    _check_objective(config)
    require(config.model, shape)
    parameters = parameter_count(config.model, shape)
    if parameters > PARAMETERS:
        raise ConfigError(
            f"These layers have {parameters:,} parameters for pictures of {_size(shape)}, at most "
            f"{PARAMETERS:,} are allowed. Choose narrower or fewer layers."
        )
    batch = min(config.training.batch, pictures)
    parts = min(config.training.accumulate, pictures // batch)
    steps = round(config.training.epochs * (pictures // (batch * parts)))
    if steps > STEPS:
        raise ConfigError(
            f"{config.training.epochs:g} epochs are {steps:,} steps, at most {STEPS:,} are allowed. "
            "Choose fewer epochs or a larger batch."
        )
    _check_step(config.model, shape, batch)
    _check_memory(config, dataset)


def _check_memory(config: RunConfig, dataset: Dataset | None) -> None:
    smaller = "Choose a smaller batch, narrower layers, fewer channels or fewer pictures."
    if (memory := held(config, dataset)) > MEMORY:
        raise ConfigError(
            f"This training needs about {shown(memory)} of memory, at most {MEMORY / 1e9:.0f} are "
            f"allowed. {smaller}"
        )
    if (memory := needed(config, dataset)) > machine():
        raise ConfigError(
            f"This training needs about {shown(memory)} of memory, this machine has {shown(machine())}. "
            f"{smaller}"
        )


def _check_range(config: RunConfig) -> None:
    """Whether a multi-rate model has a range of beta to learn, a controlled rate one to move in."""
    is_controlled = config.kl == "controlled"
    if config.model.kind != "multirate" and not is_controlled:
        return
    low, high = config.objective.beta_low, config.objective.beta_high
    if low == high and is_controlled:
        raise ConfigError(
            f"objective.beta_low and objective.beta_high are both {low:g}, so beta could not move to hold "
            "the rate. Choose a larger beta_high, or objective.kl constant."
        )
    if low == high:
        raise ConfigError(
            f"objective.beta_low and objective.beta_high are both {low:g}: that is a single value, and a "
            "multi-rate model learns a range. Choose a larger beta_high, or model.kind vae for this one beta."
        )
    if low > high:
        raise ConfigError(
            f"The range of beta is reversed: objective.beta_low is {low:g} and objective.beta_high is "
            f"{high:g}. Exchange the two."
        )
    if config.model.kind == "multirate" and config.model.latent > DIALLED:
        raise ConfigError(
            f"model.latent is {config.model.latent}; a multi-rate model has at most {DIALLED} latent "
            "dimensions. Choose fewer, or model.kind vae."
        )


def _check_objective(config: RunConfig) -> None:
    """Whether the rate can be weighed in this way."""
    if config.model.kind == "multirate" and config.kl in ONE_BETA:
        raise ConfigError(
            f"objective.kl is {config.kl}, which needs a single beta; a multi-rate model learns a "
            "whole range at once. Choose objective.kl linear, constant, cyclical or sigmoid, or "
            "model.kind vae."
        )


def _check_step(model: ModelConfig, shape: Shape, batch: int) -> None:
    if model.norm == "batch" and batch == 1:
        raise ConfigError(
            "Batch norm compares the pictures of a step, but this training takes one at a time. "
            "Choose a larger training.batch, more pictures or another model.norm."
        )
    work = 3 * batch * multiply_adds(model, shape)  # forward, and twice that backward
    if work > WORK:
        raise ConfigError(
            f"A step with {batch:,} pictures of {_size(shape)} takes {work / 1e9:,.0f} billion "
            f"multiplications, at most {WORK / 1e9:,.0f} are allowed. Choose a smaller batch, fewer "
            "channels or fewer residual blocks."
        )


def _size(shape: Shape) -> str:
    return "×".join(str(extent) for extent in shape)
