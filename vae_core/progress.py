"""How a run stands, for pages: followed in memory while the service trains it, else read from its folder."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from vae_core.control import NOTHING, Wish
from vae_core.errors import LatentscapeError, out_of_memory
from vae_core.events import Diverged, Epoch, Event, RolledBack, Snapshot, Started, Steered, Step, row
from vae_core.run import Run
from vae_core.steering import in_force

State = Literal[
    "queued", "starting", "running", "paused", "stopping", "finishing",
    "finished", "interrupted", "diverged", "failed", "damaged",
]  # fmt: skip
Mode = Literal["run", "pause", "stop", "finish"]  # what is wanted of a training
ACTIVE = ("queued", "starting", "running", "paused", "stopping", "finishing")

STEERED: dict[Mode, State] = {"pause": "paused", "stop": "stopping", "finish": "finishing"}

ADVICE = "A smaller learning rate may help."  # to one who diverged

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Course:
    """How a run is steered. What its schedules make of it stands in each row of the curves."""

    beta: float = 1.0  # the weight of the rate in force
    lr: float = 1.0  # the factor on the learning rate in force
    asked: Wish = NOTHING  # what is wished and has not taken effect yet
    steerable: frozenset[str] = frozenset()  # of "beta" and "lr": what can be changed now


@dataclass(frozen=True)
class Progress:
    """One look at a run. `rows` are those of metrics.jsonl; a repeat or a roll-back takes some back."""

    id: str
    state: State
    step: int = 0
    total_steps: int = 0  # 0 while unknown
    seconds_left: float | None = None  # of training; None while unknown
    rows: Rows = field(default_factory=list)
    snapshot: Snapshot | None = None  # the latest
    error: str = ""  # why it failed, diverged or is damaged
    note: str = ""  # what happened on the way that a person should know
    position: int = 0  # in the queue: 1 is next, 0 does not wait
    attempt: int = 1
    stopped: bool = False  # interrupted on purpose
    waiting: int = 0  # runs in the queue, where it is one of them
    course: Course = Course()

    @property
    def active(self) -> bool:
        """Whether it is still being worked on."""
        return self.state in ACTIVE

    @property
    def measured(self) -> bool:
        """Whether all steps are done and what was learnt is measured: too late to pause or to finish."""
        return self.state == "running" and 0 < self.total_steps <= self.step

    @property
    def share(self) -> float:
        """Of the training that is done, from 0 to 1; 0 while its length is unknown."""
        return min(1.0, self.step / self.total_steps) if self.total_steps > 0 else 0.0


class Tracker:
    """Follows the events of one run in training. Not thread-safe: the service guards it."""

    def __init__(self, known: Progress) -> None:
        self.run = known.id
        self.phase: State = "starting"
        self.mode: Mode = "run"
        self.attempt = 1
        self.step, self.total_steps = known.step, known.total_steps
        self.rows, self.snapshot = known.rows, known.snapshot
        self.error = self.note = ""
        self._seconds_left: float | None = None
        self._origin: tuple[float, int] | None = None  # when the pace was first taken, and at which step

    def steer(self, mode: Mode) -> None:
        self.mode = mode
        self._origin = None  # a pause says nothing about the pace

    def repeat(self, note: str) -> None:
        """The attempt is over, another one follows."""
        self.attempt += 1
        self.phase, self.note = "starting", note

    def apply(self, event: Event, rows: Rows | None = None) -> None:
        """`rows`: those that are left, after an event that takes some back."""
        if rows is not None:
            self.rows, self._origin = rows, None
        if isinstance(event, Started):
            self.total_steps = event.total_steps
            self.phase = "running"
        elif isinstance(event, RolledBack):
            self.note = f"{event.reason} Training went back to step {event.step} at half the learning rate."
        elif isinstance(event, Diverged):
            self.error = f"{event.reason} {ADVICE}"
        elif isinstance(event, Snapshot):
            self.snapshot = event
        elif isinstance(event, Step | Epoch | Steered):
            self.rows.append(row(len(self.rows), event))
            self._take_pace(event.step)
        self.step = getattr(event, "step", self.step)

    def look(
        self, since: int = 0, position: int = 0, waiting: int = 0, course: Course | None = None
    ) -> Progress:
        position = position if self.phase == "starting" else 0
        return Progress(
            self.run,
            "queued" if position else STEERED.get(self.mode, self.phase),
            self.step,
            self.total_steps,
            self._seconds_left,
            self.rows[since:],
            self.snapshot,
            self.error,
            self.note,
            position,
            self.attempt,
            waiting=waiting if position else 0,
            course=course or Course(),
        )

    def _take_pace(self, step: int) -> None:
        now = time.monotonic()
        if self._origin is None:
            self._origin = (now, step)
        elif step > self._origin[1]:
            pace = (now - self._origin[0]) / (step - self._origin[1])
            self._seconds_left = pace * max(0, self.total_steps - step)


def stored(run: Run, since: int = 0) -> Progress:
    """What the folder of a run that another process trains, or nobody, tells about it."""
    state: State = run.state
    try:
        rows = run.metrics()
        course = Course() if state == "damaged" else Course(*in_force(run.config, rows))
        snapshot = run.last_snapshot()
        last = run.log()[-1:]
    except LatentscapeError as error:
        return Progress(run.id, "damaged", error=str(error))
    total = run.about.get("total_steps")
    reason = run.reason
    if state == "diverged" and last:
        reason = f"{last[0].get('reason', '')} {ADVICE}".strip()
    return Progress(
        run.id,
        state,
        rows[-1]["step"] if rows else 0,
        total if type(total) is int else 0,
        rows=rows[since:],
        snapshot=snapshot,
        error=reason,
        stopped=state == "interrupted" and _is_stop(last),
        course=course,
    )


def was_stopped(run: Run) -> bool:
    """Whether an interrupted run was stopped on purpose, rather than by a crash."""
    try:
        return run.state == "interrupted" and _is_stop(run.log()[-1:])
    except LatentscapeError:
        return False


def _is_stop(last: Rows) -> bool:
    return bool(last) and last[0].get("kind") == "stopped"


def sentence(error: Exception) -> str:
    """Why a run failed, for a person."""
    if isinstance(error, LatentscapeError):
        return str(error)
    if out_of_memory(error):
        return "This machine's memory does not suffice for the run. Choose a smaller network or batch."
    return (
        f"Training ended by a fault in Latentscape ({type(error).__name__}: {str(error)[:200]}). "
        "What was saved can be resumed; the log says where it happened."
    )
