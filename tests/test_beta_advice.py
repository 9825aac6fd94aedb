"""Advice along a curve: each for a reason that can be checked by hand."""

import subprocess
import sys

import numpy as np
import pytest

from vae_core.beta_advice import advise


def row(beta, rate, distortion, **figures):
    return {"beta": beta, "rate": rate, "distortion": distortion, **figures}


def found(curve):
    return {advice["key"]: advice for advice in advise(curve)}


def test_the_knee_is_where_the_slope_is_that_of_the_chord():
    """D = 1 / R has slope -1 / R^2 = -beta; between R = 10 and R = 0.1 the chord's slope is -1."""
    betas = np.geomspace(0.01, 100, 13)
    curve = [row(beta, beta**-0.5, beta**0.5) for beta in betas.tolist()]
    knee = found(curve)["knee"]
    assert knee["beta"] == pytest.approx(1)
    assert "up to 1.0 nats, every nat of rate takes 10.0 nats off" in knee["why"]
    assert "after that only 0.1." in knee["why"]


@pytest.mark.parametrize(
    ("first", "says"),
    [(101.5, "after that nothing."), (99.999, "after that next to nothing."), (98, "after that only 0.29.")],
)
def test_what_is_won_beyond_the_knee_is_said_sensibly(first, says):
    """Held-out pictures may be drawn worse at the smallest beta, which overfits first."""
    curve = [row(0.1, 12, first), row(1, 5, 100), row(10, 0, 160)]
    knee = found(curve)["knee"]
    assert "every nat of rate takes 12.0 nats off" in knee["why"]
    assert says in knee["why"]


def test_a_curve_that_turns_back_has_no_knee():
    assert found([row(0.1, 12, 100), row(1, -1, 105), row(10, 0, 160)]) == {}


def test_the_knee_is_farthest_from_the_chord_by_geometry():
    random = np.random.default_rng(0)
    rates = np.sort(random.uniform(0, 20, 9))[::-1]
    distortions = 200 + 60 * np.exp(-rates / 5)
    curve = [row(k + 1.0, *pair) for k, pair in enumerate(zip(rates.tolist(), distortions.tolist()))]
    points = np.stack([rates, distortions], 1)
    points = (points - points.min(0)) / np.ptp(points, 0)
    chord = points[-1] - points[0]
    away = points - points[0]
    off = np.abs(away[:, 0] * chord[1] - away[:, 1] * chord[0]) / np.linalg.norm(chord)
    assert found(curve)["knee"]["beta"] == off.argmax() + 1


@pytest.mark.parametrize(
    "curve",
    [
        [row(k, 10 - k, 100 + k) for k in range(1, 9)],  # a straight line
        [row(k, 10 - k, 100 - (10 - k) ** 2) for k in range(1, 9)],  # bent the other way
        [row(k, 5.0, 100.0) for k in range(1, 9)],  # one point
        [row(1, 5, 100), row(2, 4, 101)],
        [],
    ],
)
def test_what_is_not_bent_has_no_knee(curve):
    assert advise(curve) == []


def test_accuracy_is_the_largest_beta_within_two_per_cent_of_the_best():
    accuracies = [0.70, 0.80, 0.79, 0.785, 0.783, 0.5]
    curve = [row(beta, 5, 100, accuracy=a) for beta, a in zip((0.1, 0.2, 0.4, 0.8, 1.6, 3.2), accuracies)]
    advice = found(curve)["accuracy"]
    assert advice["beta"] == 0.8  # 0.784 is two per cent below 0.8
    assert "78.5%" in advice["why"]
    assert "80.0% at β 0.2" in advice["why"]


def test_precision_is_the_smallest_beta_that_reaches_it():
    curve = [row(beta, 5, 100, precision=p) for beta, p in zip((0.1, 1, 10), (0.7, 0.81, 0.9))]
    advice = found(curve)["precision"]
    assert advice["beta"] == 1
    assert "at least 80% of pictures drawn from the prior" in advice["why"]
    assert "81.0%" in advice["why"]


def test_advice_at_an_end_of_the_curve_says_so():
    curve = [row(beta, 5, 100, precision=0.9, accuracy=0.7) for beta in (0.1, 1, 10)]
    assert found(curve)["precision"]["beta"] == 0.1
    assert found(curve)["precision"]["why"].endswith("90.0%; no smaller one was measured.")
    assert found(curve)["accuracy"]["beta"] == 10
    assert found(curve)["accuracy"]["why"].endswith("at β 0.1; no larger one was measured.")


def test_figures_that_are_missing_give_no_advice():
    curve = [row(beta, 5, 100, accuracy=None, precision=0.5) for beta in (0.1, 1, 10)]
    assert advise(curve) == []
    assert advise([{"beta": 1.0}, {"beta": 2.0, "accuracy": None}]) == []


def test_needs_no_torch():
    code = "import sys, vae_core.beta_advice, vae_core.ladder; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
