"""One writer a run: whoever holds the lock (flock) on the file `lock` in its folder.

The system lets go of it when the holder dies, however it dies, so a held lock means a run that is running.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vae_core.errors import RunBusyError, RunNotFoundError
from vae_core.storage import saving

PATIENCE = 0.5  # seconds to wait: `is_held` takes the lock for a moment when it looks
FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def hold(path: Path, run: str) -> Iterator[None]:
    """Holds the lock for the run called `run`.

    Raises RunBusyError where another process or thread holds it, RunNotFoundError where the run was deleted
    meanwhile, StorageError where the file cannot be made.
    """
    with saving(path, f"Run {run}"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o644)
    try:
        _take(handle, run)
        if not _is_there(handle, path):
            raise RunNotFoundError(f"Run {run} was deleted meanwhile.")
        yield
    finally:
        os.close(handle)


def _take(handle: int, run: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                sentence = f"Run {run} is being trained by another process; stop that first."
                raise RunBusyError(sentence) from None
            time.sleep(0.02)


def _is_there(handle: int, path: Path) -> bool:
    """Whether the file that was opened still lies where it did: a run may have moved to the bin since."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def is_held(path: Path) -> bool:
    """Whether someone holds the lock, this process included."""
    try:
        handle = os.open(path, os.O_RDONLY | FLAGS)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
