"""Beta in addresses: clamped and said, carried there and back; an example's code at another beta."""

import math
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest

from app import links

LOG_BETAS = np.linspace(math.log(0.01), math.log(10), 7)
START, TURN, BEND = np.random.default_rng(0).normal(size=(3, 5, 2))  # (N, Z) each


def exact(beta: float) -> np.ndarray:
    """Codes that are a parabola in log beta, which the ladder between its rungs gives exactly."""
    at = math.log(beta)
    return START + TURN * at + BEND * at**2


MU = np.stack([exact(math.exp(at)) for at in LOG_BETAS]).astype(np.float32)
DIAL = links.Dial(0.01, 10.0, 1.0, LOG_BETAS, MU)
MODEL = links.Model(2, 3, exact(1.0).astype(np.float32), np.array([10, 3, 7, 22, 5]), DIAL)
PLAIN = links.Model(2, 3, MODEL.mu, MODEL.index)


def there_and_back(view):
    text = urlencode(links.query(links.checked(view, MODEL), MODEL), safe=",")
    return text, *links.read(dict(parse_qsl(text)), MODEL)


@pytest.mark.parametrize("beta", [0.01, 0.0123457, 0.32, 1.0, 9.99999, 10.0])
def test_beta_survives_an_address(beta):
    _, view, complaints = there_and_back({"z": [0.5, -1.0], "beta": beta, "beta2": 2.5})
    assert complaints == []
    assert view["beta"] == pytest.approx(beta, rel=1e-5)
    assert view["beta2"] == 2.5


def test_an_example_at_another_beta_stands_in_the_address_by_its_number_alone():
    beta = 0.2
    text, view, complaints = there_and_back(
        {"z": [round(float(value), 4) for value in exact(beta)[3]], "selected": 3, "beta": beta}
    )
    assert text == "v=1&beta=0.2&example=22"
    assert complaints == []
    assert view["selected"] == 3
    np.testing.assert_allclose(view["z"], exact(beta)[3], atol=1e-4)


def test_a_code_of_another_beta_than_the_dials_travels_as_z():
    text, view, _ = there_and_back({"z": exact(1.0)[3].tolist(), "selected": 3, "beta": 0.2})
    assert "z=" in text
    np.testing.assert_allclose(view["z"], exact(1.0)[3], atol=1e-3)


@pytest.mark.parametrize(
    ("text", "shown"), [("50", 10.0), ("1e9", 10.0), ("0.001", 0.01), ("1e-300", 0.01), ("10.0005", 10.0)]
)
def test_a_beta_outside_the_range_is_clamped(text, shown):
    view, complaints = links.read({"beta": text}, MODEL)
    assert view == {"beta": shown}
    if text == "10.0005":  # no more than rounding
        assert complaints == []
    else:
        (sentence,) = complaints
        assert f"Showing β {shown:g}" in sentence
        assert "from 0.01 to 10" in sentence


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "0", "-1", "1e999", "1,2", "<b>", "²"])
def test_what_is_no_beta_is_said_and_the_rest_is_followed(text):
    view, complaints = links.read({"beta": text, "grid": "1"}, MODEL)
    assert view == {"grid": True}
    (sentence,) = complaints
    assert "no number above 0" in sentence


def test_a_run_without_a_dial_says_so():
    view, complaints = links.read({"beta": "1", "z": "1,2"}, PLAIN)
    assert view == {"z": [1.0, 2.0]}
    assert "one β" in complaints[0]


@pytest.mark.parametrize("beta", [None, True, "1", 0, -1, 11, float("nan"), float("inf"), [1]])
def test_a_beta_that_no_explorer_reports_is_dropped(beta):
    assert links.checked({"z": [1, 2], "beta": beta, "beta2": beta}, MODEL) == {"z": [1.0, 2.0]}
    assert links.checked({"z": [1, 2], "beta": 1.0}, PLAIN) == {"z": [1.0, 2.0]}


def test_every_panel_of_the_lab_can_be_hidden():
    assert {"dial", "plane", "bars", "strip", "prior", "words", "elsewhere"} <= set(links.PANELS)
