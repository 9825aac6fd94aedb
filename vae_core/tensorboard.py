"""A run's curves as TensorBoard reads them, for people who live there. Written by hand: the format is small.

A file of events is a chain of records as TFRecord has them (TensorFlow, core/lib/io/record_writer.h), each
holding one Event of tensorflow/core/util/event.proto in the wire format of protocol buffers.
"""

import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from vae_core.events import Epoch, Event, Finished, RolledBack, Started, Steered, Step
from vae_core.run import Run
from vae_core.storage import make_folder, saving

FIGURES = ("distortion", "rate", "elbo")  # of the report
START = 1  # of SessionLog: what stands at this step and later is no longer true
STRING = 7  # of DataType
POLYNOMIAL = 0x82F63B78  # CRC-32C (Castagnoli), reflected


class TensorBoard:
    """Writes events of `run` into a file of its own in `folder`/<its id>. Raises StorageError."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.path = folder.absolute() / run.id / f"events.out.tfevents.{time.time_ns() // 1000}.latentscape"
        self._settings = run.config.to_json()
        make_folder(self.path.parent.parent)
        make_folder(self.path.parent)
        with saving(self.path):
            self._file: BinaryIO = self.path.open("xb")
        self._is_fresh = False  # whether rows of before may be repeated
        self._put(_text(3, "brain.Event:2"))

    def write(self, event: Event) -> None:
        """One event; those that TensorBoard has no place for are passed over. Raises StorageError."""
        if isinstance(event, Started):
            self._is_fresh = True
            self._put(_number(2, 0) + _bytes(5, _bytes(1, _words("settings", self._settings))))
        elif isinstance(event, RolledBack):
            self._is_fresh = True
        elif isinstance(event, Step | Epoch | Steered):
            if self._is_fresh:
                self._put(_number(2, event.step) + _bytes(7, _number(1, START)))
                self._is_fresh = False
            self._scalars(event.step, scalars(event))
        elif isinstance(event, Finished):
            self._scalars(event.step, scalars(event))

    def close(self) -> None:
        """Ends the file. What could not be written any more is let go."""
        with suppress(OSError):
            self._file.close()

    def _scalars(self, step: int, values: dict[str, float]) -> None:
        parts = (
            _bytes(1, _text(1, tag) + b"\x15" + struct.pack("<f", value)) for tag, value in values.items()
        )
        self._put(_number(2, step) + _bytes(5, b"".join(parts)))

    def _put(self, rest: bytes) -> None:
        with saving(self.path):
            self._file.write(record(b"\x09" + struct.pack("<d", time.time()) + rest))
            self._file.flush()


def beside(folder: str | None, run: Run, events: Iterable[Event]) -> Iterator[Event]:
    """The events of `run`, each written for TensorBoard where there is a `folder`. Raises StorageError."""
    if folder is None:
        yield from events
        return
    board = TensorBoard(Path(folder), run)
    try:
        for event in events:
            board.write(event)
            yield event
    finally:
        board.close()


def scalars(event: Step | Epoch | Steered | Finished) -> dict[str, float]:
    """Numbers of an event by their tags; nats per example."""
    if isinstance(event, Step):
        loss = event.distortion + event.beta * event.rate
        figures = {"distortion": event.distortion, "rate": event.rate, "loss": loss}
        return _under("train", figures) | _under("course", {"beta": event.beta, "lr": event.lr})
    if isinstance(event, Epoch):
        rates = {f"z{number}": rate for number, rate in enumerate(event.rates or (), 1)}
        figures = {"distortion": event.distortion, "rate": event.rate}
        return {**_under("held-out", figures), **_under("rate of a dimension", rates)}
    if isinstance(event, Steered):
        wishes = {"beta": event.beta, "lr factor": event.lr}
        return _under("steered", {name: value for name, value in wishes.items() if value is not None})
    known = ((name, event.report.get(name)) for name in FIGURES)
    return _under("report", {name: float(value) for name, value in known if isinstance(value, int | float)})


def record(data: bytes) -> bytes:
    """A record: length, its checksum, the data, their checksum."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def masked(data: bytes) -> int:
    """CRC-32C, turned and shifted so that a checksum of checksums is none of zeros."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _table() -> list[int]:
    rows = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        rows.append(crc)
    return rows


TABLE = _table()


def _under(group: str, values: dict[str, float]) -> dict[str, float]:
    return {f"{group}/{name}": value for name, value in values.items()}


def _words(tag: str, text: str) -> bytes:
    """A Summary.Value that TensorBoard's text plugin shows; four spaces make it code there."""
    shown = "\n".join(f"    {line}" for line in text.splitlines())
    plugin = _bytes(1, _text(1, "text"))
    return _text(1, tag) + _bytes(8, _number(1, STRING) + _text(8, shown)) + _bytes(9, plugin)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    groups: list[int] = []
    while True:
        value, low = value >> 7, value & 0x7F
        groups.append(low | (0x80 if value else 0))
        if not value:
            return bytes(groups)
