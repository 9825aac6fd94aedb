"""`latentscape data`: what it understands, and what it says; `commands` prints the lines."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vae_core import data
from vae_core.config import Option, fields
from vae_core.data import SourceInfo
from vae_core.data.imports import Collected, Limits, Preparation, Report, read
from vae_core.data.library import Library
from vae_core.errors import ConfigError
from vae_core.settings import settings

CITED = 20  # lines of a report that are said

Say = Callable[[str], None]
Progress = Callable[[int, int], None]


def add_grammar(commands: Any) -> None:
    """The command and its actions."""
    text = "List, describe, download, import, change and share data sets."
    top = commands.add_parser("data", help=text, description=text, allow_abbrev=False)
    actions = top.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, allow_abbrev=False)

    def on_one(name: str, text: str) -> argparse.ArgumentParser:
        command = action(name, text)
        command.add_argument("source", metavar="DATA", help="Its name, as `data list` gives it.")
        return command

    listing = action("list", "List the data sets, built in and imported.")
    listing.add_argument("--json", action="store_true", help="One JSON object a line.")
    one = [on_one("info", "Describe one data set."), on_one("fetch", "Download a data set.")]
    one.append(action("import", "Import pictures of your own; prints what to say after --data."))
    _import(one[-1])
    edit = on_one("edit", "Give imported pictures, or their classes, another name.")
    edit.add_argument("--name", help="What they are called in lists.")
    edit.add_argument(
        "--class",
        dest="classes",
        nargs=2,
        action="append",
        default=[],
        metavar=("OLD", "NEW"),
        help="A class and its new name; can be said several times.",
    )
    one += [
        edit,
        on_one("share", "Let every visitor of the app on this machine use imported pictures."),
        on_one("unshare", "Keep imported pictures to their owner again."),
        on_one("delete", "Remove imported pictures for good; runs trained on them stay."),
    ]
    for command in one:
        command.add_argument("--json", action="store_true", help="One JSON object that describes it.")


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
        flag, text = f"--{name}", _help(option)
        if name == "colour":
            both = command.add_mutually_exclusive_group()
            for choice in option.choices:
                both.add_argument(f"--{choice}", dest=name, action="store_const", const=choice, help=text)
        elif option.kind is bool:
            command.add_argument(flag, action="store_const", const=True, help=text)
        else:
            command.add_argument(flag, metavar="|".join(option.choices) or "WHOLE", help=text)
    limits = command.add_argument_group("limits", "What lies above is refused or left out, and reported.")
    for name, option in fields(Limits).items():
        flag = f"--most-{name.replace('_', '-')}"
        limits.add_argument(flag, dest=name, metavar="WHOLE", help=_help(option))


def _help(option: Option) -> str:
    """The option's sentence with its default."""
    default = f" By default {option.default:,}." if option.kind is int and option.default else ""
    return f"{option.help}{default}".replace("%", "%%")


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
    else:
        about = _done(words, say, progress)
        yield json.dumps(about) if words.json else about["data"]


def _done(words: argparse.Namespace, say: Say, progress: Progress) -> dict[str, Any]:
    """Does what changes something; what is known of it then, of a deleted set what was known."""
    if words.action == "import":
        return _facts(_take(words, say, progress))
    source = _known(words.source).name
    if words.action == "fetch":
        data.download(source, progress)
        say(f"{data.info(source).title} is here.")
    elif source in data.SOURCES:
        raise ConfigError(f"{source} is built in; only imported pictures can be changed or deleted.")
    elif words.action == "delete":
        about = _facts(source)
        Library().delete(source)
        say(f"{about['title']} is deleted.")
        return about
    else:
        _change(words, source, say)
    return _facts(source)


def _change(words: argparse.Namespace, source: str, say: Say) -> None:
    library = Library()
    if words.action == "edit":
        if words.name is None and not words.classes:
            raise ConfigError("Nothing to change; say --name or --class.")
        classes = _renamed(library.get(source).classes, words.classes)
        say(f"{library.edit(source, name=words.name, classes=classes).name} is changed.")
    else:
        shared = library.edit(source, shared=words.action == "share")
        say(f"{shared.name} is {'shared with every visitor' if shared.shared else 'kept to its owner'}.")


def _renamed(classes: tuple[str, ...], pairs: list[list[str]]) -> tuple[str, ...] | None:
    """The classes with new names, each found by its old one."""
    for old, _ in pairs:
        if old not in classes:
            raise ConfigError(f"There is no class {old!r}; there are {', '.join(classes[:20]) or 'none'}.")
    new = dict(pairs)
    return tuple(new.get(name, name) for name in classes) if pairs else None


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


def _facts(source: str) -> dict[str, Any]:
    """All that is known of a source."""
    row = _row(data.info(source))
    if source in data.SOURCES:
        return row
    own = Library().get(source)
    row |= {"created": own.created, "skipped": own.skipped, "preparation": own.preparation}
    row |= {"checksum": own.checksum, "bytes": own.bytes, "shared": own.shared, "folder": str(own.path)}
    return row


def _info(source: str, as_json: bool) -> Iterator[str]:
    name = _known(source).name
    row = _facts(name)
    if as_json:
        yield json.dumps(row)
        return
    row["shape"], row["classes"] = _size(row["shape"]), ", ".join(row["classes"]) or "none"
    row["here"] = "yes" if row["here"] else f"no; `latentscape data fetch {name}` downloads it"
    if "preparation" in row:
        row["preparation"] = ", ".join(f"{key} {value}" for key, value in row["preparation"].items())
    for key, value in row.items():
        yield f"{key:12} {value}"


def _take(words: argparse.Namespace, say: Say, progress: Progress) -> str:
    path = Path(words.path).expanduser().absolute()
    if not path.exists():
        raise ConfigError(f"There is no file or folder {path}.")
    given = {name: value for name, value in vars(words).items() if value is not None}
    preparation = Preparation.parse({name: given[name] for name in Preparation.model_fields if name in given})
    named = {name: given[name] for name in Limits.model_fields if name in given}
    limits = Limits.parse(settings().limits | named)
    found = read(path, preparation, limits, images=words.images, labels=words.labels, progress=progress)
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
