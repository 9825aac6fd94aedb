"""Shortest paths as the decoder sees them: geodesics of its pull-back metric.

The length of a path in latent space is taken to be that of its pictures. Where there is no data a decoder is
as sure of itself as anywhere, so its own variance there means nothing; a net of radial basis functions that
knows where encodings lie gives one that grows away from them (Arvanitidis, Hansen & Hauberg 2018, "Latent
space oddity"). The expected metric is J_mean^T J_mean + J_sigma^T J_sigma, and geodesics bend towards data.

We depart from the paper in two things. All pixels share one variance, as the net has to say where data is and
not which pixel is doubtful. And a path is found by minimising its discrete energy, the sum of the squared
steps of its frames, rather than by solving the differential equation: it needs no derivative of the metric
and always ends.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import minimize, nnls
from sklearn.cluster import KMeans
from torch import Tensor

from vae_core.errors import PathError

CENTRES = 64
WIDTH = 2.0  # of a basis function, in mean distances of a centre's encodings
FRAMES = 48  # pieces of the path while it is sought
ITERATIONS = 80
ENOUGH = 1e-5  # of the energy at first: a step that gains less is the last

Mean = Callable[[Tensor], Tensor]  # codes (B, Z) -> pixel means (B, ...)


class Doubt:
    """The standard deviation of a pixel at a code, which grows away from encodings mu (N, Z).

    `error` (N,) is the mean squared error of a pixel of each example at its encoding, `spread` the variance
    of a pixel over all data: what is left to say where nothing is known, so the doubt never exceeds it.
    """

    def __init__(self, mu: np.ndarray, error: np.ndarray, spread: float, seed: int = 0) -> None:
        if len(mu) < 2:
            raise PathError(f"{len(mu)} encoded examples do not say where data lies; at least 2 are needed.")
        means = KMeans(min(CENTRES, len(mu)), n_init=1, random_state=seed).fit(np.asarray(mu, np.float64))
        centres, member = means.cluster_centers_, means.labels_
        away = np.linalg.norm(mu - centres[member], axis=1)
        counts = np.bincount(member, minlength=len(centres))
        widths = np.bincount(member, away, len(centres)) / np.maximum(counts, 1)
        widths = np.maximum(widths, 0.1 * max(widths.mean(), 1e-6)) * WIDTH
        self._centres = torch.from_numpy(centres).float()  # (K, Z)
        self._sharpness = torch.from_numpy(0.5 / widths**2).float()  # (K,)
        self._floor = 1 / max(float(spread), 1e-8)  # precision where no basis function reaches
        known = np.bincount(member, error, len(centres)) / np.maximum(counts, 1)
        wanted = np.maximum(1 / np.maximum(known, 1e-8) - self._floor, 0)
        reached = self._basis(self._centres).double().numpy()  # (K, K)
        self._weights = torch.from_numpy(nnls(reached, wanted)[0]).float()  # (K,)

    def __call__(self, codes: Tensor) -> Tensor:
        """(B,) at codes (B, Z)."""
        return (self._basis(codes) @ self._weights + self._floor).rsqrt()

    def _basis(self, codes: Tensor) -> Tensor:
        squares = (codes[:, None] - self._centres).square().sum(2)  # (B, K)
        return (-self._sharpness * squares).exp()


def geodesic(
    start: np.ndarray,
    end: np.ndarray,
    mean: Mean,
    doubt: Doubt | None = None,
    through: np.ndarray | None = None,
) -> np.ndarray:
    """Codes (FRAMES + 1, Z) from start to end (Z,), evenly in the length that the decoder sees.

    `through` (P, Z) is a first idea of the way, such as a route along the data; a straight line otherwise.
    The energy has several minima, so it decides round which side of a gap the path goes.
    """
    ends = np.stack([start, end])
    way = ends if through is None else np.asarray(through)
    points = _even(torch.from_numpy(np.asarray(way, np.float32)), FRAMES + 1)
    first, last = torch.from_numpy(ends.astype(np.float32)).split(1)
    begun = points[1:-1]
    basis = _basis(FRAMES - 1) * points.diff(dim=0).norm()
    unit = float(_squares(points, mean, doubt).sum()) or 1.0

    def path(shift: Tensor) -> Tensor:
        return torch.cat([first, begun + basis @ shift.view_as(begun), last])

    def energy(values: np.ndarray) -> tuple[float, np.ndarray]:
        shift = torch.from_numpy(values.astype(np.float32)).requires_grad_()
        value = _squares(path(shift), mean, doubt).sum() / unit
        (slope,) = torch.autograd.grad(value, shift)
        return value.item(), slope.double().numpy()

    # SciPy's, as torch's optimisers take more than a second to be imported.
    options = {"maxiter": ITERATIONS, "maxcor": 20, "ftol": ENOUGH, "gtol": 0.0}
    best = minimize(energy, np.zeros(begun.numel()), jac=True, method="L-BFGS-B", options=options)
    found = path(torch.from_numpy(best.x.astype(np.float32)))
    return found.numpy() if torch.isfinite(found).all() else points.numpy()


@torch.no_grad()
def length(codes: np.ndarray, mean: Mean, doubt: Doubt | None = None) -> float:
    """Of the path through codes (P, Z), as the decoder sees it."""
    return float(_squares(torch.from_numpy(np.asarray(codes, np.float32)), mean, doubt).sqrt().sum())


def _squares(points: Tensor, mean: Mean, doubt: Doubt | None) -> Tensor:
    """(P - 1,) squared steps between points (P, Z), in pictures and their doubt."""
    pictures = mean(points).flatten(1)
    squares = pictures.diff(dim=0).square().sum(1)
    if doubt is not None:
        squares = squares + pictures.shape[1] * doubt(points).diff(dim=0).square()
    return squares


def _basis(count: int) -> Tensor:
    """(count, count) directions in which a path's inner points are moved.

    Were the decoder linear, the energy would be that of a chain of springs, a matrix of 2 along its diagonal
    and -1 beside it, whose stiffness spans a thousandfold. In these directions, the inverse of its Cholesky
    factor, it is the same in all, so that the search takes tens of steps instead of hundreds.
    """
    neighbours = torch.ones(count - 1).diag(1)
    springs = 2 * torch.eye(count) - neighbours - neighbours.T
    return torch.linalg.inv(torch.linalg.cholesky(springs)).T


def _even(points: Tensor, count: int) -> Tensor:
    """(count, Z) places at even distances along the line through points (P, Z)."""
    steps = points.diff(dim=0).norm(dim=1)
    reached = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
    wanted = torch.linspace(0, float(reached[-1]), count)
    piece = torch.searchsorted(reached, wanted, right=True).sub(1).clamp(0, len(steps) - 1)
    share = ((wanted - reached[piece]) / steps[piece].clamp_min(1e-12)).clamp(0, 1)[:, None]
    return points[piece] + share * (points[piece + 1] - points[piece])
