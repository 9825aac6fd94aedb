"""`--config FILE`: settings from a file, as if each had been named on the command line."""

import argparse
import json
from pathlib import Path
from typing import Any

from vae_core.config import SECTIONS, RunConfig
from vae_core.errors import ConfigError

LARGEST = 1_000_000  # bytes; a config of ours has two thousand


def add_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        metavar="FILE",
        help="Settings from a JSON file such as a run's config.json; those it leaves out are the data set's "
        "recommended ones, and options named here have the last word.",
    )


def read(name: str) -> dict[str, Any]:
    """The settings that a file names, by path. Raises ConfigError where it cannot be read or believed."""
    path = Path(name)
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # a name may hold a letter that no name can
        reason = getattr(error, "strerror", None) or "it is no name of a file"
        raise ConfigError(
            f"--config is {name[:200]!r}, which cannot be read: {reason}. "
            "Name a JSON file, such as the config.json in a run's folder."
        ) from None
    if len(text) > LARGEST:
        raise ConfigError(f"--config is {name[:200]!r}, which is far too large to be a configuration.")
    try:
        RunConfig.from_json(text)
    except ConfigError as error:
        raise ConfigError(f"In {path.name[:200]}: {error}") from None
    value = json.loads(text)
    found = {f"{part}.{key}": item for part in SECTIONS for key, item in value.get(part, {}).items()}
    return found | ({"name": value["name"]} if "name" in value else {})
