import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_core.config import SECTIONS, DataConfig, RunConfig, options
from vae_core.errors import ConfigError

STARTERS = Path(__file__).resolve().parent.parent / "assets" / "starters"
NUMBERS = [option for option in options().values() if option.kind in (int, float)]


def nested(path, value):
    section, name = path.split(".")
    return {section: {name: value}}


def refused(value):
    """The complaint about a configuration that must not be accepted."""
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_json(value) if isinstance(value, str | bytes) else RunConfig.parse(value)
    complaint = str(caught.value)
    assert complaint.endswith(".")
    assert len(complaint) < 2000
    return complaint


def value_at(config, path):
    section, name = path.split(".")
    return getattr(getattr(config, section), name)


def test_options_cover_every_field_with_help():
    found = options()
    fields = [f"{section}.{name}" for section, model in SECTIONS.items() for name in model.model_fields]
    assert list(found) == fields
    assert set(SECTIONS) == set(RunConfig.model_fields) - {"format", "name"}
    for path, option in found.items():
        assert option.path == path
        assert option.help.endswith(".")
        assert len(option.help) > 15
        assert option.kind in (int, float, bool, str, tuple)
        assert option.default == value_at(RunConfig(), path)
        assert isinstance(option.default, option.kind)
        if option.kind in (int, float):
            assert option.low <= option.default <= option.high
        if option.kind is str:
            assert option.default in option.choices


def test_units_and_open_ends():
    found = options()
    assert found["training.checkpoint_seconds"].unit == "s"
    assert found["objective.beta"].unit == ""
    assert [path for path, option in found.items() if option.low_excluded] == ["training.epochs"]


@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: option.path)
def test_the_bounds_themselves_are_allowed_and_a_step_beyond_is_not(option):
    lowest = option.low + 0.001 if option.low_excluded else option.low
    for bound in (lowest, option.high):
        assert value_at(RunConfig.parse(nested(option.path, bound)), option.path) == bound
    beyond_low = option.low if option.low_excluded else option.low - 1
    for value in (beyond_low, option.high + 1):
        complaint = refused(nested(option.path, value))
        for part in (option.path, repr(value), bound_text(option.low), bound_text(option.high)):
            assert part in complaint


def bound_text(bound):
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def test_ranges_are_written_out():
    assert (
        refused({"training": {"seed": -1}})
        == "training.seed is -1, allowed is a whole number from 0 to 2147483647."
    )
    assert (
        refused({"training": {"epochs": 0}}) == "training.epochs is 0, allowed is a number above 0 to 10000."
    )
    assert "from 0 to 1000000" in refused({"data": {"limit": 2_000_000}})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"lr": 1}, "There is no setting 'lr'; known here: format, name, data, model, objective, training."),
        ({"training": {"lrr": 1}}, "There is no setting 'training.lrr'; known here: epochs, batch, lr"),
        ({"model": {"a.b": 1}}, "There is no setting 'model.a.b'; known here: kind, net, hidden"),
        ({1: 2}, "There is no setting '1'; known here: format"),
        ({"training": {1: 2}}, "There is no setting 'training.1'; known here: epochs"),
        (
            {"data": {"source": "cats"}},
            "data.source is 'cats', allowed is one of digits, shapes, colour-shapes",
        ),
        ({"model": {"likelihood": ["x"]}}, "allowed is one of bernoulli, gaussian"),
        ({"model": {"hidden": [64, 0]}}, "model.hidden: up to 6 widths, each a whole number from 1 to 4096"),
        ({"model": {"hidden": [8] * 7}}, "model.hidden: up to 6 widths"),
        ({"model": {"hidden": 5}}, "model.hidden: up to 6 widths"),
        ({"model": {"hidden": "64"}}, "model.hidden: up to 6 widths"),
        (
            {"model": {"channels": []}},
            "model.channels: 1 to 6 widths, each a whole number from 1 to 512, for example 16, 32, 64.",
        ),
        ({"model": {"channels": [513]}}, "model.channels: 1 to 6 widths"),
        ({"model": {"tied": "perhaps"}}, "model.tied is 'perhaps', allowed is true or false."),
        ({"model": {"latent": 2.5}}, "model.latent is 2.5, allowed is a whole number from 1 to 128"),
        ({"model": {"latent": None}}, "model.latent is None, allowed is a whole number"),
        ({"model": {"sigma": "thin"}}, "model.sigma is 'thin', allowed is a number from 0.001 to 100"),
        ({"training": {"lr": float("nan")}}, "training.lr is nan, allowed is a number from 1e-06 to 1"),
        ({"training": {"epochs": float("inf")}}, "training.epochs is inf, allowed is a number above 0"),
        (
            {"data": 5},
            "data is 5, allowed is an object with source, limit, test_share, split_seed, map_points.",
        ),
        ({"model": None}, "model is None, allowed is an object with kind, net, hidden"),
        ({"name": "x" * 81}, "allowed is one line of at most 80 characters"),
        ({"name": "two\nlines"}, r"name is 'two\nlines', allowed is one line"),
        ({"name": 7}, "name is 7, allowed is one line"),
        ({"format": 2}, "has format 2, and this version of Latentscape reads up to format 1."),
        ({"format": "1"}, "The configuration has format '1', this version reads format 1."),
        (5, "The configuration is 5, allowed is an object with format, name, data"),
        (None, "The configuration is None, allowed is an object"),
        ([], "The configuration is [], allowed is an object"),
    ],
)
def test_what_is_wrong_is_said(value, words):
    assert words in refused(value)


