"""Animated PNG (PNG specification, third edition, sections 11.3.2.6 to 8), picture by picture as they come.

Pillow writes it too, but holds every picture until the last one is there.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write(frames: Iterable[Image.Image], file: BinaryIO, pauses: list[int], plays: int) -> None:
    """Pictures of one size and mode, each shown for its pause (ms), `plays` times, 0 for ever."""
    number = 0  # of the chunks that belong to the animation
    for shown, frame in enumerate(frames):
        chunks = list(_chunks(frame))
        if shown == 0:
            file.write(SIGNATURE)
            _put(file, b"IHDR", next(data for kind, data in chunks if kind == b"IHDR"))
            _put(file, b"acTL", struct.pack(">II", len(pauses), plays))
        control = struct.pack(">IIIIIHHBB", number, *frame.size, 0, 0, pauses[shown], 1000, 0, 0)
        _put(file, b"fcTL", control)
        number += 1
        for data in (data for kind, data in chunks if kind == b"IDAT"):
            if shown == 0:  # also what programs show that know no animation
                _put(file, b"IDAT", data)
            else:
                _put(file, b"fdAT", struct.pack(">I", number) + data)
                number += 1
    _put(file, b"IEND", b"")


def _chunks(frame: Image.Image) -> Iterator[tuple[bytes, bytes]]:
    """Kind and contents of each chunk of the picture alone."""
    held = io.BytesIO()
    frame.save(held, "PNG")
    whole, at = held.getvalue(), len(SIGNATURE)
    while at < len(whole):
        (length,) = struct.unpack_from(">I", whole, at)
        yield whole[at + 4 : at + 8], whole[at + 8 : at + 8 + length]
        at += 12 + length


def _put(file: BinaryIO, kind: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + kind + data)
    file.write(struct.pack(">I", zlib.crc32(kind + data)))
