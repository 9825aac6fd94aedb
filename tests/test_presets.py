"""How much training: what a preset changes and what it leaves alone, and about how long it takes."""

import pytest

from vae_core import cli, data, presets
from vae_core.checks import check
from vae_core.config import options
from vae_core.errors import ConfigError
from vae_core.presets import PRESETS, TABLE, seconds, span
from vae_core.recipes import multirate, recommended, with_changes
from vae_core.sizes import Shape

ALL = [(source, net) for source in data.SOURCES for net in ("mlp", "conv")]


def value(config, path):
    section, _, name = path.partition(".")
    return getattr(getattr(config, section), name)


@pytest.mark.parametrize(("source", "net"), ALL)
def test_each_trains_longer_than_the_one_before(source, net):
    info = data.info(source)
    configs = [recommended(source, preset, net) for preset in PRESETS]
    spans = [seconds(config, info.shape, info.count) for config in configs]
    assert spans == sorted(set(spans))
    assert spans[0] < 10  # seconds
    assert spans[1] < 150  # about a minute; of pictures of 64 pixels two
    assert spans[2] < 400
    for config in configs:
        check(config)


@pytest.mark.parametrize(("source", "net"), ALL)
def test_what_one_wants_to_see_is_left_alone(source, net):
    sketch, good, best = (recommended(source, preset, net) for preset in PRESETS)
    for path in set(options()) - presets.paths():
        assert value(sketch, path) == value(good, path) == value(best, path)
    assert presets.paths() <= {path for path in options() if path.startswith("training.")}


def test_untold_it_is_good_with_the_net_that_suits():
    for source in data.SOURCES:
        config = recommended(source)
        assert config == recommended(source, "good", config.model.net) == with_changes(source, {})


def test_a_change_of_net_brings_its_own_epochs():
    config = with_changes("mnist", {"model.net": "conv"}, "sketch")
    assert config == recommended("mnist", "sketch", "conv")
    assert config.training.epochs == TABLE["mnist"]["conv/sketch"]["training.epochs"]
    assert with_changes("mnist", {"model.net": "conv", "training.epochs": 7}).training.epochs == 7


def test_a_multi_rate_model_takes_as_much_longer_for_each():
    for preset in PRESETS:
        config = with_changes("mnist", {"model.kind": "multirate"}, preset)
        assert config == multirate(recommended("mnist", preset))


def test_there_is_no_such_preset():
    with pytest.raises(ConfigError, match="no preset 'fast'; there are sketch, good, best"):
        recommended("digits", "fast")
    with pytest.raises(ConfigError, match=r"model\.net is 'rnn'"):
        recommended("digits", "good", "rnn")


@pytest.mark.parametrize("count", [20, 300, 5_000, 100_000])
@pytest.mark.parametrize("shape", [(1, 16, 16), (3, 32, 32), (3, 128, 128)])
def test_pictures_of_ones_own(count, shape: Shape, monkeypatch):
    """By number and size; however few, a sketch learns something and the best does not learn by heart."""
    info = data.SourceInfo(
        **{**vars(data.info("digits")), "name": "own:" + "0" * 16, "shape": shape, "count": count}
    )
    monkeypatch.setattr(data, "info", lambda source: info)
    sketch, good, best = (recommended(info.name, preset) for preset in PRESETS)
    assert sketch.training.epochs <= good.training.epochs <= best.training.epochs
    assert best.training.epochs <= max(presets.MOST, good.training.epochs)
    steps = 0.8 * count / sketch.training.batch * sketch.training.epochs
    assert steps >= 25 or sketch == good
    assert seconds(sketch, shape, count) < 15 or steps < 35


def test_time_follows_the_work():
    config = recommended("mnist")
    one = seconds(config, (1, 28, 28), 70_000)
    assert seconds(config.override({"training.epochs": 20}), (1, 28, 28), 70_000) == pytest.approx(2 * one)
    assert seconds(config, (1, 28, 28), 35_000) == pytest.approx(one / 2)
    assert seconds(config.override({"model.hidden": (2048, 512)}), (1, 28, 28), 70_000) > 2 * one
    assert seconds(config, (1, 56, 56), 70_000) > 2 * one


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0.01, "0.1 s"),
        (0.62, "0.6 s"),
        (1.4, "1 s"),
        (4.4, "4 s"),
        (12, "10 s"),
        (49, "50 s"),
        (55, "1 min"),
        (290, "5 min"),
        (7300, "2 h"),
    ],
)
def test_spans(number, said):
    assert span(number) == said


def test_the_command_line_says_it_too():
    words = cli.parser().parse_args(["train", "--data", "mnist", "--preset", "sketch"])
    assert words.preset == "sketch"
    with pytest.raises(ConfigError, match="'sketch', 'good', 'best'"):
        cli.parser().parse_args(["train", "--preset", "fast"])
