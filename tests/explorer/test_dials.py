"""dials.py: bundles with a dial come back as they went, and every damage is refused in a sentence."""

import math

import numpy as np
import pytest
from dial_bundle import cloud, dial_bundle, figures, parts, separate
from dial_damage import DIALS, damaged_dials

from vae_core.errors import BundleError
from vae_core.explorer import bundle

DAMAGED = damaged_dials()


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_a_dial_comes_back_as_it_went(latent: int) -> None:
    meta, tensors = parts(latent)
    read_meta, read_tensors = bundle.read(bundle.write(meta, tensors))
    assert read_meta == meta
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(read_tensors[name], tensor)
        assert read_tensors[name].dtype == tensor.dtype


@pytest.mark.parametrize("failed", [(), (2,), (0, 4)])
def test_separate_models_come_back_with_their_gaps(failed: tuple[int, ...]) -> None:
    meta, tensors = separate(5, failed=failed)
    read_meta, read_tensors = bundle.read(bundle.write(meta, tensors))
    assert read_meta == meta
    assert len(read_tensors["ladder.mu"]) == 5 - len(failed)


def test_half_precision_keeps_the_dial() -> None:
    meta, tensors = bundle.read(bundle.to_half(dial_bundle(5)))
    assert meta == parts(5)[0]
    assert {tensor.dtype for name, tensor in tensors.items() if name.startswith("decoder.")} == {
        np.dtype("f2")
    }


@pytest.mark.parametrize("kind", DIALS)
def test_damage_of_a_dial_is_refused_in_words(kind: str) -> None:
    data, sentence = DAMAGED[kind]
    with pytest.raises(BundleError, match=r"^The explorer bundle cannot be used: .*\.$") as caught:
        bundle.read(data)
    assert sentence in str(caught.value)


def test_the_made_up_curve_is_one_of_optimal_models() -> None:
    """Its slope is -beta, as it must be where every point is the best for its beta."""
    for beta in (0.02, 1.0, 9.0):
        low, high = (figures(beta * math.exp(step), 5) for step in (-1e-4, 1e-4))
        slope = (high["distortion"] - low["distortion"]) / (high["rate"] - low["rate"])
        assert slope == pytest.approx(-beta, rel=1e-6)


def test_the_made_up_rungs_are_the_exact_clouds() -> None:
    meta, tensors = parts(2)
    for at, mu in zip(meta["ladder"]["log_betas"], tensors["ladder.mu"]):
        np.testing.assert_allclose(mu, cloud(at)[0], rtol=1e-3, atol=1e-4)
