"""A way through a run's latent space, as an address or the command line names it, and its frames.

The Interpolate page makes the same frames in the browser (web/path_rows.js); films and other files are made
here. torch is only needed for geodesics, for steps of equal change and for pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from vae_core import paths
from vae_core.errors import PathError
from vae_core.run import Run
from vae_core.way_cloud import Cloud, cloud_of

if TYPE_CHECKING:
    from vae_core.data_paths import Roads

Kind = Literal["linear", "spherical", "data", "geodesic", "drawn"]
By = Literal["parameter", "change"]
Anchor = int | tuple[float, ...]
Tell = Callable[[float], None]  # hears the share done, from 0 to 1, and may raise to call it off

KINDS: tuple[Kind, ...] = ("linear", "spherical", "data", "geodesic", "drawn")
SPACINGS: tuple[By, ...] = ("parameter", "change")
MORE = ("loop", "beyond", "compare")  # words of `more`; the last says what the page shows besides
COUNT = 24  # frames of the page's film
BEYOND = 8  # one of so many frames lies past each end, where any do
LEG = 49  # codes that a geodesic from one anchor to the next travels as
STROKE = (2, 24)  # fewest and most places of a stroke
DIMENSIONS = 1_000  # numbers of a code at most
ROADS = 10_000  # encodings that ways along the data join, spread over all


@dataclass(frozen=True)
class Way:
    """From anchor to anchor, and how. `read` makes one that is whole."""

    anchors: tuple[Anchor, ...]  # examples by their place among the run's evaluation points, or codes
    kind: Kind = "linear"
    by: By = "parameter"  # frames evenly along the way, or so that each step changes the picture alike
    loop: bool = False  # back to the first anchor
    beyond: bool = False  # a few frames past the ends
    stroke: tuple[tuple[float, float, float], ...] = ()  # drawn by hand: share of the way, across, up
    axes: tuple[int, ...] = ()  # of the map it was drawn on: dimensions; none: as the page opens with

    def place(self) -> dict[str, Any]:
        """As mountPath of web/path.js takes it."""
        anchors = [
            {"row": anchor} if isinstance(anchor, int) else {"row": -1, "z": list(anchor)}
            for anchor in self.anchors
        ]
        place: dict[str, Any] = {"anchors": anchors, "kind": self.kind, "by": self.by}
        place |= {"isLoop": self.loop, "hasBeyond": self.beyond, "axes": list(self.axes) or None}
        return place | {"stroke": [list(step) for step in self.stroke] or None}


@dataclass(frozen=True)
class Frames:
    """F frames of a way."""

    codes: np.ndarray  # (F, Z) float32
    support: np.ndarray  # (F,) in [0, 1], see vae_core/support.py; NaN where examples are too few to say
    nearest: np.ndarray  # (F,) places of the nearest examples among the points; -1 likewise
    marks: np.ndarray  # (A,) at which frame, or between which, each anchor stands; one more in a loop
    shares: np.ndarray  # (F,) of the way: 0 at its beginning, 1 at its end, beyond them past the ends


def read(
    through: str,
    way: str = "linear",
    steps: str = "parameter",
    more: str = "",
    stroke: str = "",
    axes: str = "",
) -> Way:
    """The way that an address names in its own words: `through=12~87~z0.5,-1.3`.

    Raises PathError, in a sentence, for what makes no sense.
    """
    anchors = tuple(_anchor(text) for text in through.split("~"))
    fewest, most = paths.ANCHORS
    if not fewest <= len(anchors) <= most:
        raise PathError(
            f"A path goes through {fewest} to {most} anchors, found {len(anchors)}: {through[:80]!r}."
        )
    flags = [word for word in more.split(",") if word]
    for given, allowed, name in ((way, KINDS, "kind of path"), (steps, SPACINGS, "spacing of frames")):
        if given not in allowed:
            raise PathError(f"There is no {name} called {given[:40]!r}; known are {', '.join(allowed)}.")
    for word in flags:
        if word not in MORE:
            raise PathError(f"A path has no {word[:40]!r}; what it may have is {', '.join(MORE[:2])}.")
    loop, places = "loop" in flags, _stroke(stroke)
    if way == "drawn" and (not places or loop or len(anchors) != 2):
        raise PathError("A way drawn by hand needs its stroke and goes from one anchor to one other.")
    kept = places if way == "drawn" else ()
    plane = _axes(axes) if kept else ()
    return Way(anchors, cast(Kind, way), cast(By, steps), loop, "beyond" in flags, kept, plane)


def frames(
    run: Run, way: Way, count: int = COUNT, beta: float | None = None, tell: Tell | None = None
) -> Frames:
    """`count` frames of a way through a finished run; a model for every beta is asked at `beta`.

    Raises PathError where the way does not fit the run, ConfigError for a beta it does not have, RunError,
    RunDamagedError, BundleError.
    """
    cloud = cloud_of(run, beta)
    curve = curve_of(run, way, cloud, beta, tell or (lambda share: None))
    return frames_along(run, way, curve, cloud, count, beta)


def frames_along(
    run: Run, way: Way, curve: paths.Curve, cloud: Cloud, count: int, beta: float | None
) -> Frames:
    """`frames` of a way whose curve is there already."""
    past = round(count / BEYOND) if way.beyond else 0
    inner = count - 2 * past
    if inner < 2:
        raise PathError(f"{count} frames are too few for a path; at least 2 are needed.")
    if way.by == "change":
        shares = paths.alike(curve, inner, lambda codes: _decoded(run, codes, beta))
    else:
        shares = np.linspace(0, 1, inner)
    reach = np.arange(1, past + 1)
    before, after = -reach[::-1] * shares[1], 1 + reach * (1 - shares[-2])
    shares = np.concatenate([before, shares, after])
    codes = curve(shares).astype(np.float32)
    legs = len(way.anchors) if way.loop else len(way.anchors) - 1
    marks = np.interp(np.linspace(0, 1, legs + 1), shares, np.arange(count))
    support, nearest = _standing(cloud, codes)
    return Frames(codes, support, nearest, marks, shares)


def legs(way: Way, curve: paths.Curve) -> list[np.ndarray]:
    """(LEG, Z) codes from each anchor to the next, evenly along `curve_of` the way: as it travels whole."""
    stops = np.linspace(0, 1, len(way.anchors) + way.loop)
    even = np.linspace(0, 1, LEG)
    return [curve(start + even * (end - start)) for start, end in pairwise(stops)]


def pictures(run: Run, codes: np.ndarray, beta: float | None = None) -> np.ndarray:
    """(F, C, H, W) float32 in [0, 1]: what the run's decoder makes of codes (F, Z). Raises as `frames`."""
    return np.clip(_decoded(run, codes, beta), 0, 1)


