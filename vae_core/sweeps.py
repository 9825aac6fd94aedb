"""Ladders: the same model trained separately at several betas, where it cannot be conditioned on beta.

A ladder is one small record in the home, `ladders/<id>.json`: the settings they share, the betas, the seeds,
and for each member the id of its run. How members stand is derived from their runs, never stored; what is
stored besides is why one did not come about. Whoever moves a ladder along holds its lock. Needs no torch.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from vae_core.checks import check
from vae_core.config import RunConfig
from vae_core.errors import (
    ConfigError,
    LadderError,
    LadderNotFoundError,
    LatentscapeError,
    RunBusyError,
    RunNotFoundError,
    UnreadableFileError,
)
from vae_core.lock import hold, is_held
from vae_core.progress import stored
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import make_folder, read_json, saving, write_json
from vae_core.sweep_record import (
    IDENTIFIER,
    Ladder,
    Member,
    checked_betas,
    checked_kind,
    checked_seeds,
    read,
)

__all__ = ["Ladder", "LadderStore", "Member", "Standing", "standing_of", "standings", "state_of"]

MemberState = Literal[
    "waiting", "running", "finished", "interrupted", "diverged", "damaged", "failed", "deleted"
]
LadderState = Literal["running", "finished", "interrupted", "failed"]
OPEN = ("waiting", "interrupted", "failed")  # member states that another attempt may change


@dataclass(frozen=True)
class Standing:
    """How one member stands. `reason` is a sentence where it is missing for good or for now."""

    member: Member
    state: MemberState
    reason: str = ""
    found: Run | None = None


def standings(ladder: Ladder, runs: RunStore) -> list[Standing]:
    """Of every member, as its run tells."""
    return [standing_of(member, runs) for member in ladder.members]


def standing_of(member: Member, runs: RunStore) -> Standing:
    """Of one member."""
    if not member.run:
        return Standing(member, "failed" if member.reason else "waiting", member.reason)
    try:
        found = runs.get(member.run)
    except RunNotFoundError:
        return Standing(member, "deleted", "Its run was deleted.")
    state = found.state
    if state == "interrupted" and member.reason:
        return Standing(member, "failed", member.reason, found)
    reasons = {"diverged": member.reason, "damaged": found.reason}
    reason = reasons.get(state, "")
    if state == "diverged" and not reason:
        reason = stored(found).error
    return Standing(member, state, reason, found)


def state_of(standing: Sequence[Standing], held: bool) -> LadderState:
    """Of a whole ladder; `held` while somebody moves it along.

    It is finished once nothing is left to try and two members of it are there, which is what a ladder needs.
    """
    if held:
        return "running"
    if any(one.state in ("waiting", "interrupted", "running") for one in standing):
        return "interrupted"
    return "finished" if sum(one.state == "finished" for one in standing) > 1 else "failed"


class LadderStore:
    """Ladders in `home`/ladders, beside the runs."""

    def __init__(self, runs: RunStore | None = None) -> None:
        self.runs = runs or RunStore()
        self.folder = self.runs.folder.with_name("ladders")

    def create(
        self,
        config: RunConfig,
        betas: Sequence[Any],
        seeds: Sequence[int],
        warm_start: bool = False,
        owner: str = "",
    ) -> Ladder:
        """A new ladder, nothing of it begun.

        Raises ConfigError for betas, seeds or settings that no ladder can have, what `checks.check` raises,
        StorageError.
        """
        values, numbers = checked_betas(betas), checked_seeds(seeds, len(betas))
        checked_kind(config)
        members = tuple(Member(beta, seed) for seed in numbers for beta in values)
        now = datetime.now(UTC)
        source = config.data.source.replace(":", "-")
        name = f"ladder-{source}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        made = Ladder(name, config, values, numbers, warm_start, owner, now.isoformat(), members)
        check(made.config_of(members[0]))
        make_folder(self.folder)
        self.save(made)
        return made

    def save(self, ladder: Ladder) -> None:
        """Writes the record whole. Raises StorageError."""
        write_json(self._path(ladder.id), ladder.value())

    def get(self, ladder: str) -> Ladder:
        """Raises LadderNotFoundError, and LadderError where the record is damaged."""
        if not IDENTIFIER.fullmatch(ladder) or not os.path.lexists(self._path(ladder)):
            raise LadderNotFoundError(
                f"There is no ladder {ladder[:100]!r}; the Beta lab lists those that are there."
            )
        try:
            return read(ladder, read_json(self._path(ladder)))
        except (UnreadableFileError, ConfigError, LadderError) as error:
            reason = str(error).removesuffix(".")
            raise LadderError(
                f"The ladder {ladder} is damaged. {reason}. Bring its file back from a copy, or delete it."
            ) from None

    def list(self) -> "list[Ladder]":
        """Those that can be read, newest first."""
        found = []
        for path in self.folder.glob("ladder-*.json") if self.folder.is_dir() else ():
            try:
                found.append(self.get(path.stem))
            except LatentscapeError:
                continue  # a list is no place to complain; whoever opens it is told
        return sorted(found, key=lambda ladder: (ladder.created, ladder.id), reverse=True)

    def delete(self, ladder: str) -> None:
        """Forgets a ladder; its runs stay.

        Raises LadderNotFoundError, RunBusyError while it is trained, StorageError.
        """
        self.get(ladder)
        with self.lock(ladder):
            for path in (self._path(ladder), self._lock_path(ladder)):
                with saving(path):
                    path.unlink(missing_ok=True)

    def held(self, ladder: str) -> bool:
        """Whether somebody moves it along."""
        return is_held(self._lock_path(ladder))

    def state(self, ladder: Ladder) -> LadderState:
        """Derived from its runs and its lock."""
        held = self.held(ladder.id)  # before the runs are looked at: the last may end meanwhile
        return state_of(standings(ladder, self.runs), held)

    @contextmanager
    def lock(self, ladder: str) -> Iterator[None]:
        """Makes the caller the only one to move it along. Raises RunBusyError, StorageError."""
        try:
            with hold(self._lock_path(ladder), ladder):
                yield
        except RunBusyError:
            raise RunBusyError(
                f"The ladder {ladder} is being trained already, here or by another process."
            ) from None

    def _path(self, ladder: str) -> Path:
        return self.folder / f"{ladder}.json"

    def _lock_path(self, ladder: str) -> Path:
        return self.folder / f"{ladder}.lock"
