"""The browser's bundle of a ladder: separately trained models behind one dial, see explorer/dials.py.

Two models trained apart may hold the same map turned or mirrored: the prior N(0, I) looks the same from every
side, so nothing settles how z lies. Each member's codes are therefore turned onto those of its neighbour,
outwards from one of them, the reference. The turn is orthogonal, about the origin and without a scale: these
are the only linear maps that leave the prior as it is, and with it every rate. The decoder gets the turn
undone in front, so it draws for a turned code what the member draws for its own. Needs no torch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from vae_core.beta_advice import advise
from vae_core.errors import BundleError, LadderError, LatentscapeError, PackError
from vae_core.explorer import bundle
from vae_core.explorer.dials import MAX_POINTS
from vae_core.explorer.parts import is_number
from vae_core.run import Run
from vae_core.storage import MEGA
from vae_core.sweeps import Ladder, LadderStore, Standing, standings

SILENT = 1e-9  # share of the largest correlation at which dimensions say nothing about each other
HALVED = 32 * MEGA  # bytes of a bundle above which it travels in half precision
CURVE = (
    "distortion", "distortion_se", "rate", "rate_se", "elbo", "active", "accuracy", "precision", "recall",
    "contrast", "bits_per_pixel",
)  # fmt: skip
PLAIN = ("format", "data", "likelihood", "latent", "shape", "decoder", "kl", "range", "center", "labels")

MISSING = {  # why, where nothing says more
    "waiting": "It was not trained yet.",
    "running": "It is still being trained.",
    "interrupted": "Its training was interrupted; resume the ladder to finish it.",
    "diverged": "Its training diverged.",
    "damaged": "Its run is damaged.",
}

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Part:
    """What a bundle of the ladder takes from one member's own: codes (N, Z), turned by `turn` (Z, Z)."""

    place: int  # among all members of its seed
    beta: float
    run: Run
    meta: Meta
    tensors: Tensors
    mu: np.ndarray
    log_var: np.ndarray
    turn: np.ndarray


