import numpy as np
import pytest

from vae_core.advice import grey_share, on_beta, on_likelihood
from vae_core.config import RunConfig


def pictures(share, kind=np.uint8, count=300):
    """Black and white, but for a share of pixels that are grey."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 2, (count, 1, 8, 8)).astype(np.float64)
    grey = rng.random(images.shape) < share
    images[grey] = rng.uniform(0.15, 0.85, grey.sum())
    return (images * (255 if kind == np.uint8 else 1)).astype(kind)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_share_of_grey_pixels(kind):
    assert grey_share(pictures(0, kind)) == 0
    assert grey_share(pictures(0.3, kind)) == pytest.approx(0.3, abs=0.02)
    assert grey_share(pictures(1, kind)) == 1


def test_pictures_are_looked_at_from_beginning_to_end():
    sorted_by_class = np.concatenate([pictures(0, count=5000), pictures(1, count=5000)])
    assert grey_share(sorted_by_class) == pytest.approx(0.5, abs=0.02)


def test_bernoulli_alone_is_remarked_on_and_only_where_pixels_are_grey():
    grey, sharp = pictures(0.5), pictures(0.01)
    assert "continuous Bernoulli" in on_likelihood(RunConfig(), grey)
    assert on_likelihood(RunConfig(), sharp) == ""
    for likelihood in ("continuous_bernoulli", "gaussian", "gaussian_shared", "gaussian_pixel", "laplace"):
        assert on_likelihood(RunConfig().override({"model.likelihood": likelihood}), grey) == ""


def test_no_pictures_no_remark():
    assert on_likelihood(RunConfig(), pictures(1)[:0]) == ""


def test_a_beta_beyond_the_range_to_be_learned_is_remarked_on():
    config = RunConfig().override({"model.kind": "multirate", "objective.beta": 50})
    assert on_beta(config) == (
        "β 50 lies outside the range to be learned, 0.01 to 10: the run opens at β 10."
    )
    assert on_beta(config.override({"objective.beta": 0.001})).endswith("opens at β 0.01.")
    for settings in ({"objective.beta": 10}, {"objective.beta": 0.01}, {"model.kind": "vae"}):
        assert on_beta(config.override(settings)) == ""
