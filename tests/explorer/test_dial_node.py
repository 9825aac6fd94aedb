"""The dial's arithmetic in Node: films, decoders and encoders at any beta, the ladder, what is refused."""

import json
import math
import subprocess
from typing import Any

import numpy as np
import pytest
import torch
from any_net import packed_encoder
from decoding import NodeRuntime, RuntimeRefusal, codes, describe, points
from dial_bundle import dial_bundle, encoder, extras, parts, run, thumbs
from dial_damage import DIALS, damaged_dials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline
from test_operations_node import lively
from torch import nn

from vae_core.config import ModelConfig
from vae_core.explorer import bundle
from vae_core.explorer.build import WEB
from vae_core.explorer.pack import pack_model
from vae_core.film import FiLM
from vae_core.ladder import Ladder
from vae_core.models import MultiRate, build

pytestmark = pytest.mark.node

BACKENDS = ["wasm", "js"]
LOW, HIGH = 0.01, 10.0
DIAL = {"kind": "conditioned", "low": LOW, "high": HIGH, "beta": 1.0, "centre": -1.2, "scale": 0.5}
LADDER = {"log_betas": [math.log(LOW), math.log(HIGH)], "error": 0.0}
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
betas = st.floats(LOW, HIGH)


def rungs(count: int, latent: int) -> dict[str, np.ndarray]:
    return {name: np.zeros((2, count, latent), np.float32) for name in ("ladder.mu", "ladder.log_var")}


def filmed(film: FiLM, shape: tuple[int, ...]) -> bytes:
    """A bundle that reshapes z and films it."""
    size = math.prod(shape)
    names = {"hidden_weight": film.hidden.weight, "hidden_bias": film.hidden.bias}
    names |= {"weight": film.output.weight, "bias": film.output.bias}
    ops: list[dict[str, Any]] = [{"op": "reshape", "shape": list(shape)}]
    ops.append({"op": "film"} | {key: f"decoder.{key}" for key in names})
    tensors = {f"decoder.{key}": tensor.detach().numpy() for key, tensor in names.items()}
    meta = describe(size, (1, 1, size), ops) | {"dial": DIAL, "ladder": LADDER}
    return bundle.write(meta, tensors | points(1, size) | rungs(1, size))


def lively_film(width: int, features: int, seed: int) -> FiLM:
    return lively(FiLM(width, features), seed)  # type: ignore[return-value]


