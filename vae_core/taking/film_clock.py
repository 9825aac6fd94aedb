"""When a film of a path shows which place on it, as the Interpolate page's player goes (web/path_player.js).

A place is a number of frames, from 0 to the last one, and may lie between two. The clock is the share of the
way's time that has passed, from 0 to 1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vae_core.errors import ExportError

Ease = Literal["even", "soft", "pauses"]
Repeat = Literal["once", "loop", "swing"]

LEG = 2.6  # seconds from anchor to anchor at speed 1
SPEEDS = (0.5, 1.0, 2.0, 4.0)
EASES: tuple[Ease, ...] = ("even", "soft", "pauses")
REPEATS: tuple[Repeat, ...] = ("once", "loop", "swing")
FASTEST = 50  # pictures a second: what a GIF can count, and browsers play
MOST = 500  # pictures one way, whatever the speed; longer films have fewer a second


@dataclass(frozen=True)
class Course:
    """What a film shows when."""

    places: np.ndarray  # (T,) in frames
    pause: float  # seconds that each is shown
    forward: int  # places of the way there; those after it lead back

    @property
    def seconds(self) -> float:
        return len(self.places) * self.pause


def places_at(clock: np.ndarray, ease: Ease, marks: np.ndarray, last: float) -> np.ndarray:
    """Places (T,) for clocks (T,): "soft" slows down at both ends, "pauses" at every anchor.

    `marks` are the places of the anchors, `last` that of the last frame.
    """
    share = np.clip(np.asarray(clock, np.float64), 0, 1)
    if ease == "even":
        return share * last
    if ease == "soft":
        return _smooth(share) * last
    stops = np.unique([0.0, *marks, last])
    aim = share * last
    k = np.clip(np.searchsorted(stops, aim, side="right") - 1, 0, len(stops) - 2)
    length = stops[k + 1] - stops[k]
    return stops[k] + length * _smooth((aim - stops[k]) / length)


def seconds_of(legs: int, speed: float) -> float:
    """How long the way there takes."""
    return max(1, legs) * LEG / speed


def pictures_of(legs: int, speed: float, rate: float, count: int = 0) -> int:
    """How many places the way there has: `count`, or at `rate` a second. Raises ExportError for too many."""
    seconds = seconds_of(legs, speed)
    most = min(MOST, int(seconds * FASTEST) + 1)
    if count and not 2 <= count <= most:
        raise ExportError(
            f"{count} pictures do not make a film of {seconds:g} seconds; choose from 2 to {most}, "
            "or another speed."
        )
    return count or min(MOST, round(seconds * rate) + 1)


def course(
    marks: np.ndarray,
    last: float,
    pictures: int,
    *,
    speed: float = 1.0,
    ease: Ease = "soft",
    repeat: Repeat = "swing",
    closed: bool = False,
) -> Course:
    """The way there, and for "swing" back again, each end shown once; "loop" of a `closed` way, whose end is
    its beginning, leaves the end out.
    """
    clock = np.linspace(0, 1, pictures)
    there = places_at(clock, ease, marks, last)
    pause = seconds_of(len(marks) - 1, speed) / (pictures - 1)
    if repeat == "swing":
        return Course(np.concatenate([there, there[-2:0:-1]]), pause, pictures)
    if repeat == "loop" and closed and pictures > 2:
        there = there[:-1]
    return Course(there, pause, len(there))


def hundredths(course: Course) -> list[int]:
    """How many hundredths of a second each picture stands, so that the whole takes as long as it should."""
    ends = np.rint(np.arange(len(course.places) + 1) * course.pause * 100).astype(int)
    return np.diff(ends).tolist()


def _smooth(share: np.ndarray) -> np.ndarray:
    return share * share * (3 - 2 * share)
