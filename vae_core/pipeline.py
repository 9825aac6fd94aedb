"""A whole run, as command line and worker execute it: data, training, held-out report, browser bundle."""

import platform
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vae_core import data, latent
from vae_core.along_beta import AlongBeta, along_beta
from vae_core.checks import check, parameter_count
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.data import Dataset
from vae_core.events import Arrays, Checkpoint, Event, Finished, Started, Steered, Stopped
from vae_core.metrics.elbo import held_out, squared_errors
from vae_core.metrics.neighbours import accuracy
from vae_core.models import VAE, MultiRate, at_beta, build, rebuild
from vae_core.products import ONEDNN, precision
from vae_core.training import Outcome, Plan, train

__all__ = ["check", "evaluate", "execute"]

WATCHED = 2_000  # held-out pictures that snapshots show, the first ones on the finished map
PART = 1_000  # pictures at a time, so that a map of 100,000 needs little memory


def execute(
    config: RunConfig,
    checkpoint: Checkpoint | None = None,
    control: Control | None = None,
    dataset: Dataset | None = None,
    run: str = "",
    changes: Sequence[Steered] = (),
) -> Iterator[Event]:
    """Events of the run from Started to Finished, Stopped or Diverged (see `vae_core.events`).

    `run` is its id, written into the bundle; `changes` of its course are those of a run that is repeated
    (`Run.changes`). Sets torch's number of threads. Raises ConfigError at once where
    settings do not go together; later DataError, PackError, RunDamagedError (the checkpoint does not fit).
    """
    check(config, dataset)
    return _execute(config, checkpoint, control, dataset, run, changes)


def _execute(
    config: RunConfig,
    checkpoint: Checkpoint | None,
    control: Control | None,
    dataset: Dataset | None,
    run: str,
    changes: Sequence[Steered],
) -> Iterator[Event]:
    torch.set_num_threads(config.training.threads)
    control = control or Control()
    if dataset is None:
        dataset = data.load(config.data)
        check(config, dataset)
    watched = _watched(dataset, config)
    images = torch.from_numpy(dataset.to_unit(dataset.train))  # (N, C, H, W)
    betas = (config.objective.beta_low, config.objective.beta_high)
    model = build(config.model, dataset.shape, images.mean(0), config.training.seed, betas)
    yield Started(
        images=dataset.to_bytes(watched),
        labels=_labels(dataset, watched),
        index=watched,
        label_names=dataset.label_names,
        data=_about(dataset),
        total_steps=Plan.of(config, len(images)).steps,
        environment=environment(config, dataset.shape),
    )
    evaluation = torch.from_numpy(dataset.to_unit(watched))
    outcome = yield from train(config, model, images, evaluation, checkpoint, control, changes)
    if outcome is None:
        return
    shown = _shown(dataset, watched, config)
    beyond = None
    if isinstance(model, MultiRate):
        beyond = along_beta(model, config, dataset, shown, lambda: control.wait() == "stop")
        if beyond is None:
            yield Stopped(outcome.step)
            return
    yield _finished(config, model, dataset, watched, shown, outcome, run, beyond)


def evaluate(config: RunConfig, weights: Arrays, dataset: Dataset | None = None) -> dict[str, Any]:
    """Held-out figures on the whole test split, as in report.json but for what the training itself adds.

    Sets torch's number of threads, as the last digits depend on it.
    Raises DataError, and RunDamagedError where the weights do not fit the config.
    """
    torch.set_num_threads(config.training.threads)
    dataset = data.load(config.data) if dataset is None else dataset
    return _report(at_beta(rebuild(config.model, weights), config.beta), dataset)


def environment(config: RunConfig, shape: tuple[int, int, int]) -> dict[str, Any]:
    """What the last bits of a run on pictures of `shape` (C, H, W) depend on besides its config."""
    return {
        "torch": str(torch.__version__),  # its own kind of text would pull torch into whoever reads it
        "python": platform.python_version(),
        "processor": _processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "precision": precision(config, shape),
        "products": "oneDNN" if ONEDNN else "torch",
    }


