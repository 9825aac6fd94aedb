"""The one thread that moves runs along: it takes messages, hands out work and writes what happened.

Messages come from pages (calls) and from the cluster (batches of events, workers that come and go). Nothing
else changes a job, so there is little to lock: `guard` protects the table of jobs and what pages look at.
"""

import atexit
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from vae_core.errors import LatentscapeError
from vae_core.events import Diverged, Event, Finished, RolledBack, Started, Stopped
from vae_core.progress import Mode, Progress, State, Tracker, sentence, stored
from vae_core.recorder import Recorder
from vae_core.run import Run

if TYPE_CHECKING:
    from vae_core.cluster import Cluster, Message
    from vae_core.worker import Batch, Ending, Execute

DEATHS = 3  # of its worker, after which a run is given up
IDLE = 10.0  # s without a message, after which the thread looks whether workers are missing
MISSING = 60.0  # s that Dask gets for replacing a dead worker
REMEMBERED = 50  # failed runs whose reason stays in memory

ENDS: dict[type[Event], State] = {Finished: "finished", Stopped: "interrupted", Diverged: "diverged"}

logger = logging.getLogger(__name__)


class Job:
    """A run on its way through the service."""

    def __init__(self, run: Run, lock: ExitStack) -> None:
        self.run = run
        self.lock = lock  # closed at the end
        self.recorder = Recorder(run)
        self.tracker = Tracker(stored(run))
        self.ticket = 0  # of the current attempt; 0 while it waits for a worker
        self.revision = 0  # of what is wanted
        self.deaths = 0
        self.received = 0  # events of this attempt
        self.early: dict[int, Batch] = {}  # batches that overtook others, by their first event
        self.end: State | None = None  # as the events tell


