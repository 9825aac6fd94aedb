"""`latentscape replay`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_core.errors import ConfigError, ReplayError
from vae_core.runs import RunStore
from vae_core.storage import write_atomic

LONGEST = 120.0  # seconds


def add_grammar(commands: Any) -> None:
    text = "Make a film of how a run's latent space formed; the file's path is printed."
    command = commands.add_parser("replay", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    kinds = command.add_mutually_exclusive_group(required=True)
    kinds.add_argument("--gif", action="store_true", help="As an animated GIF.")
    kinds.add_argument("--mp4", action="store_true", help="As a video; needs PyAV (`pip install av`).")
    command.add_argument("--dark", action="store_true", help="On dark paper.")
    command.add_argument(
        "--seconds", type=float, default=12.0, metavar="NUMBER", help="How long it takes; 12."
    )
    command.add_argument("-o", "--output", metavar="FILE", help="Where to; by default ./<run name>.")


def run(words: argparse.Namespace, out: Callable[[str], None], progress: Callable[[float], None]) -> None:
    """Makes the film. `out` gets lines for stdout, `progress` the share done.

    Raises ConfigError, RunNotFoundError, ReplayError, RunDamagedError, StorageError.
    """
    if not 1 <= words.seconds <= LONGEST:
        raise ConfigError(f"--seconds is {words.seconds:g}, allowed is a number from 1 to {LONGEST:g}.")
    found = RunStore().get(words.run)
    from vae_core import replay, replay_film  # Pillow is only needed here

    if words.mp4 and not replay_film.has_video():
        raise ReplayError(replay_film.NO_VIDEO)
    kind = "mp4" if words.mp4 else "gif"
    make = replay_film.mp4 if words.mp4 else replay_film.gif
    path = Path(words.output or file_name(found.title, kind)).absolute()
    write_atomic(path, make(replay.moments(found), words.seconds, words.dark, progress))
    out(str(path))


def file_name(title: str, kind: str) -> str:
    """What the film's file is called: the title without what a file system would take amiss."""
    return (re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f]', "-", title).strip(". ")[:100] or "replay") + f".{kind}"
