"""`latentscape interpolate`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from vae_core import cli_ways, ways
from vae_core.errors import ConfigError, PathError
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.way_cloud import cloud_of

MOST = 10_000  # frames
DIGITS = 9  # of a number: as many as keep a float32


def add_grammar(commands: Any) -> None:
    text = "Codes along a path between a run's examples, and how far data supports them."
    command = commands.add_parser("interpolate", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    cli_ways.add_grammar(command)
    text = f"How many; {ways.COUNT}."
    command.add_argument("--frames", type=int, default=ways.COUNT, metavar="COUNT", help=text)
    text = "Of a model for every beta: the one to look at; by default the run's."
    command.add_argument("--beta", type=float, metavar="NUMBER", help=text)
    text = "One JSON object a line: the share done, from 0 to 1; at the end codes, support, nearest."
    command.add_argument("--json", action="store_true", help=text)


def run(words: argparse.Namespace, out: Callable[[str], None], progress: Callable[[float], None]) -> None:
    """Says the frames. `out` gets lines for stdout, `progress` the share done.

    Raises ConfigError, PathError, RunNotFoundError, RunError, BundleError.
    """
    way = cli_ways.way(words)
    if way is None:
        raise ConfigError("interpolate needs --through, such as --through 12~87: two examples by number.")
    if not 2 <= words.frames <= MOST:
        raise PathError(f"--frames is {words.frames}, allowed is a whole number from 2 to {MOST:,}.")
    found = RunStore().get(words.run)
    if way.kind == "geodesic" or way.by == "change":
        import torch  # is only needed here

        torch.set_num_threads(1)  # steps this small only wait for one another
    tell = (lambda share: out(json.dumps({"share": round(share, 3)}))) if words.json else progress
    tell(0.0)
    if words.json:
        out(json.dumps(_row(found, way, words.frames, words.beta, tell)))
        return
    frames = ways.frames(found, way, words.frames, words.beta, tell)
    out("frame  support  nearest  code")
    for k, (code, support, nearest) in enumerate(zip(frames.codes, frames.support, frames.nearest)):
        z = ", ".join(f"{value:.4g}" for value in code)
        out(f"{k + 1:5}  {support:7.2f}  {nearest:7}  {z}")


def _row(run: Run, way: ways.Way, count: int, beta: float | None, tell: ways.Tell) -> dict[str, Any]:
    """NaN, where examples are too few to say, is null. A geodesic comes whole besides, in legs."""
    cloud = cloud_of(run, beta)
    curve = ways.curve_of(run, way, cloud, beta, tell)
    frames = ways.frames_along(run, way, curve, cloud, count, beta)
    row: dict[str, Any] = {
        "codes": [_numbers(code) for code in frames.codes],
        "support": [None if np.isnan(share) else round(float(share), 4) for share in frames.support],
        "nearest": frames.nearest.tolist(),
        "marks": _numbers(frames.marks),
        "shares": _numbers(frames.shares),
    }
    if way.kind == "geodesic":
        row["legs"] = [[_numbers(code) for code in leg] for leg in ways.legs(way, curve)]
    return row


def _numbers(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
