"""Health notes: each fault is found in a training that was built to have it, and none in sound ones."""

import functools
import math

import numpy as np
import pytest
import torch
from small_training import digest, of, run

from vae_core import data, inside, looks
from vae_core.config import RunConfig
from vae_core.events import Epoch, Snapshot, Steered, Step, row
from vae_core.models import build
from vae_core.recipes import with_changes
from vae_core.training import train
from vae_core.training_health import Facts, notes

CLASSES = math.log(10)
DIGITS = {"data.limit": 500, "training.epochs": 40}


@functools.cache
def pictures(source, limit):
    dataset = data.load(RunConfig().override({"data.source": source, "data.limit": limit}).data)
    return dataset.shape, *(
        torch.from_numpy(dataset.to_unit(part)) for part in (dataset.train, dataset.test[:2000])
    )


def trained(config, images=None, changes=()):
    """Rows of a training and its number of steps."""
    torch.set_num_threads(1)
    _, own, held = images or pictures(config.data.source, config.data.limit)
    model = build(config.model, tuple(own.shape[1:]), own.mean(0), config.training.seed)
    events = list(train(config, model, own, held, changes=changes))
    rows = [event for event in events if isinstance(event, Step | Epoch | Steered)]
    return [row(number, event) for number, event in enumerate(rows)], rows[-1].step


def said(source, changes, **more):
    """Notes at the end of a training with a recipe and changes, by kind."""
    config = with_changes(source, changes)
    rows, total = trained(config, **more)
    facts = Facts(len((more.get("images") or pictures(source, config.data.limit))[1]), CLASSES)
    return {note.kind: note for note in notes(config, rows, total, facts)}


def test_posterior_collapse_of_all_dimensions_is_found():
    found = said("digits", DIGITS | {"objective.beta": 100, "objective.warmup": 0.2})
    assert list(found) == ["collapse"]
    assert found["collapse"].dimensions == (0, 1)
    assert "each of the 2 dimensions carries less than 0.01 nats" in found["collapse"].text
    advice = "Try a smaller β (it is 100), free bits or a lower learning rate."
    assert found["collapse"].advice == advice  # β was warmed up already


def test_units_that_fall_silent_after_a_collapse_are_no_fault_of_their_own():
    changes = {"objective.beta": 100, "objective.warmup": 0.2, "model.activation": "relu"}
    assert list(said("digits", DIGITS | changes)) == ["collapse"]


def test_dimensions_that_say_nothing_are_named_with_the_epoch_since_when():
    config = with_changes("digits", DIGITS | {"model.latent": 8, "objective.beta": 3.0})
    rows, total = trained(config)
    (note,) = (note for note in notes(config, rows, total, Facts(400)) if note.kind == "collapse")
    epochs = [each for each in rows if each["kind"] == "epoch"]
    rates = np.array([each["rates"] for each in epochs])
    gone = [d for d in range(8) if (rates[-2:, d] < 0.01).all()]
    assert note.dimensions == tuple(gone)
    assert len(gone) < 8
    before = [each["step"] for each, row_of in zip(epochs, rates) if (row_of[gone] >= 0.01).any()]
    assert note.step == next(each["step"] for each in epochs if each["step"] > max(before))
    assert f"{len(gone)} of 8 dimensions" in note.text
    assert all(f"z{d + 1}" in note.text for d in gone)


def test_a_rate_below_what_classes_need_is_found():
    found = said("digits", DIGITS | {"model.latent": 1, "objective.beta": 1.5})
    assert "rate low" in found
    assert "2.3" in found["rate low"].text


def test_a_rate_that_leaves_gaps_everywhere_is_found():
    found = said("digits", DIGITS | {"objective.beta": 0.0001})
    assert "rate high" in found
    assert "400 pictures" in found["rate high"].text


def test_learning_by_heart_is_found():
    changes = {"data.limit": 150, "training.epochs": 300, "training.lr_schedule": "constant"}
    found = said("digits", changes | {"training.lr": 0.004})
    assert list(found) == ["gap"]


def test_a_variance_at_its_floor_is_found():
    two = torch.zeros(2, 1, 4, 4)
    two[1, 0, 1:3] = 1.0
    images = ((1, 4, 4), two.repeat(64, 1, 1, 1), two)
    for likelihood, epochs, unit in (("gaussian_shared", 100, "grey levels"), ("gaussian_pixel", 150, "%")):
        changes = {"model.likelihood": likelihood, "model.hidden": (16,), "training.epochs": epochs}
        found = said("digits", changes | {"training.batch": 32, "objective.beta": 1}, images=images)
        assert unit in found["variance"].text


def test_a_learning_rate_that_is_too_high_is_found():
    found = said("digits", DIGITS | {"training.lr": 0.3})
    assert "lr" in found
    assert "0.1)" in found["lr"].advice


