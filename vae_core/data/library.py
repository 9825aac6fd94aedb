"""Imported pictures as they are kept: a folder each, under home/data, called after a checksum.

about.json says what they are, images.npy holds the pictures and is read in place (memory-mapped), labels.npy
their classes where there are any. A folder is written under another name and renamed when it is whole.
"""

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vae_core.config import OWN, short
from vae_core.data.dataset import fingerprint
from vae_core.data.own import FORMAT, OwnData, described
from vae_core.errors import DataError, DataMissingError, NotYoursError, UnreadableFileError
from vae_core.settings import settings
from vae_core.storage import make_folder, read_json, saving, sync, write_json

if TYPE_CHECKING:
    from vae_core.data.imports import Collected

IDENTIFIER = re.compile(r"[0-9a-f]{16}")
NAME = 80  # characters, of a set or a class
LEFTOVER_AGE = 3600.0  # seconds after which an unfinished folder has lost its writer


class Library:
    """The imported sets of this machine. Each belongs to an owner; other visitors see only what is shared.

    What the command line imports has the owner "", which is whoever the machine belongs to. A server that
    serves this person alone says so with `local`, and lets them use those sets as their own.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.folder = (home or settings().home) / "data"

    def list(self, owner: str = "", local: bool = False) -> list[OwnData]:
        """What that owner may use, newest first: their own and what is shared. Damaged ones are left out."""
        found = [data for data in self._all() if data.serves(owner, local)]
        return sorted(found, key=lambda data: (data.created, data.id), reverse=True)

    def usable(self, source: str, owner: str = "", local: bool = False) -> OwnData:
        """As `get`, for somebody: what is not theirs and not shared is not there for them."""
        data = self.get(source)
        if not data.serves(owner, local):
            raise _missing(source)
        return data

    def get(self, source: str) -> OwnData:
        """By "own:<id>" or the id. Raises DataMissingError, DataError where it is damaged."""
        identifier = source.removeprefix(OWN)
        path = self.folder / identifier
        if not IDENTIFIER.fullmatch(identifier) or path.is_symlink() or not path.is_dir():
            raise _missing(source)
        try:
            return described(path, read_json(path / "about.json"))
        except (UnreadableFileError, KeyError, TypeError, ValueError) as error:
            reason = error if isinstance(error, UnreadableFileError) else "about.json is not as it should be"
            raise DataError(
                f"The imported pictures {source!r} are damaged: {reason}. Import them again."
            ) from None

    def holds(self, source: str) -> bool:
        """Whether `get` finds it."""
        try:
            self.get(source)
        except DataError:
            return False
        return True

    def add(self, collected: "Collected", name: str, owner: str = "") -> OwnData:
        """Keeps the pictures. The same pictures of the same owner are kept once, under their first name.

        Raises DataError for an unusable name, StorageError; then nothing is kept.
        """
        name = _clean(name, "The name")
        labels = np.full(len(collected.images), -1) if collected.labels is None else collected.labels
        checksum = fingerprint(collected.images, labels)
        path = self.folder / _identifier(checksum, owner)
        if self.holds(path.name):
            return self.get(path.name)
        about = {
            "format": FORMAT,
            "name": name,
            "owner": owner,
            "shared": False,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "classes": [_clean(word, "A class name") for word in collected.classes],
            "shape": collected.images.shape[1:],
            "count": len(collected.images),
            "skipped": collected.report.skipped,
            "preparation": collected.preparation.model_dump(),
            "checksum": checksum,
        }
        make_folder(self.folder)
        self._sweep()
        draft = self.folder / f".draft-{path.name}-{secrets.token_hex(4)}"
        try:
            make_folder(draft, "The pictures")
            _write_array(draft / "images.npy", collected.images)
            if collected.labels is not None:
                _write_array(draft / "labels.npy", collected.labels)
            write_json(draft / "about.json", about)
            with saving(path):
                if path.is_dir():  # damaged
                    path.rename(self.folder / f".deleted-{path.name}-{secrets.token_hex(4)}")
                draft.rename(path)
                sync(self.folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return self.get(path.name)

    def edit(
        self,
        source: str,
        owner: str = "",
        *,
        name: str | None = None,
        classes: tuple[str, ...] | None = None,
        shared: bool | None = None,
    ) -> OwnData:
        """Changes what is said about the pictures, not the pictures.

        Raises DataError, NotYoursError unless `owner` is its owner, StorageError.
        """
        data = self._owned(source, owner)
        about = read_json(data.path / "about.json")
        if name is not None:
            about["name"] = _clean(name, "The name")
        if classes is not None:
            cleaned = [_clean(word, "A class name") for word in classes]
            if len(cleaned) != len(data.classes) or len(set(cleaned)) != len(cleaned):
                raise DataError(f"There are {len(data.classes)} classes; give each a name of its own.")
            about["classes"] = cleaned
        if shared is not None:
            about["shared"] = shared
        write_json(data.path / "about.json", about)
        return self.get(source)

    def delete(self, source: str, owner: str = "") -> None:
        """Removes the pictures for good. Raises DataMissingError, NotYoursError, StorageError."""
        data = self._owned(source, owner)
        with saving(data.path):
            gone = self.folder / f".deleted-{data.id}-{secrets.token_hex(4)}"
            data.path.rename(gone)
            shutil.rmtree(gone)

    def _owned(self, source: str, owner: str) -> OwnData:
        data = self.get(source)
        if data.owner != owner:
            raise NotYoursError(
                "These pictures were imported by someone else; only they can change or delete them."
            )
        return data

    def _all(self) -> Iterator[OwnData]:
        try:
            names = os.listdir(self.folder)
        except OSError:
            return
        for name in names:
            if IDENTIFIER.fullmatch(name):
                with suppress(DataError):
                    yield self.get(name)

    def _sweep(self) -> None:
        """Clears what a killed import left behind."""
        for path in self.folder.glob(".*-*"):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > LEFTOVER_AGE and not path.is_symlink():
                    shutil.rmtree(path)


def _missing(source: str) -> DataMissingError:
    return DataMissingError(f"There are no imported pictures {short(source)} here; import them again.")


def _identifier(checksum: str, owner: str) -> str:
    """The checksum's start; with the owner mixed in, so that no one learns what others have imported."""
    return (hashlib.sha256(f"{checksum} {owner}".encode()).hexdigest() if owner else checksum)[:16]


def _clean(text: str, what: str) -> str:
    """One line of text. Raises DataError."""
    text = text.strip()
    if not text or not text.isprintable() or len(text) > NAME:
        raise DataError(f"{what} must be one line of 1 to {NAME} characters.")
    return text


def _write_array(path: Path, array: np.ndarray) -> None:
    with saving(path), open(path, "xb") as file:
        # np.save hands the numbers to the system through a buffer of its own and misses that the disk is full
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(np.ascontiguousarray(array).data)
        file.flush()
        os.fsync(file.fileno())
