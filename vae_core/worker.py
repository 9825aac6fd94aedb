"""What runs inside a worker process: one training at a time, its outbox and its steering.

The app imports this file too, so torch comes in only where the training begins.
"""

import logging
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from distributed import Variable, Worker, WorkerPlugin, get_client, get_worker
from distributed.protocol import to_serialize

from vae_core.config import RunConfig
from vae_core.events import Checkpoint, Diverged, Event, Finished, RolledBack, Steered, Stopped
from vae_core.progress import sentence
from vae_core.wishes import Wanted

if TYPE_CHECKING:
    from vae_core.control import Control

TICK = 0.05  # s between shipments: twenty updates a second
STEER_TICKS = 2  # shipments between two looks at what is wanted
CHECKPOINT_GAP = 0.25  # s at least between two checkpoints on the wire; one may be many megabytes
KEPT = 32e6  # bytes of what was sent; more than the loop tells in seconds, if checkpoints are not huge
OVERHEAD = 500  # bytes of an event without its arrays
WARM_LIMIT = 60.0  # s after which a training no longer waits for the worker to be warm

TURNS = (RolledBack, Stopped, Diverged, Finished)  # what came before them must arrive before them

Execute = Callable[[RunConfig, Checkpoint | None, "Control", str, Sequence[Steered]], Iterator[Event]]

logger = logging.getLogger(__name__)
_called, _warm = threading.Event(), threading.Event()  # to work; imports are done and nothing else trains
_sent: "dict[int, Outbox]" = {}  # of the attempt made last, by its ticket; it may be over


@dataclass(frozen=True)
class Assignment:
    """All that a worker needs to know about one attempt at a run. No two attempts share a ticket."""

    ticket: int
    run: str
    config: RunConfig
    checkpoint: Checkpoint | None
    execute: Execute
    changes: Sequence[Steered]  # of its course, logged before and to be repeated


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


@dataclass(frozen=True)
class Missing:
    """What was asked for of an attempt is not kept any more."""

    ticket: int


def execute(
    config: RunConfig,
    checkpoint: Checkpoint | None,
    control: "Control",
    run: str,
    changes: Sequence[Steered],
) -> Iterator[Event]:
    """`pipeline.execute`, imported only in the process that trains."""
    from vae_core import pipeline

    yield from pipeline.execute(config, checkpoint, control, run=run, changes=changes)


class Outbox:
    """Numbers events and sends them in batches, so that a training never waits for the wire.

    The latest ones are kept, as far as they are not too large, for the case that they do not arrive.
    """

    def __init__(self, ticket: int, send: Callable[[Batch], None]) -> None:
        self._ticket = ticket
        self._send = send
        self._waiting: list[Event] = []
        self._sent = 0
        self._kept: deque[tuple[Batch, int]] = deque()  # with their bytes
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
                batch = Batch(self._ticket, self._sent, ready, ending)
                self._send(batch)
                self._keep(batch)
                self._sent += len(ready)

    def again(self, first: int) -> bool:
        """Sends what was sent from event number `first` on, if all of it is kept."""
        with self._lock:
            batches = [batch for batch, _ in self._kept if batch.first >= first]
            if not batches or batches[0].first != first:
                return False
            for batch in batches:
                self._send(batch)
            return True

    def _keep(self, batch: Batch) -> None:
        self._kept.append((batch, sum(map(_bytes, batch.events))))
        while sum(size for _, size in self._kept) > KEPT:
            self._kept.popleft()

    def _too_soon(self) -> bool:
        """For another checkpoint."""
        return self._last_checkpoint is not None and time.monotonic() - self._last_checkpoint < CHECKPOINT_GAP


def _bytes(event: Event) -> int:
    """What an event takes in memory, about: arrays, dictionaries of them and a bundle count."""
    held = [part for field in vars(event).values() for part in _parts(field)]
    return OVERHEAD + sum(part.nbytes if isinstance(part, np.ndarray) else len(part) for part in held)


def _parts(field: object) -> "list[np.ndarray | bytes]":
    values = field.values() if isinstance(field, dict) else [field]
    return [value for value in values if isinstance(value, np.ndarray | bytes)]


def train(assignment: Assignment, topic: str, steering: str) -> None:
    """The task of a worker: runs one attempt and sends what happens, errors included, to `topic`.

    `steering` names the Variable that holds what is wanted of it, as a dictionary.
    """
    from vae_core.control import Control

    worker, control, done = get_worker(), Control(), threading.Event()

    def send(batch: Batch) -> None:
        worker.log_event(topic, {"batch": to_serialize(batch)})

    send(Batch(assignment.ticket, 0, []))  # it is taken: from here on a death of this process is the run's
    outbox = Outbox(assignment.ticket, send)
    _sent.clear()
    _sent[assignment.ticket] = outbox
    _called.set()
    _warm.wait(WARM_LIMIT)
    wanted = Variable(steering, client=get_client())
    courier = threading.Thread(target=_carry, args=(outbox, control, wanted, done), daemon=True)
    courier.start()
    ending = Ending()
    try:
        job = assignment
        for event in job.execute(job.config, job.checkpoint, control, job.run, job.changes):
            outbox.put(event)
    except Exception as error:
        ending = Ending(sentence(error), traceback.format_exc())
    done.set()
    courier.join()
    outbox.ship(ending)


def _carry(outbox: Outbox, control: "Control", wanted: Variable, done: threading.Event) -> None:
    """Ships and steers beside the training until it is done; a remote call a step would cost too much."""
    last, ticks = Wanted(revision=-1), 0
    while not done.wait(TICK):
        outbox.ship()
        ticks += 1
        if ticks % STEER_TICKS:
            continue
        try:
            state = Wanted(**wanted.get(timeout=10))
        except Exception:
            logger.debug("What is wanted of the training is out of reach.", exc_info=True)
            continue
        if state.revision > last.revision:
            steer(control, state, last)
            last = state


def steer(control: "Control", state: Wanted, last: Wanted) -> None:
    """Has the training follow what is wanted now; `last` is what it followed before."""
    if state.beta is not None or state.lr is not None:
        control.steer(state.beta, state.lr)
    if state.snapshots > last.snapshots:
        control.snapshot()
    acts = {"run": control.resume, "pause": control.pause, "stop": control.stop, "finish": control.finish}
    acts[state.mode]()


def resend(ticket: int, first: int, topic: str) -> None:
    """Runs in a worker, beside a training or after it: sends again what has not arrived."""
    outbox = _sent.get(ticket)
    if outbox is None or not outbox.again(first):
        get_worker().log_event(topic, {"batch": to_serialize(Missing(ticket))})


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
    """Imports what a training needs by making a very small one, as far as nobody waits for the worker."""
    try:
        from vae_core.control import Control

        small = {"data": {"limit": 100}, "model": {"hidden": [8]}, "training": {"epochs": 1, "batch": 32}}
        for _ in execute(RunConfig.parse(small), None, Control(), "", ()):
            if _called.is_set():
                break
    except Exception:
        logger.warning("The worker could not be warmed up.", exc_info=True)
    finally:
        _warm.set()
