import pytest
import torch

from vae_core.objectives import Terms, beta_loss, capacity_loss, free_bits_loss


def test_beta_weighs_the_rate_and_nothing_else():
    terms = Terms(distortion=torch.tensor([10.0, 20.0]), rate=torch.tensor([1.0, 2.0]))
    assert beta_loss(terms, 0).tolist() == [10, 20]
    assert beta_loss(terms, 4).tolist() == [14, 28]


def test_free_bits_by_hand():
    """Means over the batch of three dimensions are 0.1, 2 and 0.3 nats."""
    rates = torch.tensor([[0.0, 1.0, 0.4], [0.2, 3.0, 0.2]])
    terms = Terms(torch.tensor([10.0, 20.0]), rates.sum(1), rates)
    assert free_bits_loss(terms, 1.0, 0.5, 1).tolist() == pytest.approx([13, 23])  # 0.5 + 2 + 0.5
    assert free_bits_loss(terms, 2.0, 0.5, 1).tolist() == pytest.approx([16, 26])
    assert free_bits_loss(terms, 1.0, 0.5, 2).tolist() == pytest.approx([12.6, 22.6])  # 2.1, and 0.3 -> 0.5
    assert free_bits_loss(terms, 1.0, 3.0, 3).tolist() == pytest.approx([13, 23])
    assert free_bits_loss(terms, 1.0, 0.0, 1).mean() == pytest.approx(beta_loss(terms, 1.0).mean())


def test_free_bits_do_not_punish_what_is_below_the_allowance():
    rates = torch.tensor([[0.1, 2.0]], requires_grad=True)
    terms = Terms(torch.tensor([10.0]), rates.sum(1), rates)
    (gradient,) = torch.autograd.grad(free_bits_loss(terms, 3.0, 0.5, 1).mean(), rates)
    assert gradient.tolist() == [[0, 3]]


def test_free_bits_need_the_rates_of_dimensions():
    with pytest.raises(ValueError, match="every dimension"):
        free_bits_loss(Terms(torch.zeros(1), torch.zeros(1)), 1.0, 0.5, 1)


def test_capacity_by_hand():
    terms = Terms(distortion=torch.tensor([10.0, 20.0]), rate=torch.tensor([1.0, 3.0]))
    assert capacity_loss(terms, 5.0, 2.0).tolist() == [10, 20]
    assert capacity_loss(terms, 5.0, 1.5).tolist() == [12.5, 22.5]
    assert capacity_loss(terms, 5.0, 4.0).tolist() == [20, 30]
