"""Tags: groups of a run's examples that someone keeps under a name.

One small file for each run and owner in the home, never in the run's folder: starters are read in place, and
what one visitor tags is nobody else's. Read with suspicion, written whole. Needs no torch.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vae_core.errors import NewerFormatError, TagError, UnreadableFileError
from vae_core.migrations import FORMATS, lift
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import MEGA, make_folder, read_json, write_atomic

FORMAT = FORMATS["tags"]
NAME_LENGTH = 40  # characters
MOST_TAGS = 50  # of one owner in one run
MOST_ROWS = 300_000  # in all of them together
FILE_LIMIT = 4 * MEGA

_changing = threading.Lock()  # from reading a file to writing it; one process serves a home


@dataclass(frozen=True)
class Tag:
    """`rows` are numbers of points on the run's map, each once and in order."""

    name: str
    rows: tuple[int, ...]


class TagStore:
    """Tags in `home`/tags/RUN/OWNER.json; the owner's token stands there as a checksum."""

    def __init__(self, home: Path | None = None) -> None:
        self.runs = RunStore(home)
        self.folder = self.runs.folder.with_name("tags")

    def list(self, run: Run, owner: str) -> tuple[Tag, ...]:
        """In the order they were made. Raises TagError where the file is damaged."""
        path = self._path(run, owner)
        if not path.exists():
            return ()
        try:
            value = lift("tags", read_json(path, FILE_LIMIT), name=path.name)
        except NewerFormatError as error:
            raise TagError(f"Your tags of {run.id} are too new: {error}. Update Latentscape first.") from None
        except UnreadableFileError as error:
            raise _damaged(run, str(error)) from None
        items = value.get("tags")
        if not isinstance(items, list) or len(items) > MOST_TAGS:
            raise _damaged(run, f"{path.name} holds something else")
        tags = tuple(_read(item) for item in items)
        if None in tags or len({tag.name for tag in tags if tag}) < len(tags):
            raise _damaged(run, f"{path.name} holds something else")
        return tuple(tag for tag in tags if tag)

    def save(self, run: Run, owner: str, name: Any, rows: Any, count: int) -> None:
        """Keeps rows of a map of `count` points under a name; a tag of that name is replaced.

        Raises TagError for a name or rows that cannot be, or too many of them, StorageError.
        """
        tag = Tag(_name(name), _rows(rows, count))
        with _changing:
            others = [other for other in self.list(run, owner) if other.name != tag.name]
            if len(others) >= MOST_TAGS:
                raise TagError(f"There are {MOST_TAGS} tags already; delete one first.")
            total = len(tag.rows) + sum(len(other.rows) for other in others)
            if total > MOST_ROWS:
                raise TagError(
                    f"With this tag there would be {total:,} examples in all tags of this run, "
                    f"at most {MOST_ROWS:,} are kept; delete one first."
                )
            self._write(run, owner, [*others, tag])

    def rename(self, run: Run, owner: str, name: Any, to: Any) -> None:
        """Raises TagError where there is no such tag, or another one of the new name, StorageError."""
        with _changing:
            tags = self.list(run, owner)
            wanted = _name(to)
            if wanted != name and any(tag.name == wanted for tag in tags):
                raise TagError(f"There is a tag {wanted!r} already; choose another name.")
            if not any(tag.name == name for tag in tags):
                raise TagError(f"There is no tag {str(name)[:NAME_LENGTH]!r} any more.")
            self._write(run, owner, [Tag(wanted, tag.rows) if tag.name == name else tag for tag in tags])

    def delete(self, run: Run, owner: str, name: Any) -> None:
        """Nothing happens where there is none. Raises TagError where the file is damaged, StorageError."""
        with _changing:
            tags = self.list(run, owner)
            kept = [tag for tag in tags if tag.name != name]
            if len(kept) < len(tags):
                self._write(run, owner, kept)

    def _write(self, run: Run, owner: str, tags: Sequence[Tag]) -> None:
        self.runs.sweep(self.folder)
        path = self._path(run, owner)
        make_folder(path.parent)
        contents = {"format": FORMAT, "tags": [{"name": tag.name, "rows": tag.rows} for tag in tags]}
        write_atomic(path, json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode())

    def _path(self, run: Run, owner: str) -> Path:
        return self.folder / run.id / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}.json"


def _name(value: Any) -> str:
    """On one line. Raises TagError where that leaves nothing, or too much."""
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise TagError(f"A tag needs a name of 1 to {NAME_LENGTH} characters.")
    return name


def _rows(value: Any, count: int) -> tuple[int, ...]:
    """Each once, in order. Raises TagError."""
    rows = _numbers(value)
    if rows is None or (len(rows) and (rows[0] < 0 or rows[-1] >= count)):
        raise TagError(f"The tag's examples are not among the {count:,} of this map; reload the page.")
    return tuple(rows.tolist())


def _numbers(value: Any) -> np.ndarray | None:
    """Whole numbers of a list, each once and in order, (N,) int64; None where they are something else."""
    if not isinstance(value, list) or not all(type(row) is int and abs(row) < 2**31 for row in value):
        return None
    return np.unique(np.array(value, np.int64))


def _read(item: Any) -> Tag | None:
    if not isinstance(item, dict):
        return None
    rows = _numbers(item.get("rows"))
    try:
        return None if rows is None else Tag(_name(item.get("name")), tuple(rows.tolist()))
    except TagError:
        return None


def _damaged(run: Run, reason: str) -> TagError:
    return TagError(f"Your tags of {run.id} cannot be read: {reason}. Delete that file to begin anew.")