def test_every_wrong_setting_is_named_up_to_a_few():
    complaint = refused({"model": {"latent": 0, "sigma": 0}, "objective": {"beta": -1}})
    assert all(path in complaint for path in ("model.latent", "model.sigma", "objective.beta"))
    complaint = refused({"model": {"hidden": ["x", 0, 5000], "latent": 0}})
    assert complaint == (
        "model.hidden: up to 6 widths, each a whole number from 1 to 4096, for example 128, 64. "
        "model.latent is 0, allowed is a whole number from 1 to 128."
    )
    complaint = refused({f"key{i}": i for i in range(100_000)})
    assert complaint.endswith("99995 more settings are wrong.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        "null",
        "[]",
        "3",
        b"\xff\xfe\xfa",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"data":' + "[" * 900 + "]" * 900 + "}",
        '{"x":' + '{"a":' * 900 + "1" + "}" * 901,
        '{"training":{"lr":NaN}}',
        '{"training":{"lr":-Infinity}}',
        '{"training":{"lr":1e999}}',
        '{"training":{"lr":1' + "0" * 400 + "}}",
        '{"training":{"batch":1' + "0" * 4000 + "}}",
        '{"training":{"batch":1' + "0" * 100_000 + "}}",
        '{"model":{"latent":1e300}}',
        '{"model":{"hidden":[' + "9," * 100_000 + "9]}}",
        '{"name":"\\ud800"}',
        '{"name":"\\u0000"}',
        '{"' + "k" * 1_000_000 + '":1}',
        '{"name":"' + "n" * 1_000_000 + '"}',
        '{"model":{"kind":"__import__"}}',
    ],
    ids=lambda text: repr(text[:24]),
)
def test_hostile_json_is_a_sentence(text):
    refused(text)


def test_an_integer_too_long_to_print():
    assert "too large to show" in refused({"training": {"batch": 10**5000}})


def test_a_nesting_too_deep_to_print():
    deep = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    assert "too large to show" in refused({"data": deep})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*options(), "name", "format", *SECTIONS]), JSON_VALUES)
@settings(deadline=None, max_examples=300)
def test_any_json_value_for_any_setting_is_taken_or_refused(path, value):
    config = nested(path, value) if "." in path else {path: value}
    try:
        taken = RunConfig.from_json(json.dumps(config))
    except ConfigError:
        return
    assert RunConfig.from_json(taken.to_json()) == taken


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_any_config_survives_json(draw):
    changes = {}
    for path, option in options().items():
        if option.choices:
            changes[path] = draw.draw(st.sampled_from(option.choices))
        elif option.kind is tuple:
            least, most = option.lengths
            each = st.integers(option.low, option.high)
            changes[path] = draw.draw(st.lists(each, min_size=least, max_size=most))
        elif option.kind is bool:
            changes[path] = draw.draw(st.booleans())
        elif option.kind is int:
            changes[path] = draw.draw(st.integers(option.low, option.high))
        else:
            changes[path] = draw.draw(
                st.floats(option.low, option.high, exclude_min=option.low_excluded, allow_subnormal=False)
            )
    config = RunConfig().override(changes)
    assert RunConfig.from_json(config.to_json()) == config
    assert RunConfig.from_json(config.to_json().encode()) == config
    assert RunConfig.parse(json.loads(config.to_json())) == config