def _finished(
    config: RunConfig,
    trained: VAE,
    dataset: Dataset,
    watched: np.ndarray,
    shown: np.ndarray,
    outcome: Outcome,
    run: str,
    beyond: AlongBeta | None,
) -> Finished:
    from vae_core.explorer import pack

    weights = {name: tensor.numpy().copy() for name, tensor in trained.state_dict().items()}
    model = at_beta(trained, config.beta)
    report = {
        **_report(model, dataset),
        **(beyond.figures if beyond else {}),
        "seconds": outcome.seconds,
        "steps": outcome.step,
        "parameters": parameter_count(config.model, dataset.shape),
        "stopped_early": outcome.stopped_early,
    }
    mu, log_var, error = _encoded(model, dataset, shown)
    bundle = pack.pack_model(
        trained,
        title=config.title(),
        run=run,
        data=_about(dataset),
        beta=outcome.beta,
        mu=mu,
        log_var=log_var,
        labels=_labels(dataset, shown),
        index=shown,
        label_names=dataset.label_names,
        kl=np.array(report["kl_per_dim"]),
        report=report,
        factors={name: values[shown] for name, values in dataset.factors.items()},
        error=error,
        ladder=beyond.ladder if beyond else None,
    )
    count = len(watched)
    return Finished(outcome.step, weights, mu[:count], log_var[:count], report, bundle)


def _encoded(model: VAE, dataset: Dataset, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and log-variances (N, Z) of these pictures and the squared error (N,) of a pixel value at mu."""
    parts = []
    for start in range(0, len(indices), PART):
        images = dataset.to_unit(indices[start : start + PART])
        mu, log_var = latent.encode(model, images)
        error = squared_errors(model, torch.from_numpy(images), torch.from_numpy(mu)).numpy()
        parts.append((mu, log_var, error))
    mu, log_var, error = (np.concatenate(arrays) for arrays in zip(*parts))
    return mu, log_var, error


def _report(model: VAE, dataset: Dataset) -> dict[str, Any]:
    """Figures over the whole test split."""
    images = dataset.to_unit(dataset.test)
    mu, log_var = latent.encode(model, images)
    return {**held_out(model, images, mu, log_var), "accuracy": accuracy(model, dataset, dataset.test, mu)}


def _watched(dataset: Dataset, config: RunConfig) -> np.ndarray:
    """Numbers of the held-out pictures that snapshots show, ascending: 2,000, or as few as on the map."""
    count = min(WATCHED, config.data.map_points)
    if len(dataset.test) <= count:
        return dataset.test
    return np.sort(np.random.default_rng(config.data.split_seed).choice(dataset.test, count, replace=False))


def _shown(dataset: Dataset, watched: np.ndarray, config: RunConfig) -> np.ndarray:
    """Numbers of the pictures on the finished map: the watched ones; if more than those are wanted, the rest
    of the test split and then training pictures, each in random order, so that any cut is a fair sample.

    A multi-rate model shows the watched ones alone, since they travel once for every rung of its ladder.
    """
    if config.data.map_points <= WATCHED or config.model.kind == "multirate":
        return watched
    generator = np.random.default_rng((config.data.split_seed, 1))
    rest = generator.permutation(np.setdiff1d(dataset.test, watched))
    more = np.concatenate([rest, generator.permutation(dataset.train)])
    return np.concatenate([watched, more[: config.data.map_points - len(watched)]])


def _labels(dataset: Dataset, indices: np.ndarray) -> np.ndarray:
    """(n,) int64, -1 where unknown."""
    return np.full(len(indices), -1) if dataset.labels is None else dataset.labels[indices]


def _about(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "title": dataset.title,
        "source": dataset.source,
        "licence": dataset.licence,
        "checksum": dataset.checksum,
        "train": len(dataset.train),
        "test": len(dataset.test),
    }


def _processor() -> str:
    """The processor's name as the system gives it; Linux hides it from `platform`."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
