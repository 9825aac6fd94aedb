"""dials.py: bundles with a dial come back as they went, and every damage is refused in a sentence."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from dial_bundle import cloud, dial_bundle, figures, parts, run, separate
from dial_damage import DIALS, damaged_dials
from multirate_runs import BETAS, conditioned, trained
from safetensors.numpy import load
from torch import nn

from vae_core.errors import BundleError
from vae_core.explorer import bundle
from vae_core.explorer.extras import extras
from vae_core.explorer.operations import decoder_ops
from vae_core.film import FiLM, Layers

DAMAGED = damaged_dials()


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_a_dial_comes_back_as_it_went(latent: int) -> None:
    meta, tensors = parts(latent)
    read_meta, read_tensors = bundle.read(bundle.write(meta, tensors))
    assert read_meta == meta
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(read_tensors[name], tensor)
        assert read_tensors[name].dtype == tensor.dtype


@pytest.mark.parametrize("failed", [(), (2,), (0, 4)])
def test_separate_models_come_back_with_their_gaps(failed: tuple[int, ...]) -> None:
    meta, tensors = separate(5, failed=failed)
    read_meta, read_tensors = bundle.read(bundle.write(meta, tensors))
    assert read_meta == meta
    assert len(read_tensors["ladder.mu"]) == 5 - len(failed)


def test_half_precision_keeps_the_dial() -> None:
    meta, tensors = bundle.read(bundle.to_half(dial_bundle(5)))
    assert meta == parts(5)[0]
    assert {tensor.dtype for name, tensor in tensors.items() if name.startswith("decoder.")} == {
        np.dtype("f2")
    }


@pytest.mark.parametrize("kind", DIALS)
def test_damage_of_a_dial_is_refused_in_words(kind: str) -> None:
    data, sentence = DAMAGED[kind]
    with pytest.raises(BundleError, match=r"^The explorer bundle cannot be used: .*\.$") as caught:
        bundle.read(data)
    assert sentence in str(caught.value)


def test_the_made_up_curve_is_one_of_optimal_models() -> None:
    """Its slope is -beta, as it must be where every point is the best for its beta."""
    for beta in (0.02, 1.0, 9.0):
        low, high = (figures(beta * math.exp(step), 5) for step in (-1e-4, 1e-4))
        slope = (high["distortion"] - low["distortion"]) / (high["rate"] - low["rate"])
        assert slope == pytest.approx(-beta, rel=1e-6)


def test_the_made_up_rungs_are_the_exact_clouds() -> None:
    meta, tensors = parts(2)
    for at, mu in zip(meta["ladder"]["log_betas"], tensors["ladder.mu"]):
        np.testing.assert_allclose(mu, cloud(at)[0], rtol=1e-3, atol=1e-4)


def test_a_film_becomes_an_operation_that_says_what_torch_computes() -> None:
    generator = torch.Generator().manual_seed(0)
    films = [FiLM(2), FiLM(7)]
    net = Layers(films[0], nn.Linear(2, 7), films[1], nn.SiLU(), nn.Linear(7, 3), nn.Sigmoid())
    with torch.no_grad():
        for film in films:
            film.output.weight.normal_(0, 0.1, generator=generator)
    specs, tensors = decoder_ops(net)
    assert specs[0] == {
        "op": "film",
        "hidden_weight": "decoder.0.hidden.weight",
        "hidden_bias": "decoder.0.hidden.bias",
        "weight": "decoder.0.output.weight",
        "bias": "decoder.0.output.bias",
    }
    assert tensors.keys() == {f"decoder.{name}" for name in net.state_dict()}
    z = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)
    for dial in (-1.7, 0.0, 0.9):
        with torch.no_grad():
            expected = net(torch.from_numpy(z), torch.tensor([[dial]])).numpy()
        np.testing.assert_allclose(run(specs, tensors, z, dial), expected, rtol=1e-5)


def test_the_files_of_a_run_say_what_torch_computes(tmp_path: Path) -> None:
    """The bundle's decoder and the encoder that follows it, by the format's formulas alone."""
    made = trained(tmp_path, training__epochs=2)
    meta, tensors = bundle.read(made.bundle())
    follows = load(extras(made))
    z = np.random.default_rng(0).standard_normal((7, meta["latent"])).astype(np.float32)
    flat = made.examples().images.reshape(-1, math.prod(meta["shape"])) / 255
    for beta in (*BETAS, 0.3):
        dial = (math.log(beta) - meta["dial"]["centre"]) * meta["dial"]["scale"]
        pictures, mu, _ = conditioned(made, beta, z)
        drawn = run(meta["decoder"], tensors, z.astype(float), dial)
        np.testing.assert_allclose(drawn, pictures.reshape(len(z), -1), rtol=1e-4, atol=1e-6)
        encoder = [spec for spec in meta["encoder"] if spec["op"] != "flatten"]
        found = run(encoder, follows, flat, dial)[:, : meta["latent"]]
        np.testing.assert_allclose(found, mu, atol=0.01)  # its weights are of half precision
