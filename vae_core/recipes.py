"""Settings that suit each source, measured: a good map without tuning."""

from vae_core.config import RunConfig
from vae_core.data import SOURCES
from vae_core.errors import DataError

RECIPES = {
    "digits": {
        "model": {"hidden": (128, 128, 64, 32)},
        "objective": {"beta": 0.1, "warmup": 0.5},
        "training": {"epochs": 45, "batch": 64, "lr": 0.01},
    },
}


def recommended(source: str) -> RunConfig:
    """The settings for a source by its name. Raises DataError for a name that is none."""
    if source not in SOURCES:
        raise DataError(f"There is no data set {source!r}; there are {', '.join(SOURCES)}.")
    return RunConfig.parse({"data": {"source": source}, **RECIPES.get(source, {})})
