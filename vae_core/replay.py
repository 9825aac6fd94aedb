"""How a run's latent cloud formed, moment by moment, so that it can be watched again. Needs no torch.

A latent space may be turned and mirrored at will: the prior N(0, I) and with it the objective stay as they
are. Each moment's cloud is therefore turned onto the one after it, from the end backwards, so that the last
one stands as the map of the run does and what moves on the way is what was learnt. The turn is about the
origin and has no scale: how wide a cloud is, and where, means something.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors.numpy import save

from vae_core.errors import ReplayError, RunDamagedError
from vae_core.events import Examples, Snapshot, Steered
from vae_core.explorer.extras import factor_for, pooled
from vae_core.ladder_bundle import procrustes
from vae_core.run import Run
from vae_core.steering import as_rows
from vae_core.storage import MEGA
from vae_core.thinning import MOST, superfluous

FORMAT = 1
POINTS = 2_000  # of a cloud
ROWS = 400  # of each curve
PICTURE_BYTES = 2 * MEGA  # of all originals, and of all reconstructions
CURVES = {"step": ("step", "distortion", "rate", "beta", "lr"), "epoch": ("step", "distortion", "rate")}
NEARLY_ALL = 0.98  # share of the points that is in sight; the farthest few may leave the picture
ROOM = 1.12  # around them
EASING = np.array([1, 2, 3, 2, 1]) / 9  # weights by which the size of the picture follows its neighbours'
GOLDEN = 0.6180339887  # multiples of it, without their whole part, lie evenly between 0 and 1
LEVELS = 32767  # of a coordinate, as it is packed


@dataclass(frozen=True)
class View:
    """One way to see the clouds in two dimensions."""

    name: str  # "turned": each turned onto the next; "axes": two dimensions as they were
    axes: tuple[str, ...]  # what its directions are called, one or two
    places: np.ndarray  # (T, N, 2) float32
    spans: np.ndarray  # (T,): half a side of the square to look at; never narrower than at the end


@dataclass(frozen=True)
class Replay:
    """All that is kept of how a run came about, moments ascending by step."""

    title: str
    steps: np.ndarray  # (T,) int64: steps done
    total: int  # steps that the time axis reaches to
    epochs: float  # the same in epochs
    is_live: bool  # it is still being trained
    views: tuple[View, ...]  # the first is what one should see first
    examples: Examples  # (N, ...) of the points
    reconstructions: np.ndarray  # (T, K, C, H, W) uint8: of the first K examples
    curves: Mapping[str, np.ndarray]  # by name such as "step.rate", as metrics.jsonl has them, thinned
    changes: tuple[Steered, ...]  # of its course, by hand


def moments(run: Run) -> Replay:
    """A run as it can be watched again, also while it is trained.

    Raises ReplayError where it kept nothing to watch, RunDamagedError.
    """
    is_live = run.state == "running"
    steps = run.snapshots()
    found = [shot for step in _kept(steps) if (shot := _snapshot(run, step))]
    if not found:
        reason = "came without the moments of its training" if run.starter else "has not begun to train"
        raise ReplayError(f"There is nothing to watch again: {run.title} {reason}. Choose another run.")
    examples = run.examples()
    _check(run, found, examples)
    rows = run.metrics()
    total, epochs = _extent(run, rows, found[-1].step, is_live)
    return Replay(
        run.title,
        np.array([shot.step for shot in found]),
        total,
        epochs,
        is_live,
        views([shot.mu[:POINTS] for shot in found], found[-1].log_var),
        _first(examples, POINTS),
        np.stack([shot.reconstructions for shot in found]),
        curves(rows),
        tuple(change for change in run.changes() if change.step <= total),
    )


def views(clouds: Sequence[np.ndarray], log_var: np.ndarray) -> tuple[View, ...]:
    """Clouds (N, Z), in order of time, in two dimensions; `log_var` (N, Z) belongs to the last.

    Up to two dimensions are shown as they are once turned; of more their two principal directions at the
    end, through the origin. The second view has the two dimensions of the highest rate, not turned.
    """
    latent = clouds[-1].shape[1]
    turned = aligned(clouds)
    if latent == 1:
        height = (np.arange(len(clouds[-1])) * GOLDEN) % 1 * 2 - 1  # only keeps points apart
        return (_view("turned", ("z1",), [np.column_stack([cloud[:, 0], height]) for cloud in turned]),)
    axes = _informative(clouds[-1], log_var)
    as_it_was = _view("axes", tuple(f"z{axis + 1}" for axis in axes), [cloud[:, axes] for cloud in clouds])
    if latent == 2:
        return _view("turned", as_it_was.axes, turned), as_it_was
    directions = principal(clouds[-1])
    names = ("PCA 1", "PCA 2")
    return _view("turned", names, [cloud @ directions for cloud in turned]), as_it_was


def aligned(clouds: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each cloud (N, Z) turned onto the one after it, rows being the same examples; the last as it is.

    By the orthogonal matrix nearest in least squares about the origin (`ladder_bundle.procrustes`).
    """
    made = [clouds[-1].astype(np.float64)]
    for cloud in reversed(clouds[:-1]):
        made.append(cloud.astype(np.float64) @ procrustes(cloud, made[-1]))
    return made[::-1]


