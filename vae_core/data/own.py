"""One imported set as its folder describes it, read with suspicion."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vae_core.config import OWN, DataConfig
from vae_core.data.dataset import Dataset, Progress, SourceInfo, hold_out
from vae_core.errors import DataError, UnreadableFileError
from vae_core.migrations import FORMATS, lift
from vae_core.storage import open_file

FORMAT = FORMATS["pictures"]
HEADER = 10_000  # bytes of an array's description


@dataclass(frozen=True)
class OwnData:
    """One imported set, before its pictures are read. `id` is what stands after "own:"."""

    path: Path
    name: str
    owner: str
    shared: bool
    created: str  # ISO 8601, UTC
    classes: tuple[str, ...]
    shape: tuple[int, int, int]  # (C, H, W)
    count: int
    skipped: int
    preparation: dict[str, Any]
    checksum: str  # sha256 (hex) of pixels and labels

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def source(self) -> str:
        """As in DataConfig.source."""
        return OWN + self.id

    def serves(self, owner: str, local: bool = False) -> bool:
        """Whether that owner may look at the pictures and train on them; `local` as in `Library`."""
        return self.shared or self.owner == owner or (local and not self.owner)

    @property
    def bytes(self) -> int:
        """What it takes on disk."""
        with suppress(OSError):
            return sum(file.stat().st_size for file in self.path.iterdir())
        return 0

    def info(self) -> SourceInfo:
        """As every other source is described."""
        size = "×".join(str(extent) for extent in self.shape[1:])
        return SourceInfo(
            name=self.source,
            title=self.name,
            blurb=f"{self.count:,} imported pictures of {size} pixels.",
            source="Imported pictures",
            licence="not stated",
            count=self.count,
            shape=self.shape,
            classes=self.classes,
            load=self._load,
        )

    def images(self) -> np.ndarray:
        """(N, C, H, W) uint8, read-only and in place. Raises DataError where the file is not what it was."""
        return self._array("images.npy", np.dtype(np.uint8), (self.count, *self.shape))

    def labels(self) -> np.ndarray | None:
        """(N,) int64, -1 where unknown; None without classes. Raises DataError."""
        if not self.classes:
            return None
        return self._array("labels.npy", np.dtype(np.int64), (self.count,))

    def _array(self, name: str, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        try:
            with open_file(self.path / name, 2**40):
                pass  # a regular file and no link
            array = np.lib.format.open_memmap(self.path / name, mode="r", max_header_size=HEADER)
        except UnreadableFileError as error:
            raise DataError(
                f"The pictures called {self.name} are damaged: {error}. Import them again."
            ) from None
        except Exception as error:  # numpy's parser of the description raises many kinds
            raise self._damaged(f"{name} is no array ({type(error).__name__})") from None
        if array.dtype != dtype or array.shape != shape:
            raise self._damaged(f"{name} does not hold what its description says")
        return array.view(np.ndarray)  # still in place, without memmap's ways

    def _damaged(self, reason: str) -> DataError:
        return DataError(f"The pictures called {self.name} are damaged: {reason}. Import them again.")

    def _load(self, info: SourceInfo, config: DataConfig, progress: Progress | None) -> Dataset:
        images, labels = self.images(), self.labels()
        groups = np.zeros(self.count, np.int64) if labels is None else labels
        split = hold_out(info.title, groups, config)
        if progress:
            progress(self.count, self.count)
        return info.dataset(images, labels, split, self.checksum)


def described(path: Path, about: dict[str, Any]) -> OwnData:
    """Raises KeyError, TypeError or ValueError where about.json is not ours, UnreadableFileError."""
    about = lift("pictures", about, name="about.json")
    classes, shape = tuple(about["classes"]), tuple(about["shape"])
    words = (about["name"], about["owner"], about["created"], about["checksum"], *classes)
    numbers = (about["count"], about["skipped"], *shape)
    if (
        not all(type(word) is str for word in words)
        or not all(type(number) is int and number >= 0 for number in numbers)
        or type(about["shared"]) is not bool
        or type(about["preparation"]) is not dict
        or len(shape) != 3
    ):
        raise ValueError("about.json is not as it should be")
    name, owner, created, checksum = words[:4]
    return OwnData(
        path=path,
        name=name,
        owner=owner,
        shared=about["shared"],
        created=created,
        classes=classes,
        shape=(shape[0], shape[1], shape[2]),
        count=about["count"],
        skipped=about["skipped"],
        preparation=about["preparation"],
        checksum=checksum,
    )
