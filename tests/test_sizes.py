"""What a net amounts to, said without torch, against the net itself; what cannot be made, in words."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from vae_core.checks import check, parameter_count
from vae_core.config import ModelConfig, RunConfig
from vae_core.data import Dataset
from vae_core.errors import ConfigError
from vae_core.models import build
from vae_core.nets import TiedLinear
from vae_core.sizes import (
    activation_count,
    buffer_count,
    decoder_multiply_adds,
    halvings,
    multiply_adds,
    require,
    widest,
)

WEIGHTED = (nn.Linear, TiedLinear, nn.Conv2d, nn.ConvTranspose2d)
NORMS = ("none", "batch", "layer", "group")


@st.composite
def nets(draw):
    """A net that can be made, and a shape for it."""
    conv = draw(st.booleans())
    norm = draw(st.sampled_from(NORMS))
    step = {"group": 8, "layer": 2}.get(norm, 1)
    width = st.integers(1, 24 // step).map(lambda number: number * step)
    side = st.integers(8, 21) if conv else st.integers(1, 9)
    shape = (draw(st.sampled_from((1, 3))), draw(side), draw(side))
    tied = draw(st.booleans())
    # a tied decoder has one output a pixel
    likelihoods = ["bernoulli", "gaussian_shared"] + ([] if tied else ["gaussian_pixel"])
    model = ModelConfig(
        net="conv" if conv else "mlp",
        hidden=draw(st.lists(width, max_size=3)),
        channels=draw(st.lists(width, min_size=1, max_size=3)),
        dense=draw(st.just(0) | width),
        blocks=draw(st.integers(0, 2)),
        norm=norm,
        up=draw(st.sampled_from(("upsample", "transposed"))),
        tied=tied,
        latent=draw(st.integers(1, 5)),
        likelihood=draw(st.sampled_from(likelihoods)),
        kind=draw(st.sampled_from(("vae", "ae"))),
    )
    return model, shape


@settings(max_examples=60, deadline=None)
@given(nets())
def test_counts_are_those_of_the_net(net):
    model, shape = net
    made = build(model, shape)
    assert parameter_count(model, shape) == sum(tensor.numel() for tensor in made.parameters())
    assert buffer_count(model, shape) == sum(tensor.numel() for tensor in made.buffers())
    assert sum(tensor.numel() for tensor in made.state_dict().values()) == parameter_count(
        model, shape
    ) + buffer_count(model, shape)


@settings(max_examples=40, deadline=None)
@given(nets())
def test_work_and_memory_are_those_of_the_net(net):
    model, shape = net
    made = build(model, shape)
    outputs = []
    for layer in made.modules():
        if isinstance(layer, WEIGHTED):
            layer.register_forward_hook(lambda _, __, output: outputs.append(output[0].numel()))
    with torch.no_grad(), FlopCounterMode(display=False) as decoding:
        made.decoder(torch.zeros(1, model.latent))
    with torch.no_grad(), FlopCounterMode(display=False) as encoding:
        made.encoder(torch.zeros(1, *shape))
    flops = decoding.get_total_flops()  # two to each multiply-add
    assert decoder_multiply_adds(model, shape) == flops / 2
    assert multiply_adds(model, shape) == (flops + encoding.get_total_flops()) / 2
    picture = torch.Size(shape).numel()
    assert activation_count(model, shape) == picture + sum(outputs)
    assert widest(model, shape) == max(picture, *outputs)


def test_halvings_round_up():
    assert halvings((3, 13, 128), 3) == [(13, 128), (7, 64), (4, 32), (2, 16)]


@pytest.mark.parametrize(("up", "most"), [("upsample", 15e6), ("transposed", 5e6)])
def test_the_usual_net_is_small_enough_for_sixty_pictures_a_second_in_the_browser(up, most):
    assert decoder_multiply_adds(ModelConfig(net="conv", up=up), (3, 64, 64)) <= most


UNMAKEABLE = [
    ({"net": "conv"}, (1, 7, 28), "pictures of 8 to 128 pixels a side, these are 7×28. Choose model.net mlp"),
    ({"net": "conv"}, (1, 129, 28), "pictures of 8 to 128 pixels a side, these are 129×28"),
    (
        {"net": "conv", "channels": [8] * 4},
        (1, 28, 8),
        "4 numbers, which halve the picture 4 times: that needs at least 9 pixels a side, "
        "these pictures are 28×8. Choose fewer channels.",
    ),
    (
        {"net": "conv", "norm": "group", "channels": [16, 20]},
        (1, 28, 28),
        "multiples of 8; model.channels has 20. Choose 24",
    ),
    ({"net": "conv", "norm": "group", "dense": 9}, (1, 28, 28), "model.dense has 9. Choose 16"),
    ({"norm": "group", "hidden": [4]}, (1, 28, 28), "multiples of 8; model.hidden has 4. Choose 8"),
    ({"norm": "layer", "hidden": [8, 1]}, (1, 28, 28), "always 0, and model.hidden has 1. Choose 2"),
    ({"tied": True, "likelihood": "gaussian_pixel"}, (1, 28, 28), "the likelihood gaussian_pixel needs two"),
]


@pytest.mark.parametrize(("settings", "shape", "sentence"), UNMAKEABLE)
def test_what_cannot_be_made_is_refused_alike_by_form_and_construction(settings, shape, sentence):
    model = ModelConfig(**settings)
    with pytest.raises(ConfigError) as said:
        build(model, shape)
    assert sentence in str(said.value)
    images = torch.zeros(40, *shape, dtype=torch.uint8).numpy()
    halves = torch.arange(40).reshape(2, 20).numpy()
    dataset = Dataset("small", "Small", images, None, (), *halves, "", "", "")
    with pytest.raises(ConfigError) as said_before:
        check(RunConfig(model=model), dataset)
    assert str(said_before.value) == str(said.value)


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"net": "conv", "channels": [8] * 4}, (1, 9, 9)),
        ({"net": "conv", "channels": [8] * 6}, (3, 33, 128)),
        ({"net": "mlp", "norm": "group", "hidden": [8], "channels": [3]}, (1, 2, 2)),  # another net's
        ({"net": "conv", "norm": "group", "dense": 0, "hidden": [3]}, (1, 8, 8)),
        ({"net": "conv", "tied": True, "likelihood": "gaussian_pixel"}, (1, 8, 8)),
    ],
)
def test_what_can_just_be_made(settings, shape):
    require(ModelConfig(**settings), shape)


def test_counting_needs_no_torch():
    code = "import sys, vae_core.sizes, vae_core.checks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
