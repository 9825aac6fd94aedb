"""One's own pictures: read from files, prepared alike, looked at, and then kept by `vae_core.data.library`.

What comes in is a stranger's: nothing is written to disk before it is prepared, nothing is believed of what a
file says of itself, and a bad file among good ones costs a line in the report and nothing else.
"""

from pathlib import Path

from vae_core import storage
from vae_core.data.dataset import Progress
from vae_core.data.imports import pictures, tables
from vae_core.data.imports.collecting import Collected, Collector, Line, Preview, Report
from vae_core.data.imports.contents import Array, Contents, look
from vae_core.data.imports.preparation import Limits, Preparation
from vae_core.errors import DataError, UnreadableFileError

__all__ = [
    "Array",
    "Collected",
    "Contents",
    "Limits",
    "Line",
    "Preparation",
    "Preview",
    "Report",
    "look",
    "read",
]


def read(
    path: Path,
    preparation: Preparation | None = None,
    limits: Limits | None = None,
    *,
    images: str = "",
    labels: str = "",
    progress: Progress | None = None,
) -> Collected:
    """The pictures of a folder, zip, npz, IDX or CSV file, prepared.

    `images` names the array of an npz. `labels` names its array of labels, the column of a CSV (or its
    number from 1), or the path of the IDX file of labels; in folders and archives the folder of a picture is
    its label. `progress(done, total)` counts pictures, a total of 0 is not known yet; what it raises passes
    through and ends the reading. Raises EmptyDataError where fewer than two are left,
    LabelError, and DataError where the whole cannot be read; single bad files are lines of the report.
    """
    collector = Collector(preparation or Preparation(), limits or Limits())
    try:
        _read(path, images, labels, collector, progress)
    except UnreadableFileError as error:
        raise DataError(f"{error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    return collector.finish(path.name)


def _read(path: Path, images: str, labels: str, collector: Collector, progress: Progress | None) -> None:
    if path.is_dir():
        pictures.read_folder(path, collector, progress)
        return
    with storage.open_file(path, collector.limits.upload_bytes) as (file, _):
        head = file.read(4)
    if path.suffix.lower() == ".npz":
        tables.read_npz(path, images, labels, collector, progress)
    elif head[:2] == b"PK":
        pictures.read_zip(path, collector, progress)
    elif head[:2] == b"\x1f\x8b" or head[:3] == b"\0\0\x08":
        tables.read_idx(path, Path(labels) if labels else None, collector, progress)
    elif path.suffix.lower() in tables.SUFFIXES:
        tables.read_csv(path, labels, collector, progress)
    else:
        raise DataError(
            f"{path.name} is not a folder, zip, npz, IDX or CSV file of pictures; put single pictures into a "
            "folder or a zip."
        )
