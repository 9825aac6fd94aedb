"""`latentscape step`: what it understands, and what it says; `commands` hands the lines on."""

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

from vae_core.runs import RunStore
from vae_core.storage import plain

Say = Callable[[str], None]

FEW = 6  # dimensions that are written out


def add_grammar(commands: Any) -> None:
    """The command and its options."""
    text = "Walk through one step of a run's training: each stage, its numbers, and the line that does it."
    command = commands.add_parser("step", help=text, description=text, allow_abbrev=False)
    command.add_argument("run", metavar="RUN", help="The run's id, as `runs` lists it.")
    text = "Its very first step, or the next one from where it was saved last (the default)."
    command.add_argument("--at", choices=("start", "now"), default="now", help=text)
    text = "One JSON object a line: the share done, from 0 to 1; at the end all arrays of the step."
    command.add_argument("--json", action="store_true", help=text)


def run(words: argparse.Namespace, out: Say, progress: Callable[[float], None]) -> None:
    """Makes the step, which changes nothing of the run. `out` gets lines for stdout.

    Raises RunNotFoundError, RunError, DataError.
    """
    found = RunStore().get(words.run)
    from vae_core.slow_report import described
    from vae_core.slow_walk import walk

    tell = (lambda share: out(json.dumps({"share": share}))) if words.json else progress
    report = described(walk(found, words.at, tell))
    if words.json:
        out(json.dumps(plain({"share": 1.0, **report})))
        return
    for line in _told(report):
        out(line)


def _told(report: dict[str, Any]) -> Iterator[str]:
    """The step for reading: the first picture of its batch, stage by stage."""
    means, after, one = report["means"], report["after"], report["one"]
    yield f"step {report['step']} of {report['steps']}, a batch of {report['batch']}, lr {report['lr']:.3g}"
    yield from report["notes"]
    numbers = {
        "spread": f"mu {_few(report['mu'][0])}; log variance {_few(report['log_var'][0])}",
        "noise": "" if report["noise"] is None else f"epsilon {_few(report['noise'][0])}",
        "code": f"z {_few(report['z'][0])}",
        "distortion": f"{report['distortion'][0]:.2f} nats",
        "rate": f"{report['rate'][0]:.2f} nats: {_few(report['rates'][0])}",
        "loss": f"{means['distortion']:.2f} + {means['beta']:.3g} x {means['rate']:.2f} "
        f"-> {means['loss']:.2f} nats, mean over the batch",
        "gradients": f"{one['gradient']:.3g} for {one['name']}{one['index']}",
        "update": f"{one['before']:.5f} -> {one['after']:.5f}; the batch now {after['loss']:.2f} nats",
    }
    for stage, lines in report["lines"].items():
        yield f"{stage:11}{numbers.get(stage, '')}"
        for line in lines[:1]:
            first, *rest = line["text"].splitlines()
            yield f"{'':11}{first}{' …' if rest else ''}    ({line['file']}:{line['number']})"


def _few(values: list[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values[:FEW]) + (" …" if len(values) > FEW else "")