def principal(cloud: np.ndarray) -> np.ndarray:
    """The two directions (Z, 2), orthonormal, in which a cloud (N, Z) spreads most about its mean.

    The largest entry of each is positive.
    """
    away = cloud.astype(np.float64) - cloud.mean(0)
    _, vectors = np.linalg.eigh(away.T @ away)  # ascending
    chosen = vectors[:, :-3:-1]
    largest = np.take_along_axis(chosen, np.abs(chosen).argmax(0)[None], 0)
    return chosen * np.where(largest < 0, -1, 1)


def spans(places: np.ndarray) -> np.ndarray:
    """Half a side of the square to look at, (T,), for places (T, N, 2): calm, and as wide as is needed."""
    reach = np.quantile(np.abs(places).max(2), NEARLY_ALL, axis=1) * ROOM  # (T,)
    wanted = np.maximum(reach, max(reach[-1], 1e-3))
    half = len(EASING) // 2
    padded = np.pad(wanted, 2 * half, mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, len(EASING)).max(1)
    return np.convolve(widest, EASING, "valid")


def curves(rows: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Rows of metrics.jsonl as arrays by kind and name, float32, at most `ROWS` of each kind, dense early."""
    made = {}
    for kind, names in CURVES.items():
        whole = [
            row for row in rows if row.get("kind") == kind and all(_is_number(row.get(n)) for n in names)
        ]
        chosen = _thinned([row["step"] for row in whole])
        for name in names:
            made[f"{kind}.{name}"] = np.array([whole[k][name] for k in chosen], np.float32)
    return made


def pack(replay: Replay, title: str | None = None) -> bytes:
    """One safetensors file for the browser, as compact as it looks the same; `web/replay_data.js` reads it.

    Coordinates are whole numbers, `meta.views[v].scale` apart; pictures are made smaller where they are many.
    """
    meta: dict[str, Any] = {
        "format": FORMAT,
        "kind": "replay",
        "title": title or replay.title,
        "total": replay.total,
        "epochs": replay.epochs,
        "live": replay.is_live,
        "labels": list(replay.examples.label_names),
        "changes": as_rows(replay.changes),
        "shape": list(replay.examples.images.shape[1:]),
        "views": [],
    }
    tensors = {"steps": replay.steps.astype(np.int32), "labels": replay.examples.labels.astype(np.int16)}
    for number, view in enumerate(replay.views):
        scale = float(np.abs(view.places).max()) / LEVELS or 1.0
        tensors[f"places.{number}"] = np.rint(view.places / scale).astype(np.int16)
        meta["views"].append(
            {"name": view.name, "axes": view.axes, "scale": scale, "spans": view.spans.round(4).tolist()}
        )
    tensors["originals"] = _small(replay.examples.images)
    shape = replay.reconstructions.shape
    small = _small(replay.reconstructions.reshape(-1, *shape[2:]))
    tensors["reconstructions"] = small.reshape(*shape[:2], *small.shape[1:])
    tensors |= {f"curves.{name}": values for name, values in replay.curves.items()}
    note = json.dumps(meta, ensure_ascii=False, allow_nan=False)
    return save({name: np.ascontiguousarray(t) for name, t in tensors.items()}, {"latentscape": note})


def _view(name: str, axes: tuple[str, ...], clouds: Sequence[np.ndarray]) -> View:
    places = np.stack(clouds).astype(np.float32)
    return View(name, axes, places, spans(places))


def _informative(mu: np.ndarray, log_var: np.ndarray) -> list[int]:
    """The two dimensions of the highest mean rate, ascending; both arguments (N, Z)."""
    rate = (np.square(mu) + np.exp(log_var[: len(mu)]) - 1 - log_var[: len(mu)]).mean(0)
    return sorted(int(axis) for axis in np.argsort(-rate, kind="stable")[:2])


def _kept(steps: Sequence[int]) -> list[int]:
    """Steps to read: a folder from elsewhere may hold any number."""
    spread = [steps[round(k * (len(steps) - 1) / (4 * MOST))] for k in range(4 * MOST + 1)] if steps else []
    few = sorted(set(spread))
    gone = set(superfluous(few))
    return [step for step in few if step not in gone]


def _snapshot(run: Run, step: int) -> Snapshot | None:
    """None where whoever trains the run has just thinned it out."""
    try:
        return run.snapshot(step)
    except RunDamagedError:
        if step in run.snapshots():
            raise
        return None


def _check(run: Run, found: Sequence[Snapshot], examples: Examples) -> None:
    """Raises RunDamagedError where moments and examples do not belong together."""
    shapes = {shot.mu.shape for shot in found}
    drawn = {(shot.reconstructions.shape, shot.reconstructions.dtype) for shot in found}
    count, pictures = len(examples.images), found[0].reconstructions
    if (
        len(shapes) > 1
        or len(drawn) > 1
        or not 0 < len(pictures) <= count == len(found[0].mu)
        or pictures.shape[1:] != examples.images.shape[1:]
        or pictures.dtype != np.uint8
    ):
        raise RunDamagedError(f"Run {run.id} is damaged: its snapshots do not match its examples. Delete it.")


def _extent(run: Run, rows: Sequence[Mapping[str, Any]], last: int, is_live: bool) -> tuple[int, float]:
    """How far the time axis reaches: steps and epochs. Of a run that is over it ends where that did."""
    planned = run.about.get("total_steps")
    whole = planned if type(planned) is int and 0 < planned >= last else max(last, 1)
    reached = max([last, *(row["step"] for row in rows)])
    total = whole if is_live else min(whole, max(reached, 1))
    return total, run.config.training.epochs * total / whole


def _first(examples: Examples, count: int) -> Examples:
    return Examples(
        examples.images[:count],
        examples.labels[:count],
        examples.index[:count],
        examples.label_names,
        examples.data,
    )


def _thinned(steps: Sequence[int]) -> list[int]:
    """Which of ascending steps stay, evenly in the square root of the step as snapshots are."""
    if len(steps) <= ROWS:
        return list(range(len(steps)))
    wanted = np.linspace(steps[0] ** 0.5, steps[-1] ** 0.5, ROWS) ** 2
    return np.unique(np.clip(np.searchsorted(steps, wanted), 0, len(steps) - 1)).tolist()


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e30


def _small(pictures: np.ndarray) -> np.ndarray:
    """(M, C, H, W) uint8, averaged down to `PICTURE_BYTES`."""
    return pooled(pictures, factor_for(pictures.shape, PICTURE_BYTES))
