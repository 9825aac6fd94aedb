"""Blends of four codes: against slerp, against a direct search on the sphere, and where there is none."""

import numpy as np
import pytest
from scipy.optimize import minimize

from vae_core import blends, paths
from vae_core.errors import PathError


def corners(seed: int, latent: int = 5) -> np.ndarray:
    """Four codes in one half-space, of different lengths."""
    random = np.random.default_rng(seed)
    return random.normal(size=(4, latent)) * random.uniform(0.5, 2, (4, 1)) + np.eye(latent)[0] * 1.5


EDGES = [(0, 1, [(t, 0) for t in (0, 0.3, 1)]), (2, 3, [(t, 1) for t in (0, 0.3, 1)])]
EDGES += [(0, 2, [(0, t) for t in (0, 0.3, 1)]), (1, 3, [(1, t) for t in (0, 0.3, 1)])]


@pytest.mark.parametrize(("start", "end", "places"), EDGES)
@pytest.mark.parametrize("latent", [3, 16])
def test_along_an_edge_a_blend_is_the_path_between_its_corners(start, end, places, latent):
    four, t = corners(1, latent), np.array([0, 0.3, 1])
    assert blends.is_spherical(four)
    straight = blends.bilinear(four, np.array(places))
    assert np.allclose(straight, paths.line(four[start], four[end])(t), atol=1e-12)
    round_ = blends.spherical(four, np.array(places))
    assert np.allclose(round_, paths.arc(four[start], four[end])(t), atol=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_inside_the_direction_has_the_least_weighted_squares_of_angles(seed):
    four, place = corners(seed, 3), np.array([[0.35, 0.8]])
    units = four / np.linalg.norm(four, axis=1, keepdims=True)
    [shares] = blends.weights(place)

    def cost(code):
        return float(shares @ np.arccos(np.clip(units @ (code / np.linalg.norm(code)), -1, 1)) ** 2)

    [code] = blends.spherical(four, place)
    found = minimize(cost, shares @ units, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    best = found.x / np.linalg.norm(found.x)
    assert np.allclose(code / np.linalg.norm(code), best, atol=1e-5)
    assert np.linalg.norm(code) == pytest.approx(shares @ np.linalg.norm(four, axis=1))


def test_both_ways_across_are_alike_and_a_square_of_one_code_stays_there():
    four = corners(7)
    place = np.array([[0.2, 0.7]])
    turned = blends.spherical(four[[0, 2, 1, 3]], place[:, ::-1])
    assert np.allclose(blends.spherical(four, place), turned, atol=1e-9)
    same = np.repeat(four[:1], 4, axis=0)
    assert np.allclose(blends.spherical(same, blends.lattice(5)), four[0])


@pytest.mark.parametrize(
    "four",
    [
        np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]]),  # around the origin
        np.array([[1.0, 0], [0, 1], [0, 0], [1, 1]]),  # one at it
        np.array([[1.0, 0], [-1, 0], [0, 1], [0, 2]]),  # two opposite
    ],
)
def test_where_there_is_no_one_average_the_blend_is_bilinear(four):
    assert not blends.is_spherical(four)
    places = blends.lattice(4)
    assert np.array_equal(blends.spherical(four, places), blends.bilinear(four, places))


def test_a_thin_half_space_is_found():
    four = np.array([[1.0, 0.05, 0], [-1, 0.05, 0], [0, 0.05, 1], [0, 0.05, -1]])
    assert blends.is_spherical(four)
    middle = blends.between(four, np.array([[0.5, 0.5]]), "spherical")[0]
    assert np.allclose(middle / np.linalg.norm(middle), [0, 1, 0], atol=1e-6)


def test_the_lattice_goes_row_by_row_from_corner_to_corner():
    places = blends.lattice(3)
    assert places.tolist()[:4] == [[0, 0], [0.5, 0], [1, 0], [0, 0.5]]
    assert places[-1].tolist() == [1, 1]


@pytest.mark.parametrize("wrong", [np.zeros((3, 2)), np.zeros(4), np.full((4, 2), np.nan)])
def test_what_makes_no_square_is_said(wrong):
    with pytest.raises(PathError):
        blends.between(wrong, np.zeros((1, 2)))


def test_it_begins_with_typical_examples_of_classes_far_apart():
    middles = np.array([[0, 0], [9, 0], [1, 1], [0, 9], [9, 9]])
    random = np.random.default_rng(0)
    label = np.repeat(np.arange(5), 20)
    mu = middles[label] + random.normal(size=(100, 2)) * 0.1
    rows = blends.first_corners(mu, label)
    assert list(label[rows]) == [0, 1, 3, 4]  # opposite corners are those of the middles
    for row in rows:
        own = label == label[row]
        apart = np.linalg.norm(mu[own] - mu[own].mean(0), axis=1)
        assert row == np.flatnonzero(own)[apart.argmin()]
    assert len(set(blends.first_corners(mu, np.full(100, -1)))) == 4
    assert blends.first_corners(mu[:1], label[:1]) == [0, 0, 0, 0]
    assert blends.first_corners(mu[:0], label[:0]) == []
