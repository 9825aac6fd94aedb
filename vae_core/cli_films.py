"""How the command line says what a film or strip of a path is like; `cli_ways` names the path."""

import argparse
from typing import Any

from vae_core.taking.film_clock import EASES, REPEATS, SPEEDS
from vae_core.taking.film_kinds import OPTIONS
from vae_core.taking.kind import Choices

USUAL = Choices()


def add_grammar(command: Any) -> None:
    """Adds the options of OPTIONS. None of them has a default, so that it shows whether one was given."""
    text = "Pictures: of a film one way, of a strip or table all, of a palette along a side."
    command.add_argument("--count", type=int, metavar="NUMBER", help=text)
    text = "In films: between which anchors each picture lies, how far it is and how well data supports it."
    command.add_argument("--labels", action="store_true", default=None, help=text)
    text = "Of films, at the end: stop, begin again, or go back (the default). Videos do so once."
    command.add_argument("--repeat", choices=REPEATS, help=text)
    text = "Of films, as the page's player has it; 1 takes 2.6 seconds from anchor to anchor."
    command.add_argument("--speed", type=float, choices=SPEEDS, help=text)
    text = "Of films: evenly, slower at both ends (the default), or at every anchor."
    command.add_argument("--ease", choices=EASES, help=text)
    text = "Of films: the picture's longer side, about; a multiple of its own pixels is taken."
    command.add_argument("--pixels", type=int, metavar="NUMBER", help=text)
    text = "Films on dark paper."
    command.add_argument("--dark", action="store_true", default=None, help=text)
    text = "In a strip: the nearest real example below each picture."
    command.add_argument("--nearest", action="store_true", default=None, help=text)


def given(words: argparse.Namespace) -> dict[str, Any]:
    """Fields of Choices that the words give."""
    return {name: getattr(words, name) for name in OPTIONS if getattr(words, name) is not None}


def spoken(choices: Choices) -> list[str]:
    """The words that give those fields, as `given` reads them."""
    words = []
    for name in OPTIONS:
        value = getattr(choices, name)
        if value != getattr(USUAL, name):
            words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words
