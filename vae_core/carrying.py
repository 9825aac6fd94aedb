"""A run as one zip: written here, read elsewhere, where it is a stranger's.

Only files that a run of ours has are written and read, each with a bound of its own; bytes are counted while
they inflate. An import is unpacked into a folder that nobody sees yet, everything in it is read as it would
be later, weights and optimiser state are checked against the net that the settings describe, and only then is
the folder moved into place. Whose it was and where it lay does not travel.
"""

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from vae_core.config import RunConfig
from vae_core.data.imports import archive
from vae_core.data.imports.archive import EntryError, Member
from vae_core.errors import (
    BadMagicError,
    BundleError,
    CarryError,
    ConfigError,
    DataError,
    NewerFormatError,
    RunDamagedError,
    RunError,
    TruncatedError,
    UnreadableFileError,
)
from vae_core.migrations import lift
from vae_core.run import BUNDLE_LIMIT, CHECKPOINT, CHECKPOINT_LIMIT, METRICS_LIMIT, SNAPSHOT, Run
from vae_core.runs import FORMAT, RunStore
from vae_core.storage import GIGA, JSON_LIMIT, MEGA, open_file, parse_object, plain, saving, sync, write_json

LIMITS = {  # bytes of each file that travels
    "config.json": JSON_LIMIT,
    "run.json": JSON_LIMIT,
    "marks.json": JSON_LIMIT,
    "report.json": JSON_LIMIT,
    "diverged.json": JSON_LIMIT,
    "metrics.jsonl": METRICS_LIMIT,
    "log.jsonl": METRICS_LIMIT,
    "examples.safetensors": GIGA,
    "latents.safetensors": GIGA,
    "model.safetensors": GIGA,
    "explorer.bundle": BUNDLE_LIMIT,
    CHECKPOINT: CHECKPOINT_LIMIT,
}
SNAPSHOTS, SNAPSHOT_LIMIT = 200, 64 * MEGA
MOST_FILES = len(LIMITS) + SNAPSHOTS + 10  # with the folders that packers write down
ZIP_LIMIT, TOTAL_LIMIT = 4 * GIGA, 6 * GIGA  # bytes of the file, and of all that is in it
INFLATION, SLACK = 100, 16 * MEGA  # an entry unpacks to so many times its size, and so much besides, at most
TRAVELS = ("created", "environment", "data", "total_steps", "frozen", "longer")  # of run.json
PACKED = (".json", ".jsonl")  # tensors hardly get smaller
NEGLIGIBLE = re.compile(r"__MACOSX/.*|(.*/)?(\.DS_Store|Thumbs\.db)")  # what packers add by themselves
SENTENCE = re.compile(r"Run \S+ is (damaged|too new): (.*?)\.( (Bring|Update) .*)?")  # RunDamagedError's

Share = Callable[[float], object]


def pack(run: Run, path: Path, checkpoint: bool = True, tell: Share = lambda share: None) -> None:
    """Writes the run as a zip, whole or not at all; without its checkpoint it cannot be trained further.

    `tell` is called with the share done, from 0 to 1, and may raise to call it off. Raises RunError while the
    run is being trained, RunDamagedError, StorageError.
    """
    if run.state == "running":
        raise RunError(f"Run {run.id} is being trained; pack it when that is over.")
    names = [name for name in _of(run) if checkpoint or name != CHECKPOINT]
    sizes = [run.file(name).stat().st_size for name in names]
    temporary = path.with_name(f".run-{os.getpid()}.tmp")
    with saving(path):
        try:
            with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
                done = 0
                for name, size in zip(names, sizes):
                    _add(packed, run, name)
                    done += size
                    tell(done / max(1, sum(sizes)))
            sync(temporary)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(path.parent)


def size(run: Run, checkpoint: bool = True) -> int:
    """Bytes of the zip at most. Raises RunDamagedError."""
    names = [name for name in _of(run) if checkpoint or name != CHECKPOINT]
    return sum(run.file(name).stat().st_size + 2 * len(name) + 200 for name in names)


def unpack(path: Path, store: RunStore, owner: str = "", tell: Share = lambda share: None) -> Run:
    """The run in a zip as one of `owner`'s in the store, under a new id; its run.json says so under
    "imported". Settings of an older format are written in today's, other files are lifted when they are read.

    `tell` as in `pack`. Raises CarryError for a file that is no run of ours, is damaged or too new, and
    StorageError; then nothing has changed. Imports torch, which knows the shapes of nets.
    """
    from vae_core.carry_checks import check

    with _complaints(path.name), open_file(path, ZIP_LIMIT) as (file, size):
        members = _members(archive.members(file, size, MOST_FILES))
        config = RunConfig.from_json(_text(file, members, "config.json"))
        total = max(1, sum(member.packed for member in members.values()))

        def fill(made: Run) -> None:
            done, left = 0, TOTAL_LIMIT
            for name, member in members.items():
                if name not in ("config.json", "run.json"):  # these are as this version writes them
                    with _naming(name):
                        likely = INFLATION * min(member.packed, size) + SLACK
                        left -= _write(file, member, made.path / name, min(_limit(name), left, likely))
                done += member.packed
                tell(0.8 * done / total)
            write_json(made.path / "run.json", _about(_text(file, members, "run.json"), owner, path.name))
            check(Run(made.path))
            tell(1.0)

        return store.create(config, owner, fill)


