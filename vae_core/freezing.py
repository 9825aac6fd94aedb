"""Freezing: a multi-rate run at one beta becomes an ordinary run, as if that beta had been trained alone.

The dial is folded into the weights (`MultiRate.at`). Everything is measured on the run's own examples, since
the data may not be on this machine: `n` in the report says how many they are, and the accuracy, which takes
training pictures, is left out. Imports torch only when something is frozen.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.config import RunConfig
from vae_core.errors import ConfigError, RunDamagedError, RunError
from vae_core.events import Arrays, Finished, Started
from vae_core.explorer import bundle
from vae_core.run import Examples, Run
from vae_core.runs import Recorder, RunStore

if TYPE_CHECKING:
    from vae_core.models import VAE

NAME = 80  # characters of a run's name
SLACK = 1e-6  # of a beta, beyond the ends of the range
CARRIED = ("seconds", "steps", "stopped_early")  # of the report: what the training of all betas took

Share = Callable[[float], object]


def freeze(run: Run, beta: float, store: RunStore, owner: str = "", tell: Share = lambda share: None) -> Run:
    """A new finished run in `store` that is `run` at `beta`; its run.json says so under "frozen".

    It appears whole or not at all. `tell` is called with the share done, from 0 to 1. Raises ConfigError for
    a beta outside the range, RunError for a run that has one beta or is not finished, RunDamagedError and
    BundleError for one that is not whole, StorageError.
    """
    beta = _within(run, beta)
    report, examples = run.report(), run.examples()
    drawn = bundle.read(run.bundle())
    tell(0.1)
    config, environment = frozen(run.config, beta), run.about.get("environment", {})

    def fill(made: Run) -> None:
        finished = _measured(run, config, examples, report, drawn, made.id.removeprefix("."), tell)
        made.about["frozen"] = {"run": run.id, "beta": beta}
        recorder = Recorder(made)
        recorder.write(Started(**vars(examples), total_steps=finished.step, environment=environment))
        recorder.note("frozen", run=run.id, beta=beta)
        recorder.write(finished)

    made = store.create(config, owner, fill)
    tell(1.0)
    return made


def frozen(config: RunConfig, beta: float) -> RunConfig:
    """The settings of a multi-rate run at one beta, named after it and the beta. Raises ConfigError."""
    return _named(config, beta, ", frozen")


def alone(config: RunConfig, beta: float) -> RunConfig:
    """Settings to train that one beta by itself, all else as in a multi-rate run. Raises ConfigError."""
    return _named(config, beta, ", alone")


def _named(config: RunConfig, beta: float, note: str) -> RunConfig:
    """An ordinary VAE of this one beta, all else as in `config`; named, since a list shows several of one."""
    single = config.override({"model.kind": "vae", "objective.beta": beta, "name": ""})
    end = f"{f' · β {beta:.4g}' if config.name else ''}{note}"
    return single.override({"name": (config.name or single.title())[: NAME - len(end)] + end})


def _within(run: Run, beta: float) -> float:
    """`beta` itself, or the end of the range that it is next to."""
    config = run.config
    if config.model.kind != "multirate":
        raise RunError(
            f"Run {run.id} was trained with one beta, so there is nothing to freeze; "
            "it can be explored and exported as it is."
        )
    low, high = config.objective.beta_low, config.objective.beta_high
    if not low * (1 - SLACK) <= beta <= high * (1 + SLACK):
        raise ConfigError(
            f"Beta is {beta:g}; run {run.id} learned {low:g} to {high:g}, so choose one of these."
        )
    return min(max(beta, low), high)


def _measured(
    run: Run,
    config: RunConfig,
    examples: Examples,
    report: dict[str, Any],
    drawn: tuple[dict[str, Any], Arrays],
    name: str,
    tell: Share,
) -> Finished:
    """The end of a training that never was: weights, codes, figures and bundle of the run `name`."""
    import torch

    from vae_core import latent
    from vae_core.explorer.pack import pack_model
    from vae_core.metrics.elbo import held_out, squared_errors
    from vae_core.sizes import parameter_count

    torch.set_num_threads(config.training.threads)
    model = _model(run, config.beta, examples)
    tell(0.3)
    images = latent.unit_tensor(examples.images)  # (N, C, H, W)
    mu, log_var = latent.encode(model, examples.images)
    figures = {
        **held_out(model, examples.images, mu, log_var),
        "accuracy": None,
        **{key: report[key] for key in CARRIED if key in report},
        "parameters": parameter_count(config.model, model.shape),
    }
    tell(0.7)
    packed = pack_model(
        model,
        title=config.title(),
        run=name,
        data=examples.data,
        beta=config.beta,
        mu=mu,
        log_var=log_var,
        labels=examples.labels,
        index=examples.index,
        label_names=examples.label_names,
        kl=np.array(figures["kl_per_dim"]),
        report=figures,
        factors=_factors(drawn, examples.index),
        error=squared_errors(model, images, torch.from_numpy(mu)).numpy(),
    )
    weights = {key: tensor.numpy().copy() for key, tensor in model.state_dict().items()}
    steps = report.get("steps")
    return Finished(steps if type(steps) is int else 0, weights, mu, log_var, figures, packed)


def _model(run: Run, beta: float, examples: Examples) -> "VAE":
    """The run's model at one beta. Raises RunDamagedError where weights or examples do not fit."""
    from vae_core.models import at_beta, stored_model

    model = at_beta(stored_model(run), beta)
    if examples.images.shape[1:] != tuple(model.shape):
        raise RunDamagedError(
            f"Run {run.id} is damaged: its examples are of another size than its model draws. "
            "Bring examples.safetensors back from a copy."
        )
    return model


def _factors(drawn: tuple[dict[str, Any], Arrays], index: np.ndarray) -> Arrays:
    """What the run's bundle knows of how its examples were made; nothing where it shows other ones."""
    meta, tensors = drawn
    if not np.array_equal(tensors["points.index"][: len(index)], index):
        return {}
    return {name: tensors[f"factors.{k}"][: len(index)] for k, name in enumerate(meta.get("factors", []))}
