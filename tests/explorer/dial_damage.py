"""Bundles with something wrong about their dial, for the readers on both sides to refuse in words."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from dial_bundle import parts, separate
from safetensors.numpy import save

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]
Change = Callable[[Meta, Tensors], object]


def _dial(**changes: Any) -> Change:
    return lambda meta, tensors: meta["dial"].update(changes)


def _ladder(**changes: Any) -> Change:
    return lambda meta, tensors: meta["ladder"].update(changes)


def _rungs(change: Callable[[list[float]], Any]) -> Change:
    return lambda meta, tensors: meta["ladder"].update(log_betas=change(meta["ladder"]["log_betas"]))


def _tensor(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda meta, tensors: tensors.update({name: change(tensors[name])})


def _member(k: int, **changes: Any) -> Change:
    return lambda meta, tensors: meta["members"][k].update(changes)


def _infinite(rungs: np.ndarray) -> np.ndarray:
    rungs[0, 0, 0] = math.inf
    return rungs


def _many(meta: Meta, tensors: Tensors) -> None:
    for name in [name for name in tensors if name.startswith("points.")]:
        tensors[name] = np.concatenate([tensors[name]] * 34)
    for name in ("ladder.mu", "ladder.log_var"):
        tensors[name] = np.concatenate([tensors[name]] * 34, axis=1)


CONDITIONED: dict[str, tuple[Change, str]] = {
    "dial not an object": (lambda meta, tensors: meta.update(dial=[0.01, 10]), "its dial is not described"),
    "unknown kind": (_dial(kind="magic"), "'magic', known are conditioned and separate"),
    "no kind": (lambda meta, tensors: meta["dial"].pop("kind"), "kind 'None'"),
    "range reversed": (_dial(low=10.0, high=0.01), "is reversed: it goes from beta 10 to 0.01"),
    "a single value": (_dial(low=1.0, high=1.0), "is a single value: it goes from beta 1 to 1"),
    "range from zero": (_dial(low=0), "every beta must be above 0"),
    "negative range": (_dial(low=-1.0), "every beta must be above 0"),
    "range in words": (_dial(low="0.01"), "not given in numbers"),
    "range without end": (_dial(high=10**400), "not given in numbers"),
    "beta outside": (_dial(beta=20.0), "belongs to beta 20, and its dial goes from 0.01 to 10"),
    "no beta of the map": (lambda meta, tensors: meta["dial"].pop("beta"), "not given in numbers"),
    "no centre": (lambda meta, tensors: meta["dial"].pop("centre"), "how log beta is standardised"),
    "scale of zero": (_dial(scale=0.0), "how log beta is standardised"),
    "film without a dial": (
        lambda meta, tensors: [meta.pop(name) for name in ("dial", "ladder")],
        "its decoder follows a dial, and it has none",
    ),
    "ladder without a dial": (lambda meta, tensors: meta.pop("dial"), "it has ladder and no dial"),
    "dial without a ladder": (lambda meta, tensors: meta.pop("ladder"), "its ladder is not described"),
    "ladder a list": (lambda meta, tensors: meta.update(ladder=[]), "its ladder is not described"),
    "missing rung": (
        _tensor("ladder.mu", lambda rungs: rungs[:-1].copy()),
        "ladder.mu has 12 rungs for 13 betas: a rung is missing",
    ),
    "rung too many": (
        _rungs(lambda at: [*at[:5], *at[6:]]),
        "13 rungs for 12 betas: there are rungs without",
    ),
    "rungs not ascending": (_rungs(lambda at: [at[0], at[2], at[1], *at[3:]]), "do not ascend"),
    "rungs descending": (_rungs(lambda at: at[::-1]), "do not ascend"),
    "rung twice": (_rungs(lambda at: [at[0], at[1], at[1], *at[3:]]), "do not ascend"),
    "rungs in words": (_rungs(lambda at: ["low", *at[1:]]), "are not numbers"),
    "rungs not a list": (_ladder(log_betas=13), "are not numbers"),
    "one rung": (_rungs(lambda at: at[:1]), "has 1 rungs, it needs 2 to 64"),
    "rungs without end": (_ladder(log_betas=[float(k) for k in range(65)]), "has 65 rungs"),
    "ladder starts elsewhere": (
        _rungs(lambda at: [math.log(0.012), *at[1:]]),
        "at the low end: beta 0.012 and 0.01",
    ),
    "ladder ends elsewhere": (_rungs(lambda at: [*at[:-1], 800.0]), "at the high end"),
    "no error": (lambda meta, tensors: meta["ladder"].pop("error"), "error of its ladder is missing"),
    "negative error": (_ladder(error=-0.1), "error of its ladder is not a share"),
    "no ladder.mu": (lambda meta, tensors: tensors.pop("ladder.mu"), "ladder.mu is missing"),
    "no ladder.log_var": (lambda meta, tensors: tensors.pop("ladder.log_var"), "ladder.log_var is missing"),
    "rungs of fewer points": (
        _tensor("ladder.mu", lambda rungs: rungs[:, :-1].copy()),
        "should have the shape",
    ),
    "rungs of another latent": (_tensor("ladder.mu", lambda rungs: rungs[:, :, :1].copy()), "should have"),
    "flat rungs": (
        _tensor("ladder.log_var", lambda rungs: rungs.reshape(len(rungs), -1)),
        "should have the shape",
    ),
    "rungs of whole numbers": (
        _tensor("ladder.mu", lambda rungs: rungs.astype(np.int16)),
        "should have the shape",
    ),
    "rungs not finite": (_tensor("ladder.mu", _infinite), "ladder.mu holds values that are not numbers"),
    "too many points": (_many, "2,040 points, at most 2,000 move along a ladder"),
    "members of one model": (lambda meta, tensors: meta.update(members=[]), "its dial is that of one"),
}
SEPARATE: dict[str, tuple[Change, str]] = {
    "no members": (lambda meta, tensors: meta.pop("members"), "its separate models are not described"),
    "members in words": (lambda meta, tensors: meta.update(members=["a", "b"]), "are not described"),
    "one member": (
        lambda meta, tensors: meta.update(members=meta["members"][:1]),
        "it has 1 separate models",
    ),
    "member without a beta": (_member(1, beta=None), "separate model 2 has no beta above 0"),
    "member of beta zero": (_member(0, beta=0), "separate model 1 has no beta above 0"),
    "member without a title": (_member(1, title=None), "separate model 2 is not described"),
    "failed without a reason": (_member(2, reason=""), "neither a decoder nor a reason"),
    "failed with a decoder": (_member(1, reason="It failed."), "a decoder and a reason why it has none"),
    "member decoder empty": (_member(1, decoder=[]), "operations of separate model 2 is missing"),
    "member decoder in words": (_member(1, decoder="linear"), "operations of separate model 2 is missing"),
    "members not ascending": (
        lambda meta, tensors: meta["members"].reverse(),
        "betas of its separate models do not ascend",
    ),
    "a failed member has a rung": (
        lambda meta, tensors: (
            meta["members"][1].pop("decoder"),
            meta["members"][1].update(reason="It failed."),
        ),
        "has 4 rungs that are not those of its 3 separate models",
    ),
    "a rung of another beta": (_member(1, beta=0.33), "are not those of its 4 separate models"),
}


def damaged_dials() -> dict[str, tuple[bytes, str]]:
    """Damaged bundles by what is wrong, each with a part of the sentence that Python refuses it with."""
    made = {}
    for cases, (meta, tensors) in ((CONDITIONED, parts()), (SEPARATE, separate())):
        for name, (change, sentence) in cases.items():
            wrong, held = copy.deepcopy(meta), dict(tensors)
            held["ladder.mu"] = tensors["ladder.mu"].copy()
            change(wrong, held)
            made[name] = (save(held, {"latentscape": json.dumps(wrong)}), sentence)
    return made


DIALS = sorted([*CONDITIONED, *SEPARATE])
