"""A map on its way: made in a process of its own, so that it can be called off at any time."""

from vae_core.command_job import CommandJob
from vae_core.errors import MapError

FAILED = "The map could not be made. Try again; where that does not help, `latentscape map` says more."


class MapJob(CommandJob):
    """How it stands; read by any number of pages. Begins at once; raises MapError where it cannot."""

    def __init__(self, run: str, kind: str, owner: str = "") -> None:
        """`owner` is who asked for it."""
        self.run, self.kind, self.owner = run, kind, owner
        try:
            super().__init__(["map", run, "--kind", kind, "--json"], FAILED)
        except OSError as error:
            raise MapError(f"The map could not be begun: {error.strerror}. Try again later.") from None
