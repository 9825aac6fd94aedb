"""Shell completion: what of the grammar a shell needs to know; `completion_scripts` writes it down."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vae_core.config import options

SHELLS = ("bash", "zsh", "fish")
FILE, RUN, ANY = "file", "run", "any"  # kinds of values besides those that can be listed
FILES = ("FILE", "PATH", "DIR")


@dataclass(frozen=True)
class Value:
    """What may stand after an option, or by itself."""

    kind: str = ANY
    words: tuple[str, ...] = ()  # where they can be listed


@dataclass(frozen=True)
class Choice:
    """An option by its names."""

    flags: tuple[str, ...]
    help: str
    value: Value | None  # None for one that stands alone


@dataclass(frozen=True)
class Command:
    """A command by the words that lead to it, and what can be said after them."""

    path: tuple[str, ...]
    choices: tuple[Choice, ...]
    actions: tuple[tuple[str, str], ...]  # commands below it, each with its help
    value: Value | None  # what stands by itself

    @property
    def name(self) -> str:
        return " ".join(self.path)

    @property
    def flags(self) -> list[str]:
        return [flag for choice in self.choices for flag in choice.flags]


def add_grammar(commands: Any) -> None:
    text = "Print what makes a shell complete these commands."
    command = commands.add_parser("completion", help=text, description=text, allow_abbrev=False)
    about = 'Of bash and zsh it is read by: eval "$(latentscape completion bash)".'
    command.add_argument("shell", choices=SHELLS, help=about)


def commands_of(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Command]:
    """The commands of a grammar, each before those below it."""
    choices, below, value = [], {}, None
    actions: tuple[tuple[str, str], ...] = ()
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        if isinstance(action, argparse._SubParsersAction):
            below = action.choices
            actions = tuple((each.dest, each.help or "") for each in action._choices_actions)
        elif action.option_strings:
            taken = None if action.nargs == 0 else _value(action)
            choices.append(Choice(tuple(action.option_strings), action.help or "", taken))
        else:
            value = value or _value(action)
    yield Command(path, tuple(choices), actions, value)
    for name, parser_below in below.items():
        yield from commands_of(parser_below, (*path, name))


def _value(action: argparse.Action) -> Value:
    option = options().get(action.dest)
    if action.choices:
        return Value(words=tuple(map(str, action.choices)))
    if option and option.choices:
        return Value(words=tuple(map(str, option.choices)))
    if option and option.kind is bool:
        return Value(words=("true", "false"))
    if action.metavar in FILES:
        return Value(FILE)
    return Value(RUN if action.metavar == "RUN" else ANY)