@relaxed
@given(
    shape=st.one_of(st.tuples(st.integers(1, 40)), st.tuples(*[st.integers(1, 9)] * 3)),
    features=st.integers(1, 33),
    batch=st.integers(1, 5),
    beta=betas,
    seed=st.integers(0, 1000),
)
def test_films_equal_torch(
    runtime: NodeRuntime, shape: tuple[int, ...], features: int, batch: int, beta: float, seed: int
) -> None:
    film = lively_film(shape[0], features, seed)
    x = codes(batch, math.prod(shape), seed)
    dial = torch.tensor([[(math.log(beta) - DIAL["centre"]) * DIAL["scale"]]])  # type: ignore[operator]
    with torch.no_grad():
        expected = film(torch.from_numpy(x).unflatten(1, shape), dial).flatten(1).numpy()
    data = filmed(film, shape)
    for backend in BACKENDS:
        made, _ = runtime.decode(data, x, backend, beta=beta)
        np.testing.assert_allclose(made, expected, rtol=1e-5, atol=2e-6 * (np.abs(expected).max() + 1))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_picture_under_way_keeps_its_beta(runtime: NodeRuntime, backend: str) -> None:
    """While other pictures are decoded in between at the beta to which the dial was turned."""
    meta, tensors = parts(latent=3)
    data = bundle.write(meta, tensors)
    z = codes(4, 3)
    whole, _ = runtime.decode(data, z, backend, beta=0.3)
    np.testing.assert_array_equal(runtime.decode_in_pieces(data, z, backend, 0, 0.3, 7.0), whole)
    there = (math.log(0.3) - meta["dial"]["centre"]) * meta["dial"]["scale"]
    decoder = {name: tensor for name, tensor in tensors.items() if name.startswith("decoder.")}
    np.testing.assert_allclose(whole, run(meta["decoder"], decoder, z.astype(float), there), atol=2e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_first_picture_is_of_the_runs_own_beta(runtime: NodeRuntime, backend: str) -> None:
    data, z = dial_bundle(2, beta=0.5), codes(5, 2)
    np.testing.assert_array_equal(
        runtime.decode(data, z, backend)[0], runtime.decode(data, z, backend, beta=0.5)[0]
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_encoder_follows_the_dial(runtime: NodeRuntime, backend: str) -> None:
    meta, tensors = parts(latent=2)
    pictures = thumbs(6).astype(np.float32) / 255
    specs = meta["encoder"]
    weights = encoder(2)[1]
    for beta in (0.02, 1.0, 9.0):
        there = (math.log(beta) - meta["dial"]["centre"]) * meta["dial"]["scale"]
        flat = [spec for spec in specs if spec["op"] != "flatten"]
        expected = run(flat, weights, pictures.reshape(6, -1).astype(float), there)[:, :2]
        mu, _ = runtime.encode(bundle.write(meta, tensors), extras(2), pictures, backend, beta)
        np.testing.assert_allclose(mu, expected, atol=1e-5)


NETS: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": (40, 24), "latent": 6},
    "conv": {"net": "conv", "channels": (7, 9), "norm": "batch", "blocks": 1, "latent": 3},
    "group": {"net": "conv", "channels": (8, 16), "norm": "group", "up": "transposed", "latent": 2},
    "layer": {"hidden": (32,), "norm": "layer", "latent": 4, "likelihood": "gaussian_shared"},
    "pixel": {"hidden": (20,), "latent": 2, "likelihood": "gaussian_pixel"},
    "tilted": {"hidden": (), "latent": 2, "likelihood": "continuous_bernoulli"},
}


def multirate(settings: dict[str, Any], shape: tuple[int, int, int]) -> MultiRate:
    """With weights in which every number matters."""
    config = ModelConfig.model_validate(settings | {"kind": "multirate"})
    model = build(config, shape, torch.rand(shape, generator=torch.Generator().manual_seed(1)), 0)
    assert isinstance(model, MultiRate)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, FiLM):
                for parameter in module.output.parameters():
                    parameter.normal_(0, 0.03, generator=generator)
            elif isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.5, generator=generator)
                module.running_var.uniform_(0.3, 2, generator=generator)
    return model.eval()


def packed(model: MultiRate) -> bytes:
    log_betas = np.log([model.low, model.high])
    zero = np.zeros((2, model.latent), np.float32)
    ladder = Ladder(log_betas, np.stack([zero, zero]), np.stack([zero, zero]), 0.0)
    words: dict[str, Any] = {"title": "", "run": "", "data": {}, "report": {}, "label_names": ()}
    numbers = {"mu": zero, "log_var": zero, "index": np.arange(2), "kl": np.ones(model.latent)}
    return pack_model(model, beta=1.0, labels=None, ladder=ladder, **words, **numbers)


@pytest.mark.parametrize("name", NETS)
def test_pictures_and_codes_equal_torch_at_twenty_betas(runtime: NodeRuntime, name: str) -> None:
    shape = (3, 16, 24) if NETS[name].get("net") == "conv" else (1, 9, 8)
    model = multirate(NETS[name], shape)
    data, weights = packed(model), packed_encoder(model)
    random = np.random.default_rng(0)
    for n in range(20):
        beta = math.exp(random.uniform(math.log(LOW), math.log(HIGH)))
        log_beta = torch.tensor([[math.log(beta)]])
        z = random.standard_normal((1, model.latent)).astype(np.float32)
        pictures = random.uniform(size=(1, *shape)).astype(np.float32)
        with torch.no_grad():
            expected = model.decode(torch.from_numpy(z), log_beta).mean.flatten(1).numpy()
            mu, log_var = (part.numpy() for part in model.encode(torch.from_numpy(pictures), log_beta))
        backend = BACKENDS[n % 2]
        np.testing.assert_allclose(runtime.decode(data, z, backend, beta=beta)[0], expected, atol=2e-5)
        codes_there = runtime.encode(data, weights, pictures, backend, beta)
        for made, exact in zip(codes_there, (mu, log_var)):
            np.testing.assert_allclose(made, exact, atol=1e-5 * (np.abs(exact).max() + 1))


