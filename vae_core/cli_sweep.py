"""`latentscape sweep`: the same settings at several betas and seeds; what it understands, and what it says.

`commands` hands the lines on and does the training.
"""

import argparse
import math
from collections.abc import Callable, Iterable
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

from vae_core.cli_beta import measured
from vae_core.cli_table import Row, add_choices, lines, refuse_both
from vae_core.config import RunConfig
from vae_core.errors import ConfigError
from vae_core.run import Run
from vae_core.sweeps import Ladder, LadderStore, standings

if TYPE_CHECKING:
    from vae_core.data import Dataset

Say = Callable[[str], None]

FIGURES = ("rate", "distortion")
OWN = (
    "objective.beta",
    "objective.beta_low",
    "objective.beta_high",
)  # settings that a ladder gives each member itself
DONE, FAILED, INTERRUPTED = 0, 1, 130  # exit codes


def add_grammar(commands: Any, add_settings: Callable[[Any, Iterable[str]], None]) -> None:
    """`add_settings(command, without)` adds the options of `train` but for those settings."""
    text = "Train a ladder: a model for each beta, and print their rates and distortions."
    command = commands.add_parser("sweep", help=text, description=text, allow_abbrev=False)
    command.add_argument("--beta", metavar="LIST", help="The betas, ascending, such as 0.1,1,10.")
    command.add_argument(
        "--seeds", type=int, metavar="WHOLE", help="Models at each beta, of seeds that follow --seed; 1."
    )
    text = "Begin each model with the weights of its finished neighbour at a smaller beta."
    command.add_argument("--warm-start", action="store_true", help=text)
    command.add_argument("--resume", metavar="LADDER", help="Go on with a ladder, as it was begun.")
    add_choices(command, ", runs")
    add_settings(command, OWN)


def run(
    words: argparse.Namespace,
    changes: dict[str, object],
    out: Say,
    say: Say,
    load: Callable[[RunConfig, bool], "Dataset"],
    follow: Callable[[Run, "Dataset"], int],
) -> int:
    """Trains what is left to train; `out` gets lines for stdout, `say` those for a person. The exit code.

    `changes` are the settings named, `load` reads the pictures (downloaded first where the second argument
    says so), `follow` trains one run and gives its exit code. Raises ConfigError, LadderError, RunBusyError,
    what `load` raises, StorageError.
    """
    from vae_core.sweeping import train_in_turn

    store = LadderStore()
    _refuse(words, changes)
    if words.resume:
        ladder = store.get(words.resume)
        dataset = load(ladder.config, words.download)
    else:
        ladder, dataset = _create(store, words, changes, load)
    is_plain = not (words.csv or words.json)
    tell = out if is_plain else say
    tell(ladder.id)
    again = f"Go on with the whole ladder: latentscape sweep --resume {ladder.id}"
    codes = []

    def train(run: Run) -> bool:
        beta, seed = run.config.objective.beta, run.config.training.seed
        say(f"β {beta:g}, seed {seed}")
        tell(run.id)
        codes.append(follow(run, dataset))
        return codes[-1] != INTERRUPTED

    try:
        ladder = train_in_turn(store, ladder, train)
    except KeyboardInterrupt:
        say(again)
        raise
    if INTERRUPTED in codes:
        say(again)
        return INTERRUPTED
    for line in lines(rows(store, ladder), words):
        out(line)
    return _gaps(store, ladder, say)


def rows(store: LadderStore, ladder: Ladder) -> list[Row]:
    """For each beta the mean over its finished runs and, of two or more, the mean's standard error (nats).

    Raises RunDamagedError for a run whose report does not say them.
    """
    finished = [one for one in standings(ladder, store.runs) if one.state == "finished" and one.found]
    table = []
    for beta in ladder.betas:
        found = [one.found for one in finished if one.member.beta == beta and one.found]
        measures = [measured(run)[0] for run in found]
        row: Row = {"beta": beta}
        for name in FIGURES:
            row[name] = mean(measure[name] for measure in measures) if measures else None
        for name in FIGURES:
            values = [measure[name] for measure in measures]
            row[f"{name}_se"] = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
        table.append({**row, "runs": [run.id for run in found]})
    return table


def _refuse(words: argparse.Namespace, changes: dict[str, object]) -> None:
    """Raises ConfigError for options that do not go together."""
    refuse_both(words)
    if words.resume:
        if words.beta or words.seeds is not None or words.warm_start or words.preset or changes:
            raise ConfigError("--resume goes on with a ladder as it is; leave the other settings out.")
    elif not words.beta:
        raise ConfigError("--beta is missing; give the betas of the ladder, for example --beta 0.1,1,10.")
    elif words.seeds is not None and words.seeds < 1:
        raise ConfigError(f"--seeds is {words.seeds}, it should be a whole number from 1.")


def _create(
    store: LadderStore,
    words: argparse.Namespace,
    changes: dict[str, object],
    load: Callable[[RunConfig, bool], "Dataset"],
) -> tuple[Ladder, "Dataset"]:
    from vae_core.recipes import with_changes
    from vae_core.sweep_record import checked_betas, checked_kind

    source = RunConfig().override({k: v for k, v in changes.items() if k == "data.source"}).data.source
    config = with_changes(source, changes, words.preset or "good")
    betas = checked_betas(words.beta.split(","))
    checked_kind(config)
    dataset = load(config, words.download)
    first = config.training.seed
    seeds = range(first, first + (words.seeds or 1))
    return store.create(config, betas, seeds, words.warm_start), dataset


def _gaps(store: LadderStore, ladder: Ladder, say: Say) -> int:
    """Says which models are missing and why; the exit code."""
    code = DONE
    for one in standings(ladder, store.runs):
        if one.state != "finished":
            code = FAILED
            reason = one.reason or f"It is {one.state}."
            say(f"β {one.member.beta:g}, seed {one.member.seed} is missing. {reason}")
    return code
