import torch

from vae_core.objectives import Terms, beta_loss


def test_beta_weighs_the_rate_and_nothing_else():
    terms = Terms(distortion=torch.tensor([10.0, 20.0]), rate=torch.tensor([1.0, 2.0]))
    assert beta_loss(terms, 0).tolist() == [10, 20]
    assert beta_loss(terms, 4).tolist() == [14, 28]
