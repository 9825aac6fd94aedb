"""What a visitor uploads, on its way to becoming pictures: kept in a temporary folder of its own."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from vae_core.data.imports import Contents, Limits, look
from vae_core.errors import DataError, StorageError

PREFIX = "latentscape-upload-"
STALE = 24 * 3600.0  # seconds after which a folder has lost its server
PIECE = 2**20


class File(Protocol):
    """As Streamlit's uploader gives it."""

    name: str
    size: int

    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Upload:
    """Files on disk. They go when nobody refers to this any more: with the session, or the server."""

    folder: tempfile.TemporaryDirectory
    path: Path  # a file, or a folder of single pictures
    labels: Path | None  # of an IDX pair
    title: str
    bytes: int
    contents: Contents


def take(files: Sequence[File], limits: Limits) -> Upload:
    """Copies uploaded files to disk. Raises DataError for what is none of a kind, StorageError."""
    total = sum(file.size for file in files)
    if total > limits.upload_bytes:
        raise DataError(f"That is {total:,} bytes, at most {limits.upload_bytes:,} are read at once.")
    _sweep()
    folder = None
    try:
        folder = temporary()
        inner = Path(folder.name, "files")
        inner.mkdir()
        paths = [_copy(file, inner, number) for number, file in enumerate(files)]
    except OSError as error:
        raise StorageError(f"The upload could not be kept: {error.strerror}. Try again later.") from None
    path, labels = _whole(paths, inner)
    title = path.name if path != inner else f"{len(paths)} files"
    return Upload(folder, path, labels, title, total, look(path, limits))


def keep(file: File) -> tuple[tempfile.TemporaryDirectory, Path]:
    """One uploaded file on disk, in a folder that goes with the first of the two. Raises StorageError."""
    _sweep()
    try:
        folder = temporary()
        return folder, _copy(file, Path(folder.name), 0)
    except OSError as error:
        raise StorageError(f"The upload could not be kept: {error.strerror}. Try again later.") from None


def temporary() -> tempfile.TemporaryDirectory:
    """A folder for what is on its way; one that a killed server leaves behind is cleared later."""
    return tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)


def _whole(paths: list[Path], folder: Path) -> tuple[Path, Path | None]:
    """What is to be read: the only file, an IDX pair, or the folder of all."""
    if len(paths) == 1:
        return paths[0], None
    axes = {path: _idx_axes(path) for path in paths}
    if len(paths) == 2 and sorted(axes.values()) == [1, 3]:
        pictures, labels = sorted(paths, key=lambda path: -axes[path])
        return pictures, labels
    return folder, None


def _idx_axes(path: Path) -> int:
    """Axes of an IDX file, 0 for any other. A packed one is told by its name, as its makers call it."""
    with path.open("rb") as file:
        head = file.read(4)
    if head[:3] == b"\0\0\x08" and len(head) == 4:
        return head[3]
    found = re.search(r"idx([13])", path.name) if head[:2] == b"\x1f\x8b" else None
    return int(found[1]) if found else 0


def _copy(file: File, folder: Path, number: int) -> Path:
    path = folder / _plain(file.name, number)
    if path.exists():
        path = folder / f"{number}-{path.name}"
    file.seek(0)
    with path.open("xb") as copy:
        shutil.copyfileobj(_reader(file), copy, PIECE)
    return path


def _reader(file: File) -> BinaryIO:
    return file  # type: ignore[return-value]


def _plain(name: str, number: int) -> str:
    """A stranger's file name without anything that could lead elsewhere; the ending stays."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(sign for sign in name if sign.isprintable()).encode("utf-8", "ignore").decode()
    stem, suffix = os.path.splitext(f"x{name}")  # with a letter before it a name like .csv has its ending
    stem, suffix = stem[1:].strip(". ")[:60], suffix[:12]
    return f"{stem}{suffix}" if stem else f"file-{number}{suffix}"


def _sweep() -> None:
    """Clears what a killed server left behind."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - path.lstat().st_mtime > STALE and not path.is_symlink():
                shutil.rmtree(path)
