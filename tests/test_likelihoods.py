import math

import pytest
import torch
from torch import distributions
from torch.nn import functional as F

from vae_core.config import ModelConfig
from vae_core.likelihoods import Bernoulli, Gaussian, likelihood_of

SHAPE = (5, 2, 3, 4)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_bernoulli_of_black_and_white_pixels(generator):
    logits = 4 * torch.randn(SHAPE, generator=generator)
    x = torch.bernoulli(torch.full(SHAPE, 0.5), generator=generator)
    expected = distributions.Independent(distributions.Bernoulli(logits=logits), 3).log_prob(x)
    torch.testing.assert_close(Bernoulli(logits).log_prob(x), expected)


def test_bernoulli_of_grey_pixels_is_minus_the_cross_entropy(generator):
    logits = 30 * torch.randn(SHAPE, generator=generator, dtype=torch.float64)
    x = torch.rand(SHAPE, generator=generator, dtype=torch.float64)
    entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2, 3))
    torch.testing.assert_close(Bernoulli(logits).log_prob(x), -entropy)


def test_bernoulli_stays_finite_for_huge_logits():
    logits = torch.tensor([1e6, -1e6]).reshape(2, 1, 1, 1).requires_grad_()
    log_prob = Bernoulli(logits).log_prob(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1))
    assert log_prob.tolist() == [-1e6, -1e6]
    (gradient,) = torch.autograd.grad(log_prob.sum(), logits)
    assert gradient.flatten().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("sigma", [0.001, 0.1, 1.0, 100.0])
def test_gaussian(generator, sigma):
    mean = torch.randn(SHAPE, generator=generator, dtype=torch.float64)
    x = torch.rand(SHAPE, generator=generator, dtype=torch.float64)
    expected = distributions.Normal(mean, sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Gaussian(mean, sigma).log_prob(x), expected)


def test_output_for_is_the_output_that_predicts_a_mean():
    mean = torch.tensor([0.0, 0.2, 0.7, 1.0]).reshape(1, 1, 2, 2)
    near = Bernoulli(Bernoulli.output_for(mean)).mean
    torch.testing.assert_close(near.flatten(), torch.tensor([0.01, 0.2, 0.7, 0.99]))
    torch.testing.assert_close(Gaussian(Gaussian.output_for(mean), 0.1).mean, mean)


def test_samples_scatter_as_the_distribution_says(generator):
    many = (4000, 1, 1, 2)
    black_or_white = Bernoulli(torch.tensor([0.0, 1.5]).expand(many)).sample(generator)
    assert set(black_or_white.unique().tolist()) == {0.0, 1.0}
    wanted = torch.tensor([0.5, 1 / (1 + math.exp(-1.5))])
    torch.testing.assert_close(black_or_white.mean(0).flatten(), wanted, atol=0.04, rtol=0)
    grey = Gaussian(torch.tensor([0.2, 0.6]).expand(many), 0.3).sample(generator)
    torch.testing.assert_close(grey.mean(0).flatten(), torch.tensor([0.2, 0.6]), atol=0.03, rtol=0)
    torch.testing.assert_close(grey.std(0).flatten(), torch.tensor([0.3, 0.3]), atol=0.02, rtol=0)


def test_likelihood_of_a_config():
    output = torch.zeros(SHAPE)
    assert isinstance(likelihood_of(ModelConfig(likelihood="bernoulli"))(output), Bernoulli)
    gaussian = likelihood_of(ModelConfig(likelihood="gaussian", sigma=0.25))(output)
    assert isinstance(gaussian, Gaussian)
    assert gaussian.sigma == 0.25
