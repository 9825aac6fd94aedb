"""`latentscape import`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_core.runs import RunStore

Say = Callable[[str], None]


def add_grammar(commands: Any) -> None:
    text = "Take in a run that was exported as a zip elsewhere; what is printed is its new id."
    command = commands.add_parser("import", help=text, description=text, allow_abbrev=False)
    command.add_argument("file", metavar="FILE", help="The zip, as `export --zip` writes it.")
    text = "One JSON object a line: the share done, from 0 to 1; at the end run and state."
    command.add_argument("--json", action="store_true", help=text)
    # The app imports in a process of its own. A visitor's token comes on stdin, as anyone may read arguments.
    command.add_argument("--owner-on-stdin", action="store_true", help=argparse.SUPPRESS)


def run(words: argparse.Namespace, out: Say, progress: Callable[[float], None]) -> None:
    """Takes the run in. `out` gets lines for stdout, `progress` the share done.

    Raises CarryError, StorageError.
    """
    from vae_core.carrying import unpack  # torch is only needed here

    owner = sys.stdin.readline().strip() if words.owner_on_stdin else ""
    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else progress
    made = unpack(Path(words.file).absolute(), RunStore(), owner, tell)
    out(json.dumps({"run": made.id, "state": made.state}) if words.json else made.id)
