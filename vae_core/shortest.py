"""Shortest ways as a run's own decoder sees them: geodesics.py with what the run's files say. Needs torch."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch

from vae_core import latent
from vae_core.data_paths import Roads
from vae_core.errors import PathError, RunError
from vae_core.explorer import bundle
from vae_core.geodesics import FRAMES, Doubt, geodesic
from vae_core.metrics.elbo import squared_errors
from vae_core.models import VAE
from vae_core.run import Run
from vae_core.taking.portable import model_of
from vae_core.way_cloud import Cloud

IDEA = 200  # places of the way along the data that a search begins with
ROADS = 10_000  # encodings that first ideas of a way join, spread over all


def legs(
    run: Run, ends: np.ndarray, cloud: Cloud, beta: float | None, tell: Callable[[float], None]
) -> list[np.ndarray]:
    """Codes (P, Z) from each of the ends (A, Z) to the next, evenly in the length that the decoder sees.

    Raises PathError where the run has no pictures to learn the decoder's doubt from, ConfigError for a beta
    that it does not have, RunError, RunDamagedError.
    """
    model = model_of(run, beta).requires_grad_(False)
    doubt = doubt_of(run, model, cloud)
    tell(0.2)
    roads = Roads(cloud.mu[:: max(1, -(-len(cloud.mu) // ROADS))], cloud.scale)
    found = []
    for k, (start, end) in enumerate(pairwise(ends)):
        if np.array_equal(start, end):
            found.append(np.repeat(start[None], FRAMES + 1, axis=0))
        else:
            along = roads.curve(start, end)(np.linspace(0, 1, IDEA))
            found.append(geodesic(start, end, lambda z: model.decode(z).mean, doubt, along))
        tell(0.2 + 0.8 * (k + 1) / (len(ends) - 1))
    return found


def doubt_of(run: Run, model: VAE, cloud: Cloud) -> Doubt:
    """From the errors of the run's own examples. Raises PathError where it has too few."""
    try:
        examples = run.examples()
    except RunError as problem:
        raise PathError(f"The shortest way needs the run's pictures. {problem}") from None
    _, tensors = bundle.read(run.bundle())
    count = min(len(examples.index), len(cloud.mu))
    differ = examples.index[:count] != tensors["points.index"][:count]
    count = int(differ.argmax()) if differ.any() else count
    images = latent.unit_tensor(examples.images[:count])
    error = squared_errors(model, images, torch.from_numpy(cloud.mu[:count])).numpy()
    return Doubt(cloud.mu[:count], error, spread=float(images.var(0).mean()))
