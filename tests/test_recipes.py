import pytest
import torch

from vae_core.checks import PARAMETERS
from vae_core.config import RunConfig
from vae_core.data import SOURCES
from vae_core.errors import DataError
from vae_core.events import Epoch, Finished
from vae_core.pipeline import execute
from vae_core.recipes import for_size, multirate, recommended, with_changes
from vae_core.sizes import parameter_count, require


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_settings(source):
    assert recommended(source).data.source == source


@pytest.mark.parametrize(
    ("shape", "net"),
    [
        ((1, 28, 28), "mlp"),
        ((3, 16, 16), "mlp"),
        ((3, 24, 24), "conv"),
        ((3, 20, 40), "mlp"),
        ((1, 32, 32), "mlp"),
        ((1, 64, 64), "conv"),
        ((3, 128, 128), "conv"),
        ((3, 47, 93), "conv"),
    ],
)
def test_large_and_colour_pictures_get_convolutions(shape, net):
    config = RunConfig.parse(for_size(shape, 1000))
    assert config.model.net == net
    require(config.model, shape)
    assert parameter_count(config.model, shape) < PARAMETERS


@pytest.mark.parametrize(("count", "shape"), [(20, (3, 32, 32)), (1000, (3, 64, 64)), (60_000, (3, 32, 32))])
def test_many_pictures_are_seen_less_often(count, shape):
    few, many = (RunConfig.parse(for_size(shape, n)).training for n in (count, 10 * count))
    assert 3 <= many.epochs <= few.epochs <= 50


def test_few_pictures_are_not_learned_by_heart():
    """At the end held-out pictures are still nearly as likely as they ever were; 3,000 nats."""
    torch.set_num_threads(1)
    config = RunConfig.parse(
        {"data": {"source": "colour-shapes", "limit": 300}, **for_size((3, 32, 32), 300)}
    )
    held_out = [event.distortion for event in execute(config) if isinstance(event, Epoch)]
    assert min(held_out) < -3000
    assert held_out[-1] < 0.8 * min(held_out)


def test_larger_pictures_are_seen_less_often():
    small, large = (for_size((3, side, side), 2000)["training"]["epochs"] for side in (32, 128))
    assert large < small


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


@pytest.mark.parametrize("latent", [2, 16])
def test_a_change_of_kind_brings_the_time_it_takes(latent):
    changes = {"model.kind": "multirate", "model.latent": latent}
    config = with_changes("mnist", changes)
    single = with_changes("mnist", {"model.latent": latent})
    assert single == recommended("mnist").override({"model.latent": latent})
    assert config == multirate(single)
    assert single.training.epochs < config.training.epochs <= 2.5 * single.training.epochs
    asked = with_changes("mnist", {**changes, "training.epochs": 2, "training.adam_beta2": 0.9})
    assert (asked.training.epochs, asked.training.adam_beta2) == (2, 0.9)
