"""A shortest way between a run's examples, on its way in a process of its own. Needs no torch here."""

from typing import Any

from vae_core.cli_ways import spoken
from vae_core.command_job import CommandJob
from vae_core.errors import PathError
from vae_core.ways import Way

FAILED = "The shortest way could not be worked out; `latentscape interpolate` says more."


class InterpolateJob(CommandJob):
    """How it stands; read by any number of pages. Begins at once; raises PathError where it cannot."""

    def __init__(self, run: str, way: Way, beta: float | None = None, owner: str = "") -> None:
        """`owner` is who asked for it."""
        self.run, self.way, self.beta, self.owner = run, way, beta, owner
        self.legs: list[Any] = []  # codes from each anchor to the next, once there
        dial = [] if beta is None else [f"--beta={beta!r}"]
        try:
            super().__init__(["interpolate", run, *spoken(way), *dial, "--json"], FAILED)
        except OSError as error:
            raise PathError(f"The shortest way could not be begun: {error.strerror}. Try later.") from None

    def done(self, row: dict[str, Any]) -> None:
        self.legs = row.get("legs", [])
