"""Maps of the encoded examples for the eye: t-SNE, UMAP, linear discriminants; how far to trust them.

Such a map shows which codes lie near each other and cannot be walked: places between examples have no code.
What is made is kept in the home under the run's id, and read with suspicion. Needs no torch; scikit-learn is
imported when a map is made.
"""

import hashlib
import importlib.util
import io
import json
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_core.errors import MapError, UnreadableFileError
from vae_core.explorer import bundle
from vae_core.migrations import ABOUT, FORMATS, lift
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import MEGA, make_folder, parse_object, read_tensors, write_tensors

KINDS = {"tsne": "t-SNE", "umap": "UMAP", "lda": "LDA"}

FORMAT = FORMATS["map"]
ARRANGED = 5_000  # examples at most that t-SNE and UMAP arrange; the others are put beside their nearest
BESIDE = 5  # arranged examples whose median place another one takes
JUDGED = 2_000  # examples at most over which trustworthiness is computed: it takes their number squared
NEIGHBOURS = 10  # of trustworthiness
STEPS = 1_000  # of t-SNE
PERPLEXITY = 30.0  # of t-SNE, less for few examples
FEWEST = 12  # examples that a map needs
FLAT = 1e-6  # spread of codes below which they are all alike
FILE_LIMIT = 16 * MEGA

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Map:
    """A map of all examples of a run's explorer."""

    kind: str  # one of KINDS
    places: np.ndarray  # (N, 2) float32, middle 0, mean square 1: a unit is a standard deviation
    trustworthiness: float  # 1 where all neighbours on the map are neighbours in z
    neighbours: int  # that were looked at for it
    arranged: int  # examples that were arranged by the method itself


def obstacle(kind: str, mu: np.ndarray, labels: np.ndarray) -> str:
    """Why there can be no such map of codes mu (N, Z) with labels (N,), -1 unknown; or nothing."""
    if kind not in KINDS:
        return f"There is no kind of map {kind!r}; there are {', '.join(KINDS)}."
    if mu.shape[1] < 3:
        return f"This run has {mu.shape[1]} latent dimensions: its explorer shows them whole."
    if len(mu) < FEWEST:
        return f"The run has {len(mu)} encoded examples; a {KINDS[kind]} map needs at least {FEWEST}."
    if np.ptp(mu, axis=0).max() < FLAT:
        return "Every example is encoded alike, so there is nothing to lay out; train with a smaller β."
    if kind == "lda" and len(np.unique(labels[labels >= 0])) < 3:
        return "An LDA map sets classes apart; it needs labelled examples of at least three."
    if kind == "umap" and importlib.util.find_spec("umap") is None:
        return "UMAP needs the package umap-learn, which is not installed: pip install umap-learn."
    return ""


def make(kind: str, mu: np.ndarray, labels: np.ndarray, tell: Tell = lambda share: None) -> Map:
    """The map of codes mu (N, Z) with labels (N,), the same for the same codes.

    `tell` hears the share done, from 0 to 1. t-SNE: van der Maaten and Hinton (2008), by scikit-learn.
    UMAP: McInnes, Healy and Melville (2018), by umap-learn. LDA: the two directions that set the classes
    apart best, Fisher (1936), by scikit-learn. Trustworthiness: Venna and Kaski (2001), scikit-learn's, of
    the first NEIGHBOURS neighbours. Raises MapError.
    """
    from threadpoolctl import threadpool_limits

    problem = obstacle(kind, mu, labels)
    if problem:
        raise MapError(problem)
    with threadpool_limits(1), warnings.catch_warnings():  # on shared processors several threads are slower
        warnings.simplefilter("ignore")  # about the packages' own choices
        if kind == "lda":
            arranged = len(mu)
            places = _discriminants(mu, labels)
        else:
            chosen = _spread(len(mu), ARRANGED)
            arranged = len(chosen)
            arrange = _neighbour_embedding if kind == "tsne" else _manifold
            places = _beside(mu, chosen, arrange(mu[chosen], tell))
        places = _standard(places)
        if not np.isfinite(places).all():
            raise MapError(f"{KINDS[kind]} did not find a map of these codes.")
        trust, neighbours = judged(mu, places)
    tell(1.0)
    return Map(kind, places, trust, neighbours, arranged)


