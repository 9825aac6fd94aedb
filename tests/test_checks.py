import numpy as np
import pytest

from vae_core.checks import check
from vae_core.config import RunConfig
from vae_core.data import SOURCES, Dataset
from vae_core.errors import ConfigError
from vae_core.recipes import recommended


@pytest.mark.parametrize("source", SOURCES)
def test_recommended_settings_pass(source):
    check(recommended(source))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data.source": "mnist", "model.hidden": (4096, 4096)}, "40,018,708 parameters .* 1×28×28"),
        ({"training.epochs": 10_000, "training.batch": 1}, "17,970,000 steps"),
        ({"data.source": "mnist", "training.batch": 8192, "model.hidden": (1024,) * 6}, None),
        ({"model.latent": 128, "model.hidden": ()}, None),
        ({"data.source": "mnist", "model.net": "conv"}, None),
        ({"model.net": "conv", "model.channels": (8, 8, 8, 8)}, "needs at least 9 pixels a side"),
        (
            {"model.net": "conv", "model.channels": (384,), "model.blocks": 4, "training.batch": 8192},
            "A step with 1,797 pictures of 1×8×8 takes .* billion multiplications",
        ),
        (
            {"model.net": "conv", "model.channels": (512,) * 3, "model.blocks": 4},
            "parameters .* narrower or fewer layers",
        ),
        ({"model.norm": "batch", "training.batch": 1}, "compares the pictures of a step"),
        ({"model.norm": "batch", "training.batch": 2}, None),
        ({"model.norm": "layer", "training.batch": 1, "training.epochs": 1}, None),
        ({"data.limit": 1}, "one picture is needed to train on and one to hold out"),
        ({"data.limit": 2}, None),
        ({"model.kind": "multirate"}, None),
        ({"model.kind": "multirate", "model.latent": 64, "objective.beta": 500}, None),
        ({"model.kind": "multirate", "model.latent": 65}, "at most 64 latent dimensions"),
        ({"objective.beta_low": 10, "objective.beta_high": 1}, None),  # used by a multi-rate model alone
        (
            {"model.kind": "multirate", "objective.beta_low": 10, "objective.beta_high": 0.1},
            "The range of beta is reversed: objective.beta_low is 10 and objective.beta_high is 0.1",
        ),
        (
            {"model.kind": "multirate", "objective.beta_low": 2, "objective.beta_high": 2},
            "both 2: that is a single value",
        ),
        ({"model.kind": "multirate", "model.tied": True}, "cannot share weights. Choose model.tied false"),
        ({"model.kind": "multirate", "model.tied": True, "model.net": "conv"}, None),
        ({"model.kind": "multirate", "objective.kl": "cyclical"}, None),
        ({"model.kind": "multirate", "objective.kl": "free_bits"}, "free_bits, which needs a single beta"),
        ({"model.kind": "multirate", "objective.kl": "capacity"}, "capacity, which needs a single beta"),
        ({"model.kind": "multirate", "objective.kl": "controlled"}, "controlled, which needs a single beta"),
        ({"model.kind": "ae", "objective.kl": "capacity"}, None),  # has no rate to weigh, whatever is said
        ({"objective.kl": "controlled", "model.latent": 100}, None),
        (
            {"objective.kl": "controlled", "objective.beta_low": 10, "objective.beta_high": 0.1},
            "The range of beta is reversed",
        ),
        (
            {"objective.kl": "controlled", "objective.beta_low": 2, "objective.beta_high": 2},
            "both 2, so beta could not move",
        ),
        ({"training.epochs": 10_000, "training.batch": 1, "training.accumulate": 2}, None),
    ],
)
def test_combinations(changes, sentence):
    config = RunConfig.parse({}).override(changes)
    if sentence is None:
        check(config)
    else:
        with pytest.raises(ConfigError, match=sentence):
            check(config)


def test_large_pictures_are_counted_from_the_data_itself():
    images = np.zeros((3, 3, 256, 256), np.uint8)
    dataset = Dataset("large", "Large", images, None, (), np.array([0, 1]), np.array([2]), "", "", "")
    check(RunConfig.parse({"model": {"hidden": (16,)}}), dataset)
    with pytest.raises(ConfigError, match="parameters for pictures of 3×256×256"):
        check(RunConfig.parse({"model": {"hidden": (128,)}}), dataset)


def test_memory_of_looking_at_large_pictures():
    """Held-out pictures pass a thousand at a time, however small a step is."""
    images = np.zeros((3, 1, 128, 128), np.uint8)
    dataset = Dataset("large", "Large", images, None, (), np.array([0, 1]), np.array([2]), "", "", "")
    model = {"net": "conv", "channels": (128, 16), "dense": 0}
    with pytest.raises(ConfigError, match=r"about 6\.3 GB of memory"):
        check(RunConfig.parse({"model": model, "training": {"batch": 1}}), dataset)
    check(RunConfig.parse({"model": {**model, "channels": (16, 16)}}), dataset)


def test_memory(monkeypatch):
    monkeypatch.setattr("vae_core.checks.MEMORY", 1e6)
    with pytest.raises(ConfigError, match=r"about .* GB of memory.* smaller batch"):
        check(recommended("mnist"))
