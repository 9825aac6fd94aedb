"""Made-up bundles with a dial, whose clouds and curve are known exactly.

Every latent dimension is a Gaussian channel of power lambda. With s = beta / (beta + lambda) its codes are
u sqrt(1 - s) with variance s, so its rate is 1/2 log(1 + lambda / beta); distortion 1/2 lambda log(1 + beta /
lambda) makes dD/dbeta = -beta dR/dbeta, which is what a curve of optimal models fulfils.
"""

import json
import math
from typing import Any

import numpy as np
from decoding import describe
from safetensors.numpy import save

from vae_core.explorer import bundle

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]

LOW, HIGH = 0.01, 10.0
LABELS = ["left", "middle", "right"]
SIDE, WIDTH, FEATURES = 8, 16, 6
FLOOR = 40.0  # nats of distortion that remain at beta 0


def powers(latent: int) -> np.ndarray:
    """(Z,) from 30 down to 0.05: dimensions switch off one after the other within the dial's range."""
    return np.geomspace(30, 0.05, latent) if latent > 1 else np.array([1.0])


def cloud(log_beta: float, count: int = 60, latent: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Exact means and log-variances (N, Z) float32, in three groups along the first dimension."""
    random = np.random.default_rng(3)
    codes = random.standard_normal((count, latent))
    codes[:, 0] += 4 * (np.arange(count) % 3 - 1)
    codes = (codes - codes.mean(0)) / codes.std(0)
    share = math.exp(log_beta) / (math.exp(log_beta) + powers(latent))  # (Z,)
    log_var = np.broadcast_to(np.log(share), codes.shape)
    return (codes * np.sqrt(1 - share)).astype(np.float32), log_var.astype(np.float32)


def figures(beta: float, latent: int = 2) -> dict[str, Any]:
    """A row of the curve."""
    power = powers(latent)
    rates = 0.5 * np.log1p(power / beta)
    distortion = FLOOR + float((0.5 * power * np.log1p(beta / power)).sum())
    rate = float(rates.sum())
    return {
        "beta": beta,
        "distortion": distortion,
        "distortion_se": 0.3,
        "rate": rate,
        "rate_se": 0.05,
        "elbo": -distortion - rate,
        "active": int((rates >= 0.01).sum()),
        "kl_per_dim": rates.tolist(),
        "accuracy": 0.9 - 0.3 * beta / (beta + 3),
        "precision": 0.5 + 0.4 * beta / (beta + 1),
        "recall": 0.9 - 0.4 * beta / (beta + 2),
        "contrast": 1 / (1 + beta / 10),
        "bits_per_pixel": (distortion + rate) / (SIDE * SIDE * math.log(2)),
    }


def parts(
    latent: int = 2, count: int = 60, rungs: int = 13, beta: float = 1.0, low: float = LOW, high: float = HIGH
) -> tuple[Meta, Tensors]:
    """`meta` and tensors of one conditioned model z -> 8x8 pixels, for a test to change before writing."""
    layers = [("film", latent), ("linear", latent, WIDTH), ("film", WIDTH), ("silu",)]
    layers += [
        ("linear", WIDTH, WIDTH),
        ("film", WIDTH),
        ("silu",),
        ("linear", WIDTH, SIDE * SIDE),
        ("sigmoid",),
    ]
    specs, tensors = net("decoder", layers, seed=1)
    meta = _described(latent, specs, beta, low, high) | {
        "encoder": encoder(latent)[0],
        "posterior": {"ceiling": 4},
    }
    log_betas = np.linspace(math.log(low), math.log(high), rungs)
    meta["dial"] = {"kind": "conditioned", "low": low, "high": high, "beta": beta}
    meta["dial"] |= {
        "centre": (math.log(low) + math.log(high)) / 2,
        "scale": math.sqrt(12) / math.log(high / low),
    }
    meta["ladder"] = {"log_betas": log_betas.tolist(), "error": 0.01}
    return meta, tensors | _points(beta, count, latent) | _rungs(log_betas, count, latent)


def separate(latent: int = 2, count: int = 60, failed: tuple[int, ...] = (2,)) -> tuple[Meta, Tensors]:
    """Five separately trained models at beta 0.1 to 10, those of `failed` are gaps, the map is the last's."""
    betas = [0.1, 0.32, 1.0, 3.2, 10.0]
    there = [k for k in range(len(betas)) if k not in failed]
    tensors: Tensors = {}
    members = []
    for k, beta in enumerate(betas):
        member: Meta = {"beta": beta, "run": f"run-{k}", "title": f"β {beta:g}", "reason": ""}
        if k in failed:
            member["reason"] = "Training ran out of memory."
        else:
            layers = [("linear", latent, latent), ("linear", latent, WIDTH), ("silu",)]
            layers += [("linear", WIDTH, SIDE * SIDE), ("sigmoid",)]
            member["decoder"], weights = net(f"member.{k}", layers, seed=k)
            tensors |= weights
        members.append(member)
    last = there[-1]
    specs, weights = net("decoder", layers, seed=last)
    meta = _described(latent, specs, betas[last], betas[there[0]], betas[last])
    log_betas = np.log([betas[k] for k in there])
    meta["dial"] = {"kind": "separate", "low": betas[there[0]], "high": betas[last], "beta": betas[last]}
    meta["ladder"] = {"log_betas": log_betas.tolist(), "error": None}
    meta["members"] = members
    return meta, tensors | weights | _points(betas[last], count, latent) | _rungs(log_betas, count, latent)


def net(name: str, layers: list[tuple[Any, ...]], seed: int) -> tuple[list[Meta], Tensors]:
    """Random weights: ("linear", inputs, outputs), ("film", width), or an activation."""
    random = np.random.default_rng(seed)
    specs: list[Meta] = []
    tensors: Tensors = {}
    for place, (op, *sizes) in enumerate(layers):
        shapes: dict[str, tuple[int, ...]] = {}
        if op == "linear":
            shapes = {"weight": (sizes[1], sizes[0]), "bias": (sizes[1],)}
        elif op == "film":
            shapes = {"hidden_weight": (FEATURES, 1), "hidden_bias": (FEATURES,)}
            shapes |= {"weight": (2 * sizes[0], FEATURES), "bias": (2 * sizes[0],)}
        specs.append({"op": op, **{key: f"{name}.{place}.{key}" for key in shapes}})
        for key, shape in shapes.items():
            scale = math.sqrt(2 / shape[-1]) if key == "weight" else 0.3
            tensors[f"{name}.{place}.{key}"] = (scale * random.standard_normal(shape)).astype(np.float32)
    return specs, tensors


def run(specs: list[Meta], tensors: Tensors, x: np.ndarray, dial: float) -> np.ndarray:
    """What the operations of `net` make of x (B, inputs) at a standardised dial, in double precision."""
    value = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    for spec in specs:
        if spec["op"] == "linear":
            x = x @ value[spec["weight"]].T + value[spec["bias"]]
        elif spec["op"] == "film":
            hidden = value[spec["hidden_weight"]][:, 0] * dial + value[spec["hidden_bias"]]
            scale, shift = np.split(value[spec["weight"]] @ _silu(hidden) + value[spec["bias"]], 2)
            x = x * (1 + scale) + shift
        elif spec["op"] == "silu":
            x = _silu(x)
        elif spec["op"] == "sigmoid":
            x = 1 / (1 + np.exp(-x))
        elif spec["op"] == "subtract":
            x = x - value[spec["value"]].ravel()
    return x


def encoder(latent: int) -> tuple[list[Meta], Tensors]:
    """A conditioned encoder of 8x8 pixels to 2 Z numbers; its tensors travel in the extras."""
    layers = [("linear", SIDE * SIDE, WIDTH), ("film", WIDTH), ("silu",), ("linear", WIDTH, 2 * latent)]
    specs, tensors = net("encoder", [*layers, ("film", 2 * latent)], seed=2)
    first = [{"op": "subtract", "value": "encoder.data_mean"}, {"op": "flatten"}]
    return first + specs, tensors | {"encoder.data_mean": np.full((1, SIDE, SIDE), 0.3, np.float32)}


def thumbs(count: int = 60) -> np.ndarray:
    """(N, 1, 8, 8) uint8: a square whose place follows the group."""
    made = np.zeros((count, 1, SIDE, SIDE), np.uint8)
    for k in range(count):
        made[k, 0, 2:6, 2 * (k % 3) : 2 * (k % 3) + 3] = 255
    return made


def extras(latent: int = 2, count: int = 60) -> bytes:
    """What follows the bundle of `parts`: small pictures and the encoder."""
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    return save({"thumbs": thumbs(count), **encoder(latent)[1]}, {"latentscape": json.dumps(note)})


def dial_bundle(latent: int = 2, count: int = 60, **changes: Any) -> bytes:
    """The bundle of `parts`."""
    return bundle.write(*parts(latent, count, **changes))


def _described(latent: int, specs: list[Meta], beta: float, low: float, high: float) -> Meta:
    row = figures(beta, latent)
    report = {name: row[name] for name in row if name != "beta"} | {"n": 1000, "health": []}
    report["curve"] = [figures(float(b), latent) for b in np.geomspace(low, high, 13)]
    report["advice"] = [
        {"key": "knee", "beta": 0.5, "title": "Knee of the curve", "why": "Made up for a test."},
        {"key": "accuracy", "beta": 2.0, "title": "Classes still apart", "why": "Made up for a test."},
    ]
    reach = [[-3.0, 3.0]] * latent
    described = {"beta": beta, "labels": LABELS, "kl": row["kl_per_dim"], "range": reach, "report": report}
    return describe(latent, (1, SIDE, SIDE), specs) | described | {"likelihood": "bernoulli"}


def _points(beta: float, count: int, latent: int) -> Tensors:
    mu, log_var = cloud(math.log(beta), count, latent)
    numbers = np.arange(count)
    named = {"points.label": (numbers % 3).astype(np.int16), "points.index": numbers.astype(np.int32)}
    return {"points.mu": mu, "points.log_var": log_var, **named}


def _rungs(log_betas: np.ndarray, count: int, latent: int) -> Tensors:
    mu, log_var = zip(*(cloud(float(at), count, latent) for at in log_betas))
    return {
        "ladder.mu": np.stack(mu).astype(np.float16),
        "ladder.log_var": np.stack(log_var).astype(np.float16),
    }


def _silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))