CLIMB = """
import {readFileSync} from 'node:fs';
const {climbLadder} = await import(process.env.LADDER);
const {knots, rungs, places} = JSON.parse(readFileSync(0, 'utf8'));
const size = rungs.length / knots.length;
const made = places.map(at => {
  const target = new Float32Array(size);
  climbLadder(knots, Float32Array.from(rungs), at, target);
  return Array.from(target);
});
console.log(JSON.stringify(made));
"""


def climb(node: str, knots: np.ndarray, values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(P, N): what ladder.js makes of values (K, N) at some log betas."""
    request = {"knots": knots.tolist(), "rungs": values.ravel().tolist(), "places": places.tolist()}
    done = subprocess.run(
        [node, "--input-type=module", "-e", CLIMB],
        env={"LADDER": (WEB / "ladder.js").as_uri()},
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return np.array(json.loads(done.stdout))


def parabola_slopes(knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(K, N) at each knot, of the parabola through three of them as numpy fits it."""
    if len(knots) == 2:
        return np.repeat(np.diff(values, axis=0) / np.diff(knots), 2, axis=0)
    slopes = []
    for k, knot in enumerate(knots):
        first = min(max(k - 1, 0), len(knots) - 3)
        three = slice(first, first + 3)
        _, linear, _ = np.polyfit(knots[three] - knot, values[three], 2)
        slopes.append(linear)
    return np.array(slopes)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 13])
def test_the_ladder_is_scipys_hermite_spline(node: str, count: int) -> None:
    random = np.random.default_rng(count)
    knots = np.cumsum(random.uniform(0.2, 1, count)) - 4
    values = random.standard_normal((count, 9)).astype(np.float32)
    places = np.concatenate([random.uniform(knots[0], knots[-1], 40), knots])
    spline = CubicHermiteSpline(knots, values, parabola_slopes(knots, values.astype(float)))
    np.testing.assert_allclose(climb(node, knots, values, places), spline(places), atol=1e-5)
    beyond = climb(node, knots, values, knots[[0, -1]] + [-1, 1])
    np.testing.assert_allclose(beyond, values[[0, -1]], atol=1e-6)


@pytest.mark.parametrize("kind", DIALS)
def test_a_damaged_dial_is_refused_in_words(runtime: NodeRuntime, kind: str) -> None:
    data, _ = damaged_dials()[kind]
    with pytest.raises(RuntimeRefusal, match=r"^This model (file cannot be opened|cannot be shown): .*\.$"):
        runtime.decode(data, codes(1, 2))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weight": "decoder.bias"}, "film do not fit 4 channels"),
        ({"hidden_weight": "decoder.weight"}, "film do not fit 4 channels"),
        ({"weight": None}, "film do not fit 4 channels"),
        ({"bias": "decoder.hidden_bias"}, "do not fit 8 channels"),
        ({"hidden_bias": "decoder.bias"}, "do not fit 3 channels"),
        ({"bias": None}, "do not fit 8 channels"),
    ],
)
def test_films_that_do_not_fit_are_refused(
    runtime: NodeRuntime, change: dict[str, Any], sentence: str
) -> None:
    meta, tensors = bundle.read(filmed(lively_film(4, 3, 0), (4,)))
    meta["decoder"][1] |= change
    with pytest.raises(RuntimeRefusal, match=f"^This model cannot be shown: .*{sentence}\\.$"):
        runtime.decode(bundle.write(meta, tensors), codes(1, 4))
