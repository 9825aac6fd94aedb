"""Every convention against its loss written out by hand in torch: gradients equal ours up to one factor."""

import math
import subprocess
import sys

import pytest
import torch

from vae_core.config import RunConfig
from vae_core.conventions import as_news, conventions
from vae_core.models import build
from vae_core.objectives import beta_loss
from vae_core.posteriors import DiagonalGaussian

SHAPE, LATENTS, BATCH, SIGMA, BETA = (2, 3, 5), 3, 7, 0.3, 2.7
PIXELS = 2 * 3 * 5
LIKELIHOODS = (
    "bernoulli",
    "continuous_bernoulli",
    "gaussian",
    "gaussian_shared",
    "gaussian_pixel",
    "laplace",
)


def kl_of(mu, log_var):
    """(B, Z) KL(N(mu, e^log_var) || N(0, 1)) by torch's own formula."""
    posterior = torch.distributions.Normal(mu, (log_var / 2).exp())
    return torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0))


def nats_of(likelihood, output, x, log_variance):
    """(B, C, H, W) minus the log-likelihood of each value, from densities written out."""
    if likelihood == "bernoulli":
        p = output.sigmoid()
        return -(x * p.log() + (1 - x) * (1 - p).log())
    if (
        likelihood == "continuous_bernoulli"
    ):  # lambda^x (1 - lambda)^(1 - x) times 2 atanh(1 - 2 lambda) / (1 - 2 lambda)
        rate = output.sigmoid()
        density = rate**x * (1 - rate) ** (1 - x) * 2 * torch.atanh(1 - 2 * rate) / (1 - 2 * rate)
        return -density.log()
    if likelihood == "laplace":
        return (x - output).abs() / SIGMA + math.log(2 * SIGMA)
    variance = SIGMA**2 if likelihood == "gaussian" else log_variance.exp()
    return (x - output) ** 2 / (2 * variance) + 0.5 * torch.log(2 * math.pi * torch.as_tensor(variance))


def total(values):
    return sum(values.flatten().unbind())


# By hand: loss(nats (B, C, H, W), error (B, C, H, W), kl (B, Z), weight), with plain sums and whole numbers.
BY_HAND = {
    "sum": lambda nats, error, kl, w: (total(nats) + w * total(kl)) / BATCH,
    "mean": lambda nats, error, kl, w: total(nats) / (BATCH * PIXELS) + w * total(kl) / BATCH,
    "means": lambda nats, error, kl, w: total(nats) / (BATCH * PIXELS) + w * total(kl) / (BATCH * LATENTS),
    # Higgins et al. 2017: beta_norm = beta M / N with M latents and N values of the input
    "beta_norm": lambda nats, error, kl, w: (total(nats) + w * PIXELS / LATENTS * total(kl)) / BATCH,
    "sum_mean": lambda nats, error, kl, w: total(nats) / BATCH + w * total(kl) / (BATCH * LATENTS),
    "batch_sum": lambda nats, error, kl, w: total(nats) + w * total(kl),
    "batch_mixed": lambda nats, error, kl, w: total(nats) / (BATCH * PIXELS) + w * total(kl),
    "bits": lambda nats, error, kl, w: (total(nats) + w * total(kl)) / (BATCH * PIXELS * math.log(2)),
    "squared": lambda nats, error, kl, w: (total(error**2) + w * total(kl)) / BATCH,
    "squared_half": lambda nats, error, kl, w: (total(error**2) / 2 + w * total(kl)) / BATCH,
    "squared_mean": lambda nats, error, kl, w: total(error**2) / (BATCH * PIXELS) + w * total(kl) / BATCH,
    "squared_means": lambda nats, error, kl, w: (total(error**2) / PIXELS + w * total(kl) / LATENTS) / BATCH,
    "absolute": lambda nats, error, kl, w: (total(error.abs()) + w * total(kl)) / BATCH,
    "absolute_mean": lambda nats, error, kl, w: total(error.abs()) / (BATCH * PIXELS) + w * total(kl) / BATCH,
}


def rows(likelihood):
    return conventions(likelihood, PIXELS, LATENTS, SIGMA, BATCH)


CASES = [(name, row.key) for name in LIKELIHOODS for row in rows(name)]


