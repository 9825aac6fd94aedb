"""What the whole server shares: the run store, the training service, what was read once."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from app import links
from vae_core import data
from vae_core.config import DataConfig
from vae_core.errors import LatentscapeError, PackError
from vae_core.explorer import bundle as bundles
from vae_core.explorer import extras as explorer_extras
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.settings import settings

if TYPE_CHECKING:
    from vae_core.jobs import TrainingService

_log = logging.getLogger(__name__)
KEPT = ("points.mu", "points.label", "points.index", "ladder.mu")  # tensors of a bundle that pages look at


def store() -> RunStore:
    return RunStore()  # holds two paths and nothing else


def trainer() -> "TrainingService":
    """The training service of this home; its cluster starts with the first training or `warm()`."""
    return _trainer(str(settings().home))


@st.cache_resource(show_spinner=False, on_release=lambda service: service.close())
def _trainer(home: str) -> "TrainingService":
    from vae_core.jobs import TrainingService  # Dask takes half a second, and Home needs none of it

    return TrainingService(store())


def bundle(run: Run) -> tuple[bytes, dict[str, Any]]:
    """A finished run's bundle, checked, and its description. Raises RunDamagedError or BundleError."""
    contents, meta, _ = _bundle(run, str(run.path), stamp(run))
    return contents, meta


def model(run: Run) -> links.Model:
    """What addresses of a finished run are checked against. Raises as `bundle`."""
    _, meta, points = _bundle(run, str(run.path), stamp(run))
    return model_of(meta, points)


def model_of(meta: Mapping[str, Any], points: Mapping[str, np.ndarray]) -> links.Model:
    """The same of a bundle's description and its points by name."""
    dial = None
    if "dial" in meta:
        low, high, beta = (meta["dial"][name] for name in ("low", "high", "beta"))
        dial = links.Dial(low, high, beta, np.array(meta["ladder"]["log_betas"]), points["ladder.mu"])
    return links.Model(meta["latent"], len(meta["labels"]), points["points.mu"], points["points.index"], dial)


@st.cache_resource(show_spinner=False, max_entries=32)
def _bundle(_run: Run, path: str, stamp: int) -> tuple[bytes, dict[str, Any], dict[str, np.ndarray]]:
    """Read once for all who ask: the bytes, the description, and the map's points by name."""
    contents = _run.bundle()
    return contents, *described(contents)


def described(contents: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A bundle's description, and the tensors by name that pages look at. Raises BundleError."""
    meta, tensors = bundles.read(contents)
    points = {name: tensors[name] for name in KEPT if name in tensors}
    return meta, {**points, "points.mu": points["points.mu"].astype(np.float32, copy=False)}


def codes(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Codes (N, Z) float32 and labels (N,), -1 where unknown, of a finished run's map. Raises as `bundle`."""
    _, _, points = _bundle(run, str(run.path), stamp(run))
    return points["points.mu"], points["points.label"]


def extras(run: Run) -> bytes:
    """The examples' pictures and the encoder, for the browser. What a damaged run lacks is left out."""
    return _extras(run, str(run.path), stamp(run))


@st.cache_resource(show_spinner=False, max_entries=16)
def _extras(_run: Run, path: str, stamp: int) -> bytes:
    return explorer_extras.extras(_run)


def starters(runs: Sequence[Run]) -> list[Run]:
    """Starters that can be opened; one that cannot is a matter for the log, not for a first page."""
    return [run for run in runs if run.starter and opens(run)]


def opens(run: Run) -> bool:
    """Whether the map of a run can be shown; the log says why not."""
    try:
        bundle(run)
    except LatentscapeError as error:
        _log.warning("%s: %s", run.id, error)
        return False
    return True


def export(run: Run) -> str:
    """Why the run cannot become an HTML file, empty where it can."""
    return _export(run, str(run.path), stamp(run))


@st.cache_resource(show_spinner=False, max_entries=64)
def _export(_run: Run, path: str, stamp: int) -> str:
    try:
        bundles.to_half(bundle(_run)[0])
    except PackError as error:
        return str(error)
    return ""


def pictures(run: Run, count: int) -> np.ndarray:
    """Evaluation pictures of a run, (n, C, H, W) uint8, of each class in turn; none before training."""
    return _pictures(run, str(run.path), stamp(run, "examples.safetensors"), count)


@st.cache_resource(show_spinner=False, max_entries=64)
def _pictures(_run: Run, path: str, stamp: int, count: int) -> np.ndarray:
    try:
        examples = _run.examples()
    except LatentscapeError:
        return np.zeros((0, 1, 1, 1), np.uint8)
    return examples.images[_in_turn(examples.labels)[:count]]


@st.cache_resource(show_spinner=False, max_entries=16)
def preview(source: str, count: int) -> np.ndarray:
    """Pictures of a data set, (n, C, H, W) uint8, of each class in turn."""
    dataset = data.load(DataConfig(source=source))
    if dataset.labels is None:
        return dataset.to_bytes(dataset.test[:count])
    return dataset.to_bytes(dataset.test[_in_turn(dataset.labels[dataset.test])[:count]])


def _in_turn(labels: np.ndarray) -> np.ndarray:
    """The order that takes the first picture of each class, then the second of each; labels (N,)."""
    turns = np.zeros(len(labels), dtype=np.int64)  # the how-manieth of its class each picture is
    for label in np.unique(labels):
        turns[labels == label] = np.arange((labels == label).sum())
    return np.lexsort((labels, turns))


def stamp(run: Run, name: str = "explorer.bundle") -> int:
    """A number that changes when that file of the run does."""
    try:
        return run.file(name).stat().st_mtime_ns
    except (FileNotFoundError, LatentscapeError):
        return 0
