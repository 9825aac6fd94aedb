"""Working with a trained latent space: arrays in, arrays out.

Codes are (N, Z) float32, pictures (N, C, H, W): uint8, or floats in [0, 1]. Every function is deterministic.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vae_core.errors import DataError
from vae_core.models.vae import VAE
from vae_core.posteriors import DiagonalGaussian

BATCH = 1000
ACTIVE = 0.01  # nats; a dimension that carries less is called dead
NEIGHBOURS = 10


@torch.no_grad()
def encode(model: VAE, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and log-variances of q(z | x), (N, Z) each. Raises DataError for pictures of another shape."""
    if images.ndim != 4 or images.shape[1:] != tuple(model.shape):
        raise DataError(
            f"The model takes pictures of shape (N, {str(tuple(model.shape))[1:]}, found {images.shape}."
        )
    mu = np.empty((len(images), model.latent), np.float32)
    log_var = np.empty_like(mu)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        mu[part], log_var[part] = model.encode(unit_tensor(images[part]))
    return mu, log_var


@torch.no_grad()
def decode(model: VAE, z: np.ndarray) -> np.ndarray:
    """Pixel means of p(x | z), (N, C, H, W) float32, for codes (N, Z). Raises DataError for other codes."""
    z = np.asarray(z, np.float32)
    if z.ndim != 2 or z.shape[1] != model.latent:
        raise DataError(f"The model takes codes of shape (N, {model.latent}), found {z.shape}.")
    parts = torch.from_numpy(z.copy()).split(BATCH)
    means = [model.decode(part).mean for part in parts] or [torch.empty(0, *model.shape)]
    return torch.cat(means).numpy()


def traverse(model: VAE, z: np.ndarray, dimension: int, values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Pictures (V, C, H, W) seen when one coordinate of z (Z,) takes each of V values and the rest stays."""
    codes = np.repeat(np.asarray(z, np.float32)[None], len(values), axis=0)
    codes[:, dimension] = values
    return decode(model, codes)


def interpolate(z0: np.ndarray, z1: np.ndarray, count: int) -> np.ndarray:
    """(count, Z) evenly spaced codes on the straight line from z0 to z1 (Z,), both included."""
    return np.linspace(z0, z1, count, dtype=np.float32)


def nearest(
    z: np.ndarray, mu: np.ndarray, count: int, scale: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the `count` rows of mu (N, Z) closest to z (Z,), nearest first, and their distances.

    Distances are Euclidean after division by `scale`: a number, or one for each dimension (Z,), such as the
    standard deviations of the codes.
    """
    distances = np.linalg.norm((mu - z) / scale, axis=1)
    order = np.argsort(distances, kind="stable")[:count]
    return order, distances[order]


def kl_per_dimension(mu: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """(Z,) mean KL to the prior over examples, nats: how much each dimension says about a picture."""
    kl = DiagonalGaussian(torch.from_numpy(mu).double(), torch.from_numpy(log_var).double()).kl()
    return kl.mean(0).numpy()


def quantiles(mu: np.ndarray, log_var: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """(P, Z) quantiles of the aggregate posterior 1/N sum_n q(z | x_n), dimension by dimension.

    Exact for the mixture, not for the means alone: found by bisection on its distribution function.
    """
    mean = torch.from_numpy(mu).double()  # (N, Z)
    sigma = torch.from_numpy(log_var).double().mul(0.5).exp()
    wanted = torch.tensor(probabilities, dtype=torch.float64)[:, None]  # (P, 1)
    spread = 9 * sigma.max(0).values  # nine standard deviations leave out less than 1e-18
    low = (mean.min(0).values - spread).repeat(len(wanted), 1)  # (P, Z)
    high = (mean.max(0).values + spread).repeat(len(wanted), 1)
    for _ in range(48):  # halvings: far beyond float32
        middle = (low + high) / 2
        share = torch.stack([torch.special.ndtr((row - mean) / sigma).mean(0) for row in middle])
        low, high = torch.where(share < wanted, middle, low), torch.where(share < wanted, high, middle)
    return ((low + high) / 2).numpy()


def knn_accuracy(
    reference: np.ndarray, reference_labels: np.ndarray, codes: np.ndarray, labels: np.ndarray
) -> float:
    """Share of `codes` (M, Z) whose class is what most of their ten nearest in `reference` (N, Z) have.

    Labels are (N,) and (M,) whole numbers from 0; equal votes go to the smaller one.
    """
    known = torch.from_numpy(reference)
    classes = np.eye(reference_labels.max() + 1, dtype=np.int64)
    right = 0
    for start in range(0, len(codes), BATCH):
        distances = torch.cdist(torch.from_numpy(codes[start : start + BATCH]), known)  # (B, N)
        near = distances.topk(min(NEIGHBOURS, len(known)), largest=False).indices.numpy()  # (B, 10)
        votes = classes[reference_labels[near]].sum(1)  # (B, classes)
        right += int((votes.argmax(1) == labels[start : start + BATCH]).sum())
    return right / len(codes)


def unit_tensor(images: np.ndarray) -> Tensor:
    """Pictures as a float32 tensor in [0, 1]."""
    if images.dtype == np.uint8:
        return torch.from_numpy(images.astype(np.float32)).div_(255)
    return torch.from_numpy(np.array(images, np.float32))


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Pixel means as uint8, clipped to [0, 1]."""
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
