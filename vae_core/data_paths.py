"""Paths that stay where data is: from encoding to encoding over a graph of neighbours. Needs no torch."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from vae_core.errors import PathError
from vae_core.paths import Curve, drawn, polyline

NEIGHBOURS = 10
ENTRIES = 5  # encodings near an anchor, through which a path may leave it
POWER = 2  # edges cost their length to this power, so that many short ones are preferred to a leap
SMOOTHING = 0.04  # of the path's length


class Roads:
    """A graph over encodings mu (N, Z): each is joined to its ten nearest, and what is apart by its shortest
    bridge.

    `scale` (Z,) divides each dimension before distances are taken, 0 leaves it out, as in `support`.
    Raises PathError for fewer than two different encodings.
    """

    def __init__(self, mu: np.ndarray, scale: np.ndarray | None = None) -> None:
        self._mu = np.asarray(mu, np.float64)
        scale = np.ones(mu.shape[1]) if scale is None else np.asarray(scale, np.float64)
        self._kept = scale > 0
        self._scale = scale[self._kept]
        self._places, rows = np.unique(self._project(self._mu), axis=0, return_index=True)
        self._codes = self._mu[rows]  # one for each different place
        if len(rows) < 2:
            raise PathError("There are no two different encodings, so no path leads along the data.")
        near = min(NEIGHBOURS, len(rows) - 1)
        self._index = NearestNeighbors(n_neighbors=min(ENTRIES, len(rows))).fit(self._places)
        graph = kneighbors_graph(self._places, near, mode="distance")
        self._graph = _bridged(graph.maximum(graph.T), self._places).power(POWER)

    def route(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Codes (P, Z) from start to end (Z,), both included, over encodings between them.

        The shortest way where an edge costs its squared length (Bernstein et al. 2000 take its length): many
        short steps through a crowd are then cheaper than one leap over a gap.
        """
        ends = np.stack([start, end]).astype(np.float64)
        far, near = self._index.kneighbors(self._project(ends))  # each (2, ENTRIES)
        costs, before = dijkstra(self._graph, indices=near[0], return_predecessors=True)
        whole = far[0][:, None] ** POWER + costs[:, near[1]] + far[1][None] ** POWER
        first, last = np.unravel_index(whole.argmin(), whole.shape)
        rows = [near[1][last]]
        while rows[-1] != near[0][first]:
            rows.append(before[first, rows[-1]])
        return np.concatenate([ends[:1], self._codes[rows[::-1]], ends[1:]])

    def curve(self, start: np.ndarray, end: np.ndarray, smoothing: float = SMOOTHING) -> Curve:
        """The route, smoothed; both ends stay. Raises PathError where they are one place."""
        return drawn(self.route(start, end), smoothing) if smoothing else polyline(self.route(start, end))

    def _project(self, codes: np.ndarray) -> np.ndarray:
        return codes[:, self._kept] / self._scale


def _bridged(graph: csr_matrix, places: np.ndarray) -> csr_matrix:
    """The graph with its parts joined: each pair of neighbouring parts by the shortest edge between them."""
    count, part = connected_components(graph, directed=False)
    if count == 1:
        return graph
    ends, lengths = {}, np.full((count, count), 0.0)
    for one in range(count):
        inside = np.flatnonzero(part == one)
        index = NearestNeighbors(n_neighbors=1).fit(places[inside])
        for other in range(one + 1, count):
            outside = np.flatnonzero(part == other)
            far, near = index.kneighbors(places[outside])
            best = far[:, 0].argmin()
            ends[one, other] = (inside[near[best, 0]], outside[best])
            lengths[one, other] = far[best, 0]
    bridges = minimum_spanning_tree(csr_matrix(lengths)).tocoo()
    joined = graph.tolil()
    for one, other, length in zip(bridges.row, bridges.col, bridges.data):
        first, last = ends[one, other]
        joined[first, last] = joined[last, first] = length
    return joined.tocsr()
