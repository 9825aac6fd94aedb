import torch
from torch import distributions

from vae_core.priors import StandardNormal


def test_log_prob_against_torch():
    z = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    expected = distributions.MultivariateNormal(torch.zeros(4), torch.eye(4)).log_prob(z)
    torch.testing.assert_close(StandardNormal(4).log_prob(z), expected)


def test_samples():
    z = StandardNormal(3).sample(5000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(z.mean(0), torch.zeros(3), atol=0.06, rtol=0)
    torch.testing.assert_close(torch.cov(z.T), torch.eye(3), atol=0.08, rtol=0)
