"""One run's folder, read. docs/architecture.md lists its files.

States are derived from what lies there, never stored. A folder may come from elsewhere, so everything read is
checked and bounded, and links are not followed. One writer a run: whoever holds its lock.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vae_core import marks
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, NewerFormatError, RunDamagedError, RunError, UnreadableFileError
from vae_core.events import Arrays, Checkpoint, Examples, Snapshot, Steered
from vae_core.lock import hold, is_held
from vae_core.migrations import description, lift, lift_bytes
from vae_core.steering import as_rows, logged
from vae_core.storage import GIGA, JSON_LIMIT, MEGA, read_bytes, read_json, read_rows, read_tensors

State = Literal["running", "finished", "interrupted", "diverged", "damaged"]

CHECKPOINT = "checkpoint/state.safetensors"
SNAPSHOT = re.compile(r"([0-9]{8})\.safetensors")
METRICS_LIMIT, BUNDLE_LIMIT, CHECKPOINT_LIMIT = 64 * MEGA, GIGA, 4 * GIGA  # bytes


class Run:
    """One run's folder, read. Reading raises RunDamagedError, in a sentence, wherever a file is not right."""

    def __init__(self, path: Path, starter: bool = False) -> None:
        self.path, self.id, self.starter = path, path.name, starter
        self._config: RunConfig | None = None
        self._problem: str | UnreadableFileError = ""
        self.marks = marks.Marks()  # what somebody wrote on it
        self.about: dict[str, Any] = {}  # owner, created, environment, data; as far as known
        if path.is_symlink():
            self._problem = "its folder is a link, and links are not followed"
            return
        try:
            self._config = RunConfig.from_json(read_bytes(path / "config.json", JSON_LIMIT))
        except UnreadableFileError as error:  # also where it is too new
            self._problem = error
        except ConfigError as error:
            self._problem = f"config.json is not usable: {error}".removesuffix(".")
        with suppress(UnreadableFileError):
            self.about = read_json(path / "run.json")
            self.about = lift("run", self.about, bare=1)
        self.marks = marks.read(path)

    @property
    def config(self) -> RunConfig:
        if self._config is None:
            raise self._damaged(self._problem)
        return self._config

    @property
    def name(self) -> str:
        """As its owner called it, else its id."""
        return self.marks.name or (self._config.name if self._config else "") or self.id

    @property
    def title(self) -> str:
        """For lists: its name, else what matters most of its settings."""
        return self.marks.name or (self._config.title() if self._config else self.id)

    @property
    def owner(self) -> str:
        return str(self.about.get("owner", ""))[:200]

    @property
    def created(self) -> datetime:
        """As recorded, else the folder's age; with a time zone."""
        with suppress(KeyError, TypeError, ValueError):
            return datetime.fromisoformat(self.about["created"]).astimezone(UTC)
        with suppress(OSError):  # deleted meanwhile
            return datetime.fromtimestamp(self.path.lstat().st_mtime, UTC)
        return datetime.fromtimestamp(0, UTC)

    @property
    def reason(self) -> str:
        """Why the run is damaged, else nothing."""
        if self._problem or not self._has("report.json"):
            return str(self._problem)
        needed = ["explorer.bundle"] if self.starter else ["explorer.bundle", "model.safetensors"]
        missing = [name for name in needed if not self._has(name)]
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing" if missing else ""

    @property
    def state(self) -> State:
        if self.reason:
            return "damaged"
        held = is_held(self.path / "lock")  # before the report is looked for: it may come meanwhile
        if self._has("report.json"):
            return "finished"
        if held:
            return "running"
        return "diverged" if self._has("diverged.json") else "interrupted"

    def file(self, name: str) -> Path:
        """The path of one of the run's files. Raises RunDamagedError where a folder on the way is a link."""
        path = self.path / name
        return self.folder(path.parent.name if "/" in name else "") / path.name

    def folder(self, name: str = "") -> Path:
        """The run's folder, or one in it. Raises RunDamagedError where it is a link."""
        path = self.path / name
        if self.path.is_symlink() or path.is_symlink():
            raise self._damaged(f"{name or 'its folder'} is a link, and links are not followed")
        return path

    def metrics(self, since: int = 0) -> list[dict[str, Any]]:
        """Rows of the curves from number `since` on; a half-written last row is left out."""
        return [row for row, _ in self.rows()][since:]

    def rows(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Rows of the curves, each with the byte after it in metrics.jsonl."""
        with self._reading():
            rows = read_rows(self.file("metrics.jsonl"), METRICS_LIMIT)
            for number, (row, end) in enumerate(rows):
                if row.get("n") != number or type(row.get("step")) is not int:
                    raise UnreadableFileError(f"Line {number + 1} of metrics.jsonl is out of order")
                yield row, end

    def log(self) -> list[dict[str, Any]]:
        """Notes of what happened: attempts, roll-backs, stops."""
        with self._reading():
            return [row for row, _ in read_rows(self.file("log.jsonl"), METRICS_LIMIT)]

    def changes(self, known: Any = ()) -> list[Steered]:
        """How its course was changed while it trained, in order; with those `known` besides, as rows."""
        try:
            return logged(self.log(), list(known))
        except (TypeError, ValueError):
            raise self._damaged("what is noted of changes of its course cannot be such") from None

    def report(self) -> dict[str, Any]:
        """Held-out figures of a finished run (events.Finished)."""
        self._needs_end("report.json")
        with self._reading():
            return read_json(self.file("report.json"))

    def bundle(self) -> bytes:
        """What the browser explores the run with."""
        self._needs_end("explorer.bundle")
        with self._reading():
            data = read_bytes(self.file("explorer.bundle"), BUNDLE_LIMIT)
            found = read_tensors(data, BUNDLE_LIMIT, "explorer.bundle")
            return lift_bytes("bundle", data, *found, "explorer.bundle")

    def examples(self) -> Examples:
        """The evaluation pictures."""
        with self._reading():
            tensors, about = self._tensors("examples.safetensors", images=4, labels=1, index=1)
            images = tensors["images"]
            if images.dtype != np.uint8 or {len(array) for array in tensors.values()} != {len(images)}:
                raise UnreadableFileError("examples.safetensors has pictures and labels that do not match")
            names, data = about.get("label_names", []), about.get("data", {})
            if not isinstance(names, list) or not isinstance(data, dict):
                raise UnreadableFileError("examples.safetensors has unusable label names")
            labels, index = tensors["labels"].astype(np.int64), tensors["index"].astype(np.int64)
            return Examples(images, labels, index, tuple(str(name) for name in names), data)

    def latents(self) -> tuple[np.ndarray, np.ndarray]:
        """Final means and log-variances of the evaluation pictures, both (N, Z) float32."""
        self._needs_end("latents.safetensors")
        tensors = self._cloud("latents.safetensors")
        return tensors["mu"].astype(np.float32), tensors["log_var"].astype(np.float32)

    def snapshots(self) -> list[int]:
        """Steps at which a snapshot was kept, ascending."""
        with suppress(FileNotFoundError, NotADirectoryError):
            names = sorted(os.listdir(self.folder("snapshots")))
            return [int(match[1]) for match in map(SNAPSHOT.fullmatch, names) if match]
        return []

    def snapshot(self, step: int) -> Snapshot:
        """The latent cloud at a step that `snapshots` lists."""
        tensors = self._cloud(f"snapshots/{step:08d}.safetensors", reconstructions=4)
        return Snapshot(step, tensors["mu"], tensors["log_var"], tensors["reconstructions"])

    def last_snapshot(self) -> Snapshot | None:
        steps = self.snapshots()
        return self.snapshot(steps[-1]) if steps else None

    def weights(self) -> Arrays:
        """The final weights as float32; before the end those of the latest checkpoint."""
        if self._problem:
            raise self._damaged(self._problem)
        if not self._has("model.safetensors") and not self._has("report.json"):
            checkpoint = self.checkpoint()
            if checkpoint is None:
                raise RunError(f"Run {self.id} has not begun, so it has no weights yet; resume it first.")
            return checkpoint.weights
        with self._reading():
            tensors, _ = self._tensors("model.safetensors")
            return {name: array.astype(np.float32, copy=False) for name, array in tensors.items()}

    def checkpoint(self) -> Checkpoint | None:
        """What training goes on from; None where it has not begun."""
        stored = self.checkpoint_file()
        if stored is None:
            return None
        tensors, about = stored
        parts: dict[str, Arrays] = {"weights": {}, "optimizer": {}}
        for key, array in tensors.items():
            part, _, name = key.partition("/")
            if part not in parts:
                raise self._damaged(f"{CHECKPOINT} holds an unknown {key[:80]!r}")
            parts[part][name] = array
        progress = about["progress"]
        if changes := self.changes(progress.get("changes", [])):  # to be repeated, also those after it
            progress = {**progress, "changes": as_rows(changes)}
        return Checkpoint(about["step"], parts["weights"], parts["optimizer"], progress)

    def checkpoint_file(self) -> tuple[Arrays, dict[str, Any]] | None:
        """Its tensors, and {"step", "rows" of the curves up to it, "progress"}; None where there is none."""
        if not any(os.path.lexists(self.path / name) for name in (CHECKPOINT, "metrics.jsonl")):
            return None
        with self._reading():
            tensors, about = self._tensors(CHECKPOINT, CHECKPOINT_LIMIT)
            counts = (about.get("step"), about.get("rows"))
            if any(type(count) is not int or count < 0 for count in counts):
                raise UnreadableFileError(f"{CHECKPOINT} does not say where training stood")
            if not isinstance(about.get("progress"), dict):
                raise UnreadableFileError(f"{CHECKPOINT} does not say how training stood")
            return tensors, about

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Makes the caller the run's only writer.

        Raises RunBusyError where another is, RunNotFoundError where the run was deleted meanwhile, RunError
        for a starter, StorageError.
        """
        if self.starter:
            raise RunError(
                f"Run {self.id} came with Latentscape and is never changed; train one of your own."
            )
        with hold(self.file("lock"), self.id):
            yield

    def _has(self, name: str) -> bool:
        path = self.path / name
        return path.is_file() and not path.is_symlink()

    def _tensors(self, name: str, limit: int = GIGA, **ranks: int) -> tuple[Arrays, dict[str, Any]]:
        """Finite tensors, those named in `ranks` of that rank, and what the file says about itself."""
        tensors, metadata = read_tensors(self.file(name), limit)
        about = lift("arrays", description(metadata, name), tensors, name, bare=1)
        for key, rank in ranks.items():
            if key not in tensors or tensors[key].ndim != rank:
                raise UnreadableFileError(f"{name} has no {key} of {rank} dimensions")
        for key, array in tensors.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise UnreadableFileError(f"{name} holds numbers in {key[:80]!r} that are not finite")
        return tensors, about

    def _cloud(self, name: str, **ranks: int) -> Arrays:
        """A file with means and log-variances, both (N, Z), of the latent size that the config says."""
        with self._reading():
            tensors, _ = self._tensors(name, mu=2, log_var=2, **ranks)
            mu, latent = tensors["mu"], self.config.model.latent
            if mu.shape != tensors["log_var"].shape or mu.shape[1] != latent:
                raise UnreadableFileError(f"{name} does not fit the run's {latent} latent dimensions")
            return tensors

    def _needs_end(self, name: str) -> None:
        if self._has("report.json") or self._has(name):
            return
        if self._has("diverged.json"):
            raise RunError(
                f"Run {self.id} diverged, so it has no {name}; train anew with a lower learning rate."
            )
        raise RunError(f"Run {self.id} is not finished, so it has no {name} yet; resume it first.")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except UnreadableFileError as error:
            raise self._damaged(error) from None

    def _damaged(self, problem: str | UnreadableFileError) -> RunDamagedError:
        if isinstance(problem, NewerFormatError):
            sentence = str(problem).removesuffix(".")
            return RunDamagedError(f"Run {self.id} is too new: {sentence}. Update Latentscape to open it.")
        return RunDamagedError(
            f"Run {self.id} is damaged: {problem}. Bring that file back from a copy, or delete the run."
        )
