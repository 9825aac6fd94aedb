"""Files written whole and read with suspicion.

Writing: a reader sees the old file or the new one, never half of one. Reading: sizes are checked against
limits and each other before anything is loaded, links are not followed, every complaint is a sentence.
"""

import errno
import json
import math
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors.numpy import save

from vae_core.errors import StorageError, UnreadableFileError

KILO, MEGA, GIGA = 2**10, 2**20, 2**30
HEADER_LIMIT = MEGA  # bytes of a safetensors header
TENSOR_LIMIT = 4096  # tensors in one file
COUNT_LIMIT = 2**40  # numbers in one tensor, long before memory ends
JSON_LIMIT = MEGA
LINES_LIMIT = 100_000  # of a file of JSON lines, a hundred times what a training writes
TEMPORARY = ".*.tmp"  # what a killed write may leave behind

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "U8": "u1"}

REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EDQUOT: ("your share of the disk is used up", "free some space"),
    errno.EFBIG: ("the file would be larger than this account may write", "raise the limit"),
    errno.EROFS: ("the disk is read-only", "allow writing or choose another with LATENTSCAPE_HOME"),
    errno.ENOENT: ("there is no such folder", "make it or choose another with LATENTSCAPE_HOME"),
    errno.ENOTDIR: ("that is a file and no folder", "choose a folder with LATENTSCAPE_HOME"),
    errno.EACCES: ("the folder is not writable", "allow writing or choose another with LATENTSCAPE_HOME"),
    errno.EPERM: ("the folder is not writable", "allow writing or choose another with LATENTSCAPE_HOME"),
}


@contextmanager
def saving(path: Path, what: str = "") -> Iterator[None]:
    """Turns the system's refusals while `path` is written into a StorageError that says what to do.

    A person knows the file as `what`, where its name says nothing, and hidden folders not at all.
    """
    try:
        yield
    except OSError as error:
        folder = path.parent.parent if path.parent.name.startswith(".") else path.parent
        reason, advice = REASONS.get(error.errno or 0, (error.strerror or str(error), "check the folder"))
        raise StorageError(
            f"{what or path.name} could not be saved in {folder}: {reason}. "
            f"What was saved before is untouched; {advice} and try again."
        ) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Replaces the file as a whole: temporary name in the same folder, fsync, rename, fsync of the folder.

    Raises StorageError; the file that was there before then still is, and nothing temporary is left.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with saving(path):
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync(path.parent)


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Adds one line of JSON. Raises StorageError, and then the file is as long as it was."""
    line = (json.dumps(plain(value)) + "\n").encode()
    with saving(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            before = os.fstat(file).st_size
            try:
                done = 0
                while done < len(line):
                    done += os.write(file, line[done:])
            except BaseException:
                os.ftruncate(file, before)
                raise
        finally:
            os.close(file)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Raises StorageError."""
    write_atomic(path, json.dumps(plain(value), indent=2).encode())


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """One safetensors file, written whole. Raises StorageError."""
    dense = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    write_atomic(path, save(dense, dict(metadata)))


def make_folder(path: Path, what: str = "") -> None:
    """The folder and those above it, called as in `saving`. Raises StorageError."""
    with saving(path, what or f"The folder {path.name}"):
        path.mkdir(parents=True, exist_ok=True)


def truncate(path: Path, size: int) -> None:
    """Cuts the file to its first `size` bytes, if it is there. Raises StorageError."""
    with saving(path), suppress(FileNotFoundError):
        if path.stat().st_size > size:
            os.truncate(path, size)
            sync(path)


def sync(path: Path) -> None:
    """Flushes a file or a folder's list of names to disk; nothing happens where there is none yet."""
    with suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def plain(value: Any) -> Any:
    """The value as JSON can hold it: numpy numbers become Python's, what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def open_file(path: Path, limit: int) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file of at most `limit` bytes, opened for reading, and its size.

    Raises UnreadableFileError where it is missing, a link, a folder, a pipe, or larger.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UnreadableFileError(f"{path.name} is missing") from None
    except OSError as error:
        reason = "is a link" if error.errno == errno.ELOOP else f"cannot be opened ({error.strerror})"
        raise UnreadableFileError(f"{path.name} {reason}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError(f"{path.name} is not a regular file")
        if status.st_size > limit:
            raise UnreadableFileError(_too_large(path.name, status.st_size, limit))
        with open(handle, "rb", closefd=False) as file:
            yield file, status.st_size
    except OSError as error:
        raise UnreadableFileError(f"{path.name} cannot be read ({error.strerror})") from None
    finally:
        os.close(handle)


def read_bytes(path: Path, limit: int) -> bytes:
    """The whole file. Raises UnreadableFileError."""
    with open_file(path, limit) as (file, size):
        return file.read(size)


def read_json(path: Path, limit: int = JSON_LIMIT) -> dict[str, Any]:
    """A JSON object from a file. Raises UnreadableFileError."""
    return parse_object(read_bytes(path, limit), path.name)


def parse_object(text: bytes, name: str) -> dict[str, Any]:
    """A JSON object from text. Raises UnreadableFileError, in which the text is called `name`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableFileError(f"{name} is not readable JSON") from None
    if not isinstance(value, dict):
        raise UnreadableFileError(f"{name} holds {type(value).__name__} where an object belongs")
    return value


