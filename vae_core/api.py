"""The library in a dozen names, importable from `vae_core`:

from vae_core import decode, encode, export_html, fit, interpolate, load, load_data, save

data = load_data("digits")                            # pictures, labels, a held-out part
run = fit("digits", progress=print)                   # or a RunConfig; two seconds
mu, log_var = encode(run.model, data.images[data.test])
path = interpolate(mu[0], mu[1], 9)                   # from one digit to another in nine steps
pictures = decode(run.model, path)                    # (9, 1, 8, 8)
save(run, "my-run")                                   # a folder: JSON and safetensors
run = load("my-run")                                  # or the folder of any stored run
export_html(run, "digits.html")                       # one file, works offline
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_core import data
from vae_core.config import DataConfig, RunConfig
from vae_core.data import Dataset
from vae_core.errors import DivergedError, RunError, RunNotFoundError
from vae_core.events import Diverged, Finished, Step
from vae_core.explorer import page
from vae_core.explorer.page_parts import Inside
from vae_core.models import VAE, rebuild, stored_model
from vae_core.pipeline import execute
from vae_core.recipes import recommended
from vae_core.run import Run
from vae_core.storage import make_folder, write_atomic, write_json, write_tensors


@dataclass(frozen=True)
class Fitted:
    """A trained model with what made it and what it is worth."""

    config: RunConfig
    model: VAE
    report: dict[str, Any]  # held-out figures as in report.json; empty for a run that has not finished
    bundle: bytes  # for the browser; empty for a run that has not finished


def load_data(source: str | DataConfig) -> Dataset:
    """A data set by its name, or as a DataConfig says. Never downloads.

    Raises DataMissingError, which says how to get it, and DataError.
    """
    return data.load(recommended(source).data if isinstance(source, str) else source)


def fit(
    config: RunConfig | str,
    dataset: Dataset | None = None,
    progress: Callable[[Step], object] | None = None,
) -> Fitted:
    """Train, with a config or with the recommended one of a source. `dataset` replaces the config's source.

    `progress` is called with each row of the curves, some 400 times.
    Raises ConfigError, DataError, DivergedError.
    """
    config = recommended(config) if isinstance(config, str) else config
    for event in execute(config, dataset=dataset):
        if isinstance(event, Step) and progress:
            progress(event)
        if isinstance(event, Diverged):
            raise DivergedError(
                f"Training diverged: {event.reason} It had gone back once and halved its learning rate; "
                "choose a smaller training.lr."
            )
        if isinstance(event, Finished):
            return Fitted(config, rebuild(config.model, event.weights), event.report, event.bundle)
    raise AssertionError("a training that nobody stops ends finished or diverged")


def save(fitted: Fitted, folder: str | Path) -> Path:
    """Write config.json, model.safetensors and what else there is into a folder. Raises StorageError."""
    folder = Path(folder)
    make_folder(folder)
    write_atomic(folder / "config.json", fitted.config.to_json().encode())
    weights = {name: tensor.numpy() for name, tensor in fitted.model.state_dict().items()}
    write_tensors(folder / "model.safetensors", weights, {})
    if fitted.report:
        write_atomic(folder / "explorer.bundle", fitted.bundle)
        write_json(folder / "report.json", fitted.report)
    return folder


def load(folder: str | Path) -> Fitted:
    """What `save` wrote, or the folder of any stored run; an interrupted one gives its latest weights.

    Raises RunNotFoundError, RunDamagedError.
    """
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise RunNotFoundError(f"There is no folder {folder}.")
    run = Run(folder)
    finished = (folder / "report.json").exists()
    model = stored_model(run)
    return Fitted(run.config, model, run.report() if finished else {}, run.bundle() if finished else b"")


def export_html(fitted: Fitted, path: str | Path, title: str | None = None) -> Path:
    """The explorer of a model as one HTML file that needs no network. Raises RunError, StorageError."""
    if not fitted.bundle:
        raise RunError("The run has not finished, so there is no map to export yet; resume it first.")
    path = Path(path)
    write_atomic(path, page.html(fitted.bundle, title, fitted.config, inside=Inside(place={})).encode())
    return path
