"""A command of ours on its way in a process of its own: it can be called off, and needs no torch here."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from vae_core.settings import settings


class CommandJob:
    """How a command stands that says JSON lines with its "share"; read by any number of pages.

    It begins at once; raises OSError where it cannot. `failed` is what `error` says where the command ends
    badly without a sentence of its own.
    """

    def __init__(self, words: list[str], failed: str, said: str = "") -> None:
        """`words` are the command's, `said` is what it reads from its standard input."""
        self.share = 0.0  # from 0 to 1
        self.running = True
        self.error = ""  # a sentence, empty while all is well
        self.cancelled = False
        self._failed = failed
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vae_core", *words],
            env={**os.environ, "LATENTSCAPE_HOME": str(settings().home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        assert self._process.stdin is not None
        with suppress(OSError), self._process.stdin as line:  # one that ended at once says why itself
            line.write(said)
        threading.Thread(target=self._follow, name=words[0], daemon=True).start()

    def cancel(self) -> None:
        """Nothing unfinished is kept."""
        self.cancelled = True
        self._process.kill()

    def done(self, row: dict[str, Any]) -> None:
        """The command has ended well, and `row` was its last line; told before `running` is false."""

    def _follow(self) -> None:
        said: str = ""
        row: dict[str, Any] = {}
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.startswith("{"):
                    with suppress(ValueError):  # what a killed process left half said
                        row = json.loads(line)
                        self.share = float(row.get("share", 1.0))
                else:
                    said = line.strip()
        if self._process.wait() and not self.cancelled:
            self.error = said if self._process.returncode in (1, 2) and said else self._failed
        elif not self.cancelled:
            self.done(row)
        self.running = False
