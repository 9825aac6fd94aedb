"""Turns a trained model into an explorer bundle: op lists that the browser's runtime knows, and tensors."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vae_core.errors import PackError
from vae_core.explorer import bundle
from vae_core.explorer.operations import decoder_ops, encoder_ops
from vae_core.ladder import Ladder
from vae_core.latent import quantiles
from vae_core.models import VAE, Autoencoder, MultiRate
from vae_core.posteriors import CEILING

__all__ = ["decoder_ops", "encoder_ops", "pack_model"]

RANGED = 10_000  # points that a slider's range is made from: enough for its outermost half per cent
RANGE = (0.005, 0.5, 0.995)  # quantiles of the aggregate posterior: slider's low end, centre, high end
NARROWEST = 1e-3  # of a slider's range, for a dimension that hardly moves


def pack_model(
    model: VAE,
    *,
    title: str,
    run: str,
    data: Mapping[str, Any],
    beta: float,
    mu: np.ndarray,
    log_var: np.ndarray,
    labels: np.ndarray | None,
    index: np.ndarray,
    label_names: Sequence[str],
    kl: Sequence[float] | np.ndarray,
    report: Mapping[str, Any],
    thumbs: np.ndarray | None = None,
    factors: Mapping[str, np.ndarray] | None = None,
    error: np.ndarray | None = None,
    ladder: Ladder | None = None,
) -> bytes:
    """The bundle of a trained model in float32 (`bundle.to_half` makes the small one).

    `mu` and `log_var` (N, Z) are the encodings of evaluation pictures, `labels` (N,) their classes or -1,
    `index` (N,) their numbers in the data set, `thumbs` (N, C, H, W) uint8 the pictures themselves,
    `factors` what is known to have made them, (N,) numbers by name, `error` (N,) the squared error per pixel
    value of the reconstructions at `mu`; the first 100,000 travel. `kl` (Z,) nats a dimension. A multi-rate
    model's are those at `beta`, and `ladder` holds the same pictures over its range. Of `data` its title,
    licence and source travel. The encoder's operations travel, its weights do not: see extras.py.

    Raises PackError as `decoder_ops`, and for encodings, factors or errors that are not numbers.
    """
    if not (np.isfinite(mu).all() and np.isfinite(log_var).all()):
        raise PackError("The encodings hold values that are not numbers, so there is no map to show.")
    specs, tensors = decoder_ops(model.decoder)
    sparse = slice(None, None, -(-len(mu) // RANGED) or 1)
    low, center, high = quantiles(mu[sparse], log_var[sparse], RANGE)  # (Z,) each
    high = np.maximum(high, low + NARROWEST)
    meta = {
        "format": bundle.FORMAT,
        "title": title,
        "run": run,
        "data": {key: str(data.get(key, "")) for key in ("title", "licence", "source")},
        "likelihood": model.likelihood.name,
        "beta": float(beta),
        "latent": model.latent,
        "shape": list(model.shape),
        "decoder": [*specs, *model.display_ops],
        "encoder": encoder_ops(model.encoder)[0],
        "posterior": posterior(model),
        "kl": _rounded(kl),
        "range": [_rounded(pair) for pair in zip(low, high)],
        "center": _rounded(center),
        "labels": list(label_names),
        "report": _plain(report),
    }
    chosen = slice(0, bundle.MAX_POINTS)
    known = np.full(len(mu), -1) if labels is None else labels
    tensors["points.mu"] = mu[chosen].astype(np.float32)
    tensors["points.log_var"] = log_var[chosen].astype(np.float32)
    tensors["points.label"] = known[chosen].astype(np.int16)
    tensors["points.index"] = index[chosen].astype(np.int32)
    if thumbs is not None:
        tensors["thumbs"] = thumbs[chosen]
    if error is not None:
        tensors["points.error"] = _numbers("reconstruction errors", error)[chosen]
    if ladder is not None and isinstance(model, MultiRate):
        meta |= _dial(model, float(beta), ladder)
        tensors |= {"ladder.mu": ladder.mu, "ladder.log_var": ladder.log_var}
    if factors:
        meta["factors"] = list(factors)
        for k, (name, values) in enumerate(factors.items()):
            tensors[f"factors.{k}"] = _numbers(f"values of the factor {name}", values)[chosen]
    return bundle.write(meta, tensors)


def _dial(model: MultiRate, beta: float, ladder: Ladder) -> dict[str, Any]:
    """What the description says about the range of betas, see dials.py."""
    rungs = ladder.log_betas.tolist()
    low, high = (float(f"{math.exp(end):.9g}") for end in (rungs[0], rungs[-1]))  # as they were asked for
    dial = {"kind": "conditioned", "low": low, "high": high, "beta": beta}
    return {
        "dial": dial | {"centre": model.centre, "scale": model.scale},
        "ladder": {"log_betas": rungs, "error": ladder.error},
    }


def posterior(model: VAE) -> dict[str, Any]:
    """How log-variances are made of the encoder's output, by those who run it elsewhere."""
    if isinstance(model, Autoencoder):
        return {"deterministic": True, "log_var": model.LOG_VAR}
    return {"ceiling": CEILING}


def _numbers(what: str, values: np.ndarray) -> np.ndarray:
    """As float32. Raises PackError where there are others than numbers."""
    numbers = np.asarray(values).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise PackError(f"The {what} hold values that are not numbers; leave them out.")
    return numbers


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 6) for value in values]


def _plain(value: Any) -> Any:
    """As JSON can hold it: infinite and undefined figures become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
