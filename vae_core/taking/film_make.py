"""A film of a run's path: decoded and written, or its size told before."""

from pathlib import Path

from vae_core import ways
from vae_core.errors import ExportError
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.taking import film_clock, film_files, journey
from vae_core.taking.film import Film
from vae_core.taking.journey import Journey
from vae_core.taking.kind import Choices, Tell

RATES = {"gif": 25, "webp": 25, "apng": 25, "mp4": 30}  # pictures a second
PIXELS = {"gif": 336, "webp": 448, "apng": 448, "mp4": 720}  # of a picture's longer side, about
SMALLEST, LARGEST = 16, 2_000  # of those that can be asked for
EVEN = {"mp4": 2}  # what sizes are a multiple of: colours of a video are of two by two pixels
MOST_DOTS = {"gif": 300_000_000, "webp": 900_000_000, "apng": 900_000_000, "mp4": 900_000_000}  # of a film
FOUND = 0.2  # share of the time that finding the path takes


def size(kind: str, run: Run, choices: Choices) -> int:
    """Bytes, about, without decoding. Raises ExportError, PathError, RunError, RunDamagedError."""
    way = choices.way or first_way(run)
    frames = _frames(kind, way, choices)
    film = film_of(kind, journey.likely(run, way, frames), choices)
    return film_files.size(film, kind, choices.repeat)


def save(kind: str, run: Run, path: Path, choices: Choices, tell: Tell = lambda share: None) -> None:
    """The film as "gif", "webp", "apng" or "mp4". Raises as `size`, and ConfigError, StorageError.

    `tell` hears the share done and may raise to call it off.
    """
    way = choices.way or first_way(run)
    frames = _frames(kind, way, choices)
    found = journey.travelled(run, way, frames, choices.beta, lambda share: tell(FOUND * share))
    film = film_of(kind, found, choices)
    film_files.write(film, path, kind, choices.repeat, lambda share: tell(FOUND + (1 - FOUND) * share))


def _frames(kind: str, way: ways.Way, choices: Choices) -> int:
    """How finely the path is followed: a frame for each picture."""
    legs = journey.legs_of(way)
    return max(ways.COUNT, film_clock.pictures_of(legs, choices.speed, RATES[kind], choices.count))


def film_of(kind: str, found: Journey, choices: Choices) -> Film:
    """What is asked for, of a path that is found. Raises ExportError."""
    side = choices.pixels or PIXELS[kind]
    if not SMALLEST <= side <= LARGEST:
        raise ExportError(f"--pixels is {side}, allowed is a number from {SMALLEST} to {LARGEST}.")
    course = film_clock.course(
        found.marks,
        found.last,
        film_clock.pictures_of(found.legs, choices.speed, RATES[kind], choices.count),
        speed=choices.speed,
        ease=choices.ease,
        repeat=choices.repeat,
        closed=found.closed,
    )
    film = Film(found, course, side, choices.labels, choices.dark, EVEN.get(kind, 1))
    width, height = film.size
    if film.count * width * height > MOST_DOTS[kind]:
        raise ExportError(
            f"{film.count} pictures of {width} by {height} pixels are too much for one film; "
            "choose fewer or smaller ones, or a higher speed."
        )
    return film
