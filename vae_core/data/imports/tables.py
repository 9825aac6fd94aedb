"""Pictures that come as numbers: arrays of an npz file, IDX pairs, rows of a CSV file."""

import csv
import math
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from vae_core import storage
from vae_core.data import idx
from vae_core.data.dataset import Progress
from vae_core.data.imports import archive
from vae_core.data.imports.collecting import Collector, readable
from vae_core.errors import DataError, LabelError, TruncatedError

SUFFIXES = (".csv", ".tsv", ".txt")
LINE = 2**20  # characters in one line of a CSV file
LABEL = "label"  # the column's name where none is said
HEADER = 10_000  # bytes of an array's description


def read_npz(
    path: Path, images: str, labels: str, collector: Collector, progress: Progress | None = None
) -> None:
    """The arrays called `images` and `labels`; an empty name means the only array that could be it, and none.

    Pictures are (N, H, W), (N, H, W, C), (N, C, H, W) or (N, D) with D a square. Raises DataError.
    """
    with storage.open_file(path, collector.limits.upload_bytes) as (file, size):
        found = archive.members(file, size, collector.limits.entries)
        arrays = {member.name.decode("utf-8", "replace").removesuffix(".npy"): member for member in found}
        if not images and len(arrays) == 1:
            images = next(iter(arrays))
        for name in filter(None, (images or "?", labels)):
            if name not in arrays:
                known = ", ".join(readable(key) for key in list(arrays)[:20]) or "none"
                asked = "Which array holds the pictures?" if name == "?" else f"There is no array {name!r}."
                raise DataError(f"{asked} Arrays in {path.name}: {known}.")
        left = collector.limits.inflated_bytes
        pixels = _array(file, arrays[images], left, images)
        marks = _array(file, arrays[labels], left - pixels.nbytes, labels) if labels else None
    add_arrays(images, pixels, marks, collector, progress)


def read_idx(
    images: Path, labels: Path | None, collector: Collector, progress: Progress | None = None
) -> None:
    """An IDX file of pictures (N, H, W) and one of labels (N,), each plain or as gzip. Raises DataError."""
    most = collector.limits.inflated_bytes
    for path in filter(None, (images, labels)):
        if not path.is_file():
            raise DataError(f"There is no file {path}.")
        if path.stat().st_size > collector.limits.upload_bytes:
            raise DataError(
                f"{path.name} is larger than the {collector.limits.upload_bytes:,} bytes that are read."
            )
    pixels = idx.read(images, axes=3, plain=True, most=most)
    marks = idx.read(labels, axes=1, plain=True, most=most) if labels else None
    add_arrays("picture", pixels, marks, collector, progress)


def read_csv(path: Path, label: str, collector: Collector, progress: Progress | None = None) -> None:
    """Rows of pixels of a square grey picture; `label` is a column's name, or its number counted from 1.

    A first row with that name, or with several words, is taken for names. Raises DataError.
    """
    opened = storage.open_file(path, collector.limits.upload_bytes)
    with opened as (file, _), closing(rows(file)) as lines:
        number, first = next(lines, (0, []))
        if not first:
            raise TruncatedError(f"{path.name} is empty.")
        named = has_names(first, label)
        column = _column(first, named, label)
        width = len(first)
        side = math.isqrt(width - (column is not None))
        if side == 0 or side * side != width - (column is not None):
            raise DataError(
                f"A row of {path.name} has {width - (column is not None)} pixels, which is no square picture"
                + ("." if column is not None else "; which column holds the label?")
            )
        _collect_rows(lines if named else _chain((number, first), lines), column, side, collector, progress)


def add_arrays(
    name: str, pixels: np.ndarray, labels: np.ndarray | None, collector: Collector, progress: Progress | None
) -> None:
    """Each picture of an array under its number. Raises DataError, LabelError."""
    pictures = _as_pictures(name, pixels)
    if labels is not None and (labels.shape != (len(pictures),) or labels.dtype.kind not in "biufUS"):
        raise LabelError(
            f"The labels have shape {labels.shape} and type {labels.dtype}; needed are {len(pictures):,} "
            "numbers or words, one for each picture."
        )
    _, height, width, _ = pictures.shape
    if height * width > collector.limits.picture_pixels:
        raise DataError(
            f"The pictures are {width}×{height}, at most {collector.limits.picture_pixels:,} pixels are read."
        )
    scale = _scale(name, pictures)
    chosen = collector.preparation.chosen(len(pictures))
    collector.report.left_out = len(pictures) - len(chosen)
    for done, index in enumerate(chosen, 1):
        values = pictures[index]
        title = f"{name}[{index}]"
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            collector.report.skip(title, "has pixels that are not numbers")
            continue
        whole = np.rint(values * scale).astype(np.uint8)  # (H, W, C)
        image = Image.fromarray(
            whole[..., 0] if whole.shape[2] == 1 else np.ascontiguousarray(whole[..., :3])
        )
        collector.add(title, image, None if labels is None else _word(labels[index]))
        if progress:
            progress(done, len(chosen))


def _as_pictures(name: str, pixels: np.ndarray) -> np.ndarray:
    """(N, H, W, C) with C one or three; a view."""
    shape = pixels.shape
    if pixels.dtype.kind in "buif" and pixels.size:
        if len(shape) == 2 and math.isqrt(shape[1]) ** 2 == shape[1]:
            return pixels.reshape(len(pixels), math.isqrt(shape[1]), -1, 1)
        if len(shape) == 3:
            return pixels[..., None]
        if len(shape) == 4 and shape[3] in (1, 3):
            return pixels
        if len(shape) == 4 and shape[1] in (1, 3):
            return pixels.transpose(0, 2, 3, 1)
    raise DataError(
        f"{readable(name)} has shape {shape} and type {pixels.dtype}; pictures are numbers of shape (N, "
        "height, width), with 1 or 3 colours last or second, or (N, pixels) of square ones."
    )


