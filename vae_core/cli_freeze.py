"""`latentscape freeze`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from vae_core.errors import ConfigError
from vae_core.freezing import freeze
from vae_core.runs import RunStore

Say = Callable[[str], None]


def add_grammar(commands: Any) -> None:
    text = "Make an ordinary run of a multi-rate one at one beta; the last word printed is its id."
    command = commands.add_parser("freeze", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    command.add_argument("--beta", required=True, help="Within the range that the run learned, such as 4.")
    text = "One JSON object a line: the share done, from 0 to 1; at the end run, frozen, beta."
    command.add_argument("--json", action="store_true", help=text)
    # The app freezes in a process of its own. A visitor's token comes on stdin, as anyone may read arguments.
    command.add_argument("--owner-on-stdin", action="store_true", help=argparse.SUPPRESS)


def run(words: argparse.Namespace, out: Say, owner: Callable[[], str]) -> None:
    """Freezes the run. `out` gets lines for stdout, `owner` reads whose the new run is.

    Raises ConfigError, RunNotFoundError, RunError, StorageError.
    """
    try:
        beta = float(words.beta)
    except ValueError:
        raise ConfigError(f"--beta is {words.beta[:40]!r}, it should be a number such as 4.") from None
    store = RunStore()
    found = store.get(words.run)
    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else (lambda share: None)
    made = freeze(found, beta, store, owner().strip() if words.owner_on_stdin else "", tell)
    row = {"run": made.id, "frozen": found.id, "beta": made.config.beta}
    out(json.dumps(row) if words.json else made.id)
