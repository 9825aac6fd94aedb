"""What the command line says: results on stdout, everything else on stderr. Trainings: `cli_progress`."""

import sys

FIGURES = ("distortion", "rate", "elbo")


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
