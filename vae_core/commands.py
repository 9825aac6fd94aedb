"""What the command line does. Results go to stdout, everything else to stderr.

Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted. torch is imported only by commands that compute.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vae_core import (
    cli,
    cli_beta,
    cli_carry,
    cli_data,
    cli_direction,
    cli_export,
    cli_freeze,
    cli_interpolate,
    cli_maps,
    cli_replay,
    cli_runs,
    cli_step,
    cli_sweep,
)
from vae_core.cli_output import FIGURES, bytes_shown, out, pictures_shown, say
from vae_core.cli_progress import progress
from vae_core.config import RunConfig
from vae_core.errors import (
    ConfigError,
    DataMissingError,
    LatentscapeError,
    RunDamagedError,
    RunError,
    RunNotFoundError,
    StorageError,
    out_of_memory,
)
from vae_core.events import Diverged, Stopped
from vae_core.runs import Recorder, Run, RunStore
from vae_core.settings import settings
from vae_core.storage import plain

if TYPE_CHECKING:
    from vae_core.data import Dataset

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "train": train,
        "resume": resume,
        "repeat": repeat,
        "runs": runs,
        "evaluate": evaluate,
        "export": telling(cli_export.run),
        "import": telling(cli_carry.run),
        "rd": rd,
        "data": data_command,
        "interpolate": telling(cli_interpolate.run),
        "map": telling(cli_maps.run),
        "direction": telling(cli_direction.run),
        "replay": telling(cli_replay.run),
        "step": telling(cli_step.run),
        "freeze": freeze,
        "sweep": lambda words: cli_sweep.run(words, cli.config_changes(words), out, say, load, follow),
        "completion": complete,
        "app": app,
    }
    try:
        with cli.on_signals(signal.default_int_handler):
            words = cli.parser().parse_args(arguments)
            code = commands[words.command](words)
            sys.stdout.flush()
            return code
    except (ConfigError, RunNotFoundError) as error:
        say(str(error))
        return BAD_INPUT
    except LatentscapeError as error:
        say(str(error))
        return FAILED
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:  # such as a full disk behind our output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say(f"The system refused: {error.strerror or error}. What was saved before is untouched.")
        return FAILED
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        say("The memory of this machine does not suffice for this; choose a smaller network or batch.")
        return FAILED


def train(words: argparse.Namespace) -> int:
    changes = cli.config_changes(words)
    if words.longer:
        return follow_longer(words, changes)
    source = cli.config_source(changes)
    from vae_core.advice import on_beta, on_likelihood, on_memory
    from vae_core.checks import check
    from vae_core.data import titled
    from vae_core.recipes import with_changes

    config = with_changes(source, changes, words.preset or "good")
    check(config)
    dataset = load(config, words.download)
    for remark in filter(None, (on_beta(config), on_memory(config), on_likelihood(config, dataset.images))):
        say(remark)
    return begin(RunStore().create(titled(config)), dataset, words)


def follow_longer(words: argparse.Namespace, changes: dict[str, object]) -> int:
    from vae_core.cli_longer import begun

    dataset = load(RunStore().get(words.longer).config, words.download)  # before there is a run
    return begin(begun(words, changes, say), dataset, words)


def resume(words: argparse.Namespace) -> int:
    run = RunStore().get(words.run)
    config = run.config
    if run.state == "finished":
        say(f"Run {run.id} is finished, there is nothing left to do.")
    elif run.state == "diverged":
        raise RunError(f"Run {run.id} diverged and would again; train anew with a lower --lr.")
    else:
        code = follow(run, load(config, words.download), words.json, words.tensorboard)
        if not words.json:
            print(run.id)
        return code
    named(run, words.json)
    return DONE


def repeat(words: argparse.Namespace) -> int:
    from vae_core.repeating import repeat

    store = RunStore()
    found = store.get(words.run)
    dataset = load(found.config, words.download)
    return begin(repeat(store, found), dataset, words)


def begin(run: Run, dataset: "Dataset", words: argparse.Namespace) -> int:
    """Says which run it is before it is trained, so that it can be found whatever happens."""
    named(run, words.json)
    return follow(run, dataset, words.json, words.tensorboard)


def named(run: Run, as_json: bool) -> None:
    out(json.dumps({"event": "run", "run": run.id}) if as_json else run.id)


def follow(run: Run, dataset: "Dataset", as_json: bool = False, board: str | None = None) -> int:
    """Trains a run to its end, or until it is told to stop, in this process; says how it goes.

    `board` is the folder where TensorBoard finds it, too.
    """
    from vae_core.control import Control
    from vae_core.pipeline import execute
    from vae_core.tensorboard import beside

    control, shown, event = Control(), progress(run.id, as_json), None
    again = f"Go on with: {cli.PROGRAM} resume {run.id}"
    try:
        with run.lock(), cli.on_signals(cli.stopper(control)):
            recorder = Recorder(run)
            for event in beside(
                board, run, execute(run.config, run.checkpoint(), control, dataset, run.id, run.changes())
            ):
                recorder.write(event)
                shown.show(event)
    except StorageError as error:
        raise StorageError(f"{error} {again}") from None
    except KeyboardInterrupt:
        say(f"Interrupted at once; what was saved last is kept. {again}")
        return INTERRUPTED
    if isinstance(event, Stopped):
        say(f"Stopped and saved at step {event.step}. {again}")
        return INTERRUPTED
    if isinstance(event, Diverged):
        say(
            f"Training diverged: {event.reason} The last good weights are kept; train anew with a lower --lr."
        )
        return FAILED
    for line in cli_runs.health(run):
        say(line)
    return DONE


def runs(words: argparse.Namespace) -> int:
    for line in cli_runs.run(words, say):
        print(line)
    return DONE


def evaluate(words: argparse.Namespace) -> int:
    run = RunStore().get(words.run)
    weights = run.weights()
    dataset = load(run.config, words.download)
    from vae_core.pipeline import evaluate as figures_of

    try:
        figures = figures_of(run.config, weights, dataset)
    except RunDamagedError as error:
        raise RunDamagedError(f"Run {run.id} is damaged: {error} Bring model.safetensors back.") from None
    if words.json:
        names = [name for key in FIGURES for name in (key, f"{key}_se")]
        row = {"run": run.id, **{name: figures[name] for name in names}, "n": figures["n"]}
        print(json.dumps(plain(row)))
        return DONE
    for key in FIGURES:
        if figures[key] is None:
            continue  # a plain autoencoder has no ELBO
        deviation = figures[f"{key}_se"]
        spread = "" if deviation is None else f" ± {deviation:.3f}"
        print(f"{key:10} {figures[key]:10.3f}{spread} nats per example")
    print(f"{'pictures':10} {figures['n']:10}")
    return DONE


def rd(words: argparse.Namespace) -> int:
    cli_beta.run(words, out, say, load)
    return DONE


def data_command(words: argparse.Namespace) -> int:
    for line in cli_data.run(words, say, pictures_shown if words.action == "import" else bytes_shown):
        print(line)
    return DONE


def telling(
    run: Callable[[argparse.Namespace, Callable[[str], None], Callable[[float], None]], None],
) -> Callable[[argparse.Namespace], int]:
    """A command that tells the share done, on a terminal."""

    def command(words: argparse.Namespace) -> int:
        is_terminal = sys.stderr.isatty()
        run(words, out, (lambda share: say(f"{share:.0%}", end="")) if is_terminal else (lambda share: None))
        return DONE

    return command


def freeze(words: argparse.Namespace) -> int:
    cli_freeze.run(words, out, sys.stdin.readline)
    return DONE


def complete(words: argparse.Namespace) -> int:
    from vae_core.completion_scripts import script

    print(script(cli.parser(), words.shell), end="")
    return DONE


def app(words: argparse.Namespace) -> int:
    """Becomes the app's server, started where its configuration lies."""
    here = settings()
    os.environ["LATENTSCAPE_HOME"] = str(here.home)
    if here.data:
        os.environ["LATENTSCAPE_DATA"] = str(here.data)
    os.chdir(ROOT)
    entry = str(ROOT / "app" / "streamlit_app.py")
    os.execv(
        sys.executable,
        [sys.executable, "-m", "streamlit", "run", entry, "--server.port", str(words.port)],
    )


def load(config: RunConfig, download: bool) -> "Dataset":
    """The data set of a run, downloaded first where that is asked for."""
    from vae_core import data

    if download:
        data.download(config.data.source, bytes_shown)
    try:
        return data.load(config.data)
    except DataMissingError as error:
        raise DataMissingError(f"{error} Here: add --download.") from None