def test_defaults_are_a_run():
    assert RunConfig.from_json("{}") == RunConfig()
    assert json.loads(RunConfig().to_json())["format"] == 1


def test_override_takes_paths_and_typed_text():
    config = RunConfig().override({"training.lr": "0.003", "model.latent": "8", "name": "mine"})
    assert (config.training.lr, config.model.latent, config.name) == (0.003, 8, "mine")
    assert config.training.batch == RunConfig().training.batch
    assert RunConfig() == RunConfig().override({})


@pytest.mark.parametrize("path", ["lr", "training.lrr", "", "training.", ".lr", "cats.lr", "model.hidden.0"])
def test_override_refuses_unknown_paths(path):
    with pytest.raises(ConfigError, match="There is no setting"):
        RunConfig().override({path: 1})


@pytest.mark.parametrize("path", ["format.x", "name.x"])
def test_override_below_a_plain_field(path):
    with pytest.raises(ConfigError, match="sections are data, model, objective, training"):
        RunConfig().override({path: 1})


def test_it_is_frozen_and_unchanged_by_override():
    config = RunConfig()
    config.override({"objective.beta": 4})
    assert config.objective.beta == 1
    with pytest.raises(Exception, match="frozen"):
        config.objective.beta = 4


@pytest.mark.parametrize(
    ("changes", "beta", "ending"),
    [
        ({"objective.kl": "capacity", "objective.pull": 30}, 30, "rate 5"),
        ({"objective.kl": "controlled", "objective.target_rate": 2.5}, 1, "rate 2.5"),
        ({"objective.kl": "controlled", "objective.beta": 50}, 10, "rate 5"),
        ({"objective.kl": "controlled", "model.kind": "ae"}, 0, "autoencoder"),
        ({"objective.kl": "free_bits"}, 1, "β 1"),
    ],
)
def test_the_weight_of_the_rate(changes, beta, ending):
    config = RunConfig().override(changes)
    assert config.beta == beta
    assert config.title().endswith(ending)


def test_titles():
    assert RunConfig(name="Mine").title() == "Mine"
    assert RunConfig().title() == "digits · 2-D · β 1"
    other = RunConfig().override({"model.net": "conv", "model.likelihood": "laplace"})
    assert other.title() == "digits · 2-D · β 1 · Convolutional · Laplace"
    assert (
        RunConfig(data=DataConfig(source="mnist")).override({"objective.beta": 0.5}).title().endswith("β 0.5")
    )


@pytest.mark.parametrize(("wished", "beta"), [(0, 0.1), (0.1, 0.1), (3, 3), (4, 4), (1000, 4)])
def test_a_multi_rate_model_opens_within_its_range(wished, beta):
    changes = {"model.kind": "multirate", "objective.beta_low": 0.1, "objective.beta_high": 4}
    config = RunConfig.parse({}).override({**changes, "objective.beta": wished})
    assert config.beta == beta
    assert config.title() == "digits · 2-D · β 0.1 to 4"


@pytest.mark.parametrize("bad", [0, -1, 1e-5, 1001, float("nan"), "low"])
@pytest.mark.parametrize("end", ["objective.beta_low", "objective.beta_high"])
def test_an_end_of_the_range_is_a_positive_number(end, bad):
    with pytest.raises(ConfigError, match=rf"{end} is .*, allowed is a number from 0\.0001 to 1000"):
        RunConfig.parse({}).override({end: bad})


def test_importing_stays_light():
    code = "import sys, vae_core.config; print(*({'torch', 'sklearn', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("path", sorted(STARTERS.glob("*/config.json")), ids=lambda path: path.parent.name)
def test_older_files_load_and_keep_their_net(path):
    config = RunConfig.from_json(path.read_bytes())
    assert (config.model.net, config.model.norm, config.model.tied) == ("mlp", "none", False)
    written = json.loads(path.read_text())
    now = json.loads(config.to_json())
    assert all(
        now[section][name] == value for section in SECTIONS for name, value in written[section].items()
    )