def test_dying_relus_are_found():
    found = said("digits", DIGITS | {"training.lr": 0.1, "model.activation": "relu"})
    assert "relu" in found
    assert "layer" in found["relu"].text


SOUND = [
    ("digits", {}, ()),
    ("digits", {"model.activation": "relu", "training.epochs": 20}, ()),
    ("digits", {"objective.beta": 0.3, "training.epochs": 30}, (Steered(150, 1.0), Steered(300, 0.1, 2.0))),
    ("digits", {"objective.kl": "capacity", "training.epochs": 20}, ()),
    ("shapes", {"data.limit": 600, "training.epochs": 15}, ()),
    ("colour-shapes", {"data.limit": 400, "training.epochs": 8}, ()),
]
LARGE = [(source, {}, ()) for source in ("shapes", "mnist", "fashion-mnist", "colour-shapes", "dsprites")]


def silent_throughout(source, changes, steered):
    """Nothing is said at any moment of the training: what would be said early counts as well."""
    config = with_changes(source, changes)
    rows, total = trained(config, changes=steered)
    facts = Facts(len(pictures(source, config.data.limit)[1]), CLASSES)
    for end in {*range(1, len(rows), max(1, len(rows) // 25)), len(rows)}:
        assert notes(config, rows[:end], total, facts) == []


@pytest.mark.parametrize(("source", "changes", "steered"), SOUND)
def test_sound_trainings_are_met_with_silence(source, changes, steered):
    silent_throughout(source, changes, steered)


@pytest.mark.soak
@pytest.mark.data
@pytest.mark.parametrize(("source", "changes", "steered"), LARGE)
def test_recipes_on_whole_data_sets_are_met_with_silence(source, changes, steered):
    silent_throughout(source, changes, steered)


def test_rows_of_before_and_of_strangers_are_no_trouble():
    config = RunConfig()
    old = [
        {"n": 0, "kind": "step", "step": 1, "distortion": 9.0, "rate": 1.0, "beta": 1.0},
        {"n": 1, "kind": "epoch", "step": 1, "epoch": 1.0, "distortion": 9.0, "rate": 1.0},
    ]
    odd = [
        {"kind": "epoch", "step": "one"},
        {"kind": "epoch", **old[1], "rates": "x", "silent": [["a", 3, 2]], "sigma": True},
        {"kind": "step", "step": 2, "distortion": float("nan"), "rate": 1.0, "beta": None},
        {"kind": "steered", "step": None},
    ]
    for rows in ([], old, odd, old + odd):
        assert notes(config, rows, 10) == []
        assert notes(config, rows, 0, Facts(10, 1.0)) == []


def test_far_too_many_rows_of_a_stranger_take_no_time():
    """What compares each row with all before would take a hundred gigabytes for these."""
    many = [
        {"kind": "step", "step": step, "distortion": 9.0, "rate": 1.0, "beta": 1.0} for step in range(100_000)
    ]
    assert notes(RunConfig(), many, 100_000) == []


# What is recorded while it trains.

SMALL = {
    "model": {"hidden": (8, 6), "latent": 3, "activation": "relu"},
    "training": {"epochs": 3, "batch": 32},
}


def test_recorded_rates_are_those_of_the_clouds():
    events, _ = run(RunConfig.parse(SMALL))
    clouds = {cloud.step: cloud for cloud in of(Snapshot, events)}
    for look in of(Epoch, events):
        mu, log_var = (array.astype(float) for array in (clouds[look.step].mu, clouds[look.step].log_var))
        own = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var)
        assert look.rates == pytest.approx(own.mean(0), rel=1e-3)
        assert sum(look.rates) == pytest.approx(look.rate, rel=1e-2)


def test_silent_units_are_those_that_give_nothing_for_any_picture():
    config = RunConfig.parse(SMALL)
    images = torch.rand(50, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    model = build(config.model, (1, 4, 4), images.mean(0))
    with torch.no_grad():
        model.encoder[0].bias[:5] = -100.0
    relus = inside.Relus(model)
    with relus.watched():
        for part in images.split(20):
            model(part, torch.Generator().manual_seed(0))
    first = (images - images.mean(0)).flatten(1).numpy() @ model.encoder[0].weight.detach().numpy().T
    none = (first + model.encoder[0].bias.detach().numpy() <= 0).all(0).sum()
    assert none >= 5
    assert relus.silent()[0] == ["encoder 1", none, 8]
    assert [name for name, _, _ in relus.silent()] == ["encoder 1", "encoder 2", "decoder 1", "decoder 2"]


def test_looking_inside_leaves_the_weights_bit_for_bit_as_they_are(monkeypatch):
    seen = digest(run(RunConfig.parse(SMALL))[0][-1].weights)
    monkeypatch.setattr(looks, "figures", lambda *arguments: {})
    assert digest(run(RunConfig.parse(SMALL))[0][-1].weights) == seen
