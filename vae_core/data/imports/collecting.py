"""What an import gathers: prepared pictures, their labels, and a line for every file that was not taken."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from vae_core.data.imports.preparation import Limits, Preparation, plain_picture, prepare
from vae_core.errors import EmptyDataError, LabelError

LISTED = 100_000  # lines of one report
SHOWN = 120  # characters of a name
CLASS = 80  # characters of a label
CITED = 3  # reasons in an error
PREVIEW = 20


@dataclass(frozen=True)
class Line:
    """One file and what is to be said of it; `taken` where it is only a remark."""

    name: str
    reason: str
    taken: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


@dataclass
class Report:
    """A line for each file that was skipped, and remarks on some that were taken."""

    lines: list[Line] = field(default_factory=list)
    skipped: int = 0
    left_out: int = 0  # not looked at, because of the cap

    def skip(self, name: str, reason: str) -> None:
        self.skipped += 1
        self._add(Line(readable(name), reason))

    def remark(self, name: str, reason: str) -> None:
        self._add(Line(readable(name), reason, taken=True))

    def _add(self, line: Line) -> None:
        if len(self.lines) < LISTED:
            self.lines.append(line)


@dataclass(frozen=True, eq=False)
class Preview:
    """What a person sees before the pictures are taken."""

    count: int
    sizes: list[tuple[int, int, int]]  # (width, height, pictures) as they came, the most frequent first
    classes: dict[str, int]  # pictures of each
    unlabelled: int
    pictures: np.ndarray  # (n, C, H, W) uint8, at most twenty, as they will be learned
    report: Report


@dataclass(frozen=True, eq=False)
class Collected:
    """Pictures ready to be stored."""

    images: np.ndarray  # (N, C, H, W) uint8
    labels: np.ndarray | None  # (N,) int64, -1 where unknown; None where there are not two classes
    classes: tuple[str, ...]
    sizes: Counter[tuple[int, int]]  # (width, height) as they came
    preparation: Preparation
    report: Report

    def preview(self, most: int = PREVIEW) -> Preview:
        """Counts, and pictures from all over the set."""
        count = len(self.images)
        spread = np.linspace(0, count - 1, min(most, count)).astype(np.int64)
        known = self.labels if self.labels is not None else np.full(count, -1)
        return Preview(
            count=count,
            sizes=[(*size, number) for size, number in self.sizes.most_common()],
            classes={name: int((known == number).sum()) for number, name in enumerate(self.classes)},
            unlabelled=int((known < 0).sum()),
            pictures=self.images[spread],
            report=self.report,
        )


class Collector:
    """Takes pictures one by one and keeps each in its prepared form only."""

    def __init__(self, preparation: Preparation, limits: Limits) -> None:
        self.preparation = preparation
        self.limits = limits
        self.report = Report()
        self._pixels = bytearray()
        self._labels: list[str | None] = []
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._seen: dict[bytes, str] = {}  # digest of the pixels as they came -> name

    def add(self, name: str, image: Image.Image, label: str | None) -> bool:
        """Takes one picture, or writes the line that says why not; True where it was taken."""
        plain = plain_picture(image, self.preparation.colour == "colour")
        digest = hashlib.sha256(f"{plain.mode} {plain.size} ".encode() + plain.tobytes()).digest()
        if digest in self._seen:
            self.report.skip(name, f"is the same picture as {self._seen[digest]}")
            return False
        prepared = prepare(plain, self.preparation)  # (C, H, W)
        if len(self._pixels) + prepared.size > self.limits.total_pixels:
            self.report.skip(name, f"is beyond the {self.limits.total_pixels:,} numbers that are kept")
            return False
        self._seen[digest] = readable(name)
        self._pixels += prepared.tobytes()
        self._labels.append(readable((label or "").strip(), CLASS) or None)
        self._sizes[plain.size] += 1
        return True

    def finish(self, title: str) -> Collected:
        """All that was taken. Raises EmptyDataError below two pictures, LabelError for too many classes."""
        count = len(self._labels)
        if count < 2:
            reasons = "; ".join(str(line) for line in self.report.lines[:CITED] if not line.taken)
            found = "no picture" if count == 0 else "only one picture"
            raise EmptyDataError(
                f"{readable(title)} gives {found} that can be used, at least 2 are needed. "
                + (f"Skipped {self.report.skipped:,}: {reasons}." if reasons else "Add pictures.")
            )
        classes = tuple(sorted({label for label in self._labels if label is not None}, key=_order))
        if len(classes) > self.limits.classes:
            raise LabelError(
                f"{readable(title)} has {len(classes):,} different labels, at most {self.limits.classes:,} "
                "are read. Is this the column, array or folder of the labels?"
            )
        labels = None
        if len(classes) > 1:
            number = {name: index for index, name in enumerate(classes)}
            labels = np.array([-1 if name is None else number[name] for name in self._labels], np.int64)
        images = np.frombuffer(self._pixels, np.uint8).reshape(count, *self.preparation.shape)
        return Collected(
            images, labels, classes if len(classes) > 1 else (), self._sizes, self.preparation, self.report
        )


def readable(name: str, most: int = SHOWN) -> str:
    """A stranger's text as one short line: what cannot be printed is written as an escape."""
    text = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 2 + 1 :]}"


def _order(name: str) -> tuple[int, float, str]:
    """Numbers first and by value, so that 10 follows 9."""
    try:
        value = float(name)
    except ValueError:
        return 1, 0.0, name
    return (0, value, name) if value == value else (1, 0.0, name)  # NaN has no place in an order
