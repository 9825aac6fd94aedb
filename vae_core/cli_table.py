"""Rates and distortions as the command line prints them: for people, with commas, as JSON."""

import argparse
import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from vae_core.errors import ConfigError
from vae_core.storage import plain

Row = dict[str, Any]


def add_choices(command: argparse.ArgumentParser, more: str = "") -> None:
    """The options --csv and --json; `more` names what a row holds besides the five figures."""
    command.add_argument("--csv", action="store_true", help="Print the table with commas.")
    text = f"Print one array of objects: beta, rate, distortion, rate_se, distortion_se{more}."
    command.add_argument("--json", action="store_true", help=text)


def refuse_both(words: argparse.Namespace) -> None:
    """Raises ConfigError for --csv and --json together."""
    if words.csv and words.json:
        raise ConfigError("--csv and --json do not go together; choose one.")


def lines(table: Sequence[Row], words: argparse.Namespace) -> Iterator[str]:
    """Of rows {"beta", "rate", "distortion", "rate_se", "distortion_se"} in nats, None where there are none;
    their "runs", if they have some, are counted.
    """
    if words.json:
        yield json.dumps(plain(list(table)))
    elif words.csv:
        yield from _commas(table)
    else:
        counted = bool(table) and "runs" in table[0]
        yield f"{'beta':>8}  {'rate':>16}  {'distortion':>18}" + ("  runs" if counted else "")
        for row in table:
            rate, distortion = _figure(row, "rate", 16), _figure(row, "distortion", 18)
            yield f"{row['beta']:>8.4g}  {rate}  {distortion}" + (
                f"  {len(row['runs']):>4}" if counted else ""
            )


def _commas(table: Sequence[Row]) -> Iterator[str]:
    names = [name for name in table[0] if name != "runs"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([names, *([row[name] for name in names] for row in table)])
    yield from text.getvalue().splitlines()


def _figure(row: Row, name: str, width: int) -> str:
    if row[name] is None:
        return f"{'–':>{width}}"
    error = row[f"{name}_se"]
    return f"{row[name]:.3f}{'' if error is None else f' ± {error:.3f}'}".rjust(width)
