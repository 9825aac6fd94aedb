"""What a bundle says about a range of betas: its dial, the ladder of clouds along it, separate models.

    dial {kind, low, high, beta, and for kind "conditioned" centre, scale}
    ladder {log_betas [K], error}
    members [{beta, run, title, reason, decoder [{"op", ...}]}], for kind "separate" alone

Of kind "conditioned" is one model that is told the standardised log beta, (log beta - centre) * scale; its op
"film" reads it. Of kind "separate" are models trained one by one, in ascending order of beta; one that failed
says why in `reason` and has no decoder. `beta` is that of `points.mu`. The rungs of the ladder ascend from
log low to log high, for separate models they are the betas of those that are there; `error` is the largest
interpolation error as a share of the cloud's spread (vae_core/ladder.py), null where nothing lies between.

Tensors: `ladder.mu` and `ladder.log_var` (K, N, Z) floats, those of a member's decoder `member.<k>.*` with k
counted from 0 over all members. At most 2,000 points and 64 rungs.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from vae_core.explorer.parts import are_numbers, are_operations, is_number, refusal

MAX_RUNGS = 64
MAX_POINTS = 2_000  # of a map with a ladder, each of whose rungs holds them all
CLOSE = 1e-6  # log betas this close are the same

Description = Mapping[str, Any]


def check(meta: Description, tensors: Mapping[str, np.ndarray]) -> None:
    """Raises BundleError. `meta` and its points have been looked at before."""
    if "dial" not in meta:
        for name in ("ladder", "members"):
            if name in meta:
                raise refusal(f"it has {name} and no dial that goes with it")
        if any(spec.get("op") == "film" for spec in _nested(meta["decoder"])):
            raise refusal("its decoder follows a dial, and it has none")
        return
    dial = _object(meta, "dial")
    _check_dial(dial)
    _check_ladder(dial, _object(meta, "ladder"), meta, tensors)
    if dial["kind"] == "separate":
        _check_members(meta.get("members"), meta["ladder"]["log_betas"])
    elif "members" in meta:
        raise refusal("it has separate models, and its dial is that of one")


def _check_dial(dial: Description) -> None:
    kind = dial.get("kind")
    if kind not in ("conditioned", "separate"):
        raise refusal(f"its dial is of kind {str(kind)[:40]!r}, known are conditioned and separate")
    if not all(is_number(dial.get(name)) for name in ("low", "high", "beta")):
        raise refusal("the range of its dial is not given in numbers")
    low, high, beta = dial["low"], dial["high"], dial["beta"]
    if min(low, high) <= 0:
        raise refusal(f"its dial goes from beta {low:g} to {high:g}, and every beta must be above 0")
    if low >= high:
        wrong = "is a single value" if low == high else "is reversed"
        raise refusal(f"the range of its dial {wrong}: it goes from beta {low:g} to {high:g}")
    if not low * (1 - CLOSE) <= beta <= high * (1 + CLOSE):
        raise refusal(f"its map belongs to beta {beta:g}, and its dial goes from {low:g} to {high:g}")
    if kind == "conditioned":
        standard = [dial.get("centre"), dial.get("scale")]
        if not are_numbers(standard, 2) or dial["scale"] <= 0:
            raise refusal("its dial does not say how log beta is standardised")


def _check_ladder(
    dial: Description, ladder: Description, meta: Description, tensors: Mapping[str, np.ndarray]
) -> None:
    rungs, error = ladder.get("log_betas"), ladder.get("error")
    if not isinstance(rungs, list) or not all(is_number(rung) for rung in rungs):
        raise refusal("the rungs of its ladder are not numbers")
    if not 2 <= len(rungs) <= MAX_RUNGS:
        raise refusal(f"its ladder has {len(rungs)} rungs, it needs 2 to {MAX_RUNGS}")
    if not all(below < above for below, above in pairwise(rungs)):
        raise refusal("the rungs of its ladder do not ascend")
    for name, rung in (("low", rungs[0]), ("high", rungs[-1])):
        if abs(rung - math.log(dial[name])) > CLOSE:
            raise refusal(
                f"its ladder and its dial differ at the {name} end: beta {_beta(rung)} and {dial[name]:g}"
            )
    if error is None and dial["kind"] == "conditioned":
        raise refusal("the error of its ladder is missing")
    if error is not None and not (is_number(error) and error >= 0):
        raise refusal("the error of its ladder is not a share")
    count = len(tensors["points.mu"])
    if count > MAX_POINTS:
        raise refusal(f"its map has {count:,} points, at most {MAX_POINTS:,} move along a ladder")
    shape = (len(rungs), count, meta["latent"])
    for name in ("ladder.mu", "ladder.log_var"):
        _check_rungs(name, tensors.get(name), shape)


def _check_rungs(name: str, tensor: np.ndarray | None, shape: tuple[int, int, int]) -> None:
    if tensor is None:
        raise refusal(f"{name} is missing; it should have the shape {shape}")
    if tensor.dtype.kind != "f" or tensor.ndim != 3 or tensor.shape[1:] != shape[1:]:
        raise refusal(f"{name} is {tensor.dtype} of shape {tensor.shape}; it should have the shape {shape}")
    if len(tensor) != shape[0]:
        more = "a rung is missing" if len(tensor) < shape[0] else "there are rungs without a beta"
        raise refusal(f"{name} has {len(tensor)} rungs for {shape[0]} betas: {more}")


def _check_members(members: Any, rungs: list[float]) -> None:
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise refusal("its separate models are not described")
    if not 2 <= len(members) <= MAX_RUNGS:
        raise refusal(f"it has {len(members)} separate models, it needs 2 to {MAX_RUNGS}")
    for k, member in enumerate(members):
        _check_member(k, member)
    if not all(below["beta"] < above["beta"] for below, above in pairwise(members)):
        raise refusal("the betas of its separate models do not ascend")
    there = [math.log(member["beta"]) for member in members if "decoder" in member]
    if len(there) != len(rungs) or any(abs(a - b) > CLOSE for a, b in zip(there, rungs)):
        raise refusal(
            f"its ladder has {len(rungs)} rungs that are not those of its {len(there)} separate models"
        )


def _check_member(k: int, member: Description) -> None:
    name = f"its separate model {k + 1}"
    if not is_number(member.get("beta")) or member["beta"] <= 0:
        raise refusal(f"{name} has no beta above 0")
    if not all(isinstance(member.get(key), str) for key in ("run", "title", "reason")):
        raise refusal(f"{name} is not described")
    if "decoder" not in member:
        if not member["reason"]:
            raise refusal(f"{name} has neither a decoder nor a reason why not")
    elif member["reason"]:
        raise refusal(f"{name} has a decoder and a reason why it has none")
    elif not member["decoder"] or not are_operations(member["decoder"]):
        raise refusal(f"the list of operations of {name.removeprefix('its ')} is missing")


def _object(meta: Description, name: str) -> Description:
    value = meta.get(name)
    if not isinstance(value, dict):
        raise refusal(f"its {name} is not described")
    return value


def _nested(specs: Any, depth: int = 0) -> Iterator[Description]:
    """Operations and those within them, as far as they have the form of some."""
    if depth > 16 or not are_operations(specs):
        return
    for spec in specs:
        yield spec
        for key in ("body", "shortcut"):
            yield from _nested(spec.get(key), depth + 1)


def _beta(log_beta: float) -> str:
    return f"{math.exp(min(log_beta, 700)):g}"
