"""How well a map separates classes."""

import numpy as np

from vae_core import latent
from vae_core.data import Dataset
from vae_core.models import VAE

REFERENCES = 10_000  # training pictures that a held-out one finds its neighbours among


def accuracy(
    model: VAE, dataset: Dataset, test: np.ndarray, mu: np.ndarray, references: int = REFERENCES
) -> float | None:
    """Share of the held-out pictures `test` (n,), encoded at `mu` (n, Z), whose class is that of most of
    their ten nearest among the means of `references` training pictures. None without labels.
    """
    if dataset.labels is None:
        return None
    labels = dataset.labels[test]
    reference = dataset.train[dataset.labels[dataset.train] >= 0]
    if len(reference) == 0 or not (labels >= 0).any():
        return None
    reference = spread(reference, references)
    codes, _ = latent.encode(model, dataset.to_unit(reference))
    return latent.knn_accuracy(codes, dataset.labels[reference], mu[labels >= 0], labels[labels >= 0])


def spread(indices: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of the indices, evenly spread."""
    if len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).astype(np.int64)]
