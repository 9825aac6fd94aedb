"""A run on its way through the training service."""

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from vae_core.errors import LatentscapeError
from vae_core.memory import comparison
from vae_core.progress import Progress, State, Tracker, stored
from vae_core.recorder import Recorder
from vae_core.run import Run
from vae_core.wishes import Wanted, Wishes

DEATHS = 3  # of its worker, after which a run is given up
UNTAKEN = 3  # workers in a row that were gone before they took a run, and count as one death

if TYPE_CHECKING:
    from vae_core.worker import Batch


class Job:
    """What the conductor knows of one; only its thread changes it, but for what pages wish."""

    def __init__(self, run: Run, lock: ExitStack) -> None:
        self.run = run
        self.lock = lock  # closed at the end
        self.recorder = Recorder(run)
        self.tracker = Tracker(stored(run))
        self.wishes = Wishes(run.config)
        self.arrivals = Arrivals()
        self.ticket = 0  # of the current attempt; 0 while it waits for a worker
        self.revision = 0  # of what is wanted
        self.deaths = 0
        self.untaken = 0  # attempts in a row that no worker took
        self.is_over = False  # Dask is through with the attempt; what it sent last may be missing
        self.end: State | None = None  # as the events tell

    @property
    def is_ending(self) -> bool:
        return self.tracker.mode in ("stop", "finish")

    def begin(self, ticket: int) -> None:
        """Another attempt."""
        self.ticket, self.is_over, self.end, self.arrivals = ticket, False, None, Arrivals()

    def lose(self) -> bool:
        """The attempt ended without a last word. Returns whether that counts as a death.

        A worker that was dead before it took the run, as where several are killed at once, says nothing about
        the run; only if that goes on it may.
        """
        self.ticket = 0
        self.untaken = 0 if self.arrivals.any else self.untaken + 1
        counts = self.untaken % UNTAKEN == 0
        self.deaths += counts
        return counts

    def wanted(self) -> Wanted:
        """What its worker is to know now."""
        self.revision += 1
        return self.wishes.wanted(self.revision, self.tracker.mode)

    def note(self, kind: str, **fields: object) -> None:
        """A line in the run's log; a full disk is reported where it matters."""
        with suppress(LatentscapeError):
            self.recorder.note(kind, **fields)

    def look(self, since: int = 0, position: int = 0, waiting: int = 0) -> Progress:
        """For pages."""
        course = self.wishes.course(self.tracker.rows, self.is_ending)
        return self.tracker.look(since, position, waiting, course)


class Arrivals:
    """The batches of one attempt: handed on in order and once, however they arrive."""

    def __init__(self) -> None:
        self.any = False  # the worker took the attempt
        self.received = 0  # events, without a gap
        self._early: dict[int, Batch] = {}  # by their first event
        self._asked: tuple[int, bool] | None = None  # for what was missing from which event on, and when

    def add(self, batch: "Batch") -> None:
        self.any = True
        if batch.first >= self.received:
            self._early[batch.first] = batch

    def next(self) -> "Batch | None":
        """The one whose turn it is, once it is there."""
        batch = self._early.pop(self.received, None)
        if batch:
            self.received += len(batch.events)
        return batch

    def missing(self, is_over: bool = False) -> int | None:
        """The event from which on something is missing, if nobody was asked for it so far.

        Once the attempt `is_over` something is missing in any case, and is asked for again.
        """
        if self._asked == (self.received, is_over) or not (self._early or is_over):
            return None
        self._asked = (self.received, is_over)
        return self.received


def given_up(job: Job) -> str:
    """Why a run is not begun once more, for a person."""
    died = f"The training process died {DEATHS} times, last at about step {job.tracker.step}"
    return (
        f"{died}; perhaps memory ran out. {comparison(job.run.config)} "
        "Choose a smaller network or batch, or resume what was saved."
    )
