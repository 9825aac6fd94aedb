"""Attribute vectors against scikit-learn, scipy and data whose directions are known."""

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats.contingency import association as scipys
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vae_core import attributes
from vae_core.attributes import attribute
from vae_core.errors import PathError


def two_groups(shift, covariance, count=2000, seed=0):
    generator = np.random.default_rng(seed)
    low = generator.multivariate_normal(np.zeros(len(shift)), covariance, count)
    high = generator.multivariate_normal(shift, covariance, count)
    return np.concatenate([low, high]), np.arange(count), np.arange(count, 2 * count)


STRETCHED = np.array([[9.0, 2.0], [2.0, 1.0]])
SHIFT = np.array([2.0, 1.0])


def test_both_directions_on_data_that_has_known_ones():
    found = attribute(*two_groups(SHIFT, STRETCHED, 50_000))
    fisher = np.linalg.solve(STRETCHED, SHIFT)
    unit = fisher / np.linalg.norm(fisher)
    assert np.allclose(found.mean, SHIFT, atol=0.06)
    assert np.allclose(found.lda, unit * (unit @ SHIFT), atol=0.03)
    assert found.cosine == pytest.approx(unit @ SHIFT / np.linalg.norm(SHIFT), abs=0.02)
    along = SHIFT / np.linalg.norm(SHIFT)
    assert found.effect == pytest.approx(np.sqrt(5) / np.sqrt(along @ STRETCHED @ along), abs=0.03)
    assert found.lda_effect == pytest.approx(np.sqrt(SHIFT @ fisher), abs=0.03)  # Mahalanobis distance
    assert found.accuracy == pytest.approx(norm.cdf(np.sqrt(SHIFT @ fisher) / 2), abs=0.01)


def test_lda_is_scikit_learns():
    mu, low, high = two_groups(SHIFT, STRETCHED, 300)
    peer = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", priors=[0.5, 0.5])
    axis = peer.fit(mu, np.repeat([0, 1], 300)).scalings_[:, 0]
    found = attribute(mu, low, high)
    cosine = axis @ found.lda / np.linalg.norm(axis) / np.linalg.norm(found.lda)
    assert abs(cosine) == pytest.approx(1, abs=1e-3)  # it weighs the groups otherwise before it shrinks


def test_cohens_d_of_a_worked_example():
    """Means 2 and 5; the pooled variance of (1, 2, 3) and (3, 5, 7) is (2 + 8) / 4."""
    assert attributes.cohens_d(np.array([1.0, 2, 3]), np.array([3.0, 5, 7])) == pytest.approx(
        3 / np.sqrt(2.5)
    )


def test_association_is_scipys():
    generator = np.random.default_rng(4)
    group = generator.integers(0, 2, 500)
    other = np.where(generator.random(500) < 0.6, group, generator.integers(0, 4, 500))
    table = [[((group == g) & (other == o)).sum() for o in range(4)] for g in range(2)]
    assert attributes.association(group, other) == pytest.approx(scipys(np.array(table), method="cramer"))
    assert attributes.association(group, np.zeros(500)) == 0
    assert attributes.association(group, group) == pytest.approx(1)


def test_noise_is_called_noise_and_a_clear_attribute_is_not_remarked_on():
    mu = np.random.default_rng(5).normal(size=(400, 8))
    noise = attributes.remarks(attribute(mu, np.arange(200), np.arange(200, 400)))
    assert any("hardly differ" in note for note in noise)
    assert any("guessing gives 50 %" in note for note in noise)
    clear = attribute(*two_groups(np.array([3.0, 0]), np.eye(2)))
    assert attributes.remarks(clear, {"size": 0.1}) == []
    assert attributes.remarks(clear, {"size": 0.1, "shape": 0.7}) == [
        "The groups also differ in shape (Cramér's V 0.70); what changes may be that."
    ]


def test_directions_that_differ_are_remarked_on():
    found = attribute(*two_groups(np.array([1.0, 1.0]), np.diag([25.0, 0.04])))
    assert found.cosine > 0.5  # LDA looks along the second axis, the means along the diagonal
    apart = attribute(*two_groups(np.array([3.0, 1.0]), np.diag([25.0, 0.04])))
    assert any("different directions" in note for note in attributes.remarks(apart))


def test_orthogonal_and_analogy():
    generator = np.random.default_rng(6)
    direction, other = generator.normal(size=(2, 5)).astype(np.float32)
    left = attributes.without_part(direction, other)
    assert left @ other == pytest.approx(0, abs=1e-5)
    across = direction - left
    assert abs(across @ other) == pytest.approx(np.linalg.norm(across) * np.linalg.norm(other), rel=1e-5)
    with pytest.raises(PathError, match="nothing is left"):
        attributes.without_part(other * 3, other)
    assert np.allclose(attributes.analogy(direction, other, other), direction)


@pytest.mark.parametrize(
    ("without", "having", "said"),
    [
        (range(4), range(10, 20), "at least 5 examples, found 4"),
        (range(10), range(5, 15), "5 examples are in both groups"),
        (range(10), range(95, 105), "names example 104, but there are 100"),
    ],
)
def test_groups_that_say_nothing_are_refused(without, having, said):
    mu = np.random.default_rng(7).normal(size=(100, 3))
    with pytest.raises(PathError, match=said):
        attribute(mu, np.array(without), np.array(having))


def test_equal_groups_are_refused():
    with pytest.raises(PathError, match="same mean"):
        attribute(np.ones((20, 3)), np.arange(10), np.arange(10, 20))
