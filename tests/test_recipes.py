import pytest
import torch

from vae_core.config import RunConfig
from vae_core.data import SOURCES
from vae_core.errors import DataError
from vae_core.events import Finished
from vae_core.pipeline import execute
from vae_core.recipes import recommended


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_settings(source):
    assert recommended(source).data.source == source


def test_no_such_source():
    with pytest.raises(DataError, match="no data set 'cats'; there are digits"):
        recommended("cats")


def test_the_default_recipe_separates_the_digits():
    """Median over five seeds of split and training, held-out accuracy of ten neighbours on the map."""
    torch.set_num_threads(1)
    config = recommended("digits")
    assert config == RunConfig.parse(config.model_dump())
    scores = []
    for seed in range(5):
        changes = {"data.split_seed": seed, "training.seed": seed}
        *_, last = execute(config.override(changes))
        assert isinstance(last, Finished)
        scores.append(last.report["accuracy"])
    assert sorted(scores)[2] >= 0.90, scores
