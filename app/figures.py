"""The picture of a training in progress: arrays of a run -> bytes -> `training_view.js`. Knows no torch.

Drawn on canvases of our own: points glide from one snapshot to the next, and nothing has to be loaded in the
two seconds that a training may last.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.ghost import Ghost
from vae_core.events import Snapshot
from vae_core.explorer.build import WEB
from vae_core.runs import Examples
from vae_core.training_health import Note

HERE = Path(__file__).parent
PICTURES = 10  # columns of originals and reconstructions
CURVES = 8  # rate-distortion curves of a multi-rate model that are drawn, the newest and fainter earlier ones

SCRIPTS = (  # one scope
    WEB / "palette.js",
    HERE / "training_drawing.js",
    HERE / "training_plane.js",
    HERE / "training_marks.js",
    HERE / "training_view.js",
)

_component = st.components.v2.component(
    "latentscape_training",
    html='<div class="training"></div>',
    css=(HERE / "training_view.css").read_text("utf-8"),
    js="".join(path.read_text("utf-8") for path in SCRIPTS),
)


def training(
    key: str,
    rows: Sequence[Mapping[str, Any]],
    snapshot: Snapshot | None,
    examples: Examples | None,
    total: int,
    epochs: float,
    ghost: Ghost | None = None,
    notes: Sequence[Note] = (),
    has_range: bool = False,
) -> None:
    """Curves of distortion and rate, the cloud of encoded pictures, reconstructions.

    `rows` are those of metrics.jsonl, `total` and `epochs` the steps and epochs of the whole run; `ghost`
    lies under its curves. What is not there yet keeps its place; `notes` come where nothing moves for them.
    One that `has_range` learns every beta of a range, and is to have a curve of rate and distortion.
    """
    _component(key=key, data=pack(rows, snapshot, examples, total, epochs, ghost, notes, has_range))


def pack(
    rows: Sequence[Mapping[str, Any]],
    snapshot: Snapshot | None,
    examples: Examples | None,
    total: int,
    epochs: float,
    ghost: Ghost | None = None,
    notes: Sequence[Note] = (),
    has_range: bool = False,
) -> bytes:
    """One line of JSON that names the arrays, then their bytes."""
    head: dict[str, Any] = {"total": total, "epochs": epochs, "axes": [], "curves": forming(rows)}
    head["steered"] = [
        [row["step"], row.get("beta"), row.get("lr")] for row in rows if row.get("kind") == "steered"
    ]
    head["ranged"] = has_range
    head["notes"] = [[note.text, note.advice] for note in notes]
    arrays: dict[str, np.ndarray] = {}
    for kind in ("step", "epoch"):
        chosen = [row for row in rows if row.get("kind") == kind]
        for name in ("step", "distortion", "rate"):
            arrays[f"{kind}.{name}"] = np.array([_number(row.get(name)) for row in chosen], np.float32)
    if ghost is not None:
        head["ghost"] = {"label": ghost.label, "held": ghost.held}
        arrays |= {f"ghost.{name}": getattr(ghost, name) for name in ("epoch", "distortion", "rate")}
    if snapshot is not None:
        axes = informative_axes(snapshot.mu, snapshot.log_var)
        head["axes"], head["seen"] = axes, snapshot.step
        arrays["points"] = np.ascontiguousarray(snapshot.mu[:, axes], np.float32)  # (N, 1 or 2)
        arrays["reconstructions"] = snapshot.reconstructions[:PICTURES]  # (K, C, H, W)
    if examples is not None:
        head["labels"] = list(examples.label_names)
        arrays["classes"] = examples.labels.astype(np.float32)  # (N,)
        arrays["originals"] = examples.images[:PICTURES]  # (K, C, H, W)
    return _joined(head, arrays)


def _number(value: Any) -> float:
    """Not a number for whatever a run from elsewhere may hold in its place."""
    return float(value) if type(value) in (int, float) and abs(value) < 1e30 else math.nan


def forming(rows: Sequence[Mapping[str, Any]]) -> list[list[list[float]]]:
    """Curves of [beta, distortion, rate], oldest first, of epochs that have one; at most `CURVES` of them."""
    curves = [curve for row in rows if row.get("kind") == "epoch" and _is_curve(curve := row.get("curve"))]
    chosen = np.linspace(0, len(curves) - 1, min(CURVES, len(curves))).round().astype(int)
    return [curves[k] for k in chosen]


def _is_curve(curve: Any) -> bool:
    return (
        isinstance(curve, list)
        and len(curve) > 1
        and all(
            isinstance(point, list)
            and len(point) == 3
            and all(isinstance(value, int | float) and math.isfinite(value) for value in point)
            for point in curve
        )
    )


def informative_axes(mu: np.ndarray, log_var: np.ndarray) -> list[int]:
    """The two dimensions of the highest mean rate, ascending; both arguments (N, Z).

    The rate of a dimension is KL(N(mu, var) || N(0, 1)) = (mu² + var − 1 − log var) / 2 (Kingma and Welling,
    2014, appendix B).
    """
    kl = (mu**2 + np.exp(log_var) - 1 - log_var).mean(0) / 2  # (Z,)
    return sorted(int(axis) for axis in np.argsort(-kl, kind="stable")[:2])


def _joined(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """Floats first, so that each array begins where the browser may view it."""
    order = sorted(arrays, key=lambda name: -arrays[name].itemsize)
    head["arrays"] = [[name, arrays[name].dtype.str, list(arrays[name].shape)] for name in order]
    return json.dumps(head).encode() + b"\n" + b"".join(arrays[name].tobytes() for name in order)
