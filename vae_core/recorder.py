"""Writes the events of a training run to its folder (docs/architecture.md lists the files).

Every file is written whole, so a kill at any moment leaves a run that can go on: the checkpoint is one file,
and what was written after it is cut away at the start of the next attempt. The report comes last.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.errors import RunDamagedError, RunError, UnreadableFileError
from vae_core.events import (
    Arrays,
    Checkpoint,
    Diverged,
    Epoch,
    Event,
    Finished,
    RolledBack,
    Snapshot,
    Started,
    Steered,
    Step,
    Stopped,
    row,
)
from vae_core.migrations import ABOUT, FORMATS
from vae_core.storage import (
    MEGA,
    TEMPORARY,
    append_line,
    make_folder,
    plain,
    read_bytes,
    saving,
    sync,
    truncate,
    write_atomic,
    write_json,
    write_tensors,
)
from vae_core.thinning import superfluous

if TYPE_CHECKING:
    from vae_core.run import Run


AFTER = 0.5  # of a step
LOG_LIMIT = 64 * MEGA  # bytes


class Recorder:
    """The only writer of a run: the caller holds `run.lock()` as long as it writes.

    Each attempt at training begins with Started, which takes the run back to its checkpoint. Writing raises
    StorageError where the disk refuses; what was written before stays whole, and the run can be resumed.
    """

    def __init__(self, run: "Run") -> None:
        if run.starter:
            raise RunError(f"Run {run.id} came with Latentscape and is never changed; train one of your own.")
        self.run = run
        self._noted = False  # something in the log
        self._rows: list[float] = []  # step of each row of the curves; a change of course follows its step
        self._writers: dict[type, Callable[[Any], None]] = {
            Started: self._started,
            Step: self._row,
            Epoch: self._row,
            Snapshot: self._snapshot,
            Checkpoint: self._checkpoint,
            RolledBack: self._rolled_back,
            Steered: self._steered,
            Stopped: lambda event: self.note("stopped", step=event.step),
            Diverged: self._diverged,
            Finished: self._finished,
        }

    def write(self, event: Event) -> None:
        """One event. Raises StorageError, and for Started also RunDamagedError and RunError."""
        self._writers[type(event)](event)

    def note(self, kind: str, **fields: Any) -> None:
        """A line in log.jsonl with the time. Raises StorageError."""
        path = self.run.file("log.jsonl")
        if not self._noted:
            self._cut_half_line(path)
        append_line(path, {"time": datetime.now(UTC).isoformat(), "kind": kind, **fields})

    def _started(self, event: Started) -> None:
        known = self.run.about.get("data")
        if isinstance(known, dict) and known.get("checksum", event.data.get("checksum")) != event.data.get(
            "checksum"
        ):
            raise RunError(
                f"The pictures are not those that run {self.run.id} began with, so it cannot go on; "
                "bring the old files back or train anew."
            )
        if self.run.state == "finished":
            raise RunError(f"Run {self.run.id} is finished; train anew with other settings.")
        self._clean()
        stored = self.run.checkpoint_file()
        step, rows = (stored[1]["step"], stored[1]["rows"]) if stored else (-1, 0)
        self._rewind(step, rows)
        self._write(
            "examples.safetensors",
            {"images": event.images, "labels": event.labels, "index": event.index},
            {"label_names": event.label_names, "data": event.data},
        )
        about = {"environment": event.environment, "data": event.data, "total_steps": event.total_steps}
        self.run.about.update(plain(about))
        write_json(self.run.file("run.json"), self.run.about)
        self.note("started", step=max(step, 0), environment=event.environment)

    def _cut_half_line(self, path: Path) -> None:
        """One that a power failure left: what is added would make it a line that nobody can read."""
        with suppress(UnreadableFileError):
            truncate(path, read_bytes(path, LOG_LIMIT).rfind(b"\n") + 1)
        self._noted = True

    def _clean(self) -> None:
        """Removes what a killed attempt left: temporary files, and the word that it diverged."""
        with saving(self.run.path):
            for folder in ("", "snapshots", "checkpoint"):
                for path in self.run.folder(folder).glob(TEMPORARY):
                    path.unlink()
            self.run.file("diverged.json").unlink(missing_ok=True)

    def _rewind(self, step: int, needed: int = 0) -> None:
        """Cuts rows and snapshots beyond `step`; at least `needed` rows must remain, else RunDamagedError."""
        size, self._rows = 0, []
        try:
            for row, end in self.run.rows():
                place = row["step"] + (AFTER if row.get("kind") == "steered" else 0)
                if place > step:
                    break
                size = end
                self._rows.append(place)
        except RunDamagedError:
            if len(self._rows) < needed:
                raise
        if len(self._rows) < needed:
            raise RunDamagedError(
                f"Run {self.run.id} is damaged: metrics.jsonl has {len(self._rows)} of the {needed} rows "
                "before the checkpoint. Bring that file back from a copy, or train anew."
            )
        truncate(self.run.file("metrics.jsonl"), size)
        for later in self.run.snapshots():
            if later > step:
                self._forget(later)

    def _steered(self, event: Steered) -> None:
        """A row, and in the log once: what is repeated after a crash is known there already."""
        self._row(event)
        self._rows[-1] += AFTER  # a checkpoint at this step is from before it
        if event not in self.run.changes():
            self.note("steered", step=event.step, beta=event.beta, lr=event.lr)

    def _row(self, event: Step | Epoch | Steered) -> None:
        """Adds a row to the curves."""
        append_line(self.run.file("metrics.jsonl"), row(len(self._rows), event))
        self._rows.append(event.step)

    def _snapshot(self, event: Snapshot) -> None:
        make_folder(self.run.folder("snapshots"))
        tensors = {"mu": event.mu, "log_var": event.log_var, "reconstructions": event.reconstructions}
        self._write(f"snapshots/{event.step:08d}.safetensors", tensors, {"step": event.step})
        for step in superfluous(self.run.snapshots()):
            self._forget(step)

    def _forget(self, step: int) -> None:
        """Removes a snapshot."""
        path = self.run.file(f"snapshots/{step:08d}.safetensors")
        with saving(path):
            path.unlink(missing_ok=True)

    def _checkpoint(self, event: Checkpoint) -> None:
        """One file, so that weights, optimiser and progress belong together; the rows up to it go first."""
        metrics = self.run.file("metrics.jsonl")
        with saving(metrics):
            sync(metrics)
        make_folder(self.run.folder("checkpoint"))
        tensors = {f"weights/{name}": array for name, array in event.weights.items()}
        tensors |= {f"optimizer/{name}": array for name, array in event.optimizer.items()}
        rows = sum(step <= event.step for step in self._rows)  # later ones may be here already
        about = {"step": event.step, "rows": rows, "progress": event.progress}
        self._write("checkpoint/state.safetensors", tensors, about)

    def _rolled_back(self, event: RolledBack) -> None:
        self._rewind(event.step)
        self.note("rolled back", **asdict(event))

    def _diverged(self, event: Diverged) -> None:
        """Keeps the last good weights."""
        self._write("model.safetensors", event.weights, {"step": event.step})
        self.note("diverged", step=event.step, reason=event.reason)
        write_json(self.run.file("diverged.json"), {"step": event.step, "reason": event.reason})

    def _finished(self, event: Finished) -> None:
        """The report comes last: where it is, everything is."""
        self._write("latents.safetensors", {"mu": event.mu, "log_var": event.log_var}, {"step": event.step})
        self._write("model.safetensors", event.weights, {"step": event.step})
        write_atomic(self.run.file("explorer.bundle"), event.bundle)
        metrics = self.run.file("metrics.jsonl")
        with saving(metrics):
            sync(metrics)
        self.note("finished", step=event.step)
        write_json(self.run.file("report.json"), event.report)

    def _write(self, name: str, tensors: Arrays, about: dict[str, Any]) -> None:
        metadata = {ABOUT: json.dumps(plain({"format": FORMATS["arrays"], **about}))}
        write_tensors(
            self.run.file(name), {key: np.asarray(array) for key, array in tensors.items()}, metadata
        )
