"""Where data files lie on this machine, and whether they are what their authors published."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from vae_core.errors import ChecksumError, DataError
from vae_core.settings import settings


@dataclass(frozen=True)
class RemoteFile:
    """One published file: its name, exact size, checksum, and addresses in the order they are tried."""

    name: str
    bytes: int
    sha256: str  # hex
    addresses: tuple[str, ...]


def cache_folder(source: str) -> Path:
    """Where downloads of that source are kept."""
    return settings().cache / source


def find(source: str, name: str) -> Path | None:
    """The file in LATENTSCAPE_DATA, else in the download cache, else None."""
    data = settings().data
    folders = ([data / source] if data else []) + [cache_folder(source)]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def verify(path: Path, file: RemoteFile) -> None:
    """Raises ChecksumError unless the contents are the published ones.

    An unchanged file is read once in a process: 26 MB cost about 50 ms.
    """
    try:
        status = path.stat()
        found = _sha256(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if found != file.sha256:
        raise ChecksumError(
            f"{path} is not the file its authors published: its sha256 begins {found[:12]} instead of "
            f"{file.sha256[:12]}. Delete it and download it again."
        )


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, size: int, modified: int) -> str:
    """`size` and `modified` (ns) are there for the cache: another value means another file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