class World:
    """A small model on seven pictures, in double precision."""

    def __init__(self, likelihood, key):
        self.row = next(row for row in rows(likelihood) if row.key == key)
        # A loss that is not the model's own is that of a Gaussian with the sigma it is given for.
        self.likelihood = likelihood if self.row.exact else "gaussian"
        config = RunConfig().model.model_copy(
            update={"likelihood": self.likelihood, "latent": LATENTS, "hidden": (6,), "sigma": SIGMA}
        )
        self.model = build(config, SHAPE, torch.full(SHAPE, 0.4), seed=3).double()
        generator = torch.Generator().manual_seed(5)
        self.x = torch.rand(BATCH, *SHAPE, generator=generator, dtype=torch.float64)
        noise = torch.randn(BATCH, LATENTS, generator=generator, dtype=torch.float64)
        self.mu, self.log_var = self.model.encode(self.x)
        decoded = self.model.decode(self.mu + (self.log_var / 2).exp() * noise)
        self.decoded = decoded
        self.output = decoded.logits if hasattr(decoded, "logits") else decoded.mean
        self.log_variance = getattr(decoded, "log_variance", None)
        self.weights = [
            weight for name, weight in self.model.named_parameters() if name != "log_variance"
        ]  # a squared error does not train the variance

    @property
    def sigma(self):
        if self.likelihood == "gaussian_shared":
            return (0.5 * self.log_variance).exp().item()
        return SIGMA

    def gradients(self, loss):
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, self.weights, retain_graph=True)])

    def ours(self):
        from vae_core.objectives import Terms

        rate = DiagonalGaussian(self.mu, self.log_var).kl().sum(1)
        return beta_loss(Terms(-self.decoded.log_prob(self.x), rate), BETA).mean()

    def by_hand(self):
        nats = nats_of(self.likelihood, self.output, self.x, self.log_variance)
        error = self.x - self.output
        return BY_HAND[self.row.key](
            nats, error, kl_of(self.mu, self.log_var), self.row.weight(BETA, self.sigma)
        )

    def by_snippet(self):
        weight = self.row.weight(BETA, self.sigma)
        assert self.row.snippet.count("{beta}") == 1
        code = self.row.snippet.replace("{beta}", repr(weight))
        assert "{" not in code
        names = {"x": self.x, "mu": self.mu, "log_var": self.log_var, "log_variance": self.log_variance}
        names |= {"logits": self.output, "mean": self.output}
        exec(compile(code, "snippet", "exec"), names)
        return names["loss"]


@pytest.mark.parametrize(("likelihood", "key"), CASES)
def test_gradients_equal_ours_up_to_the_scale(likelihood, key):
    world = World(likelihood, key)
    scale = world.row.scale * world.sigma**world.row.sigma_power
    ours = world.gradients(world.ours()) * scale
    assert ours.norm() > 0
    for loss in (world.by_hand(), world.by_snippet()):
        torch.testing.assert_close(world.gradients(loss), ours, rtol=1e-5, atol=1e-9 * scale)


@pytest.mark.parametrize(("likelihood", "key"), CASES)
def test_another_weight_is_another_objective(likelihood, key):
    """The weight matters: a tenth more and the gradients are no longer parallel."""
    world = World(likelihood, key)
    ours = world.gradients(world.ours())
    nats = nats_of(world.likelihood, world.output, world.x, world.log_variance)
    kl = kl_of(world.mu, world.log_var)
    off = world.gradients(
        BY_HAND[key](nats, world.x - world.output, kl, 1.1 * world.row.weight(BETA, world.sigma))
    )
    assert torch.nn.functional.cosine_similarity(ours, off, dim=0) < 1 - 1e-9


@pytest.mark.parametrize(("likelihood", "key"), CASES)
def test_the_snippet_is_the_loss_written_out(likelihood, key):
    world = World(likelihood, key)
    torch.testing.assert_close(world.by_snippet(), world.by_hand(), rtol=1e-5, atol=1e-7)


def test_a_fashion_model_in_numbers():
    """28 by 28 pixels, ten latents, beta 4: by hand."""
    found = {row.key: row.weight(4) for row in conventions("bernoulli", 784, 10, 0.1, 128) if row.exact}
    assert found == pytest.approx(
        {
            "sum": 4,
            "mean": 4 / 784,
            "means": 40 / 784,
            "beta_norm": 0.05102041,
            "sum_mean": 40,
            "batch_sum": 4,
            "batch_mixed": 4 / 784 / 128,
            "bits": 4,
        }
    )


def test_only_beta_sigma_squared_counts():
    squared = {row.key: row for row in conventions("gaussian", 784, 10, 0.1, 128)}["squared"]
    assert squared.weight(1, 1) == pytest.approx(2)
    assert squared.weight(4, 0.5) == pytest.approx(squared.weight(1, 1))
    assert squared.weight(100, 0.1) == pytest.approx(squared.weight(1, 1))


def test_bits_belong_to_probabilities_alone():
    assert [name for name in LIKELIHOODS if any(row.key == "bits" for row in rows(name))] == ["bernoulli"]


def test_what_is_not_the_models_own_loss_says_so():
    for name in LIKELIHOODS:
        inexact = [row for row in rows(name) if not row.exact]
        assert {row.key for row in inexact} <= {"squared", "squared_half", "squared_mean", "squared_means"}
        assert bool(inexact) == (name in ("bernoulli", "continuous_bernoulli", "gaussian_pixel"))
        assert all("Not this model's likelihood" in row.explanation for row in inexact)


def test_rows_for_the_browser():
    config = RunConfig.parse({"model": {"likelihood": "gaussian", "latent": 5, "sigma": 0.25}})
    news = as_news(config, (3, 4, 4))
    assert len({row["key"] for row in news}) == len(news)
    assert all(row["sigma"] == 0.25 for row in news)
    for row in news:
        assert {"key", "title", "factor", "sigma_power", "unit", "snippet", "explanation"} <= set(row)
        assert row["explanation"].endswith(".")
        assert "{beta}" in row["snippet"]
    assert {row["key"]: row for row in news}["means"]["factor"] == pytest.approx(5 / 48)
    assert as_news(config, (3, 4, 4), 0.5)[0]["sigma"] == 0.5
    assert any("pythae" in used for row in news for used in row["used"])


def test_needs_no_torch():
    code = "import sys, vae_core.conventions; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
