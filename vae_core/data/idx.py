"""IDX, the format of MNIST and its kin, mostly as gzip files.

Two zero bytes, a type code, the number of axes, then each axis' length as 4 bytes big-endian, then the values
(http://yann.lecun.com/exdb/mnist/). A file is untrusted input: nothing is allocated on a header's word alone,
and a read never goes more than a byte beyond it.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from vae_core.errors import (
    BadMagicError,
    ChecksumError,
    DataError,
    EmptyDataError,
    LabelError,
    TruncatedError,
)

UNSIGNED_BYTE = 0x08
MOST_BYTES = 2**30  # of values in one file
DEFLATE_RATIO = 1032  # the most that gzip's deflate can expand (zlib's technical details)


def read(path: Path, axes: int, plain: bool = False, most: int = MOST_BYTES) -> np.ndarray:
    """The file's uint8 array of that many axes and at most `most` bytes, read-only.

    With `plain` it need not be a gzip file.
    Raises BadMagicError, TruncatedError, EmptyDataError, ChecksumError (gzip's own), else DataError.
    """
    try:
        with path.open("rb") as packed:
            start = packed.read(2)
            packed.seek(0)
            if not (plain and start == b"\0\0"):
                _check_gzip(path, start)
            with packed if start == b"\0\0" else gzip.open(packed) as stream:
                shape = _header(path, stream, axes, most)
                total = math.prod(shape)
                values = stream.read(total)
                more = stream.read(1)  # also makes gzip compare its checksum
    except EOFError:
        raise TruncatedError(f"{path} is cut short: its gzip stream has no end. Get it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise ChecksumError(f"{path} is damaged inside its gzip stream. Get the file again.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if len(values) < total:
        raise TruncatedError(
            f"{path} should hold {total:,} values and holds {len(values):,}. Get the file again."
        )
    if more:
        raise DataError(
            f"{path} goes on after the {total:,} values its header announces; it is not a sound IDX file."
        )
    return np.frombuffer(values, np.uint8).reshape(shape)


def read_pair(images: Path, labels: Path, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, H, W) uint8 and their labels (N,) int64 below `classes`.

    Raises as `read`, and LabelError where the two files do not match.
    """
    pixels = read(images, axes=3)
    numbers = read(labels, axes=1)
    if len(numbers) != len(pixels):
        raise LabelError(
            f"{labels} has {len(numbers):,} labels for the {len(pixels):,} pictures of {images.name}."
        )
    if numbers.max() >= classes:
        raise LabelError(f"{labels} holds the label {numbers.max()}, but the classes are 0 to {classes - 1}.")
    return pixels, numbers.astype(np.int64)


def _check_gzip(path: Path, start: bytes) -> None:
    if len(start) < 2:
        raise TruncatedError(f"{path} is empty. Get the file again.")
    if start != b"\x1f\x8b":
        raise BadMagicError(f"{path} is not a gzip file: it begins with {start.hex(' ')} instead of 1f 8b.")


def _header(path: Path, stream: BinaryIO | gzip.GzipFile, axes: int, most: int) -> tuple[int, ...]:
    """The array's shape, once it is one we can take."""
    magic = stream.read(4)
    if len(magic) == 4 and magic[:2] != b"\0\0":
        raise BadMagicError(f"{path} is not an IDX file: it begins with {magic.hex(' ')} instead of 00 00.")
    if len(magic) == 4 and magic[2] != UNSIGNED_BYTE:
        raise BadMagicError(f"{path} holds values of type {magic[2]:#04x}; only bytes (0x08) are read here.")
    if len(magic) == 4 and magic[3] != axes:
        raise BadMagicError(f"{path} has {magic[3]} axes where {axes} are needed; is it the right file?")
    lengths = stream.read(4 * axes)
    if len(magic) < 4 or len(lengths) < 4 * axes:
        raise TruncatedError(f"{path} ends within its header. Get the file again.")
    shape = struct.unpack(f">{axes}I", lengths)
    total = math.prod(shape)
    if total == 0:
        raise EmptyDataError(f"{path} is empty: its header says {' x '.join(map(str, shape))}.")
    if total > most:
        raise DataError(f"{path} announces {total:,} values; at most {most:,} are read.")
    if total > DEFLATE_RATIO * path.stat().st_size:
        raise TruncatedError(f"{path} announces {total:,} values, more than a file of its size can hold.")
    return shape