def judged(mu: np.ndarray, places: np.ndarray) -> tuple[float, int]:
    """Trustworthiness of places (N, 2) for codes (N, Z) over JUDGED rows at most; the neighbours."""
    from sklearn.manifold import trustworthiness

    rows = _spread(len(mu), JUDGED)
    neighbours = min(NEIGHBOURS, (len(rows) - 1) // 2)
    return float(trustworthiness(mu[rows], places[rows], n_neighbors=neighbours)), neighbours


def make_for(run: Run, kind: str, tell: Tell = lambda share: None) -> Map:
    """The map of a run's explorer, made and kept. Raises MapError, RunError, BundleError, StorageError."""
    _, tensors = bundle.read(run.bundle())
    mu = tensors["points.mu"].astype(np.float32)
    made = make(kind, mu, tensors["points.label"], tell)
    MapStore().put(run, made, mu)
    return made


class MapStore:
    """Maps of runs, in `home`/maps/RUN/KIND.safetensors."""

    def __init__(self, home: Path | None = None) -> None:
        self.runs = RunStore(home)
        self.folder = self.runs.folder.with_name("maps")

    def get(self, run: Run, kind: str, mu: np.ndarray) -> Map | None:
        """The map of these codes (N, Z); None where there is none, or it is damaged or of other codes."""
        with suppress(UnreadableFileError, KeyError, TypeError, ValueError):
            tensors, metadata = read_tensors(self._path(run, kind), FILE_LIMIT)
            about = lift("map", parse_object(metadata[ABOUT].encode(), "The description of the map"), tensors)
            places = tensors["places"].astype(np.float32)
            fits = about["codes"] == _checksum(mu)
            trust = float(about["trustworthiness"])
            if fits and places.shape == (len(mu), 2) and np.isfinite(places).all() and 0 <= trust <= 1:
                return Map(kind, places, trust, int(about["neighbours"]), int(about["arranged"]))
        return None

    def put(self, run: Run, made: Map, mu: np.ndarray) -> None:
        """Keeps a map of codes mu (N, Z). Raises StorageError."""
        self.runs.sweep(self.folder)
        path = self._path(run, made.kind)
        make_folder(path.parent)
        about = {
            "format": FORMAT,
            "codes": _checksum(mu),
            "trustworthiness": made.trustworthiness,
            "neighbours": made.neighbours,
            "arranged": made.arranged,
        }
        write_tensors(path, {"places": made.places}, {ABOUT: json.dumps(about)})

    def _path(self, run: Run, kind: str) -> Path:
        return self.folder / run.id / f"{kind}.safetensors"


def _checksum(mu: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(mu, "<f4").tobytes()).hexdigest()[:32]


def _spread(count: int, most: int) -> np.ndarray:
    """Numbers of at most `most` rows out of `count`, evenly spread."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).round().astype(np.int64)


class _Steps(io.TextIOBase):
    """Hears from what scikit-learn prints how far t-SNE is: the only way in which it tells.

    Who is told may print, which must not end here again.
    """

    def __init__(self, tell: Tell) -> None:
        self.tell_share, self.stdout = tell, sys.stdout

    def write(self, text: str) -> int:
        for step in re.findall(r"Iteration (\d+)", text):
            with redirect_stdout(self.stdout):
                self.tell_share(min(0.95, int(step) / STEPS))
        return len(text)


def _neighbour_embedding(mu: np.ndarray, tell: Tell) -> np.ndarray:
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(mu) - 1) / 3)
    method = TSNE(2, perplexity=perplexity, init="pca", max_iter=STEPS, random_state=0, verbose=2)
    with redirect_stdout(_Steps(tell)):
        return method.fit_transform(mu)


def _manifold(mu: np.ndarray, tell: Tell) -> np.ndarray:
    from umap import UMAP

    return UMAP(n_neighbors=min(15, len(mu) - 1), random_state=0, n_jobs=1).fit_transform(mu)


def _discriminants(mu: np.ndarray, labels: np.ndarray) -> np.ndarray:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    known = labels >= 0
    return LinearDiscriminantAnalysis(n_components=2).fit(mu[known], labels[known]).transform(mu)


def _beside(mu: np.ndarray, chosen: np.ndarray, arranged: np.ndarray) -> np.ndarray:
    """Places (N, 2) for all: of `chosen` rows as arranged (M, 2), of the others beside their nearest."""
    from sklearn.neighbors import NearestNeighbors

    places = np.empty((len(mu), 2))
    places[chosen] = arranged
    others = np.setdiff1d(np.arange(len(mu)), chosen)
    if len(others):
        near = NearestNeighbors(n_neighbors=BESIDE).fit(mu[chosen])
        places[others] = np.median(arranged[near.kneighbors(mu[others], return_distance=False)], axis=1)
    return places


def _standard(places: np.ndarray) -> np.ndarray:
    centred = places - places.mean(0)
    return (centred / (np.sqrt(np.square(centred).mean()) or 1)).astype(np.float32)
