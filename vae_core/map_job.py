"""A map on its way: made in a process of its own, so that it can be called off at any time."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from vae_core.errors import MapError
from vae_core.settings import settings

FAILED = "The map could not be made. Try again; where that does not help, `latentscape map` says more."


@dataclass
class MapJob:
    """How it stands; read by any number of pages. Begins at once; raises MapError where it cannot."""

    run: str
    kind: str
    owner: str = ""  # who asked for it
    share: float = 0.0  # from 0 to 1
    running: bool = True
    error: str = ""  # a sentence, empty while all is well
    cancelled: bool = False
    _process: subprocess.Popen[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "vae_core", "map", self.run, "--kind", self.kind, "--json"]
        try:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, "LATENTSCAPE_HOME": str(settings().home)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise MapError(f"The map could not be begun: {error.strerror}. Try again later.") from None
        threading.Thread(target=self._follow, name=f"map-{self.run}", daemon=True).start()

    def cancel(self) -> None:
        """Nothing unfinished is kept."""
        self.cancelled = True
        self._process.kill()

    def _follow(self) -> None:
        said = ""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.startswith("{"):
                    with suppress(ValueError):  # what a killed process left half said
                        self.share = float(json.loads(line).get("share", 1.0))
                else:
                    said = line.strip()
        if self._process.wait() and not self.cancelled:
            self.error = said if self._process.returncode in (1, 2) and said else FAILED
        self.running = False
