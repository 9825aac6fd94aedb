"""What a person writes on a run: another name, marks (pages call them tags) and a note.

One small file in the run's folder, which goes where the run goes, to the bin and back. The config stays what
the run was trained with. Writing does not need the run's lock, so a run can be renamed while it trains.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_core.errors import RunError, RunNotFoundError, UnreadableFileError
from vae_core.migrations import FORMATS, lift
from vae_core.storage import KILO, read_json, saving, write_json

if TYPE_CHECKING:
    from vae_core.run import Run

FORMAT = FORMATS["marks"]
FILE, DAMAGED = "marks.json", "marks-damaged.json"
FILE_LIMIT = 64 * KILO
NAME_LENGTH = 80  # characters, as of the config's name
WORD_LENGTH = 40
NOTE_LENGTH = 2_000
MOST_WORDS = 20  # on one run


@dataclass(frozen=True)
class Marks:
    """Empty where nothing was written; `words` are each there once, in the order they were put there."""

    name: str = ""
    words: tuple[str, ...] = ()
    note: str = ""


def read(folder: Path) -> Marks:
    """What is written on the run in `folder`; of a damaged file nothing, as it only decorates."""
    return _read(folder) or Marks()


def write(
    run: "Run",
    owner: str,
    *,
    name: str | None = None,
    words: Iterable[str] | None = None,
    note: str | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Marks:
    """Changes what is given and leaves the rest; an empty name is the one the run began with.

    Words can be replaced, or some put there and taken away.

    Raises RunError for a starter, for a run that is not `owner`'s, for what is too long or too many,
    RunNotFoundError where it was deleted meanwhile, RunDamagedError where its folder is a link, StorageError.
    """
    changed: dict[str, Any] = {}
    if name is not None:
        changed["name"] = _line(name, NAME_LENGTH, "A name")
    if words is not None:
        changed["words"] = _words(words)
    if note is not None:
        changed["note"] = _note(note)
    check_owner(run, owner)
    with _alone(run):
        found = _read(run.path)
        if found is None:  # somebody may want to look at it
            with saving(run.path / FILE):
                os.replace(run.path / FILE, run.path / DAMAGED)
        marks = replace(found or Marks(), **changed)
        gone = set(remove)
        marks = replace(marks, words=_words(word for word in (*marks.words, *add) if word not in gone))
        value = {"format": FORMAT, "name": marks.name, "marks": marks.words, "note": marks.note}
        write_json(run.path / FILE, value)
    run.marks = marks
    return marks


def check_owner(run: "Run", owner: str) -> None:
    """Raises RunError for a starter and for a run that is not `owner`'s."""
    if run.starter:
        raise RunError(f"Run {run.id} came with Latentscape and is never changed.")
    if run.owner != owner:
        raise RunError(f"Run {run.id} was started by someone else; only they can change or delete it.")


def parse_words(text: str) -> tuple[str, ...]:
    """Marks typed in one line with commas between them. Raises RunError where one cannot be."""
    return _words(text.split(","))


def _read(folder: Path) -> Marks | None:
    """None where the file is damaged."""
    if not os.path.lexists(folder / FILE):
        return Marks()
    try:
        value = lift("marks", read_json(folder / FILE, FILE_LIMIT))
        words = value.get("marks", [])
        if not isinstance(words, list):
            return None
        name = _line(value.get("name", ""), NAME_LENGTH, "A name")
        return Marks(name, _words(words), _note(value.get("note", "")))
    except (UnreadableFileError, RunError):
        return None


def _line(value: Any, length: int, what: str) -> str:
    """Text on one line. Raises RunError."""
    text = " ".join(value.split()) if isinstance(value, str) else None
    if text is None or len(text) > length or not text.isprintable():
        raise RunError(f"{what} is one line of at most {length} characters.")
    return text


def _words(values: Iterable[Any]) -> tuple[str, ...]:
    lines = [_line(value, WORD_LENGTH, "A tag") for value in values]
    words = tuple(dict.fromkeys(filter(None, lines)))
    if any("," in word for word in words):
        raise RunError("A tag has no comma in it; commas stand between tags.")
    if len(words) > MOST_WORDS:
        raise RunError(f"These are {len(words)} tags; a run has at most {MOST_WORDS}.")
    return words


def _note(value: Any) -> str:
    text = value.replace("\r\n", "\n").strip() if isinstance(value, str) else None
    if text is None or len(text) > NOTE_LENGTH or not text.replace("\n", "").replace("\t", "").isprintable():
        raise RunError(f"A note is text of at most {NOTE_LENGTH:,} characters.")
    return text


@contextmanager
def _alone(run: "Run") -> Iterator[None]:
    """One change at a time, in whatever process, by a lock on the folder; training takes another."""
    path = run.folder()
    handle = -1
    with saving(path / FILE), suppress(FileNotFoundError, NotADirectoryError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if handle < 0:
        raise RunNotFoundError(f"Run {run.id} was deleted meanwhile.")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
