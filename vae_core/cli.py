"""What the command line understands; `commands` acts on it. Options of `train` are made from the config."""

import argparse
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from vae_core import (
    cli_beta,
    cli_carry,
    cli_config,
    cli_data,
    cli_direction,
    cli_export,
    cli_freeze,
    cli_interpolate,
    cli_longer,
    cli_maps,
    cli_replay,
    cli_runs,
    cli_step,
    cli_sweep,
    completion,
)
from vae_core.config import OWN, Option, RunConfig, options
from vae_core.errors import ConfigError
from vae_core.presets import HELP, PRESETS

if TYPE_CHECKING:
    from vae_core.control import Control

PROGRAM = "latentscape"
ROWS = "One JSON object a line, as it happens: the run, rows of the curves, what was saved, held-out figures."
FLAGS = {"data.source": "--data", "model.kind": "--model"}  # the rest are called as their field


class Parser(argparse.ArgumentParser):
    """Complains in one sentence, as everything else here does."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What is left over was meant for the command, whose help is the one to look at."""
        words, rest = self.parse_known_args(args, namespace)
        if rest:
            raise _not_understood(f"Unrecognized arguments: {' '.join(rest)}", f"{self.prog} {words.command}")
        return words

    def error(self, message: str) -> NoReturn:
        raise _not_understood(message[:1].upper() + message[1:], self.prog)


def _not_understood(sentence: str, command: str) -> ConfigError:
    return ConfigError(f"{sentence}; `{command} --help` shows what can be said here.")


def parser() -> Parser:
    """The whole grammar. Parsing raises ConfigError where argparse would print its usage and exit."""
    top = Parser(
        prog=PROGRAM,
        description="Train small variational autoencoders and walk their latent spaces.",
        allow_abbrev=False,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    train = _command(commands, "train", "Train a model; what is printed is the run's id.")
    _settings(train)
    cli_longer.add_grammar(train)
    _json(train, ROWS)

    resume = _run(_command(commands, "resume", "Go on with an interrupted run, from where it was saved."))
    repeat = _run(_command(commands, "repeat", "Train a run anew, with the same changes of its course."))
    for command in (train, resume, repeat):
        command.add_argument(
            "--tensorboard", metavar="DIR", help="Also write the curves for TensorBoard, there."
        )
    for command in (resume, repeat):
        _download(command)
        _json(command, ROWS)

    cli_runs.add_grammar(commands)

    evaluate = _run(_command(commands, "evaluate", "Compute the held-out figures of a run anew."))
    _json(
        evaluate,
        "One JSON object: rate, distortion, elbo in nats per held-out example, with standard errors.",
    )
    _download(evaluate)

    cli_export.add_grammar(commands)
    cli_carry.add_grammar(commands)
    cli_data.add_grammar(commands)
    cli_interpolate.add_grammar(commands)
    cli_maps.add_grammar(commands)
    cli_direction.add_grammar(commands)
    cli_replay.add_grammar(commands)
    cli_step.add_grammar(commands)
    cli_beta.add_grammar(commands)
    cli_freeze.add_grammar(commands)
    cli_sweep.add_grammar(commands, _settings)

    completion.add_grammar(commands)
    app = _command(commands, "app", "Open the app in the browser.")
    app.add_argument("--port", type=int, default=8501, help="Where it listens; 8501 by default.")
    return top


def config_changes(words: argparse.Namespace) -> dict[str, object]:
    """Settings named on the command line, by path: in a file, then by options, then by --set.

    Raises ConfigError for a bad --set or file.
    """
    given: dict[str, Any] = cli_config.read(words.config) if words.config is not None else {}
    given |= {path: value for path, value in vars(words).items() if path in options() and value is not None}
    if words.name is not None:
        given["name"] = words.name
    for text in words.set:
        path, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set is {text!r}, it should be KEY=VALUE such as training.lr=0.003.")
        given[path.strip()] = value.strip()
    return {path: _value(path, text) for path, text in given.items()}


def config_source(changes: dict[str, object]) -> str:
    """The data set that is asked for, by default the config's. Raises ConfigError for one that is unknown."""
    named = {path: value for path, value in changes.items() if path == "data.source"}
    return RunConfig().override(named).data.source


@contextmanager
def on_signals(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Ctrl-C and a polite kill are handled alike within."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def stopper(control: "Control") -> Callable[[int, FrameType | None], None]:
    """Stops training at the next step, saved; asked a second time, at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        control.stop()

    return handle


def _value(path: str, text: object) -> object:
    """Lists are written 512,128, an empty one none; numbers are checked by the config."""
    if isinstance(text, str) and path in options() and options()[path].kind is tuple:
        return () if text in ("", "none") else tuple(part.strip() for part in text.split(","))
    return text


def _flag(path: str) -> str:
    return FLAGS.get(path, "--" + path.rpartition(".")[2].replace("_", "-"))


def _metavar(option: Option) -> str:
    if option.choices:
        own = [f"{OWN}ID"] if option.path == "data.source" else []
        return "|".join([*(str(choice) for choice in option.choices), *own])
    return {int: "WHOLE", float: "NUMBER", bool: "true|false", tuple: "WIDTHS"}.get(option.kind, "TEXT")


def _help(option: Option) -> str:
    text = option.help
    if option.low is not None and option.high is not None:
        unit = f" {option.unit}" if option.unit else ""
        start = "Above" if option.low_excluded else "From"
        text += f" {start} {option.low} to {option.high}{unit}."
    if option.kind is tuple:
        text += f" Written {option.example.replace(' ', '')}" + (
            " or none." if option.lengths[0] == 0 else "."
        )
    return text.replace("%", "%%")


def _command(commands: "argparse._SubParsersAction[Parser]", name: str, text: str) -> Parser:
    return commands.add_parser(name, help=text, description=text, allow_abbrev=False)


def _run(command: Parser) -> Parser:
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    return command


def _json(command: Parser, text: str) -> None:
    command.add_argument("--json", action="store_true", help=text)


def _settings(command: Parser, without: Iterable[str] = ()) -> None:
    """What `train` can be told: every setting but some, a name, and a download."""
    for option in options().values():
        if option.path not in without:
            flag, metavar = _flag(option.path), _metavar(option)
            command.add_argument(flag, dest=option.path, metavar=metavar, help=_help(option))
    command.add_argument("--name", help="What the run is called in lists.")
    cli_config.add_option(command)
    command.add_argument("--preset", choices=PRESETS, help=f"{HELP} By default good.")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="Any setting, such as training.lr=0.003.",
    )
    _download(command)


def _download(command: Parser) -> None:
    command.add_argument(
        "--download", action="store_true", help="Download the data set first if it is not here."
    )
