"""`latentscape train --longer RUN --epochs N`: what it understands, and the run that it makes."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from vae_core.errors import ConfigError
from vae_core.runs import RunStore

if TYPE_CHECKING:
    from vae_core.run import Run

EPOCHS = "training.epochs"


def add_grammar(train: argparse.ArgumentParser) -> None:
    text = (
        "Go on from the end of a finished run for --epochs more, in a new run; no other settings are taken."
    )
    train.add_argument("--longer", metavar="RUN", help=text)


def begun(words: argparse.Namespace, changes: dict[str, object], say: Callable[[str], None]) -> "Run":
    """The new run, not trained yet; `say` gets how its schedules go on.

    Raises ConfigError where `changes` name another setting or no epochs, RunNotFoundError, and what
    `longer.longer` raises.
    """
    from vae_core.longer import goes_on, longer

    others = sorted({*changes, *(["preset"] if words.preset else [])} - {EPOCHS})
    if others:
        raise ConfigError(
            f"--longer takes the settings of the run and --epochs alone, not {', '.join(others)}. "
            "To change others, train anew."
        )
    store = RunStore()
    found = store.get(words.longer)
    epochs = _number(changes.get(EPOCHS))
    made = longer(found, epochs, store)
    for sentence in goes_on(found, epochs):
        say(sentence)
    return made


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise ConfigError(
            "--longer needs --epochs, a number: how many more, such as `--longer RUN --epochs 5`."
        ) from None