def stops(way: Way, cloud: Cloud) -> np.ndarray:
    """(A, Z) codes of the anchors in turn, the first one again at the end of a loop.

    Raises PathError for an example that the run does not have, or a code of another length.
    """
    count, latent = cloud.mu.shape
    codes = []
    for anchor in way.anchors:
        if isinstance(anchor, int):
            if not 0 <= anchor < count:
                raise PathError(
                    f"The run's map has examples 0 to {count - 1}, and the path asks for {anchor}."
                )
            codes.append(cloud.mu[anchor].astype(np.float64))
        else:
            if len(anchor) != latent:
                raise PathError(
                    f"A code of this run has {latent} numbers, an anchor of the path {len(anchor)}."
                )
            codes.append(np.array(anchor, np.float64))
    return np.stack(codes + codes[:1] if way.loop else codes)


def curve_of(run: Run, way: Way, cloud: Cloud, beta: float | None, tell: Tell) -> paths.Curve:
    """The way as a curve. Raises as `frames`."""
    ends = stops(way, cloud)
    if way.kind == "drawn":
        return paths.drawn(_stroke_codes(way, ends, cloud))
    if way.kind == "data":
        from vae_core.data_paths import Roads

        kept = cloud.mu[:: max(1, -(-len(cloud.mu) // ROADS))]
        roads = Roads(kept, cloud.scale)
        return paths.joined([_along(roads, start, end) for start, end in pairwise(ends)])
    if way.kind == "geodesic":
        from vae_core import shortest  # torch is only needed here

        return paths.joined([paths.steady(leg) for leg in shortest.legs(run, ends, cloud, beta, tell)])
    between = {"linear": paths.line, "spherical": paths.arc}[way.kind]
    return paths.joined([between(start, end) for start, end in pairwise(ends)])


def _along(roads: "Roads", start: np.ndarray, end: np.ndarray) -> paths.Curve:
    """An anchor that comes twice in a row is one place: the way stays there."""
    return paths.line(start, end) if np.array_equal(start, end) else roads.curve(start, end)


def _stroke_codes(way: Way, ends: np.ndarray, cloud: Cloud) -> np.ndarray:
    """(P, Z): on the map beside the straight way, across the map on it."""
    latent = cloud.mu.shape[1]
    if way.axes and not (len(set(way.axes)) == 2 and max(way.axes) < latent):
        raise PathError(f"The path was drawn on a map of other dimensions than the {latent} of this run.")
    plane = np.eye(latent)[list(way.axes)] if way.axes else cloud.plane()
    share, beside = np.split(np.array(way.stroke, np.float64), [1], axis=1)
    return ends[0] + share * (ends[1] - ends[0]) + beside[:, : len(plane)] @ plane


def _standing(cloud: Cloud, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from vae_core.support import FEWEST, Support

    if len(cloud.mu) < FEWEST:
        return np.full(len(codes), np.nan), np.full(len(codes), -1)
    standing = Support(cloud.mu, cloud.scale).of(codes)
    return standing.support, standing.nearest


def _decoded(run: Run, codes: np.ndarray, beta: float | None) -> np.ndarray:
    from vae_core import latent  # torch is only needed here
    from vae_core.taking.portable import model_of

    return latent.decode(model_of(run, beta), codes)


def _anchor(text: str) -> Anchor:
    if text.startswith("z"):
        return _numbers(text[1:])
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise PathError(f"An anchor is an example's number or a code such as z0.5,-1.3, found {text[:40]!r}.")


def _stroke(text: str) -> tuple[tuple[float, float, float], ...]:
    if not text:
        return ()
    places = [_numbers(part) for part in text.split("~")]
    if not STROKE[0] <= len(places) <= STROKE[1] or any(len(place) != 3 for place in places):
        raise PathError(f"A stroke is {STROKE[0]} to {STROKE[1]} places of three numbers each.")
    return tuple((share, across, up) for share, across, up in places)


def _axes(text: str) -> tuple[int, ...]:
    parts = text.split(",") if text else []
    if len(parts) not in (0, 2) or not all(
        part.isascii() and part.isdigit() and len(part) < 5 for part in parts
    ):
        raise PathError(f"The axes of a map are two dimensions such as 0,3, found {text[:40]!r}.")
    return tuple(int(part) for part in parts)


def _numbers(text: str) -> tuple[float, ...]:
    parts: Sequence[str] = text.split(",")
    try:
        found = tuple(float(part) for part in parts[: DIMENSIONS + 1])
    except ValueError:
        found = ()
    if not 0 < len(found) <= DIMENSIONS or not all(abs(number) < 1e9 for number in found):
        raise PathError(f"A code is numbers with commas between them, found {text[:40]!r}.")
    return found
