"""That a run from elsewhere is whole: all of it read as it is read later, every array fitting the settings.

Needs torch, which knows the shapes of nets.
"""

import numpy as np

from vae_core.averaging import Average
from vae_core.errors import CarryError, RunDamagedError
from vae_core.explorer import bundle
from vae_core.explorer.operations import decoder_ops
from vae_core.models import VAE, rebuild, stored_model
from vae_core.optimizer import Adam
from vae_core.run import CHECKPOINT, Run

FARTHEST, WIDEST = 1e9, 80.0  # of a mean and a log-variance: their squares and exponentials are finite


def check(run: Run) -> None:
    """Raises CarryError, RunDamagedError, RunError, BundleError."""
    if run.state == "damaged":
        raise RunDamagedError(f"Run {run.id} is damaged: {run.reason}.")
    for _ in run.rows():  # one at a time: they may be many
        pass
    run.changes()
    if not run.file("examples.safetensors").exists():
        return  # it had not begun
    model, examples = stored_model(run), run.examples()
    count, shape = len(examples.index), tuple(model.shape)
    _same(examples.images.shape[1:], shape, "examples.safetensors")
    for step in run.snapshots():
        snapshot = run.snapshot(step)
        _same(snapshot.reconstructions.shape[1:], shape, f"snapshot {step}")
        _check_cloud(snapshot.mu, snapshot.log_var, count, f"snapshot {step}")
    _check_checkpoint(run)
    if run.state == "finished":
        run.report()
        _check_cloud(*run.latents(), count, "latents.safetensors")
        _check_bundle(run.bundle(), model)


def _check_bundle(data: bytes, model: VAE) -> None:
    """That the browser's decoder has the run's own shapes. Raises BundleError, CarryError."""
    meta, tensors = bundle.read(data)
    _same(tuple(meta["shape"]), tuple(model.shape), "explorer.bundle")
    _same((meta["latent"],), (model.latent,), "explorer.bundle")
    points = tensors["points.mu"], tensors["points.log_var"]
    _check_cloud(*points, len(points[0]), "explorer.bundle")
    if meta.get("members"):
        return  # a ladder's decoders are those of other runs
    _, expected = decoder_ops(model.decoder)
    for name, array in expected.items():
        if name not in tensors:
            raise CarryError(f"is not whole: explorer.bundle has no {name}")
        _same(tensors[name].shape, array.shape, f"{name} of explorer.bundle")


def _check_cloud(mu: np.ndarray, log_var: np.ndarray, count: int, name: str) -> None:
    """Means and log-variances (N, Z) of so many examples, of sizes that pages can reckon with."""
    _same(mu.shape[:1], (count,), name)
    if np.abs(mu).max(initial=0) > FARTHEST or log_var.max(initial=0) > WIDEST:
        raise CarryError(f"is not whole: {name} holds codes that no training gives")


def _check_checkpoint(run: Run) -> None:
    """That training can go on from it, as far as its arrays say. Raises RunDamagedError."""
    if run.state == "finished" and not run.file(CHECKPOINT).exists():
        return  # it was packed without
    checkpoint, training = run.checkpoint(), run.config.training
    if checkpoint is None:
        return
    model = rebuild(run.config.model, checkpoint.weights)
    try:
        Adam(model.named_parameters(), training.adam_beta2).load(checkpoint.optimizer)
        if training.average:
            Average(model, training.average).load(checkpoint.weights, checkpoint.optimizer)
    except (KeyError, TypeError, ValueError):
        raise RunDamagedError(f"Run {run.id} is damaged: {CHECKPOINT} does not fit the run's net.") from None


def _same(found: tuple[int, ...], expected: tuple[int, ...], name: str) -> None:
    if tuple(found) != tuple(expected):
        raise CarryError(f"is not whole: {name} has shape {tuple(found)} where {tuple(expected)} belongs")