class Conductor:
    """`workers` train at once; `execute` replaces the pipeline; `at_exit` is called when Python ends."""

    def __init__(self, workers: int, execute: "Execute | None", at_exit: Callable[[], None]) -> None:
        self.guard = threading.Lock()
        self.jobs: dict[str, Job] = {}  # by run, in order of submission, until they end
        self.failed: dict[str, Progress] = {}  # by run: the store knows them as interrupted, not why
        self._inbox: queue.SimpleQueue[Message | Callable[[], None] | None] = queue.SimpleQueue()
        self._workers, self._execute, self._at_exit = workers, execute, at_exit
        self._cluster: Cluster | None = None
        self._places: dict[str, int] = {}  # worker -> ticket it is busy with, or 0
        self._moved = time.monotonic()  # when a worker last came or went
        self._tickets = itertools.count(1)
        self._thread = threading.Thread(target=self._serve, name="training service", daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., None], *arguments: object) -> None:
        """Has the thread do it, in turn."""
        self._inbox.put(lambda: function(*arguments))

    def close(self) -> None:
        """Ends the thread, and with it the cluster; jobs still there are left as they are on disk."""
        self._inbox.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (message := self._next()) is not None:
            try:
                self._handle(message)
                self.dispatch()
            except Exception:
                logger.exception("The training service met a fault and goes on.")
        if self._cluster:
            self._cluster.close()
        for job in list(self.jobs.values()):
            self._leave(job)

    def _next(self) -> "Message | Callable[[], None] | None":
        try:
            return self._inbox.get(timeout=IDLE)
        except queue.Empty:
            return self.heal

    def _handle(self, message: "Message | Callable[[], None]") -> None:
        from vae_core.cluster import Batch, Gone, Joined, Left

        match message:
            case Batch():
                self._receive(message)
            case Gone(ticket, trace):
                self._lose(ticket, trace)
            case Left(worker):
                self._moved = time.monotonic()
                self._lose(self._places.pop(worker, 0))
            case Joined(worker):
                self._moved = time.monotonic()
                self._places.setdefault(worker, 0)
            case _:
                message()

    def heal(self) -> None:
        """Replaces the cluster where workers stay away for good, once none of them is busy."""
        missing = len(self._places) < self._workers and not any(self._places.values())
        if self._cluster and missing and time.monotonic() - self._moved > MISSING:
            logger.warning("Worker processes died and were not replaced; all are started anew.")
            self._cluster.close()
            self._cluster, self._places = None, {}
            self.start_cluster()

    # What pages ask for, by `call`.

    def start_cluster(self) -> None:
        """Waiting jobs fail where it cannot be started; the next submission tries again."""
        from vae_core.cluster import Cluster

        if self._cluster is None:
            self._moved = time.monotonic()
            atexit.register(self._at_exit)  # after the import above, thus before Dask tidies up
            try:
                self._cluster = Cluster(self._inbox.put, self._workers, warm=self._execute is None)
            except Exception as error:
                logger.exception("The worker processes could not be started.")
                for job in self._queue():
                    self._fail(job, f"The worker processes could not be started: {error}.")

    def dispatch(self) -> None:
        """Gives waiting jobs to free workers, in order."""
        if self._queue() and self._cluster is None:
            self.start_cluster()
        for job in self._queue():
            free = next((worker for worker, ticket in self._places.items() if not ticket), None)
            if free is None:
                break
            self._begin(job, free)

    def steer(self, job: Job, mode: Mode) -> None:
        """What is wanted from now on; "stop" and "finish" are final."""
        if self.jobs.get(job.run.id) is not job or job.tracker.mode in ("stop", "finish"):
            return
        with self.guard:
            job.tracker.steer(mode)
        job.revision += 1
        if job.ticket and self._cluster:
            self._cluster.steer(job.ticket, job.revision, mode)
        elif mode == "stop":
            self._note(job, "stopped", step=job.tracker.step)
            self._leave(job)

    # An attempt, from its begin to its end.

    def _begin(self, job: Job, worker: str) -> None:
        from vae_core.worker import execute

        assert self._cluster is not None
        try:
            checkpoint = job.run.checkpoint()
        except LatentscapeError as error:
            self._fail(job, str(error))
            return
        job.ticket = self._places[worker] = next(self._tickets)
        job.received, job.early, job.end = 0, {}, None
        what = (job.run.id, job.run.config, checkpoint, self._execute or execute, job.tracker.mode)
        try:
            self._cluster.start(worker, job.ticket, *what)
        except Exception as error:  # the cluster is closing or lost; the run keeps its checkpoint
            logger.exception("Run %s could not be given to a worker.", job.run.id)
            self._free(job.ticket)
            self._fail(job, f"The training could not be given to a worker: {error}.")

    def _receive(self, batch: "Batch") -> None:
        """Batches of older attempts are dropped; their end frees the worker."""
        job = self._of(batch.ticket)
        if job is None:
            if batch.ending:
                self._free(batch.ticket)
            return
        job.early[batch.first] = batch
        while next_batch := job.early.pop(job.received, None):
            try:
                self._record(job, next_batch.events)
            except Exception as error:  # what cannot be written need not be trained
                logger.error("Run %s could not be written.", job.run.id, exc_info=True)
                if self._cluster:
                    self._cluster.steer(job.ticket, job.revision + 1, "stop")
                self._fail(job, sentence(error))
                return
            if next_batch.ending:
                self._conclude(job, next_batch.ending)
                return

    def _record(self, job: Job, events: list[Event]) -> None:
        for event in events:
            job.recorder.write(event)
            rows = job.run.metrics() if isinstance(event, Started | RolledBack) else None
            with self.guard:
                job.tracker.apply(event, rows)
            job.end = ENDS.get(type(event), job.end)
            job.received += 1

    def _conclude(self, job: Job, ending: "Ending") -> None:
        self._free(job.ticket)
        if ending.error:
            logger.error("Run %s failed.\n%s", job.run.id, ending.trace)
            self._fail(job, ending.error)
        elif job.end is None:
            self._fail(job, "Training ended without a result. What was saved can be resumed.")
        else:
            self._leave(job)

    def _lose(self, ticket: int, trace: str = "") -> None:
        """The attempt is over without a last word: its worker died, or (`trace`) could not take it."""
        job = self._of(ticket)
        self._free(ticket)
        if job is None:
            return
        job.ticket = 0
        job.deaths += 1
        where = f"at about step {job.tracker.step}"
        if trace:
            logger.error("Run %s could not be given to a worker.\n%s", job.run.id, trace)
            self._fail(job, "The training could not be begun by a fault in Latentscape; the log says more.")
        elif job.tracker.mode == "stop":
            self._leave(job)
        elif job.deaths >= DEATHS:
            self._fail(
                job,
                f"The training process died {DEATHS} times, last {where}; perhaps memory ran out. "
                "Choose a smaller network or batch, or resume what was saved.",
            )
        else:
            with self.guard:
                job.tracker.repeat(f"The training process died {where} and was started again.")
            self._note(job, "worker died", step=job.tracker.step, deaths=job.deaths)

    def _fail(self, job: Job, error: str) -> None:
        self._note(job, "failed", reason=error)
        with self.guard:
            job.tracker.error = error
            self.failed[job.run.id] = job.tracker.look()
            for oldest in list(self.failed)[:-REMEMBERED]:
                del self.failed[oldest]
        self._leave(job)

    def _leave(self, job: Job) -> None:
        """The run is the store's again."""
        with self.guard:
            self.jobs.pop(job.run.id, None)
        job.lock.close()

    def _note(self, job: Job, kind: str, **fields: object) -> None:
        with suppress(LatentscapeError):  # a full disk is reported where it matters
            job.recorder.note(kind, **fields)

    def _free(self, ticket: int) -> None:
        """The worker can take other work."""
        for worker, busy in self._places.items():
            if busy == ticket:
                self._places[worker] = 0
        if self._cluster:
            self._cluster.release(ticket)

    def _of(self, ticket: int) -> Job | None:
        with self.guard:
            return next((job for job in self.jobs.values() if ticket and job.ticket == ticket), None)

    def _queue(self) -> list[Job]:
        with self.guard:
            return [job for job in self.jobs.values() if not job.ticket]
