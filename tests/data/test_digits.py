import importlib.util

import numpy as np
import pytest
from sklearn.datasets import load_digits

from vae_core import data
from vae_core.config import DataConfig
from vae_core.errors import DataMissingError


def test_they_are_scikit_learns():
    digits, peer = data.load(DataConfig(source="digits")), load_digits()
    assert (digits.images.shape, digits.images.dtype) == ((1797, 1, 8, 8), np.float32)
    np.testing.assert_array_equal(digits.images[:, 0] * 16, peer.images)
    np.testing.assert_array_equal(digits.labels, peer.target)
    assert digits.label_names == tuple(map(str, peer.target_names))


def test_a_fifth_of_every_digit_is_held_out():
    digits = data.load(DataConfig())
    assert (len(digits.train), len(digits.test)) == (1438, 359)
    shares = np.bincount(digits.labels[digits.test]) / np.bincount(digits.labels)
    np.testing.assert_allclose(shares, 0.2, atol=0.01)


def test_without_scikit_learn_it_says_so(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataMissingError, match="scikit-learn"):
        data.load(DataConfig())
