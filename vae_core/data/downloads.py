"""Downloads that arrive whole and verified, or leave nothing behind."""

import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from vae_core.data.files import RemoteFile, verify
from vae_core.errors import ChecksumError, DownloadCancelledError, DownloadError, StorageError

CHUNK = 64 * 1024  # bytes between two looks at cancel()
TIMEOUT = 20.0  # seconds without a byte
STALE = 600.0  # seconds after which a part file has lost its writer


def fetch(
    wanted: Sequence[RemoteFile],
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> None:
    """Each file from the first of its addresses that gives it, verified, then renamed into `folder`.

    `progress(done, total)` counts bytes over all files. Raises DownloadError or ChecksumError of the last
    address where none gives a file, DownloadCancelledError, StorageError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
    except OSError as error:
        raise StorageError(f"Downloads cannot be kept in {folder}: {error.strerror}.") from None
    total, before = sum(file.bytes for file in wanted), 0
    for file in wanted:

        def tell(done: int, before: int = before) -> None:
            if cancel and cancel():
                raise DownloadCancelledError("The download was called off; nothing unfinished was kept.")
            if progress:
                progress(before + done, total)

        _from_any_address(file, folder, tell)
        before += file.bytes


def _from_any_address(file: RemoteFile, folder: Path, tell: Callable[[int], None]) -> None:
    failure: DownloadError | ChecksumError | None = None
    for address in file.addresses:
        try:
            return _from_address(file, address, folder, tell)
        except DownloadCancelledError:
            raise
        except (DownloadError, ChecksumError) as error:
            failure = error
    raise failure or DownloadError(f"No address is known for {file.name}.")


def _from_address(file: RemoteFile, address: str, folder: Path, tell: Callable[[int], None]) -> None:
    """One attempt. The part file is gone afterwards, whatever happens."""
    part = None
    tell(0)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=folder)
        part = Path(name)
        with os.fdopen(handle, "wb") as stream:
            done = 0
            with closing(_pieces(file, address)) as pieces:
                for piece in pieces:
                    stream.write(piece)
                    done += len(piece)
                    tell(min(done, file.bytes))
            stream.flush()
            os.fsync(stream.fileno())
        _check(file, address, done, part)
        part.replace(folder / file.name)
    except OSError as error:  # the network's own have become DownloadError
        raise StorageError(f"{file.name} could not be saved in {folder}: {error.strerror}.") from None
    finally:
        if part:
            part.unlink(missing_ok=True)


def _pieces(file: RemoteFile, address: str) -> Generator[bytes, None, None]:
    """The response's bytes, never more than one piece beyond the file's size."""
    request = urllib.request.Request(address, headers={"User-Agent": "latentscape"})
    done = 0
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            while done <= file.most_bytes and (piece := response.read(CHUNK)):
                done += len(piece)
                yield piece
    except (OSError, http.client.HTTPException) as error:
        raise _failed(file, address, _reason(error)) from None


def _check(file: RemoteFile, address: str, done: int, part: Path) -> None:
    if file.sha256 and done < file.bytes:
        raise _failed(file, address, f"it broke off after {done:,} of {file.bytes:,} bytes")
    if done > file.most_bytes:
        raise _failed(
            file, address, f"the server sends more than the {file.most_bytes:,} bytes it should have"
        )
    try:
        verify(part, file)
    except ChecksumError:
        raise ChecksumError(
            f"What {urlsplit(address).hostname} sent as {file.name} is not the file its authors published: "
            "its checksum is another. Nothing was kept; try again later."
        ) from None


def _failed(file: RemoteFile, address: str, reason: str) -> DownloadError:
    host = urlsplit(address).hostname
    return DownloadError(
        f"{file.name} could not be downloaded from {host}: {reason}. Nothing was kept; check the connection "
        "and try again."
    )


def _reason(error: Exception) -> str:
    """A network failure in plain words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer for {TIMEOUT:g} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(cause) or type(cause).__name__


def _sweep(folder: Path) -> None:
    """Removes parts left by a process that was killed; one in use is written to all the time."""
    for part in folder.glob(".*.part"):
        with suppress(FileNotFoundError):  # its writer has just finished
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()
