"""Zip archives read with suspicion: bytes are counted while they inflate, nothing is written to disk.

Read here and not by `zipfile`, which gives up the whole archive for one badly named entry and makes an object
of every entry before it can be asked how many there are. Format: PKWARE's APPNOTE 6.3.10, sections 4.3.7 and
4.3.12 to 4.3.16.
"""

import stat
import struct
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from vae_core.errors import BadMagicError, DataError, TruncatedError

END, END_64, LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
ENTRY, LOCAL = struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s5H3I2H")
COMMENT = 2**16 - 1  # bytes the last record may be followed by
NAMES = 512  # bytes of directory granted to each entry
CHUNK = 2**16  # bytes read at a time
PIECE = 2**20  # bytes unpacked at a time
UNIX = 3


@dataclass(frozen=True)
class Member:
    """One entry as the directory describes it; none of it is to be believed."""

    name: bytes
    encrypted: bool
    method: int
    crc: int
    packed: int  # bytes in the archive
    offset: int
    mode: int  # file type and permissions, 0 where unknown

    @property
    def is_folder(self) -> bool:
        return self.name.endswith((b"/", b"\\"))

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


class EntryError(DataError):
    """One entry cannot be read. The text is a reason without its name; `spent` bytes were inflated for it."""

    def __init__(self, reason: str, spent: int = 0) -> None:
        super().__init__(reason)
        self.spent = spent


def members(file: BinaryIO, size: int, most: int) -> list[Member]:
    """The directory's entries.

    Raises BadMagicError, TruncatedError, or DataError where there are more than `most`.
    """
    start, length = _directory(file, size)
    if start + length > size:
        raise TruncatedError("The archive is cut short: its list of files lies beyond its end.")
    if length > most * NAMES:
        raise DataError(
            f"The archive's list of files is {length:,} bytes long; at most {most:,} files are read."
        )
    file.seek(start)
    listing = file.read(length)
    found: list[Member] = []
    at = 0
    while at + ENTRY.size <= len(listing):
        fields = ENTRY.unpack_from(listing, at)
        if fields[0] != b"PK\1\2":
            raise DataError("The archive's list of files is damaged; pack it again.")
        made, flags, method, crc, packed = fields[1], fields[3], fields[4], fields[7], fields[8]
        name_end = at + ENTRY.size + fields[10]
        mode = fields[15] >> 16 if made >> 8 == UNIX else 0
        name = listing[at + ENTRY.size : name_end]
        found.append(Member(name, bool(flags & 1), method, crc, packed, fields[16], mode))
        if len(found) > most:
            raise DataError(f"The archive lists more than {most:,} files; at most so many are read.")
        at = name_end + fields[11] + fields[12]
    return found


def inflate(file: BinaryIO, member: Member, most: int) -> bytearray:
    """The entry's bytes. Raises EntryError.

    Never makes more than `most` + 1 bytes, whatever the archive announces.
    """
    values = bytearray()
    for piece in pieces(file, member, most):
        values += piece
    return values


def pieces(file: BinaryIO, member: Member, most: int) -> Generator[bytes, None, None]:
    """The entry's bytes in pieces of up to a megabyte, in order. Raises EntryError as `inflate`.

    That its checksum is wrong shows only after the last piece.
    """
    file.seek(member.offset)
    head = file.read(LOCAL.size)
    if len(head) < LOCAL.size or head[:4] != b"PK\3\4":
        raise EntryError("is not where the archive says")
    if member.method not in (0, 8):
        raise EntryError(f"is packed with method {member.method}, known are deflate and none")
    *_, name_length, extra_length = LOCAL.unpack(head)
    file.seek(name_length + extra_length, 1)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if member.method else None
    left, done, crc = member.packed, 0, 0
    while left and not (unpacker and unpacker.eof) and (packed := file.read(min(left, CHUNK))):
        left -= len(packed)
        for piece in _unpacked(packed, unpacker, done, most):
            done += len(piece)
            crc = zlib.crc32(piece, crc)
            if done > most:
                raise EntryError(f"unpacks to more than {most:,} bytes", done)
            yield piece
    if (unpacker and not unpacker.eof) or (left and not unpacker):
        raise EntryError("is cut short inside the archive", done)
    if crc != member.crc:
        raise EntryError("is damaged inside the archive: its checksum does not match", done)


def _unpacked(packed: bytes, unpacker: Any, done: int, most: int) -> Iterator[bytes]:
    """What comes out for one piece that goes in, up to one byte beyond `most` with what was `done` before."""
    if unpacker is None:
        yield packed
        return
    while True:
        room = min(PIECE, most + 1 - done)
        try:
            piece = unpacker.decompress(packed, room)
        except zlib.error:
            raise EntryError("is damaged inside the archive", done) from None
        yield piece
        done += len(piece)
        packed = unpacker.unconsumed_tail
        if unpacker.eof or (not packed and len(piece) < room):
            return


def _directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """Where the list of files starts, and its length in bytes."""
    begin = max(0, size - 22 - COMMENT - 20)
    file.seek(begin)
    tail = file.read(size - begin)
    at = tail.rfind(END)
    if at < 0 or at + 22 > len(tail):
        raise BadMagicError("The file is not a zip archive, or it is cut short; pack it again.")
    count, length, start = struct.unpack_from("<HII", tail, at + 10)
    if (
        at >= 20
        and tail[at - 20 : at - 16] == LOCATOR_64
        and (count == 0xFFFF or 0xFFFFFFFF in (length, start))
    ):
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if len(record) < 56 or record[:4] != END_64:
            raise DataError("The archive's list of files is damaged; pack it again.")
        length, start = struct.unpack_from("<QQ", record, 40)
    return start, length
