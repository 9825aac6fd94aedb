"""What a file holds, before it is read: so that a person can say which array or column is which."""

import gzip
import math
import struct
import zlib
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Literal

from vae_core import storage
from vae_core.data.imports import archive, tables
from vae_core.data.imports.preparation import Limits
from vae_core.errors import DataError, UnreadableFileError

LISTED = 100  # arrays
WIDEST = 20_000  # columns
# Usual names, the likely ones first.
PICTURES = (
    "images",
    "imgs",
    "image",
    "pictures",
    "x_train",
    "x",
    "data",
    "arr_0",
)  # usual names, likely first
LABELS = ("labels", "label", "y_train", "y", "classes", "class", "targets", "target", "arr_1")

Kind = Literal["pictures", "arrays", "table", "numbers"]


@dataclass(frozen=True)
class Array:
    """One array of an npz file, as its description says."""

    name: str
    shape: tuple[int, ...]
    type: str

    def __str__(self) -> str:
        return f"{self.name} · {'×'.join(map(str, self.shape)) or 'one number'} {self.type}"


@dataclass(frozen=True)
class Contents:
    """A file's kind, what can be chosen in it, and the choice that is likely meant.

    `images` and `labels` are as `imports.read` takes them, empty where there is nothing to choose.
    """

    kind: Kind  # picture files, arrays of an npz, a table of pixels, or IDX
    arrays: tuple[Array, ...] = ()
    columns: tuple[str, ...] = ()  # names, or numbers from 1
    images: str = ""
    labels: str = ""
    side: int = 0  # longer side of the likely pictures in pixels, 0 where it is not known yet
    is_coloured: bool = False  # as far as is known


def look(path: Path, limits: Limits | None = None) -> Contents:
    """What there is to choose in a folder or file. Reads its beginning only. Raises DataError."""
    limits = limits or Limits()
    if path.is_dir():
        return Contents("pictures")
    try:
        if path.suffix.lower() == ".npz":
            return _npz(path, limits)
        with storage.open_file(path, limits.upload_bytes) as (file, _):
            head = file.read(4)
        if head[:2] == b"\x1f\x8b" or head[:3] == b"\0\0\x08":
            return Contents("numbers", side=_idx_side(path))
        if head[:2] != b"PK" and path.suffix.lower() in tables.SUFFIXES:
            return _csv(path, limits)
    except UnreadableFileError as error:
        raise DataError(f"{error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    return Contents("pictures")


def _npz(path: Path, limits: Limits) -> Contents:
    found = []
    with storage.open_file(path, limits.upload_bytes) as (file, size):
        for member in islice(archive.members(file, size, limits.entries), LISTED):
            name = member.name.decode("utf-8", "replace")
            try:
                start = bytearray()
                with closing(archive.pieces(file, member, limits.inflated_bytes)) as pieces:
                    while len(start) < tables.HEADER and (piece := next(pieces, b"")):
                        start += piece
                shape, _, dtype = tables.description(BytesIO(start))
            except Exception:
                continue
            if not dtype.hasobject and not dtype.names:
                found.append(Array(name.removesuffix(".npy"), shape, str(dtype)))
    images = _likely([array for array in found if _are_pictures(array)], PICTURES)
    count = images.shape[0] if images else -1
    labels = _likely([array for array in found if array.shape == (count,)], LABELS)
    return Contents(
        "arrays",
        arrays=tuple(found),
        images=images.name if images else "",
        labels=labels.name if labels else "",
        side=_side(images.shape) if images else 0,
        is_coloured=images is not None and len(images.shape) == 4 and 3 in (images.shape[1], images.shape[3]),
    )


def _are_pictures(array: Array) -> bool:
    shape = array.shape
    return len(shape) in (3, 4) or (
        len(shape) == 2 and shape[1] > 1 and math.isqrt(shape[1]) ** 2 == shape[1]
    )


def _side(shape: tuple[int, ...]) -> int:
    if len(shape) == 2:
        return math.isqrt(shape[1])
    colour_first = len(shape) == 4 and shape[3] not in (1, 3)
    return max(shape[2:] if colour_first else shape[1:3])


def _idx_side(path: Path) -> int:
    """From the header of an IDX file of pictures, plain or packed; 0 where it is none."""
    with path.open("rb") as packed:
        plain = packed.read(2) == b"\0\0"
        packed.seek(0)
        try:
            with packed if plain else gzip.open(packed) as stream:
                head = stream.read(16)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return 0
    return max(struct.unpack(">2I", head[8:])) if len(head) == 16 and head[:4] == b"\0\0\x08\3" else 0


def _likely(arrays: list[Array], names: tuple[str, ...]) -> Array | None:
    """One of the usual name, else the largest."""
    by_name = {array.name.lower(): array for array in reversed(arrays)}
    usual = next((by_name[name] for name in names if name in by_name), None)
    return usual or max(arrays, key=lambda array: math.prod(array.shape), default=None)


def _csv(path: Path, limits: Limits) -> Contents:
    with storage.open_file(path, limits.upload_bytes) as (file, _), closing(tables.rows(file)) as lines:
        _, first = next(lines, (0, []))
    if len(first) > WIDEST:
        raise DataError(f"A row of {path.name} has {len(first):,} columns, at most {WIDEST:,} are read.")
    named = tables.has_names(first)
    columns = tuple(first) if named else tuple(str(number) for number in range(1, len(first) + 1))
    if named and tables.LABEL in first:
        labels = tables.LABEL
    else:
        square = math.isqrt(len(first)) ** 2 == len(first)
        labels = "" if square or not columns else columns[0]
    return Contents(
        "table", columns=columns, labels=labels, side=math.isqrt(len(first) - (1 if labels else 0))
    )
