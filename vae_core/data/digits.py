"""Handwritten digits of 8x8 pixels that come with scikit-learn: small enough for a map within seconds."""

import importlib.util
from pathlib import Path

import numpy as np

from vae_core.config import DataConfig
from vae_core.data.dataset import Dataset, Progress, SourceInfo, fingerprint, hold_out
from vae_core.errors import DataMissingError


def load(info: SourceInfo, config: DataConfig, progress: Progress | None = None) -> Dataset:
    """(1797, 1, 8, 8) float32, the 17 greys 0..16 divided by 16."""
    rows = np.loadtxt(_path(), delimiter=",", dtype=np.uint8)  # (1797, 65), the label last
    images = rows[:, :64].reshape(-1, 1, 8, 8).astype(np.float32) / np.float32(16)
    labels = rows[:, 64].astype(np.int64)
    split = hold_out(info.title, labels, config)
    if progress:
        progress(len(images), len(images))
    return info.dataset(images, labels, split, fingerprint(images, labels))


def _path() -> Path:
    """The file `sklearn.datasets.load_digits` reads.

    Read directly: importing sklearn.datasets takes a second, half of what the first map may take.
    """
    found = importlib.util.find_spec("sklearn")
    folders = found.submodule_search_locations if found else None
    path = Path(folders[0], "datasets", "data", "digits.csv.gz") if folders else None
    if path is None or not path.is_file():
        raise DataMissingError(
            "The digits come with scikit-learn, which is not installed whole; reinstall it."
        )
    return path


INFO = SourceInfo(
    name="digits",
    title="Digits 8×8",
    blurb="1,797 handwritten digits of 8×8 pixels; a useful map in two seconds of training.",
    source="Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (UCI), shipped with scikit-learn",
    licence="CC BY 4.0",
    count=1797,
    shape=(1, 8, 8),
    classes=tuple("0123456789"),
    load=load,
)
