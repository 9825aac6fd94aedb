"""What every source of pictures returns, and how pictures are held out of training."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from vae_core.config import DataConfig
from vae_core.data.files import RemoteFile
from vae_core.errors import DataError, EmptyDataError, LabelError

Progress = Callable[[int, int], None]  # (done, total)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures, what is known about them, and which of them train and which are held out.

    `images` holds all the source has; `train` and `test` say which of them are used, so that a picture keeps
    its number whatever the limit. Raises EmptyDataError, LabelError or DataError where the parts do not fit.
    """

    name: str
    title: str
    images: np.ndarray  # (N, C, H, W) uint8, or float32 in [0, 1]
    labels: np.ndarray | None  # (N,) int64, -1 where unknown
    label_names: tuple[str, ...]
    train: np.ndarray  # (n,) int64, indices into images
    test: np.ndarray  # (m,) int64, disjoint from train
    source: str
    licence: str
    checksum: str  # sha256 of pixels and labels, see `fingerprint`
    factors: dict[str, np.ndarray] = field(default_factory=dict)  # (N,) each: what made the pictures

    def __post_init__(self) -> None:
        _check_images(self.title, self.images)
        count = len(self.images)
        if self.labels is not None:
            _check_labels(self.title, self.labels, count, len(self.label_names))
        for name, values in self.factors.items():
            if values.shape != (count,):
                raise DataError(f"{self.title} has {count} pictures, but {values.shape} values of {name}.")
        _check_split(self.title, self.train, self.test, count)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one picture."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def to_unit(self, indices: np.ndarray) -> np.ndarray:
        """The chosen pictures as (n, C, H, W) float32, 0 black to 1 white; a copy."""
        chosen = self.images[indices]
        if chosen.dtype != np.uint8:
            return chosen
        values = chosen.astype(np.float32)
        values /= 255  # in place: a copy of a large set may be more than memory has left
        return values

    def to_bytes(self, indices: np.ndarray) -> np.ndarray:
        """The chosen pictures as (n, C, H, W) uint8, rounded to the nearest of 256 greys; a copy."""
        chosen = self.images[indices]
        return chosen if chosen.dtype == np.uint8 else np.rint(chosen * 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class SourceInfo:
    """A source before it is loaded: what a form shows, and how to load it."""

    name: str  # as in DataConfig.source
    title: str
    blurb: str  # one sentence for the person who chooses
    source: str  # who made it
    licence: str
    count: int  # pictures, at most
    shape: tuple[int, int, int]  # (C, H, W)
    classes: tuple[str, ...]
    load: Callable[["SourceInfo", DataConfig, Progress | None], Dataset]
    files: tuple[RemoteFile, ...] = ()
    instead: tuple[RemoteFile, ...] = ()  # any of them, put here by hand, serves as well

    @property
    def bytes(self) -> int:
        """Size of the download, 0 where there is none."""
        return sum(file.bytes for file in self.files)

    @property
    def needs_download(self) -> bool:
        return bool(self.files)

    def dataset(
        self,
        images: np.ndarray,
        labels: np.ndarray | None,
        split: tuple[np.ndarray, np.ndarray],
        checksum: str,
        factors: dict[str, np.ndarray] | None = None,
    ) -> Dataset:
        """The loaded pictures under this source's names; `split` holds train and test indices."""
        return Dataset(
            name=self.name,
            title=self.title,
            images=images,
            labels=labels,
            label_names=self.classes,
            train=split[0],
            test=split[1],
            source=self.source,
            licence=self.licence,
            checksum=checksum,
            factors=factors or {},
        )


def fingerprint(images: np.ndarray, labels: np.ndarray) -> str:
    """sha256 (hex) over the pixels' bytes, then the labels' as little-endian int64."""
    digest = hashlib.sha256(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels, dtype="<i8").data)
    return digest.hexdigest()


def hold_out(title: str, labels: np.ndarray, config: DataConfig) -> tuple[np.ndarray, np.ndarray]:
    """Train and test indices (ascending, int64) for a source without a split of its own.

    Each class gives its share of the held-out pictures to within one. Raises EmptyDataError below two.
    """
    generator = np.random.default_rng(config.split_seed)
    order = generator.permutation(len(labels))
    if config.limit:
        order = order[: config.limit]
    count = len(order)
    _need_two(title, count, config.limit)
    held = _held_out(count, config.test_share)
    grouped = order[np.argsort(labels[order], kind="stable")]  # by class, in random order within one
    spread = np.zeros(count, dtype=bool)
    spread[((np.arange(held) + 0.5) * count / held).astype(np.int64)] = True
    return np.sort(grouped[~spread]), np.sort(grouped[spread])


def keep_split(title: str, train: int, test: int, config: DataConfig) -> tuple[np.ndarray, np.ndarray]:
    """Train and test indices for a source whose authors put `train` pictures first and `test` after them.

    A limit takes from both parts alike. Raises EmptyDataError where it leaves one of them empty.
    """
    count = train + test
    if not config.limit or config.limit >= count:
        return np.arange(train), np.arange(train, count)
    _need_two(title, config.limit, config.limit)
    generator = np.random.default_rng(config.split_seed)
    held = _held_out(config.limit, test / count)
    kept = generator.permutation(train)[: config.limit - held]
    return np.sort(kept), np.sort(train + generator.permutation(test)[:held])


def _held_out(count: int, share: float) -> int:
    return min(max(round(count * share), 1), count - 1)


def _need_two(title: str, count: int, limit: int) -> None:
    if count < 2:
        advice = "raise data.limit" if limit else "add pictures"
        raise EmptyDataError(
            f"{title} has {count} picture(s) to use, but at least 2 are needed, one to train on and one to "
            f"hold out; {advice}."
        )


def _check_images(title: str, images: np.ndarray) -> None:
    if images.ndim != 4 or images.dtype not in (np.uint8, np.float32):
        raise DataError(
            f"The pictures of {title} have shape {images.shape} and type {images.dtype}; needed are "
            "(N, channels, height, width) of uint8 or float32."
        )
    if images.size == 0:
        raise EmptyDataError(f"{title} holds no pictures (shape {images.shape}).")
    if images.dtype == np.float32 and not (images.min() >= 0 and images.max() <= 1):  # False for NaN too
        raise DataError(f"The pixels of {title} must be numbers from 0 to 1.")


def _check_labels(title: str, labels: np.ndarray, count: int, classes: int) -> None:
    if labels.shape != (count,):
        raise LabelError(f"{title} has {count} pictures but labels of shape {labels.shape}.")
    if labels.dtype != np.int64:
        raise LabelError(f"The labels of {title} are {labels.dtype}; needed are whole numbers (int64).")
    if labels.min() < -1 or labels.max() >= classes:
        raise LabelError(
            f"The labels of {title} run from {labels.min()} to {labels.max()}, but there are {classes} names."
        )


def _check_split(title: str, train: np.ndarray, test: np.ndarray, count: int) -> None:
    for indices, purpose in ((train, "to train on"), (test, "held out")):
        if indices.ndim != 1 or indices.dtype != np.int64:
            raise DataError(f"The pictures of {title} {purpose} must be listed as one row of int64 numbers.")
        if len(indices) == 0:
            raise EmptyDataError(f"{title} has no picture {purpose}.")
    used = np.concatenate([train, test])
    if used.min() < 0 or used.max() >= count:
        raise DataError(f"The split of {title} names pictures beyond its {count}.")
    if len(np.unique(used)) < len(used):
        raise DataError(f"The split of {title} uses a picture twice.")
