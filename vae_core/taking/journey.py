"""A path with its pictures and what is known of each frame: what films and strips are drawn from.

`travelled` decodes and so needs torch; `likely`, for telling the size of a file before, does not.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vae_core import ways
from vae_core.events import Examples
from vae_core.run import Run
from vae_core.taking import likely_pictures
from vae_core.way_cloud import cloud_of

KINDS = {
    "linear": "straight",
    "spherical": "spherical",
    "data": "along the data",
    "geodesic": "shortest for the decoder",
    "drawn": "drawn by hand",
}
SLACK = 1e-9  # of a share that is on the path


@dataclass(frozen=True)
class Journey:
    """F frames of a path through A anchors; of one that goes back to the first, that one again at the end."""

    about: str  # what it is of, in words
    names: tuple[str, ...]  # (A,) of the anchors
    marks: np.ndarray  # (A,) where they stand, in frames
    shares: np.ndarray  # (F,) of the way; below 0 and above 1 past its ends
    support: np.ndarray  # (F,) in [0, 1], nan where it is not known
    nearest: np.ndarray  # (F,) places of the nearest examples, -1 where they are not known
    codes: np.ndarray  # (F, Z) float32
    stops: np.ndarray  # (A, Z) codes of the anchors
    examples: Examples
    closed: bool  # whether it goes back to the first anchor
    decode: Callable[[np.ndarray], np.ndarray]  # codes (K, Z) -> pictures (K, C, H, W) in [0, 1]

    @property
    def last(self) -> int:
        return len(self.codes) - 1

    @property
    def legs(self) -> int:
        return len(self.marks) - 1

    def codes_at(self, places: np.ndarray) -> np.ndarray:
        """Codes (K, Z) at places (K,) between frames: straight from one frame to the next."""
        return _between(self.codes, places)

    def support_at(self, place: float) -> float:
        return float(_between(self.support[:, None], np.array([place]))[0, 0])

    def share_at(self, place: float) -> float:
        return float(_between(self.shares[:, None], np.array([place]))[0, 0])

    def leg_at(self, place: float) -> tuple[int, float]:
        """Between anchors k and k + 1, and the share of the way; below 0 and above 1 past the path's ends."""
        k = int(np.clip(np.searchsorted(self.marks, place, side="right") - 1, 0, self.legs - 1))
        length = self.marks[k + 1] - self.marks[k]
        return k, float((place - self.marks[k]) / length) if length > 0 else 0.0

    def past(self, place: float) -> int:
        """-1 before the path's beginning, 1 past its end, 0 on it."""
        share = self.share_at(place)
        return int(share > 1 + SLACK) - int(share < -SLACK)

    def cross_fade(self) -> np.ndarray:
        """(F, C, H, W): the anchors' pictures blended pixel by pixel; past the ends, those of the ends."""
        stops = self.decode(self.stops)
        leg = np.clip(np.floor(self.shares * self.legs).astype(int), 0, self.legs - 1)
        part = np.clip(self.shares * self.legs - leg, 0, 1)
        return np.stack([blended(stops[k], stops[k + 1], share) for k, share in zip(leg, part, strict=True)])


def name_of(examples: Examples, row: int) -> str:
    """ "Sneaker, 17", or "example 17" where it has no class."""
    number, label = int(examples.index[row]), int(examples.labels[row])
    known = 0 <= label < len(examples.label_names)
    return f"{' '.join(examples.label_names[label].split())}, {number}" if known else f"example {number}"


def legs_of(way: ways.Way) -> int:
    """How many pieces of way there are between anchors."""
    return len(way.anchors) - (0 if way.loop else 1)


def past_ends(way: ways.Way, count: int) -> int:
    """How many of so many frames lie past each end, as `ways.frames` has it."""
    return round(count / ways.BEYOND) if way.beyond else 0


def travelled(
    run: Run,
    way: ways.Way,
    count: int,
    beta: float | None = None,
    tell: Callable[[float], None] | None = None,
) -> Journey:
    """Along `way` in `count` frames. Raises PathError, ConfigError, RunError, RunDamagedError."""
    found = ways.frames(run, way, count, beta=beta, tell=tell)
    examples = run.examples()
    return Journey(
        about=about(run, way, beta),
        names=names_of(examples, way),
        marks=np.asarray(found.marks, np.float64),
        shares=np.asarray(found.shares, np.float64),
        support=np.asarray(found.support, np.float64),
        nearest=np.asarray(found.nearest, np.int64),
        codes=np.asarray(found.codes, np.float32),
        stops=ways.stops(way, cloud_of(run, beta)).astype(np.float32),
        examples=examples,
        closed=way.loop,
        decode=lambda codes: ways.pictures(run, codes, beta),
    )


def likely(run: Run, way: ways.Way, count: int) -> Journey:
    """What looks much like it, without decoding; a code is the share of the way.

    Blended are pictures that the model drew at the end, or real ones where none were kept. Raises PathError,
    RunError, RunDamagedError.
    """
    ways.stops(way, cloud_of(run))  # so that a path through what is not there is refused
    examples, legs = run.examples(), legs_of(way)
    rows = [anchor if isinstance(anchor, int) else k for k, anchor in enumerate(way.anchors)]
    rows = [row % len(examples.images) for row in rows + rows[:1]][: legs + 1]
    stops = likely_pictures.of_rows(run, rows) / 255
    past = past_ends(way, count)
    shares = (np.arange(count) - past) / max(1, count - 1 - 2 * past)

    def decode(codes: np.ndarray) -> np.ndarray:
        place = np.clip(codes[:, 0], 0, 1) * legs
        leg = np.minimum(place.astype(int), legs - 1)
        return np.stack([blended(stops[k], stops[k + 1], part) for k, part in zip(leg, place - leg)])

    return Journey(
        about=about(run, way, None),
        names=names_of(examples, way),
        marks=past + np.arange(legs + 1) / legs * (count - 1 - 2 * past),
        shares=shares,
        support=np.linspace(0, 1, count),
        nearest=np.arange(count) % len(examples.images),
        codes=shares[:, None].astype(np.float32),
        stops=np.linspace(0, 1, legs + 1, dtype=np.float32)[:, None],
        examples=examples,
        closed=way.loop,
        decode=decode,
    )


def names_of(examples: Examples, way: ways.Way) -> tuple[str, ...]:
    """Of the anchors in turn; a code that is no example by its first two numbers."""
    names = [name_of(examples, one) if isinstance(one, int) else _code(one) for one in way.anchors]
    return tuple(names + names[:1] if way.loop else names)


def about(run: Run, way: ways.Way, beta: float | None) -> str:
    """What the path is of, in one line."""
    spaced = ", steps of equal change" if way.by == "change" else ""
    return f"{run.title}, β = {run.config.beta if beta is None else beta:g}: {KINDS[way.kind]}{spaced}"


def blended(first: np.ndarray, last: np.ndarray, share: float) -> np.ndarray:
    """Two pictures (C, H, W) mixed, pixel by pixel."""
    return (1 - share) * first + share * last


def _code(z: tuple[float, ...]) -> str:
    return f"z = {', '.join(f'{value:.1f}' for value in z[:2])}{', ..' if len(z) > 2 else ''}"


def _between(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows (K, ...) of values (F, ...) at places (K,), the rest by the share between two."""
    places = np.clip(np.asarray(places, np.float64), 0, len(values) - 1)
    k = np.clip(np.floor(places).astype(int), 0, len(values) - 2)
    part = (places - k)[:, None]
    return ((1 - part) * values[k] + part * values[k + 1]).astype(values.dtype)
