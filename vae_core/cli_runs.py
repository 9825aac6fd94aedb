"""`latentscape runs`: what it understands, and what it says; `commands` hands the lines on.

Whoever can use the command line has the folder before them, so it asks nobody whose a run is.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

from vae_core import disk, marks
from vae_core.errors import RunDamagedError, RunError, RunNotFoundError
from vae_core.run import Run
from vae_core.run_bin import DAYS, Binned, RunBin
from vae_core.runs import RunStore
from vae_core.settings import settings
from vae_core.training_health import of_run

GIGA = 1e9

Say = Callable[[str], None]


def add_grammar(commands: Any) -> None:
    """The command, which lists, and its actions."""
    text = "List the runs, newest first, and the starters; name, tag and delete them."
    top = commands.add_parser("runs", help=text, description=text, allow_abbrev=False)
    top.add_argument("--tag", action="append", default=[], metavar="TAG", help="Only those with it, or them.")
    about = "One JSON object a line: id, name, state, data, beta or its range, folder, tags, note."
    top.add_argument("--json", action="store_true", help=about)
    actions = top.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, allow_abbrev=False)

    def on_one(name: str, text: str) -> argparse.ArgumentParser:
        command = action(name, text)
        command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
        return command

    rename = on_one("rename", "Call a run something else in lists.")
    rename.add_argument("name", metavar="NAME", help="The new name; '' for the one that it began with.")
    for name, text in (("tag", "Put tags on a run."), ("untag", "Take tags off a run.")):
        on_one(name, text).add_argument("tags", metavar="TAG", nargs="+", help="One or more of them.")
    note = on_one("note", "Write a note on a run, in place of the one that is there.")
    note.add_argument("note", metavar="TEXT", help="The note; '' for none.")
    on_one("delete", f"Move a run to the bin, from where it can be restored for {DAYS} days.")
    on_one("restore", "Bring a run back from the bin.")
    on_one("health", "Say what is not as it should be in a run's training, and what to try.")
    action("bin", "List what lies in the bin.")
    action("usage", "Say what runs and bin take on disk.")
    empty = action("empty", "Remove for good all that lies in the bin.")
    empty.add_argument("--yes", action="store_true", required=True, help="That this is meant.")


def run(words: argparse.Namespace, say: Say) -> Iterator[str]:
    """Lines for stdout; `say` gets what is said beside them.

    Raises RunNotFoundError, RunError, RunBusyError, StorageError.
    """
    store = RunStore()
    if words.action is None:
        yield from _listed(words, store, say)
    elif words.action == "health":
        found = store.get(words.run)
        lines = health(found)
        yield from lines
        if not lines:
            say(f"Nothing is to be said against how {found.name} trained.")
    elif words.action == "bin":
        yield from (_line_of(found) for found in RunBin(store).list())
    elif words.action == "usage":
        yield from _usage(store)
    elif words.action == "empty":
        yield from _emptied(RunBin(store))
    elif words.action == "restore":
        owner = _binned(RunBin(store), words.run).owner
        yield RunBin(store).restore(words.run, owner).id
    elif words.action == "delete":
        found = store.get(words.run)
        RunBin(store).put(found.id, found.owner)
        say(f"{found.name} is in the bin; `runs restore {found.id}` brings it back.")
        yield found.id
    else:
        found = store.get(words.run)
        _written(found, words)
        yield found.id


def health(run: Run) -> list[str]:
    """A line for each note on how a run trained. Raises RunDamagedError."""
    return [f"{note.text} {note.advice}" for note in of_run(run)]


def described(run: Run) -> dict[str, Any]:
    """What `runs --json` says of one."""
    try:
        config = run.config
    except RunDamagedError:
        config = None
    objective = config.objective if config and config.model.kind == "multirate" else None
    return {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "data": config.data.source if config else None,
        "beta": config.beta if config else None,
        "beta_low": objective.beta_low if objective else None,
        "beta_high": objective.beta_high if objective else None,
        "folder": str(run.path),
        "starter": run.starter,
        "reason": run.reason,
        "tags": list(run.marks.words),
        "note": run.marks.note,
    }


def _listed(words: argparse.Namespace, store: RunStore, say: Say) -> Iterator[str]:
    """Runs that have all the tags asked for."""
    found = [each for each in store.list() if set(words.tag) <= set(each.marks.words)]
    rows = [described(each) for each in found]
    if words.json:
        yield from map(json.dumps, rows)
        return
    if not rows:
        tagged = " and ".join(repr(tag) for tag in words.tag)
        say(
            f"No run has the tag {tagged}."
            if tagged
            else "There are no runs yet; `latentscape train` makes one."
        )
    width = max((len(row["id"]) for row in rows), default=0)
    wide = max((len(_beta(row)) for row in rows), default=0)
    for row in rows:
        data, beta = row["data"] or "", _beta(row)
        text = row["reason"] or ("" if row["name"] == row["id"] else row["name"])
        text = "  ".join(filter(None, (text, ", ".join(row["tags"]))))
        yield f"{row['id']:{width}}  {row['state']:11}  {data:13}  {beta:{wide}}  {text}".rstrip()


def _beta(row: dict[str, Any]) -> str:
    """The beta of a row, of a multi-rate run its range."""
    if row["beta"] is None:
        return ""
    ends = (row["beta"],) if row["beta_low"] is None else (row["beta_low"], row["beta_high"])
    return f"β {' to '.join(f'{end:g}' for end in ends)}"


def _written(found: Run, words: argparse.Namespace) -> None:
    if words.action == "rename":
        marks.write(found, found.owner, name=words.name)
    elif words.action == "note":
        marks.write(found, found.owner, note=words.note)
    elif words.action == "tag":
        marks.write(found, found.owner, add=words.tags)
    else:
        missing = [tag for tag in words.tags if tag not in found.marks.words]
        if missing:
            raise RunError(f"Run {found.id} has no tag {missing[0]!r}; `runs --json` shows what it has.")
        marks.write(found, found.owner, remove=words.tags)


def _line_of(found: Binned) -> str:
    name = "" if found.run.name == found.run.id else found.run.name
    return f"{found.run.id}  deleted {found.deleted:%Y-%m-%d %H:%M} UTC  {name}".rstrip()


def _emptied(box: RunBin) -> Iterator[str]:
    """The ids of what is gone."""
    for found in box.list():
        box.remove(found.run.id, found.run.owner)
        yield found.run.id


def _usage(store: RunStore) -> Iterator[str]:
    box = RunBin(store)
    for name, folder in (("runs", store.folder), ("bin", box.folder)):
        yield f"{name:6} {disk.used(folder) / GIGA:8.3f} GB"
    yield f"{'quota':6} {settings().quota / GIGA:8.3f} GB"


def _binned(box: RunBin, run: str) -> Run:
    """The run of that id which was deleted last."""
    for found in box.list():
        if found.run.id == run:
            return found.run
    raise RunNotFoundError(f"There is no run {run[:100]!r} in the bin; `runs bin` shows what is.")
