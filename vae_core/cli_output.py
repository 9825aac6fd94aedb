"""What the command line says: results on stdout, everything else on stderr."""

import sys
import time

from vae_core.events import Epoch, Event, Finished, RolledBack, Started, Step

FIGURES = ("distortion", "rate", "elbo")
QUIET = 2.0  # seconds between lines of progress where they cannot overwrite each other


class Progress:
    """How training goes, on stderr: one line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.total = 0
        self.shown = -QUIET
        self.live = sys.stderr.isatty()

    def show(self, event: Event) -> None:
        if isinstance(event, Started):
            self.total = event.total_steps
        elif isinstance(event, Step | Epoch):
            self._row(event)
        elif isinstance(event, RolledBack):
            self._line(f"{event.reason} Went back to step {event.step} with a lower learning rate.", True)
        elif isinstance(event, Finished):
            report = event.report
            figures = [f"{key} {report[key]:.1f}" for key in FIGURES if report[key] is not None]
            self._line(f"Finished: {', '.join(figures)} nats per held-out picture.", True)

    def _row(self, event: Step | Epoch) -> None:
        due = self.live or time.monotonic() - self.shown >= QUIET
        if isinstance(event, Step) and due:
            left = event.seconds * (self.total - event.step) / event.step
            figures = f"distortion {event.distortion:.1f}  rate {event.rate:.1f} nats"
            rest = f"{left:.0f} s left" if event.step < self.total else "measuring"
            self._line(f"step {event.step}/{self.total}  {figures}  {rest}", not self.live)

    def _line(self, text: str, end: bool) -> None:
        self.shown = time.monotonic()
        say(text, end="\n" if end else "")


def out(text: str) -> None:
    """A line of results."""
    print(text, flush=True)


def bytes_shown(done: int, total: int) -> None:
    """Progress of a download."""
    if sys.stderr.isatty():
        say(f"{done / 1e6:.1f} of {total / 1e6:.1f} MB", end="")


def pictures_shown(done: int, total: int) -> None:
    """Progress of an import."""
    if sys.stderr.isatty() and (done % 100 == 0 or done == total):
        say(f"{done:,} of {total:,} pictures", end="" if done < total else "\n")


def say(text: str, end: str = "\n") -> None:
    """On a terminal it takes the place of a line of progress."""
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(start + text, end=end, file=sys.stderr, flush=True)
