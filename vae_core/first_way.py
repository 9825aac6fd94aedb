"""The path that the Interpolate page opens with, for whoever names none (web/path_state.js, firstAnchors)."""

import numpy as np

from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.ways import Way


def first_way(run: Run) -> Way:
    """Straight between the most typical examples of the two classes whose means lie farthest apart.

    With fewer than two classes, from the first example to the one farthest from it. Raises RunError,
    RunDamagedError, BundleError.
    """
    meta, tensors = bundle.read(run.bundle())
    mu, label = tensors["points.mu"].astype(np.float64), tensors["points.label"]
    if not len(mu):
        codes = np.zeros((2, meta["latent"]))
        codes[:, 0] = -1, 1
        return Way(tuple(tuple(code) for code in codes.tolist()))
    means = np.array([mu[label == k].mean(0) for k in np.unique(label[label >= 0])])
    if len(means) < 2:
        return Way((0, int(_squares(mu, mu[0]).argmax())))
    apart = np.array([_squares(means, mean) for mean in means])
    ends = np.unravel_index(apart.argmax(), apart.shape)
    first, last = (int(_squares(mu, means[k]).argmin()) for k in ends)
    return Way((first, last))


def _squares(codes: np.ndarray, code: np.ndarray) -> np.ndarray:
    return ((codes - code) ** 2).sum(1)
