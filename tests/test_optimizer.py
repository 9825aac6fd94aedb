import numpy as np
import pytest
import torch
from torch import nn

from vae_core.optimizer import Adam, clipped


def net():
    generator = torch.Generator().manual_seed(0)
    layers = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
    for parameter in layers.parameters():
        nn.init.normal_(parameter, generator=generator)
    return layers


def gradients(layers, step):
    generator = torch.Generator().manual_seed(step)
    return [torch.randn(p.shape, generator=generator) for p in layers.parameters()]


def agree(adam, mine, oracle, theirs):
    """Both nets take the same twenty steps and end alike."""
    for step in range(20):
        adam.step(gradients(mine, step), 0.02)
        for parameter, gradient in zip(theirs.parameters(), gradients(theirs, step)):
            parameter.grad = gradient
        oracle.step()
    for one, other in zip(mine.parameters(), theirs.parameters()):
        torch.testing.assert_close(one, other)


def test_it_is_torchs_adam():
    mine, theirs = net(), net()
    adam = Adam(mine.named_parameters(), beta2=0.95)
    oracle = torch.optim.Adam(theirs.parameters(), betas=(0.9, 0.95))
    for step in range(20):
        lr = 0.01 * (step + 1)
        adam.step(gradients(mine, step), lr)
        for parameter, gradient in zip(theirs.parameters(), gradients(theirs, step)):
            parameter.grad = gradient
        oracle.param_groups[0]["lr"] = lr
        oracle.step()
    for one, other in zip(mine.parameters(), theirs.parameters()):
        torch.testing.assert_close(one, other)


def test_slow_parameters_move_as_torchs_do_at_a_tenth_of_the_rate():
    mine, theirs = net(), net()
    adam = Adam(mine.named_parameters(), beta2=0.95, slow={"1.weight", "0.bias"})
    groups = [
        {"params": [theirs[0].weight, theirs[1].bias], "lr": 0.02},
        {"params": [theirs[1].weight, theirs[0].bias], "lr": 0.002},
    ]
    oracle = torch.optim.Adam(groups, betas=(0.9, 0.95))
    agree(adam, mine, oracle, theirs)


def test_its_state_goes_on_bit_for_bit():
    straight, stopped = net(), net()
    adam = Adam(straight.named_parameters(), beta2=0.9)
    for step in range(9):
        adam.step(gradients(straight, step), 0.02)
    first = Adam(stopped.named_parameters(), beta2=0.9)
    for step in range(4):
        first.step(gradients(stopped, step), 0.02)
    second = Adam(stopped.named_parameters(), beta2=0.9)
    second.load(first.state())
    for step in range(4, 9):
        second.step(gradients(stopped, step), 0.02)
    for one, other in zip(straight.parameters(), stopped.parameters()):
        assert torch.equal(one, other)


def test_the_state_is_a_copy_named_by_parameter():
    layers = net()
    adam = Adam(layers.named_parameters(), beta2=0.9)
    state = adam.state()
    adam.step(gradients(layers, 0), 0.1)
    assert set(state) == {
        f"{layer}.{part}.{kind}"
        for layer in (0, 1)
        for part in ("weight", "bias")
        for kind in ("exp_avg", "exp_avg_sq", "step")
    }
    assert not any(array.any() for array in state.values())
    assert adam.state()["0.weight.step"] == 1


def test_a_state_of_another_network_is_refused():
    adam = Adam(net().named_parameters(), beta2=0.9)
    state = adam.state()
    with pytest.raises(ValueError, match="expected shape"):
        adam.load({**state, "0.weight.exp_avg": np.zeros((1, 1), np.float32)})
    state.pop("1.bias.step")
    with pytest.raises(KeyError):
        adam.load(state)


def test_weight_decay_is_torchs_adamw_on_matrices():
    mine, theirs = net(), net()
    adam = Adam(mine.named_parameters(), beta2=0.95, slow={"1.weight"}, decay=0.3)
    groups = [
        {"params": [theirs[0].weight], "weight_decay": 0.3, "lr": 0.02},
        {"params": [theirs[1].weight], "weight_decay": 0.3, "lr": 0.002},
        {"params": [theirs[0].bias, theirs[1].bias], "weight_decay": 0.0, "lr": 0.02},
    ]
    oracle = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    agree(adam, mine, oracle, theirs)


@pytest.mark.parametrize("longest", [1e-3, 1.0, 1e6])
def test_clipping_is_torchs(longest):
    layers = net()
    given = gradients(layers, 3)
    for parameter, gradient in zip(layers.parameters(), given):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(layers.parameters(), longest)
    for parameter, gradient in zip(layers.parameters(), clipped(given, longest)):
        torch.testing.assert_close(parameter.grad, gradient)
