"""Paths against SciPy's slerp and what geometry says of them."""

import numpy as np
import pytest
from scipy.spatial import geometric_slerp

from vae_core import paths
from vae_core.errors import PathError


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


T = np.linspace(0, 1, 17)


@pytest.mark.parametrize("dimensions", [2, 3, 16])
def test_an_arc_is_scipys_on_the_unit_sphere_and_of_even_length_elsewhere(dimensions):
    start, end = random((2, dimensions), seed=dimensions)
    units = [code / np.linalg.norm(code) for code in (start, end)]
    assert np.allclose(paths.arc(*units)(T), geometric_slerp(*units, T), atol=1e-12)
    codes = paths.arc(start, end)(T)
    lengths = np.linalg.norm(codes, axis=1)
    assert np.allclose(lengths, np.linspace(lengths[0], lengths[-1], len(T)), atol=1e-12)
    assert np.allclose(codes / lengths[:, None], geometric_slerp(*units, T), atol=1e-12)
    assert np.allclose(codes[[0, -1]], [start, end])


@pytest.mark.parametrize("angle", [1e-4, 1e-5])
def test_an_arc_between_close_directions_stays_exact(angle):
    start, end = np.array([1.0, 0]), np.array([np.cos(angle), np.sin(angle)])
    codes = paths.arc(start, end)(T)
    assert np.allclose(np.arctan2(codes[:, 1], codes[:, 0]), T * angle, rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("end", [[-2.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
def test_an_arc_without_a_plane_to_turn_in_goes_straight(end):
    start = np.array([1.0, 0.0])
    assert np.allclose(paths.arc(start, end)(T), paths.line(start, end)(T))


def test_beyond_the_ends_line_and_arc_go_on():
    start, end = random((2, 4))
    assert np.allclose(paths.line(start, end)(np.array([1.5])), start + 1.5 * (end - start))
    unit = [code / np.linalg.norm(code) for code in (start, end)]
    beyond = paths.arc(*unit)(np.array([-0.2, 1.3]))
    assert np.allclose(np.linalg.norm(beyond, axis=1), 1)


@pytest.mark.parametrize("kind", ["linear", "spherical"])
@pytest.mark.parametrize("loop", [False, True])
def test_a_path_meets_its_anchors(kind, loop):
    anchors = random((4, 3))
    stops = np.concatenate([anchors, anchors[:1]]) if loop else anchors
    curve = paths.through(anchors, kind, loop)
    assert np.allclose(curve(np.linspace(0, 1, len(stops))), stops)
    near = curve(np.array([1 / (len(stops) - 1) - 1e-9, 1 / (len(stops) - 1) + 1e-9]))
    assert np.allclose(near[0], near[1], atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_or_many_anchors_are_refused(count):
    with pytest.raises(PathError, match=f"2 to 8 anchors, found {count}"):
        paths.through(np.zeros((count, 2)))
    with pytest.raises(PathError, match="not finite"):
        paths.through(np.array([[0, np.nan], [1, 1]]))


def test_a_polyline_has_constant_speed():
    curve = paths.polyline(np.array([[0, 0], [0, 0], [3, 0], [3, 1]]))
    assert np.allclose(curve(np.array([0, 0.25, 0.75, 0.875, 1])), [[0, 0], [1, 0], [3, 0], [3, 0.5], [3, 1]])
    with pytest.raises(PathError, match="two different places"):
        paths.polyline(np.ones((5, 2)))


def test_a_drawn_path_keeps_its_ends_and_straight_lines_and_loses_its_tremor():
    along = np.linspace(0, 1, 200)[:, None] * [4.0, 2.0]
    assert np.allclose(paths.drawn(along)(T), along[0] + T[:, None] * [4, 2], atol=1e-9)
    shaky = along + 0.1 * random(along.shape)
    smooth = paths.drawn(shaky)
    assert np.allclose(smooth(np.array([0.0, 1.0])), shaky[[0, -1]], atol=1e-9)
    away = smooth(np.linspace(0, 1, 200)) @ [-1, 2] / np.sqrt(5)  # across the line
    before = shaky @ [-1, 2] / np.sqrt(5)
    assert np.std(away) < 0.3 * np.std(before)


@pytest.mark.parametrize("count", [5, 24, 120])
def test_equal_change_makes_steps_equal(count):
    """On a decoder whose pictures change ten times faster at one end, and bend."""

    def decode(codes):
        s = np.exp(2.3 * codes[:, 0])
        return np.stack([s, np.sin(2 * s), np.cos(2 * s)], axis=1).reshape(-1, 1, 1, 3)

    curve = paths.line(np.zeros(2), np.array([1.0, 0.5]))
    even = decode(curve(np.linspace(0, 1, count)))
    t = paths.alike(curve, count, decode)
    steps = np.linalg.norm(np.diff(decode(curve(t)).reshape(count, -1), axis=0), axis=1)
    before = np.linalg.norm(np.diff(even.reshape(count, -1), axis=0), axis=1)
    assert (t[0], t[-1], len(t)) == (0, 1, count)
    assert (np.diff(t) > 0).all()
    assert before.max() / before.min() > 2
    assert steps.max() / steps.min() < 1.05


def test_equal_change_where_nothing_changes_is_even():
    still = paths.alike(paths.line(np.zeros(2), np.ones(2)), 9, lambda codes: np.zeros((len(codes), 3)))
    assert np.allclose(still, np.linspace(0, 1, 9))


def test_the_shape_of_a_path():
    around = np.linspace(0, np.pi, 181)
    half = paths.shape(np.stack([np.cos(around), np.sin(around)], axis=1))
    assert half.length == pytest.approx(np.pi, rel=1e-4)
    assert half.direct == pytest.approx(2)
    assert half.smoothness == pytest.approx(np.cos(np.pi / 180))
    assert half.evenness == pytest.approx(1)
    back = paths.shape(np.array([[0.0], [1.0], [0.0]]))
    assert (back.length, back.direct, back.smoothness) == (2, 0, -1)
    corner = paths.shape(np.array([[0.0, 0], [1, 0], [1, 3]]))
    assert (corner.smoothness, corner.evenness) == (0, pytest.approx(2 / 3))


def test_a_cross_fade_is_a_straight_line_in_pictures():
    first, last = random((2, 1, 4, 4))
    fade = paths.cross_fade(first, last, 5)
    assert np.allclose(fade[2], (first + last) / 2, atol=1e-6)
    assert paths.shape(fade).smoothness == pytest.approx(1)
