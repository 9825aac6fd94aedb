"""Settings that suit each source, measured: a good map without tuning."""

import math
from collections.abc import Mapping
from typing import Any

from vae_core import data, presets
from vae_core.config import RunConfig
from vae_core.errors import ConfigError

# Before two latent dimensions a narrow layer helps: on Fashion-MNIST 512-128-32 ends two nats below 512-128.
# How long is trained is said in `presets`, where it was measured.
DEEP = (512, 128, 32)
RECIPES: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {  # 92 % of held-out digits have the right neighbours, median of twenty seeds and splits
        "model": {"hidden": (128, 128, 64, 32)},
        "objective": {"beta": 0.1, "warmup": 0.5},
        "training": {"epochs": 45, "batch": 96, "lr": 0.014},
    },
    "shapes": {"model": {"hidden": DEEP}},
    "mnist": {"model": {"hidden": DEEP}},
    "fashion-mnist": {"model": {"hidden": DEEP}},
    "kmnist": {"model": {"hidden": DEEP}},
    "dsprites": {"model": {"net": "conv", "latent": 8}, "training": {"epochs": 3}},  # black and white
}
# All other pictures, by their size. With few values a picture an MLP is as good as convolutions and quicker.
RICH = 1728  # values a picture, 24 x 24 in colour
NARROW = 24  # pixels a side, less leaves convolutions little to do
PASSES = {"mlp": 180_000, "conv": 100_000}  # of a picture of 32 x 32 through the net: under a minute
EPOCHS = (3, 50)  # after more the variance fits the pictures trained on, not those held out
FEW = 4_000  # pictures; with fewer, smaller batches make more steps of them

FEW_DIMENSIONS = 2  # for which a multi-rate model
FEW_LONGER, MANY_LONGER = 1.2, 1.9  # has as many times the epochs of a single beta, up to them and above,
FEW_COST, MANY_COST = 1.5, 2.5  # which takes the time of so many trainings of one, by benchmarks/beta.py


def recommended(source: str, preset: str = "good", net: str | None = None) -> RunConfig:
    """The settings for a source by its name; those without a recipe of their own get one for their size.

    `preset` is one of presets.PRESETS, `net` an MLP or convolutions instead of what suits the pictures best.
    Raises DataError for a name that is none, DataMissingError for imported pictures that are not here,
    ConfigError for a preset or net that there is not.
    """
    if preset not in presets.PRESETS:
        raise ConfigError(f"There is no preset {preset!r}; there are {', '.join(presets.PRESETS)}.")
    info = data.info(source)
    recipe = RECIPES[source] if source in RECIPES else for_size(info.shape, info.count)
    config = RunConfig.parse({"data": {"source": source}, **recipe})
    config = config.override({"model.net": net}) if net else config
    return config.override(presets.changes(preset, config, info.shape, info.count))


def multirate(config: RunConfig) -> RunConfig:
    """`config` with one model for every beta, trained as much longer as that takes.

    On Fashion-MNIST that takes the time of 1.5 trainings of one beta with two latent dimensions, of 2.5 with
    more, and is nowhere more than one per cent above them; see docs/multirate.md.
    """
    longer = FEW_LONGER if config.model.latent <= FEW_DIMENSIONS else MANY_LONGER
    epochs = min(longer * config.training.epochs, 10_000)
    return config.override(
        {"model.kind": "multirate", "training.epochs": epochs, "training.adam_beta2": 0.99}
    )


def multirate_cost(latent: int) -> float:
    """Trainings of a single beta in whose time a multi-rate one is done, with the epochs of `multirate`."""
    return FEW_COST if latent <= FEW_DIMENSIONS else MANY_COST


def with_changes(source: str, changes: Mapping[str, Any], preset: str = "good") -> RunConfig:
    """What is recommended for a source with some settings changed, by path.

    A change of net or kind brings along what goes with it.
    Raises ConfigError, and as `recommended`.
    """
    net = changes.get("model.net")
    config = recommended(source, preset, None if net is None else str(net)).override(changes)
    return multirate(config).override(changes) if config.model.kind == "multirate" else config


def for_size(shape: tuple[int, int, int], count: int) -> dict[str, dict[str, Any]]:
    """Settings for `count` pictures of `shape` (C, H, W): a training takes at most a minute or two.

    Large and colour pictures get convolutions, eight latent dimensions and one learned variance. On 6,000
    colour shapes of 32 pixels the squared error of a held-out pixel is then 0.0023 after 22 s; with an MLP of
    ten times as many parameters it is 0.0028, with two dimensions 0.0088. 300 of them take 3 s, or 10 s at 64
    pixels; with three times as many epochs the error is no smaller, and they are 3,300 nats less likely.
    """
    _, height, width = shape
    is_rich = math.prod(shape) >= RICH and min(height, width) >= NARROW
    rich = {"net": "conv", "latent": 8, "likelihood": "gaussian_shared"}
    passes = PASSES["conv" if is_rich else "mlp"] * min(1.0, 32 / math.sqrt(height * width))
    low, high = EPOCHS
    return {
        "model": rich if is_rich else {"hidden": DEEP},
        "training": {
            "epochs": min(max(low, round(passes / count)), high),
            "batch": 128 if count >= FEW else 64,
        },
    }
