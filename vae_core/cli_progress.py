"""How a training goes, as the command line shows it: a bar on a terminal, a JSON object a line elsewhere."""

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from vae_core.cli_output import FIGURES, out, say
from vae_core.events import (
    Checkpoint,
    Diverged,
    Epoch,
    Event,
    Finished,
    RolledBack,
    Started,
    Steered,
    Step,
    Stopped,
)
from vae_core.storage import plain

QUIET = 2.0  # seconds between rows of the curves where nobody asked for all of them
LONGEST, SHORTEST = 30, 8  # letters of the bar
EIGHTHS = " ▏▎▍▌▋▊▉"
TOLD = (Step, Epoch, RolledBack, Steered, Stopped, Diverged)  # events that are told with all they say


class Progress(Protocol):
    def show(self, event: Event) -> None: ...


def progress(run: str, as_json: bool = False) -> Progress:
    """What shows the training of a run: every row on stdout where JSON is asked for; else, on stderr, a bar
    on a terminal and a row now and then elsewhere."""
    if as_json:
        return Lines(run, out)
    return Bar() if sys.stderr.isatty() else Lines(run, say, QUIET)


class Clock:
    """Seconds that are left, by what this attempt's steps took together with the looks between them."""

    def __init__(self) -> None:
        self.total = 0
        self._first: tuple[int, float] | None = None  # a step and when it was told

    def left(self, step: int) -> float | None:
        """None while there is nothing to go by."""
        now = time.monotonic()
        if self._first is None:
            self._first = (step, now)
        first, began = self._first
        return (now - began) * (self.total - step) / (step - first) if step > first else None


class Bar:
    """One line on stderr that changes in place; sentences of others take its place, and it comes back."""

    def __init__(self) -> None:
        self._clock = Clock()

    def show(self, event: Event) -> None:
        if isinstance(event, Started):
            self._clock.total = event.total_steps
        elif isinstance(event, Step):
            columns = shutil.get_terminal_size().columns
            say(bar(event, self._clock.total, self._clock.left(event.step), columns), end="")
        elif isinstance(event, RolledBack):
            say(f"{event.reason} Went back to step {event.step} with a lower learning rate.")
        elif isinstance(event, Steered):
            say(f"From step {event.step + 1} on with {course(event)}, as the run did before.")
        elif isinstance(event, Finished):
            report = event.report
            figures = [f"{key} {report[key]:.1f}" for key in FIGURES if report[key] is not None]
            say(f"Finished: {', '.join(figures)} nats per held-out picture.")


class Lines:
    """JSON objects, each with an `event`; figures are nats a picture, times seconds.

    started: run, total_steps, train, test (pictures) · step, epoch: the row of the curves, of a step with the
    seconds `left` · saved · steered · rolledback · stopped · diverged · finished: the held-out figures.
    Where rows come `every` so many seconds alone, one of a kind, what is saved is left out.
    """

    def __init__(self, run: str, write: Callable[[str], None], every: float = 0.0) -> None:
        self.run = run
        self._write, self._every = write, every
        self._clock, self._told = Clock(), dict.fromkeys((Step, Epoch), -every)

    def show(self, event: Event) -> None:
        row: dict[str, Any] = {}
        if isinstance(event, Started):
            self._clock.total = event.total_steps
            counts = {name: event.data.get(name) for name in ("train", "test")}
            row = {"run": self.run, "total_steps": event.total_steps, **counts}
        elif isinstance(event, Checkpoint) and not self._every:
            self._tell("saved", {"step": event.step})
        elif isinstance(event, Finished):
            names = [name for key in FIGURES for name in (key, f"{key}_se")]
            figures = {name: event.report.get(name) for name in (*names, "accuracy", "seconds")}
            row = {"run": self.run, "step": event.step, **figures}
        elif isinstance(event, TOLD):
            fields = asdict(event).items()
            row = {key: value for key, value in fields if key != "weights" and value is not None}
        if isinstance(event, Step):
            row["left"] = self._clock.left(event.step)
        if row and self._due(event):
            self._tell(type(event).__name__.lower(), row)

    def _due(self, event: Event) -> bool:
        """Whether it is time for a row of this kind, or its last one."""
        if not isinstance(event, Step | Epoch):
            return True
        now, kind = time.monotonic(), type(event)
        if now - self._told[kind] < self._every and event.step < self._clock.total:
            return False
        self._told[kind] = now
        return True

    def _tell(self, kind: str, row: dict[str, Any]) -> None:
        self._write(json.dumps({"event": kind, **plain(row)}))


def bar(row: Step, total: int, left: float | None, columns: int) -> str:
    """The line for a row of the curves; it fits `columns`, else what it has no room for is left out."""
    share = min(row.step / total, 1.0) if total else 0.0
    parts = [f"{share:4.0%}", f"distortion {row.distortion:.1f}", f"rate {row.rate:.2f} nats"]
    if row.step >= total:
        parts.append("measuring")
    elif left is not None:
        parts.append(f"{duration(left)} left")
    while len("  ".join(parts)) >= columns and len(parts) > 1:
        del parts[-2 if len(parts) > 2 else -1]  # the time that is left goes last
    text = "  ".join(parts)
    room = min(LONGEST, columns - len(text) - 3)  # a last column that is filled would break the line
    return text if room < SHORTEST else f"{blocks(share, room)}  {text}"


def blocks(share: float, width: int) -> str:
    """A bar of `width` letters, to an eighth of one."""
    eighths = round(share * width * 8)
    whole, rest = divmod(eighths, 8)
    filled = "█" * whole + (EIGHTHS[rest] if rest else "")
    return filled + "░" * (width - len(filled))


def duration(seconds: float) -> str:
    """As a person says it: 41 s, 3 min 20 s, 1 h 05 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def course(change: Steered) -> str:
    """What was changed, in words."""
    beta = None if change.beta is None else f"beta {change.beta:g}"
    lr = None if change.lr is None else f"the learning rate times {change.lr:g}"
    return " and ".join(filter(None, (beta, lr)))
