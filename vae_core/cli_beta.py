"""`latentscape rd`: the rate-distortion curve of a run; what it understands, and what it says.

The betas that were measured when the run ended come from its report, without torch or data; others are
measured anew, on as many held-out pictures with the same noise, or on the run's own examples where the data
set is not here.
"""

import argparse
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.cli_table import Row, add_choices, lines, refuse_both
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, DataError, RunDamagedError
from vae_core.run import Run
from vae_core.runs import RunStore

if TYPE_CHECKING:
    from vae_core.data import Dataset

Say = Callable[[str], None]
Load = Callable[[RunConfig, bool], "Dataset"]

FIGURES = ("beta", "rate", "distortion", "rate_se", "distortion_se")
SAME = 1e-6  # betas that differ less, relatively, are one


def add_grammar(commands: Any) -> None:
    """The command and its options."""
    text = "Print rate and distortion of a run in nats: a multi-rate one at the betas measured, or at others."
    command = commands.add_parser("rd", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    text = "Betas in the range that the run learned, such as 0.1,1,4; by default those measured at its end."
    command.add_argument("--beta", metavar="LIST", help=text)
    add_choices(command)


def run(words: argparse.Namespace, out: Say, say: Say, load: Load) -> None:
    """`out` gets lines for stdout, `say` those for a person, `load` reads the data set of a run.

    Raises ConfigError for a beta that is none or that the run did not learn, RunNotFoundError, RunError for a
    run that is not finished or is damaged.
    """
    refuse_both(words)
    asked = None if words.beta is None else _betas(words.beta)
    found = RunStore().get(words.run)
    known = measured(found)
    table = known if asked is None else _rows(found, asked, known, say, load)
    for line in lines(table, words):
        out(line)


def measured(run: Run) -> list[Row]:
    """The rows in a finished run's report: the curve of a multi-rate one, of any other one row at its beta.

    Raises RunError, and RunDamagedError where there is no usable curve.
    """
    report, config = run.report(), run.config
    is_curve = config.model.kind == "multirate"
    rows = report.get("curve") if is_curve else [{**report, "beta": config.beta}]
    if not isinstance(rows, list) or not rows or not all(_is_row(row) for row in rows):
        what = "curve of rate and distortion" if is_curve else "rate and distortion"
        raise RunDamagedError(
            f"Run {run.id} is damaged: report.json holds no usable {what}. "
            "Bring that file back from a copy, or train the run again."
        )
    return [{name: row.get(name) for name in FIGURES} for row in rows]


def _rows(run: Run, asked: list[float], known: list[Row], say: Say, load: Load) -> list[Row]:
    """A row for each beta asked for: one of those known, or one measured now."""
    _require(run, asked)
    rows = {beta: next((row for row in known if _same(row["beta"], beta)), None) for beta in asked}
    missing = [beta for beta, row in rows.items() if row is None]
    if missing:
        rows |= zip(missing, _measure(run, missing, say, load))
    return [row for row in rows.values() if row is not None]


def _measure(run: Run, betas: list[float], say: Say, load: Load) -> list[Row]:
    import torch

    from vae_core.metrics.curve import affordable, rate_distortion
    from vae_core.metrics.neighbours import spread
    from vae_core.models import MultiRate, stored_model

    torch.set_num_threads(run.config.training.threads)
    model = stored_model(run)
    assert isinstance(model, MultiRate)
    try:
        dataset = load(run.config, False)
        images: np.ndarray = dataset.to_unit(
            spread(dataset.test, affordable(run.config.model, dataset.shape))
        )
    except DataError:
        images = run.examples().images
        say(f"The data set is not here, so these are figures of the run's own {len(images):,} examples.")
    if images.shape[1:] != tuple(model.shape):
        raise RunDamagedError(f"Run {run.id} is damaged: its pictures are of another size than its model's.")
    return [{"beta": beta, **rate_distortion(model.at(beta), images)} for beta in betas]


def _require(run: Run, betas: list[float]) -> None:
    """Raises ConfigError for a beta that the run did not learn."""
    config = run.config
    if config.model.kind != "multirate":
        other = next((beta for beta in betas if not _same(beta, config.beta)), None)
        if other is not None:
            raise ConfigError(
                f"Run {run.id} was trained with beta {config.beta:g} alone, so there are no figures at "
                f"{other:g}; train a multi-rate run for more of them."
            )
        return
    low, high = config.objective.beta_low, config.objective.beta_high
    for beta in betas:
        if not low * (1 - SAME) <= beta <= high * (1 + SAME):
            raise ConfigError(
                f"Beta is {beta:g}; run {run.id} learned {low:g} to {high:g}, so choose betas among these."
            )


def _betas(text: str) -> list[float]:
    """Ascending, each once. Raises ConfigError where the text is no list of betas."""
    try:
        betas = sorted({float(part) for part in text.split(",")})
    except ValueError:
        betas = []
    if not betas or not all(0 <= beta < math.inf for beta in betas):
        raise ConfigError(f"--beta is {text[:40]!r}, it should be numbers such as 0.1,1,4.")
    return betas


def _is_row(row: Any) -> bool:
    numbers = ("beta", "rate", "distortion")
    return isinstance(row, dict) and all(type(row.get(name)) in (int, float) for name in numbers)


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=SAME)
