"""`latentscape export`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_core import cli_films, cli_ways
from vae_core.cli_output import say
from vae_core.errors import ConfigError, ExportError
from vae_core.explorer.page_parts import PARTS
from vae_core.runs import RunStore
from vae_core.taking import film_kinds, kinds
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS, MODELS, SHEETS

HTML = ("html",)
OPTIONS = {
    "replay": HTML,
    "encoder": HTML,
    "title": HTML,
    "notes": HTML,
    "view": HTML,
    "without": HTML,
    "no_checkpoint": ("zip",),
    "sheet": ("png",),
    "beta": MODELS,
    "through": (*HTML, *(kind.name for kind in KINDS.values() if kind.follows)),
    **film_kinds.OPTIONS,
}  # and the kinds of file that each goes with


def add_grammar(commands: Any) -> None:
    text = "Write a finished run as a file to take along; the file's path is printed."
    command = commands.add_parser("export", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    wanted = command.add_mutually_exclusive_group(required=True)
    for kind in KINDS.values():
        flag = f"--{kind.name}"
        wanted.add_argument(flag, dest="kind", action="store_const", const=kind.name, help=kind.help)
    _add_html(command)
    text = "In the zip: leave out what training goes on from, for a smaller file."
    command.add_argument("--no-checkpoint", action="store_true", help=text)
    text = "Of a model for every beta: the one to take along; by default the run's."
    command.add_argument("--beta", type=float, metavar="NUMBER", help=text)
    text = "Of a PNG: each dimension moved by itself (the default), or the two that say most."
    command.add_argument("--sheet", choices=SHEETS, help=text)
    cli_ways.add_grammar(command)
    cli_films.add_grammar(command)
    command.add_argument(
        "-o", "--output", metavar="FILE", help="A file or a folder; by default ./<run name>.<kind>."
    )
    text = "One JSON object a line: the share done, from 0 to 1; at the end run, file, bytes."
    command.add_argument("--json", action="store_true", help=text)


def _add_html(command: Any) -> None:
    """What an HTML file has besides its map."""
    command.add_argument("--replay", action="store_true", help="In HTML: how its latent space formed, below.")
    text = (
        "In HTML: what encodes drawings and pictures of one's own; the file grows by about the model's size."
    )
    command.add_argument("--encoder", action="store_true", help=text)
    command.add_argument("--title", metavar="TEXT", help="Of an HTML file; by default the run's name.")
    text = "In HTML, below its title: what is to be seen; an empty line begins a paragraph."
    command.add_argument("--notes", metavar="TEXT", help=text)
    text = "Where the map of an HTML file opens: a share link of Explore, or what stands behind its ?."
    command.add_argument("--view", metavar="LINK", help=text)
    text = f"Parts that an HTML file lacks, with commas between: {', '.join(PARTS)}."
    command.add_argument("--without", metavar="PARTS", help=text)


def run(words: argparse.Namespace, out: Callable[[str], None], progress: Callable[[float], None]) -> None:
    """Writes the file. `out` gets lines for stdout, `progress` the share done.

    Raises ConfigError, RunNotFoundError, RunError, ExportError, StorageError.
    """
    kind, choices = KINDS[words.kind], _choices(words)
    found = RunStore().get(words.run)
    path = _place(words.output, kinds.file_name(found, kind, choices.title))
    if not words.json:
        say(f"{path.name}: about {shown(kind.size(found, choices))}. {kind.remark()}".rstrip())
    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else progress
    kind.write(found, path, choices, tell)
    row = {"run": found.id, "file": str(path), "bytes": path.stat().st_size}
    out(json.dumps(row) if words.json else str(path))


def _place(output: str | None, name: str) -> Path:
    """Where the file is to lie. Raises ExportError, before any work, for a folder that does not take it."""
    path = Path(output or name).absolute()
    if path.is_dir():
        path /= name
    if not path.parent.is_dir():
        raise ExportError(f"There is no folder {path.parent}; make it, or name another with --output.")
    if not os.access(path.parent, os.W_OK):
        raise ExportError(f"The folder {path.parent} is not writable; name another with --output.")
    if path.is_dir():
        raise ExportError(f"{path} is a folder; name a file with --output.")
    return path


def shown(size: int) -> str:
    """Bytes as a person says them."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(1, round(size / 1e3))} kB"


def _choices(words: argparse.Namespace) -> Choices:
    """Raises ConfigError where an option does not go with the kind of file, PathError for no path."""
    for option, kinds_with_it in OPTIONS.items():
        if getattr(words, option) not in (None, False) and words.kind not in kinds_with_it:
            raise ConfigError(f"--{option.replace('_', '-')} goes with --{' or --'.join(kinds_with_it)}.")
    without = tuple(part for part in (words.without or "").split(",") if part)
    for part in without:
        if part not in PARTS:
            raise ConfigError(f"An HTML file has no part {part[:40]!r}; known are {', '.join(PARTS)}.")
    return Choices(
        replay=words.replay,
        checkpoint=not words.no_checkpoint,
        beta=words.beta,
        sheet=words.sheet or "traversal",
        way=cli_ways.way(words),
        title=words.title or "",
        notes=words.notes or "",
        view=words.view or "",
        without=without,
        encoder=words.encoder,
        **cli_films.given(words),
    )
