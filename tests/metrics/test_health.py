"""Monotonicity along beta, on curves made up with and without a violation."""

import math

import numpy as np
import pytest

from vae_core.metrics.health import ADVICE, ERRORS, violations

BETAS = [0.1, 1.0, 10.0]


def curve(rates, distortions, noise=0.0, count=400):
    """Distortions and rates (3, N): examples differ widely, alike at every beta, plus noise."""
    random = np.random.default_rng(0)
    example = 30 * random.standard_normal(count)
    own = random.standard_normal((2, 3, count))
    own -= own.mean(2, keepdims=True)  # so that the means are known exactly
    made = [
        np.array(means)[:, None] + example + noise * own[k] for k, means in enumerate((distortions, rates))
    ]
    return made[0], made[1]


def test_a_curve_as_it_should_be_has_nothing_wrong():
    assert violations(BETAS, *curve([9, 5, 1], [100, 110, 130], noise=1)) == []


def test_a_rate_that_rises_is_named_with_betas_and_sizes():
    found = violations(BETAS, *curve([5, 6, 1], [100, 110, 130], noise=1))
    assert found == ["From β 0.1 to 1 the rate rises by 1.00 ± 0.07 nats, where it should fall.", ADVICE]


def test_a_distortion_that_falls_is_named():
    found, _ = violations(BETAS, *curve([9, 5, 1], [100, 110, 108.5], noise=1))
    assert found.startswith("From β 1 to 10 the distortion falls by 1.50 ±")


def test_both_at_once_are_two_sentences():
    assert len(violations(BETAS, *curve([5, 6, 1], [110, 100, 130]))) == 2 + 1


@pytest.mark.parametrize(("times", "sentences"), [(0.9, 0), (1.1, 1 + 1)])
def test_only_what_exceeds_the_error_of_the_paired_difference(times, sentences):
    """Examples spread by 30 nats: unpaired errors of 2 nats would hide everything here."""
    noise, count = 4.0, 400
    step = ERRORS * noise * math.sqrt(2) / math.sqrt(count) * times
    found = violations(BETAS, *curve([9, 9 + step, 1], [100, 110, 130], noise, count))
    assert len(found) == sentences


def test_hundredths_of_a_nat_are_nothing_however_sure():
    assert violations(BETAS, *curve([9, 9.009, 1], [100, 110, 130])) == []
    assert len(violations(BETAS, *curve([9, 9.011, 1], [100, 110, 130]))) == 1 + 1


def test_a_single_example_has_no_error_and_says_nothing():
    assert violations(BETAS, np.ones((3, 1)), np.ones((3, 1))) == []
