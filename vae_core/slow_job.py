"""A step on its way to be walked through, in a process of its own: the app needs no torch for it."""

from typing import Any

from vae_core.command_job import CommandJob
from vae_core.errors import RunError

FAILED = "The step could not be made. Try again; where that does not help, `latentscape step` says more."


class SlowJob(CommandJob):
    """How it stands; read by any number of pages. Begins at once; raises RunError where it cannot."""

    def __init__(self, run: str, at: str) -> None:
        """`at` is "start" or "now", as the command takes it."""
        self.run, self.at = run, at
        self.made: dict[str, Any] = {}  # slow_report.described, at the end
        try:
            super().__init__(["step", "--at", at, "--json", "--", run], FAILED)
        except OSError as error:
            raise RunError(f"The step could not be begun: {error.strerror}. Try again later.") from None

    def done(self, row: dict[str, Any]) -> None:
        self.made = row