def _of(run: Run) -> Iterator[str]:
    """The files that travel, as far as the run has them, in the order in which they are read."""
    snapshots = [f"snapshots/{step:08d}.safetensors" for step in run.snapshots()]
    for name in (*LIMITS, *snapshots):
        path = run.file(name)
        if path.is_file() and not path.is_symlink():
            yield name


def _add(packed: zipfile.ZipFile, run: Run, name: str) -> None:
    """One file, under the run's id and with nothing of this machine: a run always gives the same bytes."""
    entry = zipfile.ZipInfo(f"{run.id}/{name}", (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(PACKED) else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    if name == "run.json":
        about = {"format": FORMAT, **{key: run.about[key] for key in TRAVELS if key in run.about}}
        packed.writestr(entry, json.dumps(plain(about), indent=2))
        return
    with (
        open_file(run.file(name), _limit(name)) as (source, size),
        packed.open(entry, "w", force_zip64=size >= GIGA) as target,
    ):
        while piece := source.read(MEGA):
            target.write(piece)


def _limit(name: str) -> int:
    return LIMITS.get(name, SNAPSHOT_LIMIT)


def _members(found: list[Member]) -> dict[str, Member]:
    """The archive's entries by the name of the run's file that they are, in the order of `LIMITS`.

    Raises CarryError for what a run of ours does not have.
    """
    files: dict[str, Member] = {}
    tops = set()
    if found and not any(member.name.endswith(b"config.json") for member in found):
        raise CarryError("is no run that Latentscape exported: it holds no config.json")
    for member in found:
        name = member.name.decode("utf-8", "replace").replace("\\", "/")
        if member.is_folder or NEGLIGIBLE.fullmatch(name):
            continue
        top, bare = _split(name)
        if bare is None or member.is_link or member.encrypted:
            reason = "a link" if member.is_link else "encrypted" if member.encrypted else "no file of a run"
            raise CarryError(f"holds {name[:100]!r}, which is {reason}")
        if bare in files:
            raise CarryError(f"holds {bare} twice")
        tops.add(top)
        files[bare] = member
    if "config.json" not in files:
        raise CarryError("holds no config.json, so it is no run")
    if len(tops) > 1:
        raise CarryError("holds files of more than one run")
    order = {name: place for place, name in enumerate(LIMITS)}
    return dict(sorted(files.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))


def _split(name: str) -> tuple[str, str | None]:
    """The folder that an entry lies in, and its name as a run's file; None for what a run does not have.

    Names are compared as they are, so none of another case, with dots or with a drive's letter gets through.
    """
    parts = name.split("/")
    for depth in (0, 1):
        bare = "/".join(parts[depth:])
        folder, _, file = bare.rpartition("/")
        if bare in LIMITS or (folder == "snapshots" and SNAPSHOT.fullmatch(file)):
            return "/".join(parts[:depth]), bare
    return "", None


def _text(file: BinaryIO, members: dict[str, Member], name: str) -> bytes:
    """A small file of the run, an empty object where it has none."""
    with _naming(name):
        return bytes(archive.inflate(file, members[name], JSON_LIMIT)) if name in members else b"{}"


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """What is wrong with an entry is said of the file that it is."""
    try:
        yield
    except EntryError as error:
        raise CarryError(f"holds {name}, which {error}") from None


def _write(file: BinaryIO, member: Member, path: Path, most: int) -> int:
    """One entry as a file of the folder that is being made; its size. Raises EntryError, StorageError."""
    with saving(path):
        path.parent.mkdir(exist_ok=True)
        with open(path, "xb") as target:
            for piece in archive.pieces(file, member, most):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
            return target.tell()


def _about(found: bytes, owner: str, file: str) -> dict[str, Any]:
    """What run.json says of the run here. Raises UnreadableFileError."""
    about = lift("run", parse_object(found, "run.json"), name="run.json", bare=1)
    now = datetime.now(UTC).isoformat()
    kept = {key: about[key] for key in TRAVELS if key in about}
    try:
        datetime.fromisoformat(kept.get("created"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        kept["created"] = now
    return {"format": FORMAT, "owner": owner, **kept, "imported": {"file": file[:200], "when": now}}


@contextmanager
def _complaints(name: str) -> Iterator[None]:
    """Whatever is wrong with a file from elsewhere, in a sentence that names it."""
    try:
        yield
    except RunDamagedError as error:
        match = SENTENCE.fullmatch(str(error))
        if match and match[1] == "too new":
            raise _newer(name, match[2]) from None
        raise _refused(name, f"is not whole: {match[2] if match else error}") from None
    except NewerFormatError as error:
        raise _newer(name, str(error).removesuffix(".")) from None
    except BundleError as error:
        reason = str(error).removeprefix("The explorer bundle cannot be used: ")
        raise _refused(name, f"is not whole: of explorer.bundle, {reason}") from None
    except (BadMagicError, TruncatedError):
        raise _refused(name, "is no zip archive, or it is cut short") from None
    except (ConfigError, DataError, RunError) as error:
        raise _refused(name, f"cannot be used: {error}") from None
    except CarryError as error:
        raise _refused(name, str(error)) from None
    except UnreadableFileError as error:  # begins with a name, which may be that of the file itself
        reason = str(error)
        own = reason.removeprefix(name).strip()
        raise _refused(name, own if reason.startswith(name) else f"is not whole: {reason}") from None


def _refused(name: str, reason: str) -> CarryError:
    return CarryError(f"{name} {reason.removesuffix('.')}. Nothing was imported; ask for the file again.")


def _newer(name: str, reason: str) -> CarryError:
    return CarryError(f"{name} is too new: {reason}. Nothing was imported; update Latentscape first.")
