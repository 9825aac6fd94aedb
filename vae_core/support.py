"""How far a code can be trusted: whether data lies where it does. Needs no torch.

A code's distance is that to its k-th nearest encoding, divided by the typical one: the median over encodings
of the distance to their own k-th nearest other. Its support is the share of encodings that lie at least as
lonely: 1 in the thick of the data, 0 beyond all of it. Ranks alone matter, so densities of any shape are
served. Of many encodings some, spread over all, say what is typical (web/path_near.js asks the same ones).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from vae_core.errors import PathError

NEIGHBOURS = 5  # fewer are noisy, more blur thin bridges between groups
FEWEST = NEIGHBOURS + 2  # encodings, below which nothing is typical
ASKED = 5_000  # encodings at most that say what is typical; of 60,000 with 128 dimensions all took 36 seconds


@dataclass(frozen=True)
class Standing:
    """Of M codes among the encodings."""

    support: np.ndarray  # (M,) share of encodings that are at least as lonely, in [0, 1]
    distance: np.ndarray  # (M,) to the k-th nearest encoding, in typical ones
    nearest: np.ndarray  # (M,) number of the nearest encoding
    apart: np.ndarray  # (M,) how far that one is, in latent units


class Support:
    """What is typical among encodings mu (N, Z).

    `scale` (Z,) divides each dimension first; 0 leaves a dimension out. Dimensions that carry nothing belong
    left out: encodings have no spread along them, while whoever draws from the prior does, and the decoder
    does not look at them. Raises PathError for fewer than seven encodings.
    """

    def __init__(self, mu: np.ndarray, scale: np.ndarray | None = None, neighbours: int = NEIGHBOURS) -> None:
        scale = np.ones(mu.shape[1]) if scale is None else np.asarray(scale, np.float64)
        if len(mu) < FEWEST:
            raise PathError(
                f"{len(mu)} encoded examples do not say where data lies; at least {FEWEST} are needed."
            )
        self._kept = scale > 0
        self._scale = scale[self._kept]
        places = self._project(mu)
        self._index = NearestNeighbors(n_neighbors=neighbours).fit(places)
        asked = min(ASKED, len(mu))
        rows = np.arange(asked) * len(mu) // asked
        # One more than wanted, since each is its own nearest.
        alone = self._index.kneighbors(places[rows], neighbours + 1)[0][:, -1]
        self._alone = np.sort(alone)
        self.typical = float(np.median(alone)) or float(alone.mean()) or 1.0

    def of(self, codes: np.ndarray) -> Standing:
        """Codes (M, Z) that are not among the encodings."""
        distances, rows = self._index.kneighbors(self._project(codes))
        far = distances[:, -1]
        lonelier = len(self._alone) - np.searchsorted(self._alone, far, side="left")
        return Standing(lonelier / len(self._alone), far / self.typical, rows[:, 0], distances[:, 0])

    def _project(self, codes: np.ndarray) -> np.ndarray:
        return np.asarray(codes, np.float64)[:, self._kept] / self._scale
