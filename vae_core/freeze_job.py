"""A run on its way to be frozen, in a process of its own: the app needs no torch for it."""

from typing import Any

from vae_core.command_job import CommandJob
from vae_core.errors import RunError

FAILED = "The run could not be frozen. Try again; where that does not help, `latentscape freeze` says more."


class FreezeJob(CommandJob):
    """How it stands; read by any number of pages. Begins at once; raises RunError where it cannot."""

    def __init__(self, run: str, beta: float, owner: str = "") -> None:
        """`owner` is whose the new run will be; it travels where no list of processes shows it."""
        self.run, self.beta, self.owner = run, beta, owner
        self.made = ""  # the new run's id, at the end
        words = ["freeze", f"--beta={beta!r}", "--json", "--owner-on-stdin", "--", run]
        try:
            super().__init__(words, FAILED, said=f"{owner}\n")
        except OSError as error:
            raise RunError(f"Freezing could not be begun: {error.strerror}. Try again later.") from None

    def done(self, row: dict[str, Any]) -> None:
        self.made = str(row.get("run", ""))
