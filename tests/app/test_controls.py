"""Settings in words: widths as typed, complaints with the form's labels."""

from datetime import UTC, datetime, timedelta

import pytest

from app import controls, words
from vae_core.config import RunConfig, options
from vae_core.errors import ConfigError


def test_every_setting_has_a_name():
    assert set(options()) <= set(controls.LABELS)


@pytest.mark.parametrize(
    ("text", "widths"),
    [("512, 128", (512, 128)), ("64", (64,)), ("", ()), ("8;9", (8, 9)), ("12a", ("12a",)), ("-3", ("-3",))],
)
def test_widths(text, widths):
    assert controls.parse_widths(text) == widths


@pytest.mark.parametrize(
    ("path", "value", "label"),
    [
        ("model.hidden", ("x", 0), "Hidden layers: up to 6 widths, each a whole number from 1 to 4096, for"),
        ("training.lr", 7, "“Learning rate” is 7"),
        ("training.adam_beta2", 7, "“Adam's β₂” is 7"),
        ("objective.beta", -1, "“Beta β” is -1"),
    ],
)
def test_complaints_name_the_label(path, value, label):
    with pytest.raises(ConfigError) as caught:
        RunConfig().override({path: value})
    assert label in controls.in_labels(str(caught.value))


@pytest.mark.parametrize(
    ("share", "total", "text"),
    [(0.176, 1500, "264 of 1,500"), (0.5, 5, "2.5 of 5"), (1, 12.5, "12 of 12.5"), (1, 45, "45 of 45")],
)
def test_epochs(share, total, text):
    assert words.epochs(share, total) == text


@pytest.mark.parametrize(
    ("value", "text"), [(246.1, "250"), (0.0000314, "0.000031"), (2000, "2,000"), (0, "0"), (1.25, "1.2")]
)
def test_plain_numbers(value, text):
    assert words.plain(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "just now"), (61, "1 minute ago"), (7300, "2 hours ago"), (86400 * 3, "3 days ago")],
)
def test_ago(seconds, text):
    assert words.ago(datetime.now(UTC) - timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(1.44, "1.4 s"), (50.2, "50 s"), (179, "3 min"), (7500, "2 h 5 min")]
)
def test_duration(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("Choose fewer model.channels.", "Choose fewer “Channels”."),
        ("model.tied gives the decoder one output.", "“Tied weights” gives the decoder one output."),
        ("name is 'x', allowed is one line", "“Name” is 'x', allowed is one line"),
        ("The filename and the name stay.", "The filename and the name stay."),
    ],
)
def test_labels_stand_for_paths_anywhere_in_a_sentence(sentence, text):
    assert controls.in_labels(sentence) == text


def test_a_model_in_a_line():
    meta = {"beta": 1.5, "likelihood": "gaussian_shared", "latent": 2, "data": {"title": "Cats"}}
    meta["report"] = {"distortion": -300.0, "rate": 2.0, "sigma": 0.1178}
    assert "β **1.5**" in words.facts(meta)
    assert "Gaussian pixels, σ 0.118" in words.facts(meta)
    assert "violet[at β **1.5**]" in words.facts({**meta, "dial": {"beta": 1.5}})
    plain = {
        **meta,
        "likelihood": "continuous_bernoulli",
        "posterior": {"deterministic": True, "log_var": -8},
    }
    assert "Continuous Bernoulli pixels" in words.facts(plain)
    assert "β" not in words.facts(plain)
    assert words.summary(plain) == "Cats in 2 dimensions, plain autoencoder"
