"""The run store: where runs are made, listed, found and deleted."""

import glob
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from vae_core.config import RunConfig
from vae_core.errors import RunError, RunNotFoundError, StorageError
from vae_core.migrations import FORMATS
from vae_core.recorder import Recorder
from vae_core.run import Examples, Run, State
from vae_core.settings import settings
from vae_core.storage import make_folder, saving, write_atomic, write_json

__all__ = ["Examples", "Recorder", "Run", "RunStore", "State"]

BIN = "bin"  # beside the runs: where deleted ones wait, see run_bin.py
FORMAT = FORMATS["run"]
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LEFTOVER_AGE = 86_400  # seconds after which a half-made or half-deleted folder is swept away


class RunStore:
    """Runs of one's own in `home`/runs, and the starters, which are read in place and never changed."""

    def __init__(self, home: Path | None = None, starters: Path | None = None) -> None:
        self.folder = Path(home or settings().home).resolve() / "runs"
        self.starters = Path(starters or settings().starters).resolve()

    def list(self) -> list[Run]:
        """Newest first, starters last. A damaged run is among them and says why. Raises StorageError."""
        own = [Run(path) for path in self._folders(self.folder)]
        starters = [Run(path, starter=True) for path in self._folders(self.starters)]
        return [*sorted(own, key=lambda run: (run.created, run.id), reverse=True), *starters]

    def get(self, run: str) -> Run:
        """The run of that id. Raises RunNotFoundError."""
        if IDENTIFIER.fullmatch(run):
            for folder, starter in ((self.folder, False), (self.starters, True)):
                path = folder / run
                if path.is_dir() or path.is_symlink():
                    return Run(path, starter)
        shown = repr(run) if len(run) <= 100 else repr(run[:100]) + "..."
        raise RunNotFoundError(f"There is no run {shown}; the list of runs shows what is there.")

    def create(self, config: RunConfig, owner: str = "", fill: Callable[[Run], None] | None = None) -> Run:
        """A new run, not begun, or with what `fill` writes into its folder before anyone can see it.

        Raises StorageError and what `fill` raises, and then there is none.
        """
        make_folder(self.folder)
        self._sweep()
        now = datetime.now(UTC)
        path = self._new_path(config, now)
        draft = path.with_name(f".{path.name}")
        try:
            make_folder(draft, "The new run")
            write_atomic(draft / "config.json", config.to_json().encode())
            write_json(draft / "run.json", {"format": FORMAT, "owner": owner, "created": now.isoformat()})
            if fill:
                fill(Run(draft))
            with saving(path, "The new run"):
                draft.rename(path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return Run(path)

    def delete(self, run: str) -> None:
        """Removes a run for good; `run_bin` is where it could come back from.

        Raises RunNotFoundError, RunBusyError while it is running, RunError for a starter, StorageError.
        """
        found = self.get(run)
        if found.starter:
            raise RunError(f"Run {found.id} came with Latentscape and is never changed.")
        with saving(found.path):
            if found.path.is_symlink():
                found.path.unlink()
                return
            with found.lock():
                gone = found.path.with_name(f".deleted-{found.id}-{secrets.token_hex(4)}")
                found.path.rename(gone)
                shutil.rmtree(gone)

    def sweep(self, folder: Path) -> None:
        """Removes what `folder` keeps, by their ids, for runs that have gone, also from the bin.

        Raises StorageError.
        """
        with saving(folder), suppress(FileNotFoundError):
            for path in folder.iterdir():
                try:
                    self.get(path.name)
                except RunNotFoundError:
                    if not any(self.folder.with_name(BIN).glob(f"{glob.escape(path.name)}~*")):
                        shutil.rmtree(path, ignore_errors=True)

    def _new_path(self, config: RunConfig, now: datetime) -> Path:
        while True:
            source = config.data.source.replace(":", "-")
            path = self.folder / f"{source}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            if not os.path.lexists(path):
                return path

    def _folders(self, parent: Path) -> Iterator[Path]:
        """Folders that may be runs, by name; a link to a folder is among them, so that it can be named."""
        try:
            paths = sorted(parent.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            sentence = f"The runs in {parent} cannot be listed: {error.strerror}."
            raise StorageError(f"{sentence} Set LATENTSCAPE_HOME to a folder that can be read.") from None
        yield from (path for path in paths if IDENTIFIER.fullmatch(path.name) and path.is_dir())

    def _sweep(self) -> None:
        """Clears what a killed `create` or `delete` left behind."""
        for path in self.folder.glob(".*"):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > LEFTOVER_AGE and not path.is_symlink():
                    shutil.rmtree(path)
