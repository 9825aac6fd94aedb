"""What happens during a training run, in order. Arrays are numpy, so that a reader needs no torch.

`training.train` yields them, `runs.Recorder` writes them to disk, `jobs` carries them between processes.
Distortion and rate are means in nats per example throughout.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]

RAW = ".raw"  # ends the names, among a checkpoint's optimiser state, of weights whose average is kept


@dataclass(frozen=True)
class Started:
    """First event of every attempt: what the run will be looked at with."""

    images: np.ndarray  # (N, C, H, W) uint8: the evaluation subset, at most 2,000 held-out pictures
    labels: np.ndarray  # (N,) int64, -1 where unknown
    index: np.ndarray  # (N,) int64: their numbers in the data set
    label_names: tuple[str, ...]
    data: dict[str, Any]  # title, source, licence, checksum, counts
    total_steps: int
    environment: dict[str, Any]  # torch, python, processor, threads, precision


@dataclass(frozen=True)
class Examples:
    """The evaluation pictures of a stored run, as in Started."""

    images: np.ndarray  # (N, C, H, W) uint8
    labels: np.ndarray  # (N,) int64, -1 where unknown
    index: np.ndarray  # (N,) int64
    label_names: tuple[str, ...]
    data: dict[str, Any]  # title, source, licence, checksum, counts


@dataclass(frozen=True)
class Step:
    """A row of the curves: means over the steps since the row before.

    A multi-rate model's are means over all betas, and so no point of its rate-distortion curve.
    """

    step: int  # steps done
    epoch: float
    distortion: float
    rate: float
    beta: float  # in force at this step (warm-up); of a multi-rate model the one it opens at
    lr: float
    seconds: float  # of training alone, evaluation left out


@dataclass(frozen=True)
class Epoch:
    """Held-out figures on the evaluation subset, one latent sample each; at the run's beta.

    The last four, for `training_health`, are None where a model has no such thing.
    """

    step: int
    epoch: float
    distortion: float
    rate: float
    seconds: float
    curve: list[list[float]] | None = None  # of a multi-rate model: [beta, distortion, rate], beta ascending
    rates: list[float] | None = None  # nats of each latent dimension
    sigma: float | None = None  # standard deviation that all pixels share, where it is learned
    floored: float | None = None  # share of the decoder's variances of single pixels at their floor
    silent: list[list[Any]] | None = None  # of each ReLU: [layer, units that gave 0 throughout, units]


@dataclass(frozen=True)
class Snapshot:
    """The latent cloud at one moment, for the live view and the replay."""

    step: int
    mu: np.ndarray  # (N, Z) float32
    log_var: np.ndarray  # (N, Z) float32
    reconstructions: np.ndarray  # (K, C, H, W) uint8: of the first K evaluation pictures


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on from `step` bit for bit. The first has step 0."""

    step: int
    weights: Arrays
    optimizer: Arrays
    progress: dict[str, Any]  # JSON-able; what the loop needs besides tensors


@dataclass(frozen=True)
class RolledBack:
    """A loss was not finite: training went back to `step` with the learning rate scaled."""

    step: int  # gone back to
    failed_step: int
    lr_scale: float
    reason: str


@dataclass(frozen=True)
class Steered:
    """Somebody changed the course, or a change of before is repeated; None where it stays as it is."""

    step: int  # steps done before the first one that it bears on
    beta: float | None = None
    lr: float | None = None  # factor on the learning rate of the schedule


@dataclass(frozen=True)
class Stopped:
    """Asked to stop; the checkpoint before this event holds everything."""

    step: int


@dataclass(frozen=True)
class Diverged:
    """Not finite again after the roll-back. The weights are the last good ones."""

    step: int
    reason: str
    weights: Arrays


@dataclass(frozen=True)
class Finished:
    """The end: weights, final encodings of the evaluation subset, held-out report, browser bundle."""

    step: int
    weights: Arrays
    mu: np.ndarray  # (N, Z) float32
    log_var: np.ndarray  # (N, Z) float32
    report: dict[str, Any] = field(default_factory=dict)
    bundle: bytes = b""


Event = Started | Step | Epoch | Snapshot | Checkpoint | RolledBack | Steered | Stopped | Diverged | Finished


def row(number: int, event: Step | Epoch | Steered) -> dict[str, Any]:
    """An event as a row of metrics.jsonl: its number, its kind, and the fields that it has."""
    kind = type(event).__name__.lower()
    fields = {key: value for key, value in asdict(event).items() if value is not None}
    return {"n": number, "kind": kind, **fields}
