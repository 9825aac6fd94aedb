"""Precision, recall and contrast against brute force in numpy and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from vae_core.metrics.pictures import (
    COMPONENTS,
    COUNT,
    NEIGHBOURS,
    Manifold,
    Realism,
    contrast_kept,
    count_for,
)


def pictures(count, seed, shape=(1, 9, 8), factors=20):
    """Random pictures in [0, 1] that vary along some directions much more than along others."""
    random = np.random.default_rng(0)
    basis = random.standard_normal((factors, int(np.prod(shape)))) * np.geomspace(1, 0.1, factors)[:, None]
    codes = np.random.default_rng(seed).standard_normal((count, factors))
    return (1 / (1 + np.exp(-codes @ basis))).reshape(count, *shape).astype(np.float32)


def brute_share(inside, around):
    """Share of `inside` within the third neighbour's distance of any of `around`, by loops."""
    reach = []
    for k, centre in enumerate(around):
        others = sorted(np.linalg.norm(around - centre, axis=1)[np.arange(len(around)) != k])
        reach.append(others[NEIGHBOURS - 1])
    hits = [any(np.linalg.norm(point - c) <= r for c, r in zip(around, reach)) for point in inside]
    return np.mean(hits)


@pytest.mark.parametrize("dimensions", [1, 2, 7])
def test_manifolds_against_brute_force(dimensions):
    random = np.random.default_rng(dimensions)
    around = random.standard_normal((60, dimensions))
    inside = 1.5 * random.standard_normal((80, dimensions))
    found = Manifold(torch.from_numpy(around)).share(torch.from_numpy(inside))
    assert found == pytest.approx(brute_share(inside, around))


@pytest.mark.parametrize(
    ("real", "made", "shape"), [(120, 90, (1, 9, 8)), (40, 60, (3, 9, 8)), (25, 25, (1, 2, 3))]
)
def test_precision_and_recall_against_scikit_learn(real, made, shape):
    """Whether there are more pictures than pixel values or fewer."""
    a, b = pictures(real, 1, shape), np.clip(0.2 + pictures(made, 2, shape), 0, 1)
    pca = PCA(min(COMPONENTS, real - 1, int(np.prod(shape))), svd_solver="full").fit(a.reshape(real, -1))
    codes = [pca.transform(x.reshape(len(x), -1)) for x in (a, b)]
    expected = []
    for inside, around in (codes[::-1], codes):
        trees = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(around)
        reach = trees.kneighbors(around)[0][:, NEIGHBOURS]
        distances = np.linalg.norm(inside[:, None] - around[None], axis=2)
        expected.append((distances <= reach).any(1).mean())
    found = Realism(torch.from_numpy(a)).of(torch.from_numpy(b))
    assert found == pytest.approx(tuple(expected), abs=1.5 / min(real, made))  # a border case may tip over


def test_pictures_far_away_are_no_data():
    real = torch.from_numpy(pictures(50, 1))
    realism = Realism(real)
    assert realism.of(real) == (1.0, 1.0)
    assert realism.of(1 - real.roll(1, 3) * 5) == (0.0, 0.0)


def test_one_picture_many_times_is_precise_and_recalls_next_to_nothing():
    real = torch.from_numpy(pictures(50, 1))
    precision, recall = Realism(real).of(real[:1].repeat(30, 1, 1, 1))
    assert precision == 1
    assert recall <= 2 / 50


@pytest.mark.parametrize("count", [2, 3, 4])
def test_few_pictures_and_such_that_are_all_alike(count):
    few = torch.from_numpy(pictures(count, 1))
    assert Realism(few).of(few) == (1.0, 1.0)
    alike = torch.zeros(count, 1, 4, 4)
    assert Realism(alike).of(alike) == (1.0, 1.0)


def test_large_pictures_are_compared_in_smaller_numbers():
    assert count_for(784) == COUNT
    assert 2 <= count_for(3 * 128 * 128) < COUNT
    assert count_for(10**9) == 2


def test_contrast_is_the_share_of_deviations_that_is_left():
    images = pictures(20, 3)
    grey = images.mean((1, 2, 3), keepdims=True)
    assert contrast_kept(images, images) == pytest.approx(1)
    assert contrast_kept(images, grey + 0.25 * (images - grey)) == pytest.approx(0.25, rel=1e-5)
    assert contrast_kept(images, np.full_like(images, 0.5)) == pytest.approx(0, abs=1e-6)
    assert contrast_kept(np.ones_like(images), images) is None
