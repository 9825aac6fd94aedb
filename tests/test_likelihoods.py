import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import distributions
from torch.nn import functional as F

from vae_core import tilted
from vae_core.config import ModelConfig
from vae_core.likelihoods import (
    LIKELIHOODS,
    SIGMA_FLOOR,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    Laplace,
    PixelGaussian,
    SharedGaussian,
    floored,
    likelihood_of,
)

SHAPE = (5, 2, 3, 4)
# Far from 0, near 0 on both sides of where the series takes over, and 0 itself.
LOGITS = [0.0, 1e-12, 1e-7, 1e-4, 0.01, 0.1, 0.2999, 0.3001, 0.5, 1, 3, 10, 30, 100, 700, 1e4]


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def x(generator):
    return torch.rand(SHAPE, generator=generator, dtype=torch.float64)


def grid(dtype=torch.float64):
    """Logits down a column, pixel values along it: (B, 1, 1, 11) each."""
    logits = torch.tensor([sign * size for size in LOGITS for sign in (1, -1)], dtype=dtype)
    pixels = torch.linspace(0, 1, 11, dtype=dtype)
    shape = (len(logits), 1, 1, 11)
    return logits[:, None, None, None].expand(shape).clone().requires_grad_(), pixels.expand(shape)


def test_bernoulli_of_black_and_white_pixels(generator):
    logits = 4 * torch.randn(SHAPE, generator=generator)
    x = torch.bernoulli(torch.full(SHAPE, 0.5), generator=generator)
    expected = distributions.Independent(distributions.Bernoulli(logits=logits), 3).log_prob(x)
    torch.testing.assert_close(Bernoulli(logits).log_prob(x), expected)


def test_bernoulli_of_grey_pixels_is_minus_the_cross_entropy(generator, x):
    logits = 30 * torch.randn(SHAPE, generator=generator, dtype=torch.float64)
    entropy = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum((1, 2, 3))
    torch.testing.assert_close(Bernoulli(logits).log_prob(x), -entropy)


def test_bernoulli_stays_finite_for_huge_logits():
    logits = torch.tensor([1e6, -1e6]).reshape(2, 1, 1, 1).requires_grad_()
    log_prob = Bernoulli(logits).log_prob(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1))
    assert log_prob.tolist() == [-1e6, -1e6]
    (gradient,) = torch.autograd.grad(log_prob.sum(), logits)
    assert gradient.flatten().tolist() == [-1.0, 1.0]


def test_continuous_bernoulli_is_that_of_torch_where_torch_is_exact():
    """torch clamps its probabilities away from 0 and 1 and takes a series between 0.499 and 0.501."""
    logits, x = grid()
    middling = logits[:, 0, 0, 0].detach().abs() < 30
    theirs = distributions.ContinuousBernoulli(logits=logits[middling], lims=(0.499, 0.501))
    torch.testing.assert_close(
        ContinuousBernoulli(logits[middling]).log_prob(x[middling]),
        theirs.log_prob(x[middling]).sum((1, 2, 3)),
        rtol=1e-7,
        atol=1e-7,
    )
    torch.testing.assert_close(ContinuousBernoulli(logits[middling]).mean, theirs.mean, rtol=1e-6, atol=1e-6)


def test_continuous_bernoulli_by_the_closed_form_of_the_paper():
    """Density C λ^x (1 - λ)^(1 - x) with C = 2 artanh(1 - 2λ) / (1 - 2λ), 2 at λ = 1/2; equations 7 to 9."""
    for logit in (-9.0, -1.5, -0.4, 0.0, 0.3, 2.0, 7.0):
        p = 1 / (1 + math.exp(-logit))
        constant = 2.0 if logit == 0 else 2 * math.atanh(1 - 2 * p) / (1 - 2 * p)
        mean = 0.5 if logit == 0 else p / (2 * p - 1) + 1 / (2 * math.atanh(1 - 2 * p))
        for value in (0.0, 0.25, 1.0):
            mine = ContinuousBernoulli(torch.full((1, 1, 1, 1), logit, dtype=torch.float64))
            expected = value * math.log(p) + (1 - value) * math.log(1 - p) + math.log(constant)
            pixel = torch.full((1, 1, 1, 1), value, dtype=torch.float64)
            assert mine.log_prob(pixel).item() == pytest.approx(expected, abs=1e-12)
        assert mine.mean.item() == pytest.approx(mean, abs=1e-11)


