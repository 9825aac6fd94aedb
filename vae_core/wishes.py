"""What is wished of a run in training, from the wish to the step at which it took effect.

A wish outlives the worker that was told: what its run's log does not know is told to the next one, but only
after what the log knows has been repeated, which would undo it. Not thread-safe: the service guards it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vae_core.config import RunConfig
from vae_core.control import NOTHING, Wish
from vae_core.events import Event, RolledBack, Snapshot, Steered
from vae_core.progress import Course, Mode, Rows
from vae_core.steering import in_force, steerable

BEFORE = -1  # before the first step: nothing is to be repeated


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one attempt at a run, as its worker reads it; the highest revision counts."""

    revision: int = 0
    mode: Mode = "run"
    beta: float | None = None  # what it was told before and has not done yet is told again
    lr: float | None = None  # factor on the learning rate of the schedule
    snapshots: int = 0  # asked for so far, in this attempt


class Wishes:
    """Those of one run."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.asked = NOTHING  # and not in effect yet
        self._changes: dict[int, Steered] | None = None  # that are logged, by step; None before it begins
        self._held_until = BEFORE  # the last logged change that is still to be repeated
        self._snapshots = self._told = 0  # asked for in this attempt; of them told to the worker

    def ask(self, beta: float | None = None, lr: float | None = None, snapshot: bool = False) -> None:
        """What `steering.check_wish` allows."""
        old, (now_beta, now_lr) = self.asked, self._in_force()
        if beta is not None and (old.beta is not None or beta != now_beta):
            self.asked = replace(self.asked, beta=beta)  # also back again: an older one may be on its way
        if lr is not None and (old.lr is not None or lr != now_lr):
            self.asked = replace(self.asked, lr=lr)
        if snapshot:
            self.asked = replace(self.asked, snapshot=True)
            self._snapshots += 1

    def begin(self, changes: Iterable[Steered], step: int) -> None:
        """An attempt begins from `step`; `changes` are logged, those from there on will be repeated."""
        self._changes = {change.step: change for change in changes}
        self._snapshots, self._told = int(self.asked.snapshot), 0
        self._hold(step)
        self._settle(Steered(step, *self._in_force()))

    def follow(self, event: Event) -> bool:
        """Takes note of what happened. Returns whether the worker is to be told anew what is wanted."""
        if isinstance(event, RolledBack):
            self._hold(event.step)
        elif isinstance(event, Snapshot):
            self.asked = replace(self.asked, snapshot=False)
        elif isinstance(event, Steered):
            was_held, known = self._held_until > BEFORE, self._changes or {}
            self._changes = {**known, event.step: event}
            if was_held and event.step >= self._held_until:
                self._held_until = BEFORE
                self._settle(
                    Steered(event.step, *self._in_force())
                )  # a wish may have joined what was repeated
            elif not was_held:
                self._settle(event)
            return was_held and self._held_until == BEFORE and self.asked != NOTHING
        return False

    def wanted(self, revision: int, mode: Mode) -> Wanted:
        """What the worker is told."""
        if self._held_until > BEFORE:
            return Wanted(revision, mode, snapshots=self._told)
        self._told = self._snapshots
        return Wanted(revision, mode, self.asked.beta, self.asked.lr, self._snapshots)

    def course(self, rows: Rows, is_ending: bool) -> Course:
        """For pages; `rows` are those of the curves so far."""
        can = frozenset[str]() if is_ending else steerable(self.config)
        beta, lr = in_force(self.config, rows)
        return Course(beta, lr, self._outstanding(beta, lr), can)

    def _hold(self, step: int) -> None:
        last = max(self._changes or {}, default=BEFORE)
        self._held_until = last if last >= step else BEFORE

    def _settle(self, change: Steered) -> None:
        """What has taken effect is no longer asked for."""
        self.asked = self._outstanding(change.beta, change.lr)

    def _outstanding(self, beta: float | None, lr: float | None) -> Wish:
        """What is asked for besides these."""
        asked = self.asked
        return replace(
            asked,
            beta=None if beta == asked.beta else asked.beta,
            lr=None if lr == asked.lr else asked.lr,
        )

    def _in_force(self) -> tuple[float | None, float | None]:
        """Beta and factor that the logged changes lead to; nothing is known before it begins."""
        if self._changes is None:
            return None, None
        rows = [vars(self._changes[step]) | {"kind": "steered"} for step in sorted(self._changes)]
        return in_force(self.config, rows)
