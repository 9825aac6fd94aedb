"""Files that are written bit by bit, and still whole or not at all; archives that are the same each time."""

import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vae_core.storage import saving, sync

STORED = (".png", ".safetensors", ".onnx")  # files that hardly get smaller


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Another name in the same folder to write to, which becomes `path` at the end and is gone otherwise.

    Raises StorageError; the file that was there before then still is.
    """
    temporary = path.with_name(f".export-{secrets.token_hex(8)}.tmp")  # short, whatever the name
    with saving(path):
        try:
            yield temporary
            sync(temporary)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync(path.parent)


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip to be filled with `entry`s, written whole. Raises StorageError."""
    with whole(path) as temporary, zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as packed:
        yield packed


def entry(folder: str, name: str) -> zipfile.ZipInfo:
    """One file of an archive, in that folder and without a time: the same contents give the same bytes."""
    info = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
