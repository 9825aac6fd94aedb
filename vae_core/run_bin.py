"""The bin: deleted runs, from where they can come back.

A run goes there and back by one rename of its folder, so a crash leaves it in one place or the other, whole.
When it was deleted is part of the folder's name. What else the home keeps for a run (groups of examples,
maps) stays meanwhile.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vae_core.errors import RunError, RunNotFoundError, StorageError
from vae_core.marks import check_owner
from vae_core.run import Run
from vae_core.runs import BIN, RunStore
from vae_core.storage import make_folder, saving, sync

DAYS = 30  # that a run stays in the bin before it goes for good
TIME = "%Y%m%dT%H%M%S"
NAME = re.compile(r"(?P<id>[A-Za-z0-9][A-Za-z0-9._-]{0,99})~(?P<when>\d{8}T\d{6})")
GOING = ".going-"  # how a folder's name begins while it is removed


@dataclass(frozen=True)
class Binned:
    """A run in the bin; its `run.id` is what it was."""

    run: Run
    deleted: datetime


class RunBin:
    """Deleted runs of a store, in `home`/bin. Runs are their owners': others' raise RunError."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.folder = store.folder.with_name(BIN)

    def list(self) -> list[Binned]:
        """Deleted last comes first. Raises StorageError where the bin cannot be listed."""
        return sorted(self._all(), key=lambda found: (found.deleted, found.run.id), reverse=True)

    def put(self, run: str, owner: str) -> None:
        """Moves a run to the bin; what has been there for too long goes for good.

        Raises RunNotFoundError, RunBusyError while it is trained, RunError for a starter or a run that is not
        `owner`'s, StorageError.
        """
        found = self.store.get(run)
        check_owner(found, owner)
        make_folder(self.folder)
        with ExitStack() as training:
            if not found.path.is_symlink():  # only the link moves
                training.enter_context(found.lock())
            self._move(found.path, self.folder / f"{found.id}~{datetime.now(UTC):{TIME}}")
        self.sweep()

    def restore(self, run: str, owner: str) -> Run:
        """Brings a run back; of several with that id the one that was deleted last.

        Raises RunNotFoundError where the bin has none, RunError where it is not `owner`'s or there is a run
        of that id again, StorageError.
        """
        found = self._get(run, owner)
        path = self.store.folder / found.id
        if os.path.lexists(path):
            raise RunError(f"There is a run {run} again; delete that first.")
        make_folder(self.store.folder)
        self._move(found.path, path)
        return self.store.get(run)

    def remove(self, run: str, owner: str) -> None:
        """Removes a run in the bin for good. Raises as `restore`."""
        self._remove(self._get(run, owner).path)

    def sweep(self) -> None:
        """Removes for good what has been here for more than DAYS, and what a crash left half removed."""
        with suppress(StorageError):
            for found in self._all():
                if datetime.now(UTC) - found.deleted > timedelta(days=DAYS):
                    with suppress(StorageError, RunNotFoundError):
                        self._remove(found.run.path)
        for path in self.folder.glob(f"{GOING}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _get(self, run: str, owner: str) -> Run:
        for found in self.list():
            if found.run.id == run:
                check_owner(found.run, owner)
                return found.run
        raise RunNotFoundError(
            f"There is no run {run[:100]!r} in the bin; it may be restored or gone already."
        )

    def _all(self) -> Iterator[Binned]:
        """What is not named as the bin names is not the bin's, and stays."""
        try:
            names = sorted(os.listdir(self.folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise StorageError(f"The bin in {self.folder} cannot be listed: {error.strerror}.") from None
        for match in filter(None, map(NAME.fullmatch, names)):
            with suppress(ValueError):  # no such day
                deleted = datetime.strptime(match["when"], TIME).replace(tzinfo=UTC)
                run = Run(self.folder / match[0])
                run.id = match["id"]
                yield Binned(run, deleted)

    def _move(self, path: Path, to: Path) -> None:
        try:
            with saving(to, f"Run {path.name.partition('~')[0]}"):
                path.rename(to)
                sync(to.parent)
                sync(path.parent)
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise RunNotFoundError(f"Run {path.name.partition('~')[0]} was moved meanwhile.") from None
            raise

    def _remove(self, path: Path) -> None:
        """Out of the list first, so that a run half removed is never restored."""
        going = self.folder / f"{GOING}{secrets.token_hex(4)}"
        self._move(path, going)
        with saving(going):
            if going.is_symlink():
                going.unlink()
            else:
                shutil.rmtree(going)
