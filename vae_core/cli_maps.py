"""`latentscape map`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from vae_core.maps import KINDS, Map, make_for
from vae_core.runs import RunStore

Say = Callable[[str], None]


def add_grammar(commands: Any) -> None:
    text = "Lay a run's encoded examples out for the eye; Explore then shows the map."
    command = commands.add_parser("map", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    command.add_argument("--kind", choices=sorted(KINDS), required=True, help="The method.")
    text = "One JSON object a line: the share done, from 0 to 1; at the end kind, trustworthiness, examples."
    command.add_argument("--json", action="store_true", help=text)


def run(words: argparse.Namespace, out: Say, progress: Callable[[float], None]) -> None:
    """Makes the map. `out` gets lines for stdout, `progress` the share done.

    Raises RunNotFoundError, MapError, RunError, BundleError, StorageError.
    """
    found = RunStore().get(words.run)
    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else progress
    tell(0.0)
    made = make_for(found, words.kind, tell)
    out(json.dumps(_row(made)) if words.json else f"trustworthiness {made.trustworthiness:.3f}")


def _row(made: Map) -> dict[str, Any]:
    return {
        "kind": made.kind,
        "trustworthiness": made.trustworthiness,
        "neighbours": made.neighbours,
        "examples": len(made.places),
        "arranged": made.arranged,
    }