def test_continuous_bernoulli_is_a_density():
    x = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    for logit in (-40.0, -3.0, -0.001, 0.0, 0.2999, 5.0):
        density = ContinuousBernoulli(torch.full((len(x), 1, 1, 1), logit, dtype=torch.float64))
        values = density.log_prob(x.reshape(-1, 1, 1, 1)).exp()
        assert torch.trapezoid(values, x).item() == pytest.approx(1, abs=1e-5)
        assert torch.trapezoid(values * x, x).item() == pytest.approx(density.mean[0].item(), abs=1e-5)


def langevin(logits):
    """The mean, by its formula with 60 digits."""
    from decimal import Decimal, getcontext

    getcontext().prec = 60
    return [
        0.5 if logit == 0 else float(1 / (1 - (-Decimal(logit)).exp()) - 1 / Decimal(logit))
        for logit in logits
    ]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_continuous_bernoulli_means_and_gradients_are_exact_around_one_half(dtype, tolerance):
    logits, x = grid(dtype)
    exact = torch.tensor(langevin(logits[:, 0, 0, 0].tolist()), dtype=dtype)
    torch.testing.assert_close(tilted.mean(logits)[:, 0, 0, 0], exact, atol=tolerance, rtol=0)
    log_prob = ContinuousBernoulli(logits).log_prob(x)
    assert torch.isfinite(log_prob).all()
    (gradient,) = torch.autograd.grad(log_prob.sum(), logits)
    torch.testing.assert_close(gradient, x - exact[:, None, None, None], atol=tolerance, rtol=0)


def test_continuous_bernoulli_gradient_of_the_mean_is_finite():
    logits, _ = grid()
    (gradient,) = torch.autograd.grad(tilted.mean(logits).sum(), logits)
    assert torch.isfinite(gradient).all()
    assert (gradient >= 0).all()
    assert gradient[0].flatten().tolist() == pytest.approx([1 / 12] * 11)


@pytest.mark.parametrize("logit", [-50.0, -2.0, 0.0, 1e-3, 1.0, 80.0])
def test_continuous_bernoulli_samples_follow_its_distribution_function(generator, logit):
    drawn = ContinuousBernoulli(torch.full((1, 1, 1, 4000), logit, dtype=torch.float64)).sample(generator)

    def share_below(value):
        return np.clip(value, 0, 1) if logit == 0 else np.expm1(logit * value) / np.expm1(logit)

    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert stats.kstest(drawn.flatten().numpy(), share_below).pvalue > 0.01


@pytest.mark.parametrize("sigma", [0.001, 0.1, 1.0, 100.0])
def test_gaussian_and_laplace(generator, x, sigma):
    mean = torch.randn(SHAPE, generator=generator, dtype=torch.float64)
    expected = distributions.Normal(mean, sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Gaussian(mean, sigma).log_prob(x), expected)
    expected = distributions.Laplace(mean, sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Laplace(mean, sigma).log_prob(x), expected)


