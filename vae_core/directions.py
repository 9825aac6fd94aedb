"""Directions of a run's latent space that someone keeps under a name.

One small file for each run and owner in the home, never in the run's folder, as for tags: it stays while the
run lies in the bin and goes when the run has gone. Read with suspicion, written whole. Needs no torch.
"""

import hashlib
import json
import math
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vae_core.errors import DirectionError, NewerFormatError, UnreadableFileError
from vae_core.groups import VECTORS
from vae_core.migrations import FORMATS, lift
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import MEGA, make_folder, read_json, write_atomic

FORMAT = FORMATS["directions"]
NAME_LENGTH = 40  # characters
WORDS_LENGTH = 200  # characters of what a group is called
MOST = 30  # of one owner in one run
DIMENSIONS = 1_000
FILE_LIMIT = 4 * MEGA
LARGEST = 1e6  # of a number

_changing = threading.Lock()  # from reading a file to writing it; one process serves a home


@dataclass(frozen=True)
class Direction:
    """`z` and `zero` as in `groups.Found`; the groups as a person calls them."""

    name: str
    z: tuple[float, ...]
    zero: float
    having: str
    without: str
    vector: str  # one of VECTORS
    effect: float  # Cohen's d between the groups
    accuracy: float  # balanced, on held-out examples


class DirectionStore:
    """Directions in `home`/directions/RUN/OWNER.json; the owner's token stands there as a checksum."""

    def __init__(self, home: Path | None = None) -> None:
        self.runs = RunStore(home)
        self.folder = self.runs.folder.with_name("directions")

    def list(self, run: Run, owner: str) -> tuple[Direction, ...]:
        """In the order they were kept. Raises DirectionError where the file is damaged."""
        path = self._path(run, owner)
        if not path.exists():
            return ()
        try:
            value = lift("directions", read_json(path, FILE_LIMIT), name=path.name)
        except NewerFormatError as error:
            raise DirectionError(
                f"Your directions of {run.id} are too new: {error}. Update Latentscape first."
            ) from None
        except UnreadableFileError as error:
            raise _damaged(run, str(error)) from None
        items = value.get("directions")
        if not isinstance(items, list) or len(items) > MOST:
            raise _damaged(run, f"{path.name} holds something else")
        found = [_read(item) for item in items]
        kept = tuple(direction for direction in found if direction)
        if len({direction.name for direction in kept}) < len(items):
            raise _damaged(run, f"{path.name} holds something else")
        return kept

    def save(self, run: Run, owner: str, direction: Direction) -> Direction:
        """Keeps it, in the place of one of the same name; returns it as it was kept.

        Raises DirectionError for one that cannot be, or one too many, StorageError.
        """
        kept = _checked(replace(direction, name=_name(direction.name)))
        with _changing:
            others = [other for other in self.list(run, owner) if other.name != kept.name]
            if len(others) >= MOST:
                raise DirectionError(f"There are {MOST} directions already; delete one first.")
            self._write(run, owner, [*others, kept])
        return kept

    def rename(self, run: Run, owner: str, name: str, to: Any) -> str:
        """The new name. Raises DirectionError without such a one, or where it is taken, StorageError."""
        wanted = _name(to)
        with _changing:
            found = self.list(run, owner)
            if wanted != name and any(direction.name == wanted for direction in found):
                raise DirectionError(f"There is a direction {wanted!r} already; choose another name.")
            if not any(direction.name == name for direction in found):
                raise DirectionError(f"There is no direction {str(name)[:NAME_LENGTH]!r} any more.")
            renamed = [replace(each, name=wanted) if each.name == name else each for each in found]
            self._write(run, owner, renamed)
        return wanted

    def delete(self, run: Run, owner: str, name: str) -> Direction | None:
        """What was deleted, to be saved again. Raises DirectionError for a damaged file, StorageError."""
        with _changing:
            found = self.list(run, owner)
            gone = next((direction for direction in found if direction.name == name), None)
            if gone:
                self._write(run, owner, [direction for direction in found if direction is not gone])
        return gone

    def _write(self, run: Run, owner: str, directions: Sequence[Direction]) -> None:
        self.runs.sweep(self.folder)
        path = self._path(run, owner)
        make_folder(path.parent)
        contents = {"format": FORMAT, "directions": [asdict(direction) for direction in directions]}
        write_atomic(path, json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode())

    def _path(self, run: Run, owner: str) -> Path:
        return self.folder / run.id / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.json"


def _name(value: Any) -> str:
    """On one line, without the ~ and : of addresses. Raises DirectionError for nothing, or too much."""
    name = " ".join(value.translate({ord("~"): " ", ord(":"): " "}).split()) if isinstance(value, str) else ""
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise DirectionError(f"A direction needs a name of 1 to {NAME_LENGTH} characters.")
    return name


def _checked(direction: Direction) -> Direction:
    """Raises DirectionError for what is none; a clear effect without any spread is a large one."""
    capped = replace(direction, effect=max(-LARGEST, min(LARGEST, direction.effect)))
    found = _read(asdict(capped) | {"z": list(direction.z)})
    if found is None:
        raise DirectionError(
            "This direction has numbers that are none, so it is not kept. Choose other groups."
        )
    return found


def _read(item: Any) -> Direction | None:
    """None for what is no direction."""
    if not isinstance(item, dict):
        return None
    z, vector = item.get("z"), item.get("vector")
    words = [item.get(name) for name in ("having", "without")]
    figures = [item.get(name) for name in ("zero", "effect", "accuracy")]
    if not isinstance(z, list) or not 0 < len(z) <= DIMENSIONS or not all(map(_is_number, [*z, *figures])):
        return None
    if not any(z) or vector not in VECTORS or not all(isinstance(text, str) for text in words):
        return None
    try:
        name = _name(item.get("name"))
    except DirectionError:
        return None
    having, without = (" ".join(str(text).split())[:WORDS_LENGTH] for text in words)
    zero, effect, accuracy = (float(figure) for figure in figures)  # type: ignore[arg-type]
    return Direction(
        name, tuple(float(value) for value in z), zero, having, without, vector, effect, accuracy
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= LARGEST


def _damaged(run: Run, reason: str) -> DirectionError:
    return DirectionError(
        f"Your directions of {run.id} cannot be read: {reason}. Delete that file to begin anew."
    )
