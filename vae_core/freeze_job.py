"""A run on its way to be frozen, in a process of its own: the app needs no torch for it."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from vae_core.errors import RunError
from vae_core.settings import settings

FAILED = "The run could not be frozen. Try again; where that does not help, `latentscape freeze` says more."


@dataclass
class FreezeJob:
    """How it stands; read by any number of pages. Begins at once; raises RunError where it cannot."""

    run: str
    beta: float
    owner: str = ""  # whose the new run will be
    share: float = 0.0  # from 0 to 1
    running: bool = True
    made: str = ""  # the new run's id, at the end
    error: str = ""  # a sentence, empty while all is well
    cancelled: bool = False
    _process: subprocess.Popen[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = ["freeze", f"--beta={self.beta!r}", "--json", "--owner-on-stdin", "--", self.run]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vae_core", *words],
                env={**os.environ, "LATENTSCAPE_HOME": str(settings().home)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise RunError(f"Freezing could not be begun: {error.strerror}. Try again later.") from None
        assert self._process.stdin is not None
        with suppress(OSError), self._process.stdin as line:  # one that ended at once says why itself
            line.write(f"{self.owner}\n")
        threading.Thread(target=self._follow, name=f"freeze-{self.run}", daemon=True).start()

    def cancel(self) -> None:
        """Nothing unfinished is kept."""
        self.cancelled = True
        self._process.kill()

    def _follow(self) -> None:
        said, made = "", ""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.startswith("{"):
                    with suppress(ValueError):  # what a killed process left half said
                        row = json.loads(line)
                        self.share = float(row.get("share", 1.0))
                        made = str(row.get("run", ""))
                else:
                    said = line.strip()
        if self._process.wait() and not self.cancelled:
            self.error = said if self._process.returncode in (1, 2) and said else FAILED
        elif not self.cancelled:
            self.made = made
        self.running = False
