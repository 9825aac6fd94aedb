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
        ({"data.limit": 1}, "one picture is needed to train on and one to hold out"),
        ({"data.limit": 2}, None),
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


def test_memory(monkeypatch):
    monkeypatch.setattr("vae_core.checks.MEMORY", 1e6)
    with pytest.raises(ConfigError, match=r"about .* GB of memory.* smaller batch"):
        check(recommended("mnist"))
