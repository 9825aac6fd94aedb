"""Geodesics against exact ones: on a sphere, on a Swiss roll; with the variance they bend round a hole."""

import numpy as np
import pytest
import torch

from vae_core.data_paths import Roads
from vae_core.geodesics import Doubt, geodesic, length
from vae_core.paths import line
from vae_core.support import Support


def sphere(codes):
    """Longitude and latitude to a point on the unit sphere."""
    longitude, latitude = codes.unbind(1)
    across = latitude.cos()
    return torch.stack([across * longitude.cos(), across * longitude.sin(), latitude.sin()], 1)


def roll(codes):
    """Angle and height to a point on a spiral's sheet, which unrolls without stretching."""
    angle, height = codes.unbind(1)
    return torch.stack([angle * angle.cos(), height, angle * angle.sin()], 1)


def spiral(angle):
    """Its length from 0."""
    return (angle * np.sqrt(1 + angle**2) + np.arcsinh(angle)) / 2


@pytest.mark.parametrize(
    ("start", "end"), [((-0.9, 0.6), (0.9, 0.6)), ((0, -1.0), (2.0, 1.0)), ((0.1, 0.1), (0.2, -0.3))]
)
def test_on_a_sphere_it_is_the_great_circle(start, end):
    points = sphere(torch.tensor([start, end], dtype=torch.float64)).numpy()
    exact = np.arccos(points[0] @ points[1])
    found = geodesic(np.array(start), np.array(end), sphere)
    assert np.allclose(found[[0, -1]], [start, end])
    assert length(found, sphere) == pytest.approx(exact, rel=0.01)
    middle = sphere(torch.from_numpy(found[len(found) // 2][None])).numpy()[0]
    bisector = points.sum(0) / np.linalg.norm(points.sum(0))
    assert np.linalg.norm(middle - bisector) < 0.01 * exact
    straight = line(np.array(start), np.array(end))(np.linspace(0, 1, 49))
    assert length(found, sphere) <= length(straight, sphere) * 1.0001


def test_on_a_swiss_roll_it_is_the_straight_line_of_the_unrolled_sheet():
    start, end = np.array([3.0, 0.0]), np.array([9.0, 12.0])
    along = spiral(9.0) - spiral(3.0)
    found = geodesic(start, end, roll)
    assert length(found, roll) == pytest.approx(np.hypot(along, 12.0), rel=0.01)
    unrolled = np.stack([spiral(found[:, 0].astype(np.float64)) - spiral(3.0), found[:, 1]], 1)
    away = unrolled @ np.array([12.0, -along]) / np.hypot(along, 12)
    assert np.abs(away).max() < 0.01 * np.hypot(along, 12)


def ring(count=600, seed=0):
    generator = np.random.default_rng(seed)
    angle = generator.uniform(0, 2 * np.pi, count)
    radius = 3 + generator.normal(0, 0.15, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)


def test_doubt_grows_away_from_data_up_to_the_spread_of_all():
    mu = ring()
    doubt = Doubt(mu, np.full(len(mu), 0.01), spread=0.25)
    places = torch.tensor([[3.0, 0.0], [2.2, 0.0], [0.0, 0.0], [30.0, 0.0]])
    at_data, beside, inside, outside = doubt(places).tolist()
    assert at_data == pytest.approx(0.1, rel=0.25)
    assert at_data < beside < inside <= outside
    assert outside == pytest.approx(0.5, rel=1e-3)


def test_paths_go_round_a_hole_in_the_data():
    mu = ring()
    start, end = np.array([3.0, 0.0]), np.array([-2.0, 2.2])
    doubt = Doubt(mu, np.full(len(mu), 0.01), spread=0.25)
    pictures = lambda codes: 0.01 * codes  # noqa: E731 - a decoder that hardly changes
    route = Roads(mu).route(start, end)
    found = geodesic(start, end, pictures, doubt, through=route)
    straight = line(start, end)(np.linspace(0, 1, 49))
    support = Support(mu)
    assert support.of(straight).distance.max() > 5
    assert support.of(found).distance.max() < 2.5
    assert length(found, pictures, doubt) < 0.5 * length(straight, pictures, doubt)


def test_a_route_goes_round_a_wall():
    """On a grid with a wall, three places thick, that leaves one way open."""
    grid = np.stack(np.meshgrid(np.arange(9.0), np.arange(7.0)), -1).reshape(-1, 2)
    wall = (abs(grid[:, 0] - 4) <= 1) & (grid[:, 1] < 5)
    route = Roads(grid[~wall]).route(np.array([0.0, 0.0]), np.array([8.0, 0.0]))
    assert route[:, 1].max() >= 5
    assert np.linalg.norm(np.diff(route, axis=0), axis=1).max() <= np.sqrt(5)


def test_groups_far_apart_are_bridged_once_where_they_are_closest():
    generator = np.random.default_rng(1)
    left = generator.uniform(0, 1, size=(60, 2))
    right = generator.uniform((10, 0), (11, 1), size=(60, 2))
    route = Roads(np.concatenate([left, right])).route(left[0], right[0])
    leaps = np.linalg.norm(np.diff(route, axis=0), axis=1)
    apart = np.linalg.norm(left[:, None] - right, axis=2).min()
    assert leaps.max() == pytest.approx(apart)
    assert (leaps > 1).sum() == 1


def test_a_curve_along_the_data_keeps_its_ends():
    mu = ring()
    start, end = mu[0].astype(np.float64) + 0.05, mu[1].astype(np.float64)
    curve = Roads(mu).curve(start, end)
    assert np.allclose(curve(np.array([0.0, 1.0])), [start, end], atol=1e-9)
