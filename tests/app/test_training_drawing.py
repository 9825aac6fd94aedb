"""The arithmetic behind the picture of a training, run by Node against figures made by hand or by numpy."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.node

APP = Path(__file__).resolve().parents[2] / "app"
SOURCE = "".join((APP / f"training_{name}.js").read_text("utf-8") for name in ("drawing", "marks"))


@pytest.fixture
def call(node):
    """`call("ticks", 0, 10)` -> what the function returns."""

    def run(function: str, *arguments: object):
        code = f"{SOURCE}\nconsole.log(JSON.stringify({function}(...{json.dumps(arguments)})));"
        done = subprocess.run([node, "-"], input=code, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("room", [0, 0.5])
def test_a_spike_does_not_flatten_a_curve(call, room):
    values = list(np.linspace(40, 20, 100))
    low, high = call("rangeOf", [*values, 70_000], 20, room)
    assert low < 20
    assert 38 < high < 45


@pytest.mark.parametrize("values", [[5], [30, 20], [20, 30], [70_000], [30, 20, 25, 22, 70_000], [0, 0]])
def test_the_last_value_is_always_in_the_frame(call, values):
    low, high = call("rangeOf", values, values[-1], 0)
    assert low < values[-1] < high
    shown = call("ticks", low, high)
    assert len(shown) >= 2
    assert all(low <= tick <= high for tick in shown)


@pytest.mark.parametrize("width", [0.1, 0.9, 1.0, 1.7, 3.3, 4.9, 23, 999, 61_234])
@pytest.mark.parametrize("low", [0, 0.37, 18.6, -0.05])
def test_there_are_two_ticks_at_least_and_few(call, low, width):
    assert 2 <= len(call("ticks", low, low + width)) <= 7


def test_spread_and_separation_are_those_of_the_points(call):
    generator = np.random.default_rng(0)
    classes = np.arange(60) % 3
    points = generator.normal(size=(60, 2)) + np.array([[0, 0], [3, 0], [0, 4]])[classes]
    assert call("spreadOf", points.ravel().tolist(), 2) == pytest.approx(points.std(0).max())
    found = call("classMiddles", points.ravel().tolist(), classes.tolist(), 4)
    middles = np.array([points[classes == k].mean(0) for k in range(3)])
    np.testing.assert_allclose([[middle["x"], middle["y"]] for middle in found["middles"]], middles)
    within = sum(((points[classes == k] - middles[k]) ** 2).sum() for k in range(3))
    total = ((points - points.mean(0)) ** 2).sum()
    assert found["share"] == pytest.approx(1 - within / total)


def test_a_collapsed_cloud_is_shown_at_the_scale_of_the_prior(call):
    assert call("spanOf", [0.001] * 20, True) == 3
    assert call("spanOf", [1.0] * 199 + [1.3], False) > 1.3  # nothing is cut off
    assert call("spanOf", [1.0] * 199 + [1000], False) == 1.5  # but for what lies far off


@pytest.mark.parametrize(
    ("step", "total", "reach"),
    [(0, 999, 999), (0, 8000, 500), (500, 8000, 1000), (3999, 8000, 4000), (4000, 8000, 8000), (0, 0, 0)],
)
def test_curves_are_not_squeezed_at_the_start_of_a_long_training(call, step, total, reach):
    assert call("reachOf", step, total) == reach


def test_names_that_collide_are_left_out(call):
    boxes = [{"x": x, "y": 0, "width": 10, "height": 4} for x in (0, 6, 11, 30)]
    assert [box["x"] for box in call("apart", boxes)] == [0, 11, 30]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([5, 4, None], "β 4"),
        ([5, None, 0.5], "lr ×0.5"),
        ([5, 0.12345, 2], "β 0.123, lr ×2"),
        ([5, 0, None], "β 0"),
    ],
)
def test_a_change_of_the_course_is_named(call, change, words):
    assert call("changeInWords", change) == words


def test_a_longer_run_is_seen_as_far_as_this_one_goes(call):
    assert call("ghostWithin", [1, 2, 3, 4], [9, 8, 7, 6], 3) == [9, 8, 7]
    assert call("ghostWithin", [], [], 3) == []


@pytest.mark.parametrize(
    ("seen", "words"),
    [(0, ""), (5, ", after epoch 0.5"), (321, ", after epoch 32"), (1000, ", after epoch 100")],
)
def test_it_is_said_when_the_cloud_was_looked_at(call, seen, words):
    assert call("momentInWords", {"seen": seen, "total": 1000, "epochs": 100}) == words


def test_the_lines_under_the_curves_say_which_is_which(call):
    assert "Dashed" not in call("keyInWords", {})
    assert call("keyInWords", {"ranged": True}) == call("keyInWords", {"curves": [[]]})
    ghost = {"label": "<b>it", "held": False}
    assert "Dashed: <b>it, the pictures it learnt from." in call("keyInWords", {"ghost": ghost})


@pytest.fixture
def plane(node):
    """`plane(curves)` -> the ranges of rate and distortion that the forming curve is drawn in."""
    both = SOURCE + (APP / "training_plane.js").read_text("utf-8")

    def run(curves: object):
        code = f"{both}\nconsole.log(JSON.stringify(planeRanges({json.dumps(curves)})));"
        done = subprocess.run([node, "-"], input=code, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return run


def test_the_newest_curve_is_always_in_sight_and_a_wild_first_one_does_not_shrink_it(plane):
    newest = [[0.01, 210.0, 20.0], [1.0, 230.0, 9.0], [10.0, 260.0, 2.0]]
    wild = [[0.01, 900.0, 400.0], [1.0, 800.0, 300.0], [10.0, 700.0, 0.0]]
    (low_rate, high_rate), (low, high) = plane([wild, newest])
    assert low_rate == 0
    assert 20 < high_rate < 40
    assert 190 < low < 210
    assert 260 < high < 300


def test_a_curve_of_one_point_has_a_range(plane):
    assert all(low < high for low, high in plane([[[1.0, 5.0, 0.0], [2.0, 5.0, 0.0]]]))
