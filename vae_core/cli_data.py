"""`latentscape data`: what it understands, and what it says; `__main__` prints the lines."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vae_core import data
from vae_core.config import fields
from vae_core.data import SourceInfo
from vae_core.data.imports import Collected, Preparation, Report, read
from vae_core.data.library import Library
from vae_core.errors import ConfigError

CITED = 20  # lines of a report that are said

Say = Callable[[str], None]
Progress = Callable[[int, int], None]


def add_grammar(commands: Any) -> None:
    """The command and its four actions."""
    text = "List, describe, download and import data sets."
    top = commands.add_parser("data", help=text, description=text, allow_abbrev=False)
    actions = top.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, allow_abbrev=False)

    listing = action("list", "List the data sets, built in and imported.")
    listing.add_argument("--json", action="store_true", help="One JSON object a line.")
    info = action("info", "Describe one data set.")
    info.add_argument("source", metavar="DATA", help="Its name, as `data list` gives it.")
    info.add_argument("--json", action="store_true", help="One JSON object.")
    fetch = action("fetch", "Download a data set.")
    fetch.add_argument("source", metavar="DATA", help="Its name, as `data list` gives it.")
    text = "Import pictures of your own; the last word printed is what to say after --data."
    _import(actions.add_parser("import", help=text, description=text, allow_abbrev=False))


def _import(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "path",
        metavar="PATH",
        help="A folder or zip of pictures (folders are labels), an npz, IDX or CSV file.",
    )
    command.add_argument("--name", help="What they are called in lists; by default as the file.")
    command.add_argument("--images", default="", help="The array of pictures in an npz.")
    command.add_argument(
        "--labels",
        default="",
        help="The array of labels in an npz, the column of a CSV (name, or number from 1), or an IDX file.",
    )
    for name, option in fields(Preparation).items():
        if name == "colour":
            both = command.add_mutually_exclusive_group()
            for choice in option.choices:
                both.add_argument(
                    f"--{choice}", dest="colour", action="store_const", const=choice, help=option.help
                )
        elif option.kind is bool:
            command.add_argument(f"--{name}", action="store_const", const=True, help=option.help)
        else:
            command.add_argument(f"--{name}", metavar="|".join(option.choices) or "WHOLE", help=option.help)


def run(words: argparse.Namespace, say: Say, progress: Progress) -> Iterator[str]:
    """Lines for stdout. `say` gets what is said beside them, `progress` counts bytes or pictures.

    Raises ConfigError for bad input, DataError, StorageError.
    """
    if words.action == "list":
        rows = [_row(info) for info in _sources()]
        width = max(len(row["data"]) for row in rows)
        for row in rows:
            here = "here" if row["here"] else f"{row['download'] / 1e6:.0f} MB to download"
            line = f"{row['data']:{width}}  {row['count']:9,}  {_size(row['shape']):9}  {here:20}"
            yield json.dumps(row) if words.json else f"{line}  {row['title']}"
    elif words.action == "info":
        yield from _info(words.source, words.json)
    elif words.action == "fetch":
        data.download(_known(words.source).name, progress)
        say(f"{data.info(words.source).title} is here.")
        yield words.source
    else:
        yield _take(words, say, progress)


def _sources() -> list[SourceInfo]:
    return [*data.SOURCES.values(), *(own.info() for own in Library().list())]


def _known(source: str) -> SourceInfo:
    """Raises ConfigError for a name that is none."""
    if source in data.SOURCES or Library().holds(source):
        return data.info(source if source in data.SOURCES else Library().get(source).source)
    raise ConfigError(
        f"There is no data set {source!r}; there are {', '.join(info.name for info in _sources())}."
    )


def _row(info: SourceInfo) -> dict[str, Any]:
    return {
        "data": info.name,
        "title": info.title,
        "count": info.count,
        "shape": list(info.shape),
        "classes": list(info.classes),
        "here": data.available(info.name),
        "download": info.bytes,
        "source": info.source,
        "licence": info.licence,
    }


def _info(source: str, as_json: bool) -> Iterator[str]:
    info = _known(source)
    row = _row(info)
    if info.name not in data.SOURCES:
        own = Library().get(info.name)
        row |= {"created": own.created, "skipped": own.skipped, "preparation": own.preparation}
        row |= {"checksum": own.checksum, "bytes": own.bytes, "shared": own.shared, "folder": str(own.path)}
    if as_json:
        yield json.dumps(row)
        return
    row["shape"], row["classes"] = _size(row["shape"]), ", ".join(row["classes"]) or "none"
    row["here"] = "yes" if row["here"] else f"no; `latentscape data fetch {info.name}` downloads it"
    if "preparation" in row:
        row["preparation"] = ", ".join(f"{name} {value}" for name, value in row["preparation"].items())
    for name, value in row.items():
        yield f"{name:12} {value}"


def _take(words: argparse.Namespace, say: Say, progress: Progress) -> str:
    path = Path(words.path).expanduser().absolute()
    if not path.exists():
        raise ConfigError(f"There is no file or folder {path}.")
    given = {name: getattr(words, name) for name in Preparation.model_fields}
    preparation = Preparation.parse({name: value for name, value in given.items() if value is not None})
    found = read(path, preparation, images=words.images, labels=words.labels, progress=progress)
    _report(found, say)
    default = "".join(sign for sign in path.stem if sign.isprintable())[:80].strip() or "pictures"
    own = Library().add(found, words.name if words.name is not None else default)
    say(f"{own.count:,} pictures of {_size(own.shape)} are kept as {own.name}.")
    return own.source


def _report(found: Collected, say: Say) -> None:
    report: Report = found.report
    for line in report.lines[:CITED]:
        say(str(line) if line.taken else f"Skipped: {line}.")
    if len(report.lines) > CITED:
        say(f"And {len(report.lines) - CITED:,} more such lines; {report.skipped:,} were skipped in all.")
    if report.left_out:
        say(f"{report.left_out:,} pictures were not looked at, because of --cap.")
    sizes = found.preview(1).sizes
    width, height, number = sizes[0]
    others = f" and {len(sizes) - 1} other sizes" if len(sizes) > 1 else ""
    say(f"Sizes: {number:,} of {width}×{height}{others}. Classes: {', '.join(found.classes[:20]) or 'none'}.")


def _size(shape: Any) -> str:
    return "×".join(str(extent) for extent in shape)
