"""Arrays on their way to the drawing of a training."""

import json

import numpy as np
import pytest
import torch

from app import figures
from app.ghost import Ghost
from vae_core.events import Snapshot
from vae_core.runs import Examples
from vae_core.training_health import Note


def unpack(data: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """As the browser reads it, written anew."""
    line, body = data.split(b"\n", 1)
    head = json.loads(line)
    arrays, at = {}, 0
    for name, kind, shape in head["arrays"]:
        dtype = np.dtype(kind)
        assert at % dtype.itemsize == 0
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(body, dtype, count, at).reshape(shape)
        at += count * dtype.itemsize
    assert at == len(body)
    return head, arrays


def rows():
    yield {"kind": "step", "step": 1, "distortion": 30.0, "rate": 0.5}
    yield {"kind": "epoch", "step": 2, "distortion": 29.0, "rate": 0.75}
    yield {"kind": "step", "step": 3, "distortion": 28.0, "rate": 1.0}


def test_everything_arrives():
    generator = np.random.default_rng(0)
    mu = generator.normal(size=(5, 4)).astype(np.float32) * np.array([0.1, 3, 0.1, 2], np.float32)
    pictures = generator.integers(0, 255, (12, 1, 3, 5), np.uint8)
    examples = Examples(pictures, np.array([0, 1, -1, 1, 0]), np.arange(5), ("a", "b"), {})
    snapshot = Snapshot(3, mu, np.zeros_like(mu), pictures)
    head, arrays = unpack(figures.pack(list(rows()), snapshot, examples, 9, 1.5))
    assert (head["total"], head["epochs"], head["axes"], head["labels"]) == (9, 1.5, [1, 3], ["a", "b"])
    assert head["seen"] == 3
    np.testing.assert_array_equal(arrays["points"], mu[:, [1, 3]])
    np.testing.assert_array_equal(arrays["classes"], [0, 1, -1, 1, 0])
    np.testing.assert_array_equal(arrays["step.distortion"], [30, 28])
    np.testing.assert_array_equal(arrays["epoch.rate"], [0.75])
    np.testing.assert_array_equal(arrays["originals"], pictures[:10])
    np.testing.assert_array_equal(arrays["reconstructions"], pictures[:10])


def test_an_earlier_run_and_changes_of_the_course_arrive():
    changes = [{"kind": "steered", "step": 1, "beta": 4.0}, {"kind": "steered", "step": 3, "lr": 0.5}]
    curve = np.array([1, 2, 3], np.float32)
    ghost = Ghost("earlier", True, curve, curve + 30, curve / 2)
    note = Note("collapse", "It is so.", "Try this.", 1)
    head, arrays = unpack(figures.pack([*rows(), *changes], None, None, 9, 1.5, ghost, [note], True))
    assert head["notes"] == [["It is so.", "Try this."]]
    assert head["ranged"] is True
    assert head["steered"] == [[1, 4.0, None], [3, None, 0.5]]
    assert head["ghost"] == {"label": "earlier", "held": True}
    np.testing.assert_array_equal(arrays["ghost.epoch"], curve)
    np.testing.assert_array_equal(arrays["ghost.distortion"], curve + 30)
    np.testing.assert_array_equal(arrays["ghost.rate"], curve / 2)


def test_before_anything_happened():
    head, arrays = unpack(figures.pack([], None, None, 0, 0.0))
    assert head["axes"] == []
    assert arrays["step.step"].shape == (0,)


@pytest.mark.parametrize("latent", [1, 2, 6])
def test_axes_are_those_of_the_highest_rate(latent):
    generator = torch.Generator().manual_seed(latent)
    mu, log_var = torch.randn(50, latent, generator=generator), torch.randn(50, latent, generator=generator)
    posterior = torch.distributions.Normal(mu, (log_var / 2).exp())
    kl = torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).mean(0)
    expected = sorted(kl.argsort(descending=True)[:2].tolist())
    assert figures.informative_axes(mu.numpy(), log_var.numpy()) == expected


def curve(shift: float) -> list[list[float]]:
    return [[beta, 30.0 + beta + shift, 5 - beta] for beta in (0.1, 1.0, 4.0)]


def test_the_curves_of_a_multi_rate_model_come_oldest_first_and_few():
    many = [{"kind": "epoch", "step": k, "curve": curve(-k)} for k in range(50)]
    head, _ = unpack(figures.pack(many, None, None, 50, 50))
    assert head["curves"][0] == curve(0)
    assert head["curves"][-1] == curve(-49)
    assert len(head["curves"]) == 8
    head, _ = unpack(figures.pack(list(rows()), None, None, 9, 1.5))
    assert head["curves"] == []


@pytest.mark.parametrize(
    "wrong", [None, [], 3, [[1, 2, 3]], [[1, 2], [3, 4]], [[1, 2, "x"]] * 2, [[1, 2, np.nan]] * 2]
)
def test_what_is_no_curve_is_left_out(wrong):
    found = [{"kind": "epoch", "step": 1, "curve": wrong}, {"kind": "epoch", "step": 2, "curve": curve(0)}]
    assert figures.forming(found) == [curve(0)]


@pytest.mark.parametrize("wrong", [None, "x", [], {}, 1e308, 10**400, np.nan, True])
def test_what_is_no_number_in_a_row_leaves_a_gap(wrong):
    odd = [{"kind": "step", "step": 1, "distortion": wrong, "rate": 2.0}]
    _, arrays = unpack(figures.pack(odd, None, None, 9, 1.5))
    assert np.isnan(arrays["step.distortion"]).tolist() == [True]
    assert arrays["step.rate"].tolist() == [2.0]
