"""Figures of pictures a model draws: how near samples of the prior are to data, how much contrast is kept."""

import numpy as np
import torch
from torch import Tensor

COUNT = 1_000  # pictures of either kind that precision and recall compare
LEAST = 200  # of either; among fewer the neighbourhoods are so wide that nearly everything lies within
VALUES = 20_000_000  # pixel values of them at most, so that large pictures fit into memory
COMPONENTS = 16  # of the real pictures; of Fashion-MNIST they hold four fifths of the variance
NEIGHBOURS = 3  # as in the paper


class Manifold:
    """Where pictures lie: within the distance of the k-th nearest other one, k = 3, around each of them."""

    def __init__(self, codes: Tensor):
        self.codes = codes  # (N, d)
        nearest = torch.cdist(codes, codes).sort(1).values  # the first is the picture itself
        self.radii = nearest[:, min(NEIGHBOURS, len(codes) - 1)]  # (N,)

    def share(self, others: Tensor) -> float:
        """Share of `others` (M, d) that lie within."""
        return (torch.cdist(others, self.codes) <= self.radii).any(1).double().mean().item()


class Realism:
    """Precision and recall of pictures made, after Kynkäänniemi et al. 2019, against one set of real ones.

    Precision is the share of made pictures that lie where real ones do, recall the share of real ones that
    lie where made ones do, see `Manifold`. Distances are Euclidean between pixels, reduced to the 16
    principal components of the real pictures; the paper's features of a classifier would know photographs
    alone. Other real pictures reach about 0.9, not 1. Only values for the same pictures, the same numbers of
    them and the same space compare.
    """

    def __init__(self, images: Tensor):
        """`images` (N, C, H, W) in [0, 1] are the real ones, N >= 2."""
        flat = images.flatten(1)
        self.mean = flat.mean(0)  # (P,)
        centred = flat - self.mean
        # Of N pictures of P values the smaller of the two square matrices knows the components.
        small = len(flat) < flat.shape[1]
        square = centred @ centred.T if small else centred.T @ centred
        size, vectors = torch.linalg.eigh(square.double())
        kept = size.flip(0)[:COMPONENTS] > 1e-9 * size[-1]  # pictures that are all alike have none
        vectors = vectors.flip(1)[:, :COMPONENTS][:, kept].float()
        if small:
            vectors = centred.T @ vectors
        self.components = vectors / vectors.norm(dim=0)  # (P, d)
        self.real = Manifold(centred @ self.components)

    def of(self, made: Tensor) -> tuple[float, float]:
        """Precision and recall of pictures made (M, C, H, W), M >= 2."""
        codes = (made.flatten(1) - self.mean) @ self.components
        return self.real.share(codes), Manifold(codes).share(self.real.codes)


def count_for(pixel_values: int) -> int:
    """Pictures of this many values that precision and recall compare."""
    return max(2, min(COUNT, VALUES // pixel_values))


def contrast_kept(images: np.ndarray, drawn: np.ndarray) -> float | None:
    """Mean contrast of `drawn` as a share of that of `images`, both (N, C, H, W); None for pictures without.

    A picture's contrast is the standard deviation of its pixel values (root mean square contrast, Peli 1990).
    """
    original, kept = (pictures.reshape(len(pictures), -1).std(1).mean() for pictures in (images, drawn))
    return float(kept / original) if original > 0 else None
