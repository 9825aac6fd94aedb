"""How much training: a sketch in seconds, a good one in about a minute, the best that more time buys.

A preset settles how long is trained and in which steps. What one wants to see is left alone: latent
dimensions, likelihood, beta. `benchmarks/presets.py` measured the table, docs/presets.md shows it.
"""

from collections.abc import Mapping
from typing import Any, Literal

from vae_core.config import RunConfig
from vae_core.sizes import Shape, multiply_adds

Preset = Literal["sketch", "good", "best"]
PRESETS: tuple[Preset, ...] = ("sketch", "good", "best")
NAMES = {"sketch": "Sketch", "good": "Good", "best": "Best"}
HELP = (
    "A sketch takes seconds, a good training at most about a minute on one core, the best several; less "
    "where more would not help. Epochs and what goes with them follow; the times are rough."
)

# By data set, net and preset, for those that were measured: what differs from the recipe.
GREY_28: dict[str, dict[str, Any]] = {  # 60,000 pictures of 28 x 28
    "mlp/sketch": {"training.epochs": 0.5},
    "mlp/good": {"training.epochs": 10},
    "mlp/best": {"training.epochs": 40},
    "conv/sketch": {"training.epochs": 0.15},
    "conv/good": {"training.epochs": 3},
    "conv/best": {"training.epochs": 15},
}
TABLE: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "mlp/sketch": {"training.epochs": 15},
        "mlp/good": {},
        "mlp/best": {"training.epochs": 90, "training.weight_decay": 0.1},
        "conv/sketch": {"training.epochs": 15},
        "conv/good": {},
        "conv/best": {"training.epochs": 90},
    },
    "shapes": {
        "mlp/sketch": {"training.epochs": 4},
        "mlp/good": {"training.epochs": 40},
        "mlp/best": {"training.epochs": 150},
        "conv/sketch": {"training.epochs": 3},
        "conv/good": {"training.epochs": 30},
        "conv/best": {"training.epochs": 120},
    },
    "mnist": GREY_28,
    "fashion-mnist": GREY_28,
    "kmnist": GREY_28,
}

SKETCH, BEST = 5.0, 300.0  # s that these take at most, for pictures without a line in the table
LEAST = 30  # steps of a sketch, or as many as "good" has
MOST = 50  # epochs, as in recipes.EPOCHS: after more the variance fits the pictures trained on

# Of one idle core, from the same measurements: a training takes about its multiplications by this, and a
# little for each step. Told to one digit, as machines differ by a factor of two.
RATES = {"mlp": 30e9, "conv": 14e9}  # a second
STEP = 0.0015  # s
HELD_OUT = 0.8  # share of a source's pictures that is trained on, near enough


def changes(preset: str, config: RunConfig, shape: Shape, count: int) -> Mapping[str, Any]:
    """What a preset changes of a recipe, by path; `shape` (C, H, W) and `count` are its source's pictures."""
    listed = TABLE.get(config.data.source, {}).get(f"{config.model.net}/{preset}")
    if listed is not None:
        return listed
    epochs, batch = config.training.epochs, config.training.batch
    steps = max(1, round(HELD_OUT * count) // batch)  # an epoch
    share = 1 / seconds(config, shape, count)  # of "good" that a second is
    if preset == "sketch":
        return {"training.epochs": min(epochs, _two_digits(max(SKETCH * share * epochs, LEAST / steps)))}
    if preset == "best":
        return {"training.epochs": max(epochs, min(round(BEST * share * epochs), MOST))}
    return {}


def paths() -> set[str]:
    """The settings that some preset settles."""
    return {"training.epochs"} | {
        path for each in TABLE.values() for found in each.values() for path in found
    }


def seconds(config: RunConfig, shape: Shape, count: int) -> float:
    """About what a training of `count` pictures of `shape` (C, H, W) takes on one idle core, in seconds."""
    model, training = config.model, config.training
    images = training.epochs * HELD_OUT * count
    work = 3 * multiply_adds(model, shape) * images  # forward, and twice that backward
    return work / RATES[model.net] + STEP * images / training.batch


def span(seconds: float) -> str:
    """That time as one would say it: 0.5 s, 4 s, 40 s, 1 min, 5 min, 2 h."""
    if seconds < 0.95:
        return f"{max(0.1, seconds):.1f} s"
    if seconds < 9.5:
        return f"{round(seconds)} s"
    if seconds < 50:
        return f"{round(seconds, -1):.0f} s"
    minutes = round(seconds / 60)
    return f"{max(1, minutes)} min" if minutes < 90 else f"{round(minutes / 60)} h"


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")