def procrustes(codes: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """The orthogonal R (Z, Z) for which `codes` R lies nearest to `onto`, both (N, Z), by least squares.

    R = U V^T of the singular value decomposition codes^T onto = U S V^T (Schönemann 1966, Psychometrika 31,
    1-10); neither is centred or scaled. A little of the identity is added first, so that dimensions that say
    nothing about each other stay where they are.
    """
    product = codes.astype(np.float64).T @ onto.astype(np.float64)
    size = np.linalg.norm(product)
    left, _, right = np.linalg.svd(product + SILENT * (size or 1.0) * np.eye(len(product)))
    return left @ right


def turned(mu: np.ndarray, log_var: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and log-variances (N, Z) float32 of Gaussian codes z R, R = `turn` (Z, Z).

    Their covariance R^T diag(variance) R is no longer diagonal; kept is its exact diagonal, so each
    dimension by itself is right and what they have to do with each other is left out. The KL divergences of
    single dimensions therefore add up to at most the rate.
    """
    codes = mu.astype(np.float64) @ turn
    variances = np.exp(log_var.astype(np.float64)) @ np.square(turn)
    return codes.astype(np.float32), np.log(variances).astype(np.float32)


def pack(store: LadderStore, ladder: Ladder, seed: int | None = None) -> bytes:
    """The bundle of the ladder's members of one seed, by default its first.

    Points are those of the reference, the member nearest to the settings' own beta, in its coordinates. A
    member that cannot be shown is a gap with its reason. Of the encoder nothing travels: it is one member's.
    Raises LadderError where fewer than two members are there.
    """
    places = ladder.places(ladder.seeds[0] if seed is None else seed)
    members = standings(ladder, store.runs)[places.start : places.stop]
    parts, reasons = _read(ladder, members)
    if len(parts) < 2:
        why = next((f" {reason}" for reason in reasons if reason), "")
        raise LadderError(
            f"The ladder {ladder.title} cannot be shown: it needs two finished models and has "
            f"{len(parts) or 'none'}.{why}"
        )
    reference = _reference(ladder, parts)
    parts = _aligned(parts, reference)
    meta, tensors = _base(ladder, parts[reference])
    rungs = np.log([part.beta for part in parts])
    meta["dial"] = {"kind": "separate", "low": parts[0].beta, "high": parts[-1].beta}
    meta["dial"]["beta"] = parts[reference].beta
    meta["ladder"] = {"log_betas": rungs.tolist(), "error": None}  # between separate models is no exact cloud
    meta["report"] |= _report(parts, members, reasons)
    tensors["ladder.mu"] = np.stack([part.mu for part in parts])
    tensors["ladder.log_var"] = np.stack([part.log_var for part in parts])
    meta["members"] = [_described(ladder, *one) for one in zip(members, reasons)]
    for part in parts:
        specs, weights = _decoder(part, own=part is parts[reference])
        meta["members"][part.place]["decoder"] = specs
        tensors |= weights
    return _small(bundle.write(meta, tensors))


def _read(ladder: Ladder, members: Sequence[Standing]) -> tuple[list[Part], list[str]]:
    """Members that are there, by beta, and for every one why it is not, empty where it is."""
    parts: list[Part] = []
    reasons = []
    for place, standing in enumerate(members):
        reasons.append(standing.reason or MISSING.get(standing.state, ""))
        if standing.state != "finished" or standing.found is None:
            continue
        try:
            part = _part(place, standing.member.beta, standing.found)
            if parts:
                _compare(part, parts[0])
            parts.append(part)
        except LatentscapeError as error:
            reasons[-1] = str(error)
    return parts, reasons


def _part(place: int, beta: float, run: Run) -> Part:
    meta, tensors = bundle.read(run.bundle())
    if "dial" in meta or meta["beta"] != beta:
        raise BundleError("Its run is not the model of this β.")
    mu, log_var = (tensors[f"points.{name}"][:MAX_POINTS] for name in ("mu", "log_var"))
    mu, log_var = mu.astype(np.float32), log_var.astype(np.float32)
    return Part(place, beta, run, meta, tensors, mu, log_var, np.eye(meta["latent"]))


def _compare(part: Part, first: Part) -> None:
    """Raises BundleError where two members do not show the same pictures in as many dimensions."""
    for name in ("latent", "shape", "likelihood", "labels"):
        if part.meta[name] != first.meta[name]:
            raise BundleError("It is not the same kind of model as the others.")
    ours, theirs = (one.tensors["points.index"][:MAX_POINTS] for one in (part, first))
    if not np.array_equal(ours, theirs):
        raise BundleError("Its map shows other pictures than the others' do.")


def _reference(ladder: Ladder, parts: Sequence[Part]) -> int:
    """The member nearest to the settings' beta, by the ratio; where those have none, to the middle."""
    wanted = ladder.config.objective.beta
    if wanted <= 0:
        return len(parts) // 2
    return min(range(len(parts)), key=lambda k: abs(math.log(parts[k].beta / wanted)))


def _aligned(parts: Sequence[Part], reference: int) -> list[Part]:
    """Each turned onto its neighbour, outwards from the reference."""
    made = dict(enumerate(parts))
    upwards = [(k, k - 1) for k in range(reference + 1, len(parts))]
    downwards = [(k, k + 1) for k in range(reference - 1, -1, -1)]
    for k, neighbour in upwards + downwards:
        part = made[k]
        turn = procrustes(part.mu, made[neighbour].mu)
        mu, log_var = turned(part.mu, part.log_var, turn)
        made[k] = replace(part, mu=mu, log_var=log_var, turn=turn)
    return [made[k] for k in range(len(parts))]


def _base(ladder: Ladder, reference: Part) -> tuple[Meta, Tensors]:
    """The reference's own bundle, without what belongs to it alone."""
    meta = {key: reference.meta[key] for key in PLAIN}
    meta |= {"title": ladder.title, "run": ladder.id, "beta": reference.beta}
    meta["report"] = dict(reference.meta["report"])
    kept = [
        name for name in reference.tensors if name.startswith(("points.", "factors.")) or name == "thumbs"
    ]
    tensors = {name: reference.tensors[name][:MAX_POINTS] for name in kept if name != "points.error"}
    tensors |= {name: array for name, array in reference.tensors.items() if name.startswith("decoder.")}
    if "factors" in reference.meta:
        meta["factors"] = reference.meta["factors"]
    return meta, tensors


def _described(ladder: Ladder, standing: Standing, reason: str) -> Meta:
    member = standing.member
    return {"beta": member.beta, "run": member.run, "title": ladder.shared, "reason": reason}


def _decoder(part: Part, own: bool) -> tuple[list[Meta], Tensors]:
    """A member's decoder with the turn undone in front; `own`: the reference's, which is the bundle's."""
    if own:
        return part.meta["decoder"], {}
    prefix = f"member.{part.place}."
    weights = {name: array for name, array in part.tensors.items() if name.startswith("decoder.")}
    # A layer computes x W^T, the member's own code is z R^T: the turn is the layer's weight as it stands.
    turn = f"{prefix}turn"
    specs = [{"op": "linear", "weight": turn}, *_renamed(part.meta["decoder"], prefix, weights)]
    named = {f"{prefix}{name}": array for name, array in weights.items()}
    return specs, {**named, turn: part.turn.astype(np.float32)}


def _renamed(specs: Any, prefix: str, weights: Mapping[str, Any]) -> Any:
    """Operations that find their tensors under the prefix."""
    if isinstance(specs, list):
        return [_renamed(spec, prefix, weights) for spec in specs]
    if isinstance(specs, dict):
        return {key: _renamed(value, prefix, weights) for key, value in specs.items()}
    return f"{prefix}{specs}" if isinstance(specs, str) and specs in weights else specs


def _report(parts: Sequence[Part], members: Sequence[Standing], reasons: Sequence[str]) -> Meta:
    """The curve, what is missing, advice: what a multi-rate model's report holds, from the members' own."""
    curve = []
    for part in parts:
        report = part.meta["report"]
        row = {"beta": part.beta, **{name: _number(report.get(name)) for name in CURVE}}
        curve.append(row | {"kl_per_dim": _divergences(part).tolist()})
    there = {part.place for part in parts}
    gaps = [
        f"The model at β {standing.member.beta:g} is missing: {reason}"
        for k, (standing, reason) in enumerate(zip(members, reasons))
        if k not in there
    ]
    ladder = {"rungs": len(parts), "error": None}
    return {"curve": curve, "health": gaps + _risen(curve), "advice": advise(curve), "ladder": ladder}


def _number(value: Any) -> Any:
    """The value, None for one that is no number: a report is a file."""
    return value if is_number(value) else None


def _risen(curve: Sequence[Meta]) -> list[str]:
    """A sentence for each pair of neighbours whose figures go the wrong way by more than twice their error.

    At the optimum a larger beta has no larger rate and no smaller distortion.
    """
    sentences = []
    for low, high in pairwise(curve):
        for name, sign, verb in (("rate", 1, "rises"), ("distortion", -1, "falls")):
            errors = (low[f"{name}_se"], high[f"{name}_se"])
            if None in (*errors, low[name], high[name]):
                continue
            if sign * (high[name] - low[name]) > 2 * math.hypot(*errors):
                sentences.append(
                    f"The {name} {verb} from β {low['beta']:g} to {high['beta']:g}, so one of these two "
                    "models is not trained to its best; more epochs or a warm start may help."
                )
    return sentences


def _divergences(part: Part) -> np.ndarray:
    """(Z,) mean KL divergence of each turned dimension to the prior, in nats, over the shown points."""
    mu, log_var = part.mu.astype(np.float64), part.log_var.astype(np.float64)
    return 0.5 * (np.square(mu) + np.exp(log_var) - 1 - log_var).mean(0)


def _small(data: bytes) -> bytes:
    """In half precision where that is worth it and holds the numbers."""
    if len(data) <= HALVED:
        return data
    try:
        return bundle.to_half(data)
    except PackError:
        return data
