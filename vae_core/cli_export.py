"""`latentscape export`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_core.cli_output import say
from vae_core.errors import ConfigError
from vae_core.runs import RunStore
from vae_core.taking import kinds
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS, MODELS, SHEETS


def add_grammar(commands: Any) -> None:
    text = "Write a finished run as a file to take along; the file's path is printed."
    command = commands.add_parser("export", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    wanted = command.add_mutually_exclusive_group(required=True)
    for kind in KINDS.values():
        flag = f"--{kind.name}"
        wanted.add_argument(flag, dest="kind", action="store_const", const=kind.name, help=kind.help)
    command.add_argument("--replay", action="store_true", help="In HTML: how its latent space formed, below.")
    text = "In the zip: leave out what training goes on from, for a smaller file."
    command.add_argument("--no-checkpoint", action="store_true", help=text)
    text = "Of a model for every beta: the one to take along; by default the run's."
    command.add_argument("--beta", type=float, metavar="NUMBER", help=text)
    text = "Of a PNG: each dimension moved by itself (the default), or the two that say most."
    command.add_argument("--sheet", choices=SHEETS, help=text)
    command.add_argument("-o", "--output", metavar="FILE", help="Where to; by default ./<run name>.<kind>.")
    text = "One JSON object a line: the share done, from 0 to 1; at the end run, file, bytes."
    command.add_argument("--json", action="store_true", help=text)


def run(words: argparse.Namespace, out: Callable[[str], None], progress: Callable[[float], None]) -> None:
    """Writes the file. `out` gets lines for stdout, `progress` the share done.

    Raises ConfigError, RunNotFoundError, RunError, ExportError, StorageError.
    """
    kind, choices = KINDS[words.kind], _choices(words)
    found = RunStore().get(words.run)
    path = Path(words.output or kinds.file_name(found, kind)).absolute()
    if not words.json:
        say(f"{path.name}: about {shown(kind.size(found, choices))}.")
    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else progress
    kind.write(found, path, choices, tell)
    row = {"run": found.id, "file": str(path), "bytes": path.stat().st_size}
    out(json.dumps(row) if words.json else str(path))


def shown(size: int) -> str:
    """Bytes as a person says them."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(1, round(size / 1e3))} kB"


def _choices(words: argparse.Namespace) -> Choices:
    """Raises ConfigError where an option does not go with the kind of file."""
    for option, kind in (("replay", "html"), ("no_checkpoint", "zip"), ("sheet", "png")):
        if getattr(words, option) and words.kind != kind:
            raise ConfigError(f"--{option.replace('_', '-')} goes with --{kind}.")
    if words.beta is not None and words.kind not in MODELS:
        raise ConfigError(f"--beta goes with --{' or --'.join(MODELS)}.")
    return Choices(words.replay, not words.no_checkpoint, words.beta, words.sheet or "traversal")
