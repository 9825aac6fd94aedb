"""Where data files lie on this machine, and whether they are what their authors published."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from vae_core.errors import ChecksumError, DataError
from vae_core.settings import settings


@dataclass(frozen=True)
class RemoteFile:
    """One published file: its name, exact size, checksum, and addresses in the order they are tried.

    Where its authors publish no sha256 but keep the file in a git repository, its id there says what it is:
    a SHA-1 over length and contents. Then `bytes` is only about right.
    """

    name: str
    bytes: int
    sha256: str  # hex, empty where there is only a `git`
    addresses: tuple[str, ...]
    git: str = ""  # hex

    @property
    def most_bytes(self) -> int:
        """More are not accepted."""
        return self.bytes if self.sha256 else 2 * self.bytes


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
        found = _digest(path, status.st_size, status.st_mtime_ns, not file.sha256)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    expected, kind = (file.sha256, "sha256") if file.sha256 else (file.git, "git id")
    if found != expected:
        raise ChecksumError(
            f"{path} is not the file its authors published: its {kind} begins {found[:12]} instead of "
            f"{expected[:12]}. Delete it and download it again."
        )


@functools.lru_cache(maxsize=64)
def _digest(path: Path, size: int, modified: int, git: bool) -> str:
    """`size` and `modified` (ns) are there for the cache, too: another value means another file."""
    with path.open("rb") as stream:
        if not git:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        while piece := stream.read(2**20):
            digest.update(piece)
        return digest.hexdigest()
