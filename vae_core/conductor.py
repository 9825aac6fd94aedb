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
from typing import TYPE_CHECKING

from vae_core.errors import LatentscapeError
from vae_core.events import Diverged, Event, Finished, RolledBack, Started, Stopped
from vae_core.job import DEATHS, Job, given_up
from vae_core.progress import Mode, Progress, State, sentence
from vae_core.wishes import Wanted

if TYPE_CHECKING:
    from vae_core.cluster import Cluster, Message
    from vae_core.worker import Batch, Ending, Execute

IDLE = 10.0  # s without a message, after which the thread looks whether workers are missing
MISSING = 60.0  # s that Dask gets for replacing a dead worker
REMEMBERED = 50  # failed runs whose reason stays in memory

ENDS: dict[type[Event], State] = {Finished: "finished", Stopped: "interrupted", Diverged: "diverged"}

logger = logging.getLogger(__name__)


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
        from vae_core.cluster import Batch, Gone, Joined, Left, Missing

        match message:
            case Batch():
                self._receive(message)
            case Gone(ticket, trace, died):
                self._end(ticket, trace, died)
            case Missing(ticket):
                self._give_up(ticket)
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
                    self._fail(job, f"The worker processes could not be started: {str(error).rstrip('.')}.")

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
        if self.jobs.get(job.run.id) is not job or job.is_ending:
            return
        with self.guard:
            job.tracker.steer(mode)
        if job.ticket:
            self.tell(job)
        elif mode == "stop":
            job.note("stopped", step=job.tracker.step)
            self._leave(job)

    def tell(self, job: Job) -> None:
        """Has the worker know what is wanted; a run that waits for one will take it along."""
        with self.guard:
            wanted = job.wanted()
        if job.ticket and self._cluster:
            self._cluster.steer(job.ticket, wanted)

    # An attempt, from its begin to its end.

    def _begin(self, job: Job, worker: str) -> None:
        from vae_core.worker import Assignment, execute

        assert self._cluster is not None
        try:
            checkpoint, changes = job.run.checkpoint(), job.run.changes()
        except LatentscapeError as error:
            self._fail(job, str(error))
            return
        ticket = self._places[worker] = next(self._tickets)
        with self.guard:
            job.begin(ticket)
            job.wishes.begin(changes, checkpoint.step if checkpoint else 0)
            wanted = job.wanted()
        what = (ticket, job.run.id, job.run.config, checkpoint, self._execute or execute, changes)
        try:
            self._cluster.start(worker, Assignment(*what), wanted)
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
        job.arrivals.add(batch)
        while next_batch := job.arrivals.next():
            try:
                self._record(job, next_batch.events)
            except Exception as error:  # what cannot be written need not be trained
                logger.error("Run %s could not be written.", job.run.id, exc_info=True)
                self._dismiss(job)
                self._fail(job, sentence(error))
                return
            if next_batch.ending:
                self._conclude(job, next_batch.ending)
                return
        self._fill(job)

    def _record(self, job: Job, events: list[Event]) -> None:
        is_news = False
        for event in events:
            job.recorder.write(event)
            rows = job.run.metrics() if isinstance(event, Started | RolledBack) else None
            with self.guard:
                job.tracker.apply(event, rows)
                is_news |= job.wishes.follow(event)
            job.end = ENDS.get(type(event), job.end)
        if is_news:
            self.tell(job)

    def _fill(self, job: Job) -> None:
        """Asks the worker for what did not arrive: it sends it again, or says that it has it no more."""
        missing = job.arrivals.missing(job.is_over)
        if missing is not None and self._cluster:
            self._cluster.ask(job.ticket, missing)

    def _conclude(self, job: Job, ending: "Ending") -> None:
        self._free(job.ticket)
        if ending.error:
            logger.error("Run %s failed.\n%s", job.run.id, ending.trace)
            self._fail(job, ending.error)
        elif job.end is None:
            self._fail(job, "Training ended without a result. What was saved can be resumed.")
        else:
            self._leave(job)

    def _end(self, ticket: int, trace: str, died: bool) -> None:
        """Dask is through with the attempt. A worker that lives may have sent what has not arrived."""
        job = self._of(ticket)
        if job is None or trace or died:
            self._lose(ticket, trace)
        else:
            job.is_over = True
            self._fill(job)

    def _give_up(self, ticket: int) -> None:
        """What did not arrive is to be had no more."""
        job = self._of(ticket)
        if job and not job.is_over:
            self._dismiss(job)
            self._repeat(job, "Part of what the training reported was lost")
        else:
            self._lose(ticket)

    def _dismiss(self, job: Job) -> None:
        """The worker stops; its place is free once it says so."""
        if self._cluster:
            self._cluster.steer(job.ticket, Wanted(job.revision + 1, "stop"))

    def _lose(self, ticket: int, trace: str = "") -> None:
        """The attempt is over without a last word: its worker died, or (`trace`) could not take it."""
        job = self._of(ticket)
        self._free(ticket)
        if job is None:
            return
        if trace:
            logger.error("Run %s could not be given to a worker.\n%s", job.run.id, trace)
            self._fail(job, "The training could not be begun by a fault in Latentscape; the log says more.")
        else:
            self._repeat(job, "The training process died")

    def _repeat(self, job: Job, why: str) -> None:
        """From the latest checkpoint, unless it was enough."""
        counts = job.lose()
        if job.tracker.mode == "stop":
            self._leave(job)
        elif counts and job.deaths >= DEATHS:
            self._fail(job, given_up(job))
        elif counts:
            with self.guard:
                job.tracker.repeat(f"{why} at about step {job.tracker.step} and was started again.")
            job.note("worker died", step=job.tracker.step, deaths=job.deaths)

    def _fail(self, job: Job, error: str) -> None:
        job.note("failed", reason=error)
        with self.guard:
            job.tracker.error = error
            self.failed[job.run.id] = job.look()
            for oldest in list(self.failed)[:-REMEMBERED]:
                del self.failed[oldest]
        self._leave(job)

    def _leave(self, job: Job) -> None:
        """The run is the store's again."""
        with self.guard:
            self.jobs.pop(job.run.id, None)
        job.lock.close()

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
