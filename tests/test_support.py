"""Support against brute force, and on clusters of known density."""

import numpy as np
import pytest

from vae_core.errors import PathError
from vae_core.support import ASKED, NEIGHBOURS, Support


def clusters(seed=0):
    """A dense and a loose cluster, far from each other; how dense they are is known."""
    generator = np.random.default_rng(seed)
    dense = generator.normal(0, 0.5, size=(400, 2))
    return np.concatenate([dense, generator.normal((12, 0), 2, size=(400, 2))])


def test_against_brute_force():
    generator = np.random.default_rng(1)
    mu, codes = generator.normal(size=(200, 5)), generator.normal(size=(30, 5)) * 2
    apart = np.linalg.norm(codes[:, None] - mu, axis=2)
    among = np.linalg.norm(mu[:, None] - mu, axis=2)
    alone = np.sort(among, axis=1)[:, NEIGHBOURS]  # the first is itself
    far = np.sort(apart, axis=1)[:, NEIGHBOURS - 1]
    found = Support(mu).of(codes)
    assert np.array_equal(found.nearest, apart.argmin(1))
    assert np.allclose(found.apart, apart.min(1))
    assert np.allclose(found.distance, far / np.median(alone))
    assert np.allclose(found.support, (alone[None] >= far[:, None]).mean(1))


def test_of_many_encodings_some_say_what_is_typical():
    """The n-th of so many asked is the one at that share of all, as in the browser."""
    count = ASKED + 2_001
    mu = np.random.default_rng(6).normal(size=(count, 2))
    mu[: count // 2] *= 0.1
    codes = np.array([[0.0, 0.05], [0, 1], [2.5, 2], [9, 9]])
    asked = [n * count // ASKED for n in range(ASKED)]
    alone = [np.partition(np.linalg.norm(mu - mu[row], axis=1), NEIGHBOURS)[NEIGHBOURS] for row in asked]
    apart = np.sort(np.linalg.norm(codes[:, None] - mu, axis=2), axis=1)[:, NEIGHBOURS - 1]
    found = Support(mu).of(codes)
    assert np.allclose(found.support, (np.array(alone)[None] >= apart[:, None]).mean(1))
    assert np.allclose(found.distance, apart / np.median(alone))


def test_inside_ranks_above_outside():
    support = Support(clusters())
    places = np.array([[0, 0], [12, 0], [5, 0], [5, 9], [40, 40]])
    found = support.of(places)
    assert found.support[0] > found.support[1] > found.support[2]
    assert list(found.support[2:]) == sorted(found.support[2:], reverse=True)
    assert found.support[0] > 0.7
    assert found.support[-1] == 0
    assert found.distance[-1] > 20


def test_support_of_the_data_itself_is_even():
    """Held-out codes of the same kind stand at every rank alike, which is what the number means."""
    generator = np.random.default_rng(2)
    found = Support(generator.normal(size=(3000, 4))).of(generator.normal(size=(3000, 4)))
    shares = np.histogram(found.support, bins=5, range=(0, 1))[0] / 3000
    assert np.abs(shares - 0.2).max() < 0.04


def test_dimensions_that_carry_nothing_are_left_out():
    generator = np.random.default_rng(3)
    mu = np.concatenate([generator.normal(size=(300, 2)), 1e-3 * generator.normal(size=(300, 6))], axis=1)
    drawn = generator.normal(size=(100, 8))
    assert Support(mu).of(drawn).support.mean() < 0.01
    kept = Support(mu, scale=np.array([1.0] * 2 + [0.0] * 6)).of(drawn)
    assert kept.support.mean() > 0.4
    assert np.array_equal(kept.support, Support(mu[:, :2]).of(drawn[:, :2]).support)


def test_equal_encodings_have_a_standing_too():
    found = Support(np.zeros((20, 2))).of(np.array([[0.0, 0], [1, 0]]))
    assert list(found.support) == [1, 0]
    assert np.isfinite(found.distance).all()


def test_few_encodings_are_refused():
    with pytest.raises(PathError, match="at least 7"):
        Support(np.zeros((6, 2)))
