"""The training service: submit, watch, pause, stop and resume runs while the pages stay free.

Trainings run in worker processes. This process is the only writer of their runs and holds their locks from
submission to end. The way down: jobs (for pages), conductor (one thread), cluster (Dask), worker (a process).
"""

import atexit
import os
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from vae_core import data
from vae_core.checks import check
from vae_core.conductor import Conductor
from vae_core.config import OWN, RunConfig
from vae_core.data.library import Library
from vae_core.errors import DataMissingError, RunDamagedError, ServiceError
from vae_core.job import Job
from vae_core.progress import Mode, Progress, stored
from vae_core.run import Run
from vae_core.run_limits import RunLimits
from vae_core.runs import RunStore
from vae_core.steering import check_wish

if TYPE_CHECKING:
    from vae_core.worker import Execute

__all__ = ["Progress", "TrainingService"]

WORKERS = min(2, os.cpu_count() or 1)
GRACE = 5.0  # s that runs get for saving when the service closes


class TrainingService:
    """Trains runs of one store in worker processes. Safe to use from any thread; nothing waits for a worker.

    `workers` is how many train at once. `execute` replaces the pipeline.
    """

    def __init__(self, store: RunStore, workers: int = WORKERS, execute: "Execute | None" = None) -> None:
        self.store, self.workers = store, workers
        self._execute = execute
        self._conductor: Conductor | None = None
        self._closed = False
        self._lock = threading.Lock()  # of the two above
        self._entering = threading.Lock()  # while it is counted and one more comes in

    def warm(self) -> None:
        """Starts the worker processes in the background and has them import what trainings need."""
        conductor = self._begin()
        conductor.call(conductor.start_cluster)

    def submit(self, config: RunConfig, owner: str = "", local: bool = False) -> str:
        """Makes a run, which begins as soon as a worker is free, and returns its id.

        Imported pictures must be the owner's or shared, `local` as in `vae_core.data.library`.
        Raises ConfigError, DataMissingError, StorageError, ServiceError, also where there are too many runs
        already (`run_limits`); then there is no run.
        """
        conductor = self._begin()
        self.admit(config, owner, local)
        with self._entering:
            self._check_limits(conductor, owner)
            return self._enter(conductor, self.store.create(data.titled(config), owner))

    def admit(self, config: RunConfig, owner: str = "", local: bool = False) -> None:
        """What can be known before a training starts; raises what `submit` does."""
        if config.data.source.startswith(OWN):
            Library().usable(config.data.source, owner, local)
        check(config)
        if not data.available(config.data.source):
            info = data.info(config.data.source)
            raise DataMissingError(f"{info.title} is not on this machine yet; download it first.")

    def resume(self, run: str) -> str:
        """Goes on from the run's latest checkpoint, or from the start where there is none.

        Raises RunNotFoundError, RunDamagedError, RunError for a starter, RunBusyError where another process
        trains it, ServiceError where it is finished, diverged or trained here, and what `submit` raises.
        """
        conductor = self._begin()
        found = self.store.get(run)
        if found.state == "damaged":
            raise RunDamagedError(f"Run {run} is damaged: {found.reason}.")
        if found.state == "finished":
            raise ServiceError(f"Run {run} is finished; start a new one to train longer.")
        if found.state == "diverged":
            raise ServiceError(f"Run {run} diverged and would again; train anew with a lower learning rate.")
        if run in conductor.jobs:
            raise ServiceError(f"Run {run} is being trained already.")
        self.admit(found.config, found.owner, local=True)  # it was let in when it was submitted
        with self._entering:
            self._check_limits(conductor, found.owner)
            return self._enter(conductor, found)

    def pause(self, run: str) -> None:
        """Holds before the next step. This and what follows raise ServiceError where nothing is trained."""
        self._turn(run, "pause")

    def unpause(self, run: str) -> None:
        """Goes on."""
        self._turn(run, "run")

    def stop(self, run: str) -> None:
        """Saves and leaves: the run is interrupted and can be resumed."""
        self._turn(run, "stop")

    def finish(self, run: str) -> None:
        """Ends the training here, with report and bundle as if it had been planned so."""
        self._turn(run, "finish")

    def steer(self, run: str, beta: float | None = None, lr: float | None = None) -> None:
        """From its next step on trains with this beta, with the schedule's learning rate times `lr`.

        `Progress.course` tells when it has taken effect; a run that waits or is paused takes it along.
        Raises ConfigError where it cannot be, ServiceError where nothing is trained or the run is ending.
        """
        check_wish(self._job(run)[1].run.config, beta, lr)
        self._wish(run, beta, lr)

    def snapshot(self, run: str) -> None:
        """Shows the latent cloud before the next step, besides those that are planned. Raises as `steer`."""
        self._wish(run, snapshot=True)

    def progress(self, run: str, since: int = 0) -> Progress:
        """How any run of the store stands, with its rows from number `since` on. Raises RunNotFoundError."""
        failed = None
        if conductor := self._conductor:
            with conductor.guard:
                if job := conductor.jobs.get(run):
                    place = list(conductor.jobs).index(run) + 1
                    return job.look(since, max(0, place - self.workers), len(conductor.jobs) - self.workers)
                failed = conductor.failed.get(run)
        found = stored(self.store.get(run), since)
        if failed and found.state == "interrupted":
            return replace(found, state="failed", error=failed.error, attempt=failed.attempt)
        return found

    @property
    def closed(self) -> bool:
        """Whether it takes no more runs and has stopped those it had."""
        return self._closed

    def close(self) -> None:
        """Saves what is going on, ends the worker processes and lets go of all locks. Done at exit, too."""
        with self._lock:
            self._closed, conductor, self._conductor = True, self._conductor, None
        if conductor is None:
            return
        atexit.unregister(self.close)
        for job in list(conductor.jobs.values()):
            conductor.call(conductor.steer, job, "stop")
        deadline = time.monotonic() + GRACE
        while conductor.jobs and time.monotonic() < deadline:
            time.sleep(0.02)
        conductor.close()

    def _begin(self) -> Conductor:
        with self._lock:
            if self._closed:
                raise ServiceError("The training service is closed; start the app again.")
            if self._conductor is None:
                self._conductor = Conductor(self.workers, self._execute, self.close)
            return self._conductor

    def _check_limits(self, conductor: Conductor, owner: str) -> None:
        with conductor.guard:
            owners = [job.run.owner for job in conductor.jobs.values()]
        RunLimits.current().check(owners, owner)

    def _enter(self, conductor: Conductor, run: Run) -> str:
        """From here to the end nobody else writes to the run."""
        lock = ExitStack()
        lock.enter_context(run.lock())
        try:
            job = Job(run, lock)  # reads its folder, which pages need not wait for
        except Exception:
            lock.close()
            raise
        with conductor.guard:
            conductor.failed.pop(run.id, None)
            conductor.jobs[run.id] = job
        conductor.call(conductor.dispatch)
        return run.id

    def _turn(self, run: str, mode: Mode) -> None:
        conductor, job = self._job(run)
        conductor.call(conductor.steer, job, mode)

    def _wish(
        self, run: str, beta: float | None = None, lr: float | None = None, snapshot: bool = False
    ) -> None:
        conductor, job = self._job(run)
        with conductor.guard:
            if job.is_ending:
                raise ServiceError(f"Run {run} is coming to its end; it can no longer be changed.")
            job.wishes.ask(beta, lr, snapshot)
        conductor.call(conductor.tell, job)

    def _job(self, run: str) -> tuple[Conductor, Job]:
        conductor = self._conductor
        job = conductor.jobs.get(run) if conductor else None
        if conductor is None or job is None:
            raise ServiceError(f"Run {self.store.get(run).id} is not in training here.")
        return conductor, job
