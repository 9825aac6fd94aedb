"""Moves ladders along: through the training service, or one run after another in this process.

A member that starts warm begins with the final weights of its nearest finished neighbour at a smaller beta,
and with a fresh optimiser: upwards, because a dimension that a large beta has switched off hardly comes back.
One that fails stops nobody: the next begins from the nearest that is there, or cold. Needs no torch.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core import data
from vae_core.config import RunConfig
from vae_core.errors import LatentscapeError, RunDamagedError, StorageError, out_of_memory
from vae_core.events import RAW, Checkpoint
from vae_core.progress import sentence
from vae_core.recorder import Recorder
from vae_core.run import Run
from vae_core.sweeps import OPEN, Ladder, LadderStore, standing_of

if TYPE_CHECKING:
    from vae_core.jobs import TrainingService

PAUSE = 0.25  # s between two looks at the runs of a ladder
GRACE = 10.0  # s that members get for saving when a ladder is cancelled
FRESH = {"seconds": 0.0, "lr_scale": 1.0, "sums": [0.0, 0.0], "summed": 0}  # as training.Trainer begins
STOPPED = "It was stopped before its end."

logger = logging.getLogger(__name__)


def warm(run: Run, neighbour: Run) -> None:
    """Has `run`, which has not begun, start from the final weights of a finished one of the same network.

    Raises RunDamagedError where the neighbour's checkpoint is not to be had, StorageError, RunBusyError.
    """
    last = neighbour.checkpoint()
    if last is None:
        raise RunDamagedError(f"Run {neighbour.id} is damaged: its checkpoint is missing.")
    optimizer = {
        name: np.zeros_like(array) for name, array in last.optimizer.items() if not name.endswith(RAW)
    }
    with run.lock():
        recorder = Recorder(run)
        recorder.note("warm", run=neighbour.id)
        recorder.write(Checkpoint(0, last.weights, optimizer, dict(FRESH)))


def prepare(store: LadderStore, ladder: Ladder, place: int) -> tuple[Ladder, Run]:
    """The run of a member as it is to be trained, made and written down where it has none.

    Raises what `RunStore.create`, `warm` and `LadderStore.save` raise; the member then has no run.
    """
    member = ladder.members[place]
    if member.run:
        ladder = ladder.changed(place, member.run, member.start)
        store.save(ladder)
        return ladder, store.runs.get(member.run)
    config = data.titled(ladder.config_of(member))
    run, start = store.runs.create(config, ladder.owner), ""
    for neighbour in _below(store, ladder, place) if ladder.warm_start else ():
        with suppress(RunDamagedError):  # then the one below it, or none
            warm(run, neighbour)
            start = neighbour.id
            break
    ladder = ladder.changed(place, run.id, start)
    store.save(ladder)
    return ladder, run


def train_in_turn(store: LadderStore, ladder: Ladder, train: Callable[[Run], bool]) -> Ladder:
    """Trains what is left to train, in this process. `train` gives False to stop the whole ladder.

    What `train` raises for one run is kept as its reason. Raises RunBusyError where somebody trains the
    ladder, StorageError.
    """
    with store.lock(ladder.id):
        for place in range(len(ladder.members)):
            if standing_of(ladder.members[place], store.runs).state not in OPEN:
                continue
            try:
                ladder, run = prepare(store, ladder, place)
                if not train(run):
                    return ladder
            except StorageError:
                raise
            except (LatentscapeError, MemoryError, RuntimeError) as error:
                if not isinstance(error, LatentscapeError) and not out_of_memory(error):
                    raise
                ladder = _failed(store, ladder, place, sentence(error))
        return ladder


class Sweeps:
    """The ladders that the training service of this process trains. Safe to use from any thread.

    A ladder has a thread that looks at its runs, and at most as many of them under way as there are workers,
    so that others get their turn. Where the process ends, the ladder is interrupted, as its runs are.
    """

    def __init__(self, service: "TrainingService") -> None:
        self._service = service
        self.store = LadderStore(service.store)
        self._drives: dict[str, _Drive] = {}
        self._lock = threading.Lock()

    def start(
        self,
        config: RunConfig,
        betas: Sequence[Any],
        seeds: Sequence[int],
        warm_start: bool,
        owner: str = "",
        local: bool = False,
    ) -> str:
        """Makes a ladder, which begins at once, and returns its id.

        Raises what `LadderStore.create` and `TrainingService.submit` raise; then there is none.
        """
        self._service.admit(config, owner, local)
        self._service.warm()  # which refuses where it is closed
        ladder = self.store.create(config, betas, seeds, warm_start, owner)
        self._begin(ladder)
        return ladder.id

    def resume(self, ladder: str) -> None:
        """Trains what is missing, those that failed again; diverged ones stay as they are.

        Raises LadderNotFoundError, LadderError, RunBusyError, and what `TrainingService.submit` raises.
        """
        found = self.store.get(ladder)
        self._service.admit(found.config, found.owner, local=True)  # it was let in when it was started
        self._service.warm()
        self._begin(found)

    def cancel(self, ladder: str) -> None:
        """Saves and stops the runs under way; the ladder can be resumed. One that ended stays."""
        with self._lock:
            drive = self._drives.get(ladder)
        if drive:
            drive.cancelled.set()

    def _begin(self, ladder: Ladder) -> None:
        held = ExitStack()
        held.enter_context(self.store.lock(ladder.id))
        drive = _Drive(self._service, self.store, ladder)
        with self._lock:
            self._drives[ladder.id] = drive
        threading.Thread(target=self._run, args=(drive, held), name=ladder.id, daemon=True).start()

    def _run(self, drive: "_Drive", held: ExitStack) -> None:
        try:
            drive.run()
        except Exception:
            logger.exception("The ladder %s was left; it can be resumed.", drive.ladder.id)
        with self._lock:
            self._drives.pop(drive.ladder.id, None)
        held.close()


class _Drive:
    """One attempt at a ladder."""

    def __init__(self, service: "TrainingService", store: LadderStore, ladder: Ladder) -> None:
        self._service, self._store = service, store
        self.ladder = ladder
        self.cancelled = threading.Event()
        self._begun: set[int] = set()  # members of this attempt, each of which is tried once
        self._ended: set[int] = set()  # those that need no further look

    def run(self) -> None:
        """To the end, until it is cancelled, or until the service closes."""
        while not self._service.closed and self._step():
            if self.cancelled.wait(PAUSE):
                self._stop()
                return

    def _step(self) -> bool:
        """One look at all members. Returns whether there is something to wait for."""
        free = self._service.workers
        for seed in self.ladder.seeds:
            for place in self.ladder.places(seed):
                if not free or place in self._ended:
                    continue
                if not self._is_going(place):
                    self._ended.add(place)
                    continue
                free -= 1
                if self.ladder.warm_start:
                    break  # those above wait for its weights
        return free < self._service.workers

    def _is_going(self, place: int) -> bool:
        """Whether this member is being trained, which begins here where it was not tried yet."""
        standing = standing_of(self.ladder.members[place], self._store.runs)
        if standing.state not in ("running", *OPEN):
            return False
        if standing.state == "running" or place in self._begun:
            progress = self._service.progress(standing.member.run)
            if progress.active:
                return True
            if place in self._begun:
                if progress.state in ("interrupted", "failed") and not self._service.closed:
                    self._fail(place, progress.error or STOPPED)
                return False
        self._begun.add(place)
        try:
            self.ladder, run = prepare(self._store, self.ladder, place)
            self._service.resume(run.id)
        except StorageError:
            raise
        except LatentscapeError as error:
            if not self._service.closed:
                self._fail(place, str(error))
            return False
        return True

    def _fail(self, place: int, reason: str) -> None:
        if reason != self.ladder.members[place].reason:
            self.ladder = _failed(self._store, self.ladder, place, reason)

    def _stop(self) -> None:
        runs = [self.ladder.members[place].run for place in self._begun]
        for run in runs:
            with suppress(LatentscapeError):  # it has ended
                self._service.stop(run)
        deadline = time.monotonic() + GRACE
        while any(map(self._is_active, runs)) and time.monotonic() < deadline:
            time.sleep(PAUSE)

    def _is_active(self, run: str) -> bool:
        with suppress(LatentscapeError):  # it was deleted, or never made
            return self._service.progress(run).active
        return False


def _failed(store: LadderStore, ladder: Ladder, place: int, reason: str) -> Ladder:
    member = ladder.members[place]
    ladder = ladder.changed(place, member.run, member.start, reason)
    store.save(ladder)
    return ladder


def _below(store: LadderStore, ladder: Ladder, place: int) -> list[Run]:
    """Finished runs of the same seed at smaller betas, the nearest first."""
    first = ladder.places(ladder.members[place].seed)[0]
    lower = [standing_of(member, store.runs) for member in ladder.members[first:place]]
    return [one.found for one in reversed(lower) if one.state == "finished" and one.found]