def read_rows(path: Path, limit: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Objects of a file of JSON lines, each with the byte after it; a half-written last line is left out.

    None where there is no file. Raises UnreadableFileError naming the line.
    """
    if not os.path.lexists(path):
        return
    end = 0
    for number, line in enumerate(BytesIO(read_bytes(path, limit)), 1):
        if number > LINES_LIMIT:
            raise UnreadableFileError(f"{path.name} has more than {LINES_LIMIT:,} lines")
        if not line.endswith(b"\n"):
            return
        end += len(line)
        yield parse_object(line, f"Line {number} of {path.name}"), end


def read_tensors(
    source: Path | bytes, limit: int = GIGA, name: str = ""
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors (writable) and metadata of a safetensors file of at most `limit` bytes, or of its bytes.

    The header is checked against the file's length before any tensor is loaded, so memory never exceeds what
    the file itself takes. Raises UnreadableFileError, in which bytes are called `name`.
    """
    if isinstance(source, bytes):
        if len(source) > limit:
            raise UnreadableFileError(_too_large(name, len(source), limit))
        return _read(BytesIO(source), len(source), name)
    with open_file(source, limit) as (file, size):
        return _read(file, size, source.name)


def _read(file: BinaryIO, size: int, name: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    header, start = _header(file, size, name)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise UnreadableFileError(f"{name} has metadata that is not text")
    if len(header) > TENSOR_LIMIT:
        raise UnreadableFileError(f"{name} lists {len(header)} tensors, at most {TENSOR_LIMIT} are read")
    places = {key: _place(entry, f"tensor {key[:80]!r} of {name}") for key, entry in header.items()}
    end = 0
    for _, _, begin, finish in sorted(places.values(), key=lambda place: place[2:]):
        if begin != end:
            raise UnreadableFileError(f"{name} has tensors that overlap or leave a gap")
        end = finish
    if end != size - start:
        raise UnreadableFileError(f"{name} holds {size - start} bytes where its header promises {end}")
    body = bytearray(end)
    if file.readinto(body) != end:  # type: ignore[attr-defined]
        raise UnreadableFileError(f"{name} became shorter while it was read")
    return {key: _tensor(body, *place[:3]) for key, place in places.items()}, metadata


def _header(file: BinaryIO, size: int, name: str) -> tuple[dict[str, Any], int]:
    """The header and where the tensors start."""
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise UnreadableFileError(f"{name} is cut short or not a safetensors file")
    if length > HEADER_LIMIT:
        raise UnreadableFileError(_too_large(f"The header of {name}", length, HEADER_LIMIT))
    return parse_object(file.read(length), f"The header of {name}"), 8 + length


def _place(entry: Any, name: str) -> tuple[str, tuple[int, ...], int, int]:
    """numpy's name of the type, shape, first byte and the byte after the last."""
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str):
        raise UnreadableFileError(f"{name} is not described as it should be")
    dtype = DTYPES.get(entry["dtype"])
    if dtype is None:
        raise UnreadableFileError(f"{name} has type {entry['dtype'][:20]!r}, known are {', '.join(DTYPES)}")
    shape, offsets = _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if shape is None or len(shape) > 8 or math.prod(max(extent, 1) for extent in shape) >= COUNT_LIMIT:
        raise UnreadableFileError(f"{name} has no usable shape")
    if offsets is None or len(offsets) != 2:
        raise UnreadableFileError(f"{name} has no place in the file")
    needed = math.prod(shape) * np.dtype(dtype).itemsize
    if offsets[1] - offsets[0] != needed:
        raise UnreadableFileError(f"{name} needs {needed} bytes, it is given {offsets[1] - offsets[0]}")
    return dtype, shape, offsets[0], offsets[1]


def _counts(value: Any) -> tuple[int, ...] | None:
    """A list of whole numbers that memory could hold, else None."""
    if not isinstance(value, list) or not all(
        type(item) is int and 0 <= item < COUNT_LIMIT for item in value
    ):
        return None
    return tuple(value)


def _tensor(body: bytearray, dtype: str, shape: tuple[int, ...], begin: int) -> np.ndarray:
    flat = np.frombuffer(body, dtype, count=math.prod(shape), offset=begin)
    return (flat if flat.flags.aligned else flat.copy()).reshape(shape)


def _too_large(name: str, size: int, limit: int) -> str:
    return f"{name} is {_size(size)}, at most {_size(limit)} is read"


def _size(count: int) -> str:
    for unit, size in (("GB", GIGA), ("MB", MEGA), ("KB", KILO)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