def _scale(name: str, pixels: np.ndarray) -> float:
    """What makes 255 of white: values run to 1 or to 255, whatever their type."""
    known: Any = np.isfinite(pixels) if pixels.dtype.kind == "f" else True  # a mask, as a copy may be 1 GB
    low = float(np.min(pixels, where=known, initial=0))
    high = float(np.max(pixels, where=known, initial=0))
    if low < 0 or high > 255:
        raise DataError(
            f"{readable(name)} runs from {low:g} to {high:g}; pixels run from 0 to 1 or from 0 to 255."
        )
    return 255.0 if high <= 1 else 1.0


def _array(file: BinaryIO, member: archive.Member, most: int, name: str) -> np.ndarray:
    """One .npy entry, read-only. Never unpickles. Raises DataError."""
    try:
        values = archive.inflate(file, member, most)
        stream = BytesIO(values[: HEADER + 16])
        shape, columns_first, dtype = description(stream)
    except archive.EntryError as error:
        raise DataError(f"Array {readable(name)} {error}.") from None
    except Exception:  # numpy's parser of the description lets through what Python's own raises
        raise DataError(f"Array {readable(name)} is not described as numpy does it.") from None
    if dtype.hasobject or dtype.names or any(extent < 0 for extent in shape):
        raise DataError(f"Array {readable(name)} holds {dtype}; only plain numbers and words are read.")
    start, needed = stream.tell(), math.prod(shape) * dtype.itemsize
    if needed == 0 or needed != len(values) - start:
        raise DataError(
            f"Array {readable(name)} holds {len(values) - start:,} bytes where {needed:,} belong."
        )
    flat = np.frombuffer(values, dtype, offset=start)
    return flat.reshape(shape, order="F" if columns_first else "C")


def description(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and type, from the start of an .npy file.

    Raises whatever numpy's parser lets through: KeyError, ValueError, SyntaxError and more.
    """
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    return read[version](stream, max_header_size=HEADER)


def rows(file: BinaryIO) -> Generator[tuple[int, list[str]], None, None]:
    """(line, cells) of each row that is not empty. Raises DataError for what is no CSV text."""
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    number, divider = 0, ""
    try:
        while line := text.readline(LINE):
            number += 1
            if len(line) == LINE:
                raise DataError(f"Line {number} is longer than the {LINE:,} characters that are read.")
            divider = divider or (";" if ";" in line else "\t" if "\t" in line else ",")
            try:
                cells = next(csv.reader([line], delimiter=divider), [])
            except csv.Error as error:
                raise DataError(f"Line {number} is not CSV text: {error}.") from None
            if cells:
                yield number, [cell.strip() for cell in cells]
    finally:
        text.detach()  # the file is closed by the one who opened it


def _collect_rows(
    lines: Iterator[tuple[int, list[str]]],
    column: int | None,
    side: int,
    collector: Collector,
    progress: Progress | None,
) -> None:
    width = side * side
    pixels: list[np.ndarray] = []
    marks: list[str] = []
    most = collector.limits.inflated_bytes // 4 // width  # rows, as float32
    for number, cells in lines:
        if progress:
            progress(0, 0)  # how many there are is not known yet
        mark = cells.pop(column) if column is not None and column < len(cells) else ""
        values = numbers(cells)
        if len(cells) != width:
            collector.report.skip(f"line {number}", f"has {len(cells)} pixels where {width} belong")
        elif values is None or not np.isfinite(values).all():
            collector.report.skip(f"line {number}", "has pixels that are not numbers")
        elif not (values.min() >= 0 and values.max() <= 255):
            collector.report.skip(f"line {number}", "has pixels that are not from 0 to 255")
        elif len(pixels) == most:
            collector.report.skip(f"line {number}", f"is beyond the {most:,} rows that are read")
        else:
            pixels.append(values.astype(np.float32))
            marks.append(mark)
    if pixels:
        labels = np.array(marks) if column is not None else None
        add_arrays("row", np.stack(pixels).reshape(-1, side, side), labels, collector, progress)


def has_names(first: list[str], label: str = "") -> bool:
    """Whether a first row is one of names: it has that of the label, or several words."""
    words = [cell for cell in first if numbers([cell]) is None]
    return (label or LABEL) in words or len(words) > 1


def _column(first: list[str], named: bool, label: str) -> int | None:
    """Where the label stands in a row."""
    if named and (label or LABEL) in first:
        return first.index(label or LABEL)
    if re.fullmatch(r"[1-9][0-9]{0,6}", label) and int(label) <= len(first):
        return int(label) - 1
    if label:
        known = ", ".join(readable(cell) for cell in first[:8]) if named else f"1 to {len(first)}"
        raise LabelError(f"There is no column {label!r}; columns are {known}.")
    return None


def numbers(cells: list[str]) -> np.ndarray | None:
    try:
        return np.array([float(cell) for cell in cells])
    except (ValueError, OverflowError):
        return None


def _chain(first: tuple[int, list[str]], rest: Iterator[Any]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _word(value: Any) -> str | None:
    """A label as its class is called; None where it is no number."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, np.floating):
        if not np.isfinite(value):
            return None
        value = int(value) if float(value).is_integer() else float(value)
    return str(value)