@pytest.mark.parametrize("log_variance", [-9.0, -4.0, 0.0, 5.0])
def test_gaussian_with_one_learned_variance(generator, x, log_variance):
    mean = torch.randn(SHAPE, generator=generator, dtype=torch.float64)
    weight = torch.tensor(log_variance, dtype=torch.float64, requires_grad=True)
    mine = SharedGaussian(mean, weight)
    expected = distributions.Normal(mean, mine.sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(mine.log_prob(x), expected)
    (gradient,) = torch.autograd.grad(mine.log_prob(x).sum(), weight)
    assert torch.isfinite(gradient)
    assert gradient != 0


def test_gaussian_with_a_variance_for_each_pixel(generator, x):
    output = torch.randn((5, 4, 3, 4), generator=generator, dtype=torch.float64)
    mine = PixelGaussian(output)
    assert torch.equal(mine.mean, output[:, :2])  # all means first, as the browser takes them
    sigma = (floored(output[:, 2:]) / 2).exp()
    expected = distributions.Normal(output[:, :2], sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(mine.log_prob(x), expected)


def test_the_floor_bounds_the_likelihood_of_constant_pixels():
    bound = -math.log(SIGMA_FLOOR * math.sqrt(2 * math.pi))
    assert bound == pytest.approx(4.62, abs=0.01)
    x = torch.zeros(1, 1, 1, 1)
    for raw in (-10.0, -20.0, -100.0, -1e6):
        output = torch.tensor([0.0, raw]).reshape(1, 2, 1, 1)
        assert PixelGaussian(output).log_prob(x).item() <= bound + 1e-5
        assert SharedGaussian(x, torch.tensor(raw)).sigma.item() >= SIGMA_FLOOR * (1 - 1e-5)
    assert SharedGaussian(x, torch.tensor(-4.0)).log_variance.item() == pytest.approx(-4, abs=1e-3)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_output_for_is_the_output_that_predicts_a_mean(name):
    mean = torch.tensor([0.0, 0.2, 0.5, 0.7, 1.0]).reshape(1, 1, 5)
    family = likelihood_of(ModelConfig(likelihood=name))
    near = family(family.kind.output_for(mean)[None], family.log_variance_for(mean)).mean
    assert near.shape == (1, 1, 1, 5)
    least = 0.01 if "bernoulli" in name else 0
    torch.testing.assert_close(near[0], mean.clamp(least, 1 - least), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_no_output_brings_an_infinite_loss_or_gradient(name):
    extremes = torch.tensor([-1e4, -30.0, -1e-3, 0.0, 1e-3, 30.0, 60.0]).repeat(2, 1)
    family = likelihood_of(ModelConfig(likelihood=name))
    output = extremes[:, None, None].repeat(1, 2 if name == "gaussian_pixel" else 1, 1, 1).requires_grad_()
    shared = torch.tensor(-2.0, requires_grad=True) if family.kind.scale == "shared" else None
    loss = family(output, shared).log_prob(torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1).expand(2, 1, 1, 7))
    (gradient,) = torch.autograd.grad(loss.sum(), output)
    assert torch.isfinite(loss).all()
    assert torch.isfinite(gradient).all()


def test_samples_scatter_as_the_distribution_says(generator):
    many = (4000, 1, 1, 2)
    black_or_white = Bernoulli(torch.tensor([0.0, 1.5]).expand(many)).sample(generator)
    assert set(black_or_white.unique().tolist()) == {0.0, 1.0}
    wanted = torch.tensor([0.5, 1 / (1 + math.exp(-1.5))])
    torch.testing.assert_close(black_or_white.mean(0).flatten(), wanted, atol=0.04, rtol=0)
    mean = torch.tensor([0.2, 0.6]).expand(many)
    raw = torch.tensor(0.3).square().log()
    pixelwise = torch.cat([mean, raw.expand(many)], dim=1)
    for grey, spread in (
        (Gaussian(mean, 0.3), 0.3),
        (SharedGaussian(mean, raw), 0.3),
        (PixelGaussian(pixelwise), 0.3),
        (Laplace(mean, 0.3), 0.3 * 2**0.5),
    ):
        drawn = grey.sample(generator)
        torch.testing.assert_close(drawn.mean(0).flatten(), torch.tensor([0.2, 0.6]), atol=0.03, rtol=0)
        torch.testing.assert_close(drawn.std(0).flatten(), torch.full((2,), spread), atol=0.02, rtol=0)


def test_likelihood_of_a_config():
    output = torch.zeros(SHAPE)
    for name, kind in LIKELIHOODS.items():
        family = likelihood_of(ModelConfig(likelihood=name, sigma=0.25))
        assert family.name == kind.name == name
        assert isinstance(family(output, torch.tensor(0.0)), kind)
    assert likelihood_of(ModelConfig(likelihood="laplace", sigma=0.25))(output).sigma == 0.25
