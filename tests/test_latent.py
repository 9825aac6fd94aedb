import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.errors import DataError
from vae_core.models import build


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def model():
    return build(ModelConfig(hidden=(8,), latent=3), (1, 4, 5), torch.full((1, 4, 5), 0.5), seed=1)


def test_encode_in_batches_is_encode_at_once(model, rng):
    x = rng.random((2100, 1, 4, 5), np.float32)
    mu, log_var = latent.encode(model, x)
    with torch.no_grad():
        expected = model.encode(torch.from_numpy(x))
    np.testing.assert_allclose(mu, expected[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(log_var, expected[1], rtol=1e-5, atol=1e-6)
    assert mu.dtype == np.float32


def test_bytes_are_shares_of_255(model, rng):
    x = rng.integers(0, 256, (5, 1, 4, 5), np.uint8)
    np.testing.assert_allclose(
        latent.encode(model, x)[0], latent.encode(model, x / np.float32(255))[0], rtol=1e-6
    )


def test_nothing_in_nothing_out(model):
    assert latent.encode(model, np.zeros((0, 1, 4, 5), np.uint8))[0].shape == (0, 3)
    assert latent.decode(model, np.zeros((0, 3))).shape == (0, 1, 4, 5)


def test_wrong_shapes_are_named(model):
    with pytest.raises(DataError, match=r"\(N, 1, 4, 5\), found \(2, 1, 5, 4\)"):
        latent.encode(model, np.zeros((2, 1, 5, 4), np.uint8))
    with pytest.raises(DataError, match=r"\(N, 3\), found \(2, 4\)"):
        latent.decode(model, np.zeros((2, 4)))


def test_decode_gives_pixel_means(model, rng):
    z = rng.standard_normal((4, 3))
    pixels = latent.decode(model, z)
    assert pixels.shape == (4, 1, 4, 5)
    with torch.no_grad():
        logits = model.decoder(torch.from_numpy(z).float()).numpy()
    np.testing.assert_allclose(pixels.reshape(4, 20), 1 / (1 + np.exp(-logits)), rtol=1e-5)


def test_traverse_moves_one_coordinate(model, rng):
    z = rng.standard_normal(3).astype(np.float32)
    pictures = latent.traverse(model, z, 1, [-1.0, z[1], 2.0])
    np.testing.assert_array_equal(pictures[1], latent.decode(model, z[None])[0])
    moved = z.copy()
    moved[1] = 2
    np.testing.assert_allclose(pictures[2], latent.decode(model, moved[None])[0], rtol=1e-6)


def test_interpolate_is_a_straight_line():
    path = latent.interpolate(np.array([0.0, 2.0]), np.array([4.0, 0.0]), 5)
    np.testing.assert_array_equal(path, [[0, 2], [1, 1.5], [2, 1], [3, 0.5], [4, 0]])


def test_nearest_in_scaled_distance():
    mu = np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    order, distances = latent.nearest(np.zeros(2), mu, 2)
    assert order.tolist() == [2, 1]
    assert distances.tolist() == [0, 2]
    order, distances = latent.nearest(np.zeros(2), mu, 5, scale=np.array([3.0, 1.0]))
    assert order.tolist() == [2, 0, 1]
    assert distances.tolist() == [0, 1, 2]


def test_kl_per_dimension(rng):
    mu, log_var = rng.standard_normal((2, 50, 3)).astype(np.float32)
    normal = torch.distributions.Normal(torch.from_numpy(mu), torch.from_numpy(log_var).mul(0.5).exp())
    expected = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).mean(0)
    np.testing.assert_allclose(latent.kl_per_dimension(mu, log_var), expected, rtol=1e-5)


def test_quantiles_of_one_gaussian_are_closed_form():
    probabilities = [0.001, 0.25, 0.5, 0.99]
    mu, log_var = np.array([[1.0, -2.0]], np.float32), np.log(np.array([[4.0, 0.25]], np.float32))
    found = latent.quantiles(np.repeat(mu, 7, 0), np.repeat(log_var, 7, 0), probabilities)
    expected = stats.norm.ppf(np.array(probabilities)[:, None], loc=[1, -2], scale=[2, 0.5])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_quantiles_are_those_of_the_mixture_not_of_the_means(rng):
    mu = rng.standard_normal((300, 2)).astype(np.float32)
    log_var = rng.uniform(-3, 1, (300, 2)).astype(np.float32)
    found = latent.quantiles(mu, log_var, [0.01, 0.5, 0.99])
    for dimension in range(2):
        shares = stats.norm.cdf(
            found[:, dimension, None], mu[:, dimension], np.exp(log_var[:, dimension] / 2)
        )
        np.testing.assert_allclose(shares.mean(1), [0.01, 0.5, 0.99], atol=1e-9)
    assert found[2, 0] > np.quantile(mu[:, 0], 0.99)  # means alone are too narrow


@pytest.mark.parametrize(("known", "asked", "dimensions"), [(400, 1300, 2), (60, 40, 30), (5, 20, 2)])
def test_knn_accuracy_against_scikit_learn(rng, known, asked, dimensions):
    labels, wanted = rng.integers(0, 4, known), rng.integers(0, 4, asked)
    reference = (rng.standard_normal((known, dimensions)) + labels[:, None]).astype(np.float32)
    codes = (rng.standard_normal((asked, dimensions)) + wanted[:, None]).astype(np.float32)
    oracle = KNeighborsClassifier(min(10, known)).fit(reference, labels).score(codes, wanted)
    assert latent.knn_accuracy(reference, labels, codes, wanted) == pytest.approx(oracle)


def test_to_bytes_rounds_and_clips():
    pixels = np.array([-0.2, 0.0, 0.5, 0.999, 1.0, 1.7])
    assert latent.to_bytes(pixels).tolist() == [0, 0, 128, 255, 255, 255]
