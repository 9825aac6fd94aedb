"""Resumed equals uninterrupted, bit for bit: any settings, any data, any steps at which it is interrupted."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, reject, seed, settings
from hypothesis import strategies as st
from small_training import of, same, through_json, timeless

from vae_core import data
from vae_core.checks import check
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.errors import ConfigError
from vae_core.events import Checkpoint, Diverged, Epoch, Snapshot, Steered, Step
from vae_core.models import build
from vae_core.training import train

LIKELIHOODS = (
    "bernoulli",
    "gaussian",
    "continuous_bernoulli",
    "gaussian_shared",
    "gaussian_pixel",
    "laplace",
)
MODELS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["vae", "vae", "vae", "ae", "multirate"]),
        "net": st.sampled_from(["mlp", "mlp", "conv"]),
        "hidden": st.sampled_from([(), (8,), (16, 8)]),
        "channels": st.just((8,)),
        "dense": st.just(8),
        "norm": st.sampled_from(["none", "none", "batch", "layer", "group"]),
        "latent": st.integers(1, 4),
        "likelihood": st.sampled_from(LIKELIHOODS),
    }
)
OBJECTIVES = st.fixed_dictionaries(
    {
        "kl": st.sampled_from(
            ["linear", "constant", "cyclical", "sigmoid", "free_bits", "capacity", "controlled"]
        ),
        "beta": st.sampled_from([0.0, 0.3, 1.0, 5.0]),
        "warmup": st.sampled_from([0.0, 0.4]),
        "rise": st.sampled_from([0.2, 1.0]),
        "cycles": st.integers(1, 3),
        "free_group": st.integers(1, 3),
        "target_rate": st.sampled_from([0.5, 3.0]),
    }
)
TRAININGS = st.fixed_dictionaries(
    {
        "epochs": st.sampled_from([2.0, 5.5, 12.0]),
        "batch": st.sampled_from([16, 30]),
        "lr": st.sampled_from([0.001, 0.01]),
        "lr_schedule": st.sampled_from(["one_cycle", "constant", "cosine", "plateau"]),
        "plateau_patience": st.integers(0, 1),
        "clip": st.sampled_from([0.0, 1.0]),
        "weight_decay": st.sampled_from([0.0, 0.1]),
        "accumulate": st.integers(1, 3),
        "average": st.sampled_from([0.0, 0.9]),
        "patience": st.sampled_from([0, 0, 2]),
        "seed": st.integers(0, 5),
        "checkpoint_seconds": st.just(0.0),
    }
)
WISHES = st.dictionaries(
    st.integers(1, 40),
    st.fixed_dictionaries(
        {"beta": st.sampled_from([None, 0.5, 4.0]), "lr": st.sampled_from([None, 0.5, 2.0])}
    ),
    max_size=2,
)
SOURCES = st.sampled_from(["digits", "digits", "shapes"])
CUTS = st.lists(st.floats(0, 1), min_size=1, max_size=3)


@cache
def pictures(source):
    """(112, C, H, W) in [0, 1]."""
    found = data.load(RunConfig.parse({"data": {"source": source, "limit": 140}}).data)
    return torch.from_numpy(found.to_unit(found.train))


def trained(config, images, checkpoint=None, wishes=None, stop=math.inf, changes=()):
    """Events of a training that begins with fresh weights and is stopped once `stop` steps are done."""
    torch.set_num_threads(1)
    control = Control()
    shape, betas = tuple(images.shape[1:]), (config.objective.beta_low, config.objective.beta_high)
    model = build(config.model, shape, images.mean(0), config.training.seed, betas)
    events = []
    for event in train(config, model, images, images[:9], checkpoint, control, changes):
        events.append(event)
        if isinstance(event, Step) and event.step in (wishes or {}):
            control.steer(**wishes[event.step])
        if event.step >= stop:
            control.stop()
    return events


def check_any(source, model, objective, training, wishes, cuts):
    config = RunConfig.parse({"data": {"source": source}, "model": model, "objective": objective})
    config = config.override({f"training.{name}": value for name, value in training.items()})
    try:
        check(config)
    except ConfigError:  # settings that do not go together
        reject()
    images = pictures(source)
    whole = trained(config, images, wishes=wishes)
    if isinstance(whole[-1], Diverged):
        return
    last = whole[-1].step
    pieces, checkpoint = [], None
    for cut in sorted({round(share * last) for share in cuts}):
        part = trained(config, images, checkpoint, wishes, stop=max(cut, 1))
        pieces += part
        if of(Checkpoint, part):
            checkpoint = through_json(of(Checkpoint, part)[-1])
    # The last piece is one after a crash: its wishes are known from the log, none comes up.
    pieces += trained(config, images, checkpoint, changes=of(Steered, whole))
    end = of(Checkpoint, pieces)[-1]
    same(whole[-1].weights, end.weights)
    same(whole[-1].optimizer, end.optimizer)
    assert {**whole[-1].progress, "seconds": 0} == {**end.progress, "seconds": 0}
    for kind in (Step, Epoch):
        assert timeless(of(kind, pieces)) == timeless(of(kind, whole))
    shown = {one.step: one.mu for one in of(Snapshot, pieces)}
    assert all(np.array_equal(one.mu, shown[one.step]) for one in of(Snapshot, whole))


ANY = given(st.tuples(SOURCES, MODELS, OBJECTIVES, TRAININGS, WISHES, CUTS))


@seed(6)
@settings(max_examples=20, deadline=None, database=None)
@ANY
def test_interrupted_anywhere_it_ends_as_if_it_had_not_been(drawn):
    check_any(*drawn)


@pytest.mark.soak
@settings(max_examples=600, deadline=None, database=None)
@ANY
def test_interrupted_anywhere_often(drawn):
    check_any(*drawn)
