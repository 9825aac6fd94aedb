import pytest
import torch
from torch import distributions

from vae_core.posteriors import CEILING, DiagonalGaussian, bounded
from vae_core.priors import StandardNormal


@pytest.fixture
def posterior():
    generator = torch.Generator().manual_seed(0)
    mu = 2 * torch.randn(6, 3, generator=generator, dtype=torch.float64)
    log_var = torch.randn(6, 3, generator=generator, dtype=torch.float64)
    return DiagonalGaussian(mu, log_var)


def test_kl_against_torch(posterior):
    mine = distributions.Normal(posterior.mu, (0.5 * posterior.log_var).exp())
    expected = distributions.kl_divergence(mine, distributions.Normal(torch.zeros(3), torch.ones(3)))
    torch.testing.assert_close(posterior.kl(), expected)


def test_kl_against_monte_carlo(posterior):
    mine = distributions.Normal(posterior.mu, (0.5 * posterior.log_var).exp())
    generator = torch.Generator().manual_seed(1)
    draws = torch.stack([posterior.rsample(generator) for _ in range(20_000)])  # (S, B, Z)
    log_prior = StandardNormal(3).log_prob(draws.flatten(0, 1)).unflatten(0, draws.shape[:2])
    ratio = mine.log_prob(draws).sum(2) - log_prior  # (S, B)
    error = ratio.std(0) / len(draws) ** 0.5
    assert ((ratio.mean(0) - posterior.kl().sum(1)).abs() < 5 * error).all()


def test_kl_is_zero_at_the_prior_alone():
    assert DiagonalGaussian(torch.zeros(1, 2), torch.zeros(1, 2)).kl().tolist() == [[0, 0]]


def test_samples_follow_the_generator_and_carry_gradients():
    mu = torch.zeros(2, 3, requires_grad=True)
    log_var = torch.zeros(2, 3, requires_grad=True)
    posterior = DiagonalGaussian(mu, log_var)
    first = posterior.rsample(torch.Generator().manual_seed(4))
    again = posterior.rsample(torch.Generator().manual_seed(4))
    assert torch.equal(first, again)
    to_mu, to_log_var = torch.autograd.grad(first.sum(), (mu, log_var))
    assert torch.equal(to_mu, torch.ones(2, 3))
    torch.testing.assert_close(to_log_var, 0.5 * first)  # dz/dlogvar = sigma eps / 2, and here z = eps


def test_log_variances_are_bounded_above_and_close_to_the_raw_output_below():
    raw = torch.tensor([-30.0, -10.0, -4.0, 0.0, 4.0, 100.0, 1e30], requires_grad=True)
    log_var = bounded(raw)
    assert log_var.max() <= CEILING
    assert torch.equal(log_var, log_var.sort().values)
    assert torch.allclose(log_var[:3], raw[:3], atol=4e-4)
    log_var.sum().backward()
    assert torch.isfinite(raw.grad).all()
