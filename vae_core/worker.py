"""What runs inside a worker process: one training at a time, its outbox and its steering.

The app imports this file too, so torch comes in only where the training begins.
"""

import logging
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distributed import Variable, Worker, WorkerPlugin, get_client, get_worker
from distributed.protocol import to_serialize

from vae_core.config import RunConfig
from vae_core.events import Checkpoint, Diverged, Event, Finished, RolledBack, Stopped
from vae_core.progress import Mode, sentence

if TYPE_CHECKING:
    from vae_core.control import Control

TICK = 0.05  # s between shipments: twenty updates a second
STEER_TICKS = 2  # shipments between two looks at what is wanted
CHECKPOINT_GAP = 0.25  # s at least between two checkpoints on the wire; one may be many megabytes
WARM_LIMIT = 60.0  # s after which a training no longer waits for the worker to be warm

TURNS = (RolledBack, Stopped, Diverged, Finished)  # what came before them must arrive before them

Execute = Callable[[RunConfig, Checkpoint | None, "Control", str], Iterator[Event]]

logger = logging.getLogger(__name__)
_warm = threading.Event()


@dataclass(frozen=True)
class Assignment:
    """All that a worker needs to know about one attempt at a run. No two attempts share a ticket."""

    ticket: int
    run: str
    config: RunConfig
    checkpoint: Checkpoint | None
    execute: Execute
    topic: str  # where its batches go
    steering: str  # name of the Variable that holds {"revision", "mode"}


@dataclass(frozen=True)
class Ending:
    """The last word of an attempt: a sentence for people and a traceback for the log, or neither."""

    error: str = ""
    trace: str = ""


@dataclass(frozen=True)
class Batch:
    """Events number `first`, `first + 1`, ... of one attempt, and perhaps its end."""

    ticket: int
    first: int
    events: list[Event]
    ending: Ending | None = None


def execute(
    config: RunConfig, checkpoint: Checkpoint | None, control: "Control", run: str
) -> Iterator[Event]:
    """`pipeline.execute`, imported only in the process that trains."""
    from vae_core import pipeline

    yield from pipeline.execute(config, checkpoint, control, run=run)


class Outbox:
    """Numbers events and sends them in batches, so that a training never waits for the wire."""

    def __init__(self, ticket: int, send: Callable[[Batch], None]) -> None:
        self._ticket = ticket
        self._send = send
        self._waiting: list[Event] = []
        self._sent = 0
        self._last_checkpoint: float | None = None  # when one was sent
        self._lock = threading.Lock()

    def put(self, event: Event) -> None:
        """A checkpoint replaces one that waits, except the first: without it a run cannot be resumed."""
        with self._lock:
            if isinstance(event, Checkpoint) and self._last_checkpoint is not None:
                self._waiting = [other for other in self._waiting if not isinstance(other, Checkpoint)]
            self._waiting.append(event)

    def ship(self, ending: Ending | None = None) -> None:
        """Sends what waits. A checkpoint soon after another stays back, unless training takes a turn."""
        with self._lock:
            ready, self._waiting = self._waiting, []
            urgent = ending is not None or any(isinstance(event, TURNS) for event in ready)
            if not urgent and self._too_soon():
                self._waiting = [event for event in ready if isinstance(event, Checkpoint)]
                ready = [event for event in ready if not isinstance(event, Checkpoint)]
            if any(isinstance(event, Checkpoint) for event in ready):
                self._last_checkpoint = time.monotonic()
            if ready or ending:
                self._send(Batch(self._ticket, self._sent, ready, ending))
                self._sent += len(ready)

    def _too_soon(self) -> bool:
        """For another checkpoint."""
        return self._last_checkpoint is not None and time.monotonic() - self._last_checkpoint < CHECKPOINT_GAP


def train(assignment: Assignment) -> None:
    """The task of a worker: runs one attempt and sends what happens, errors included."""
    from vae_core.control import Control

    _warm.wait(WARM_LIMIT)
    worker, control, done = get_worker(), Control(), threading.Event()

    def send(batch: Batch) -> None:
        worker.log_event(assignment.topic, {"batch": to_serialize(batch)})

    outbox = Outbox(assignment.ticket, send)
    wanted = Variable(assignment.steering, client=get_client())
    courier = threading.Thread(target=_carry, args=(outbox, control, wanted, done), daemon=True)
    courier.start()
    ending = Ending()
    try:
        job = assignment
        for event in job.execute(job.config, job.checkpoint, control, job.run):
            outbox.put(event)
    except Exception as error:
        ending = Ending(sentence(error), traceback.format_exc())
    done.set()
    courier.join()
    outbox.ship(ending)


def _carry(outbox: Outbox, control: "Control", wanted: Variable, done: threading.Event) -> None:
    """Ships and steers beside the training until it is done; a remote call a step would cost too much."""
    revision, ticks = -1, 0
    while not done.wait(TICK):
        outbox.ship()
        ticks += 1
        if ticks % STEER_TICKS:
            continue
        try:
            state = wanted.get(timeout=10)
        except Exception:
            logger.debug("What is wanted of the training is out of reach.", exc_info=True)
            continue
        if state["revision"] != revision:
            revision = state["revision"]
            _steer(control, state["mode"])


def _steer(control: "Control", mode: Mode) -> None:
    acts = {"run": control.resume, "pause": control.pause, "stop": control.stop, "finish": control.finish}
    acts[mode]()


class Prepare(WorkerPlugin):
    """Readies each worker process, also one that replaces a dead one.

    The first training in a process spends more than a second on imports: `warm` does so beforehand.
    """

    name = "latentscape"

    def __init__(self, warm: bool) -> None:
        self.warm = warm

    def setup(self, worker: Worker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches us too; the app decides
        if self.warm:
            threading.Thread(target=warm, daemon=True, name="warm").start()
        else:
            _warm.set()


def warm() -> None:
    """Imports what a training needs by making a very small one."""
    try:
        from vae_core.control import Control

        small = {"data": {"limit": 100}, "model": {"hidden": [8]}, "training": {"epochs": 1, "batch": 32}}
        for _ in execute(RunConfig.parse(small), None, Control(), ""):
            pass
    except Exception:
        logger.warning("The worker could not be warmed up.", exc_info=True)
    finally:
        _warm.set()
