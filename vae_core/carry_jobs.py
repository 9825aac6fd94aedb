"""Files to take along and runs from elsewhere, on their way in processes of their own: the app needs no torch
for them, and they can be called off."""

from pathlib import Path
from typing import Any

from vae_core import cli_films, cli_ways
from vae_core.command_job import CommandJob
from vae_core.errors import CarryError, ExportError
from vae_core.run import Run
from vae_core.taking import kinds
from vae_core.taking.kind import Choices, Kind

NOT_MADE = "The file could not be made. Try again; where that does not help, `latentscape export` says more."
NOT_TAKEN = (
    "The run could not be imported. Try again; where that does not help, `latentscape import` says more."
)


class CarryJob(CommandJob):
    """Called off it is asked to end, and clears up after itself."""

    def cancel(self) -> None:
        self.cancelled = True
        self._process.terminate()


class ExportJob(CarryJob):
    """A file of a run, in `folder`. Begins at once; raises ExportError where it cannot."""

    def __init__(self, run: Run, kind: Kind, choices: Choices, folder: Path) -> None:
        self.run, self.kind = run.id, kind
        self.path = folder / kinds.file_name(run, kind, choices.title)
        self.bytes = 0  # at the end
        words = ["export", f"--{kind.name}", "--json", f"--output={self.path}"]
        words += _said(kind, choices)
        try:
            super().__init__([*words, "--", run.id], NOT_MADE)
        except OSError as error:
            raise ExportError(f"The file could not be begun: {error.strerror}. Try again later.") from None

    def done(self, row: dict[str, Any]) -> None:
        self.bytes = int(row.get("bytes", 0))


class ImportJob(CarryJob):
    """A run out of a zip, as one of `owner`'s. Begins at once; raises CarryError where it cannot."""

    def __init__(self, path: Path, owner: str) -> None:
        """`owner` travels where no list of processes shows it."""
        self.name = path.name
        self.made = ""  # the new run's id, at the end
        try:
            words = ["import", "--json", "--owner-on-stdin", "--", str(path)]
            super().__init__(words, NOT_TAKEN, said=f"{owner}\n")
        except OSError as error:
            raise CarryError(f"The import could not be begun: {error.strerror}. Try again later.") from None

    def done(self, row: dict[str, Any]) -> None:
        self.made = str(row.get("run", ""))


def _said(kind: Kind, choices: Choices) -> list[str]:
    """The choices as the command takes them."""
    words = [f"--beta={choices.beta!r}"] if choices.beta is not None else []
    words += ["--sheet", choices.sheet] if kind.name == "png" else []
    words += [] if choices.checkpoint else ["--no-checkpoint"]
    words += [f"--{name}" for name in ("replay", "encoder") if getattr(choices, name)]
    for name in ("title", "notes", "view"):
        text = getattr(choices, name).replace("\0", " ")  # which no argument of a command can hold
        words += [f"--{name}={text}"] if text else []
    words += [f"--without={','.join(choices.without)}"] if choices.without else []
    words += cli_films.spoken(choices)
    return words + (cli_ways.spoken(choices.way) if choices.way else [])
