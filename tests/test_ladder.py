"""The ladder's interpolation against polynomials, scipy-free: what is known exactly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core import ladder

UNEVEN = np.array([-4.0, -3.5, -1.0, 0.2, 0.4, 2.3])


@st.composite
def rungs(draw):
    steps = draw(st.lists(st.floats(0.05, 3), min_size=1, max_size=12))
    return draw(st.floats(-9, 9)) + np.cumsum([0.0, *steps])


@given(rungs(), st.floats(0, 1))
def test_weights_sum_to_one_and_reach_four_rungs_at_most(knots, place):
    at = knots[0] + place * (knots[-1] - knots[0])
    found = ladder.weights(knots, at)
    assert found.shape == knots.shape
    assert found.sum() == pytest.approx(1)
    assert (found != 0).sum() <= 4


@given(rungs(), st.floats(0, 1))
def test_parabolas_are_exact_from_three_rungs_on(knots, place):
    at = knots[0] + place * (knots[-1] - knots[0])
    degree = 2 if len(knots) > 2 else 1
    value = np.polynomial.Polynomial([0.3, -1.2, 0.7][: degree + 1])
    expected = value(at - knots[0])
    assert ladder.weights(knots, at) @ value(knots - knots[0]) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("k", range(6))
def test_rungs_are_met_and_slopes_are_those_of_parabolas(k):
    values = np.random.default_rng(0).standard_normal(6)
    assert ladder.weights(UNEVEN, UNEVEN[k]) @ values == pytest.approx(values[k])
    first = min(max(k - 1, 0), 3)
    near = slice(first, first + 3)
    parabola = np.polynomial.Polynomial.fit(UNEVEN[near], values[near], 2)
    assert ladder.slope(UNEVEN, k) @ values == pytest.approx(parabola.deriv()(UNEVEN[k]))


def test_no_kink_at_a_rung():
    values = np.random.default_rng(1).standard_normal(6)
    for k in range(1, 5):
        before, after = (
            (ladder.weights(UNEVEN, UNEVEN[k] + step) @ values - values[k]) / step for step in (-1e-6, 1e-6)
        )
        assert before == pytest.approx(after, abs=1e-4)


def test_even_rungs_inside_are_the_splines_of_catmull_and_rom():
    """Their matrix as published: half of (2 p1, p2 - p0, 2 p0 - 5 p1 + 4 p2 - p3, -p0 + 3 p1 - 3 p2 + p3)."""
    matrix = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    for s in (0.0, 0.2, 0.5, 0.9):
        expected = np.array([1, s, s**2, s**3]) @ matrix
        np.testing.assert_allclose(ladder.weights(np.arange(6.0), 2 + s)[1:5], expected, atol=1e-12)


def test_beyond_the_ends_the_last_rung_stands():
    np.testing.assert_allclose(ladder.weights(UNEVEN, -99), [1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(ladder.weights(UNEVEN, 99), [0, 0, 0, 0, 0, 1])


def cloud(pace):
    """Codes that shrink with log beta; the larger `pace`, the faster."""
    codes = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)

    def at(log_beta):
        share = 1 / (1 + math.exp(pace * log_beta))
        return codes * share, np.full_like(codes, math.log(1 - share**2 + 1e-3))

    return at


@pytest.mark.parametrize(("pace", "count"), [(0.5, 7), (1.2, 13), (4.0, 25)])
def test_as_few_rungs_as_the_error_asks_for(pace, count):
    exact = cloud(pace)
    made = ladder.build(exact, 0.01, 10)
    assert len(made.log_betas) == count
    assert made.error < ladder.ERROR
    np.testing.assert_allclose(made.log_betas[[0, -1]], np.log([0.01, 10]))
    assert made.mu.shape == (count, 50, 3)
    assert made.mu.dtype == np.float16
    for at, mu, log_var in zip(made.log_betas, made.mu, made.log_var):
        np.testing.assert_allclose(mu, exact(at)[0], rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(log_var, exact(at)[1], rtol=1e-3, atol=1e-3)


def test_the_error_is_what_a_midpoint_is_off():
    exact = cloud(2.0)
    made = ladder.build(exact, 0.01, 10)
    worst = 0.0
    for at in (made.log_betas[1:] + made.log_betas[:-1]) / 2:
        mu, log_var = exact(at)
        scale = max(np.sqrt(mu.var(0).sum()), np.sqrt(exact(math.log(0.01))[0].var(0).sum()) / 10)
        found = made.at(at)
        offs = (found[0] - mu, np.exp(found[1] / 2) - np.exp(log_var / 2))
        worst = max([worst, *(np.sqrt((off.astype(float) ** 2).sum(1).mean()) / scale for off in offs)])
    assert made.error == pytest.approx(worst, rel=1e-2)


def test_a_cloud_that_jumps_gets_all_rungs_and_says_its_error():
    codes = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    made = ladder.build(lambda at: (codes if at < 0.3 else -codes, 0 * codes), 0.01, 10)
    assert len(made.log_betas) == ladder.COUNTS[-1]
    assert made.error > 0.5


def test_a_cloud_in_one_place_has_no_error():
    made = ladder.build(lambda at: (np.zeros((5, 2)), np.zeros((5, 2))), 0.1, 1)
    assert made.error == 0
    assert len(made.log_betas) == ladder.COUNTS[0]


def test_numbers_beyond_half_precision_stay_in_single():
    made = ladder.build(lambda at: (np.full((5, 2), 1e6) * [[k] for k in range(5)], np.zeros((5, 2))), 0.1, 1)
    assert made.mu.dtype == np.float32
    assert made.log_var.dtype == np.float16
