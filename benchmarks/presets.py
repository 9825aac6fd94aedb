"""What a training of "sketch", "good" and "best" buys: the table by which `vae_core/presets.py` was settled.

    python benchmarks/presets.py                          # everything, over an hour of one core
    python benchmarks/presets.py --data digits --net mlp  # one line of the table in a minute

Each candidate is trained on one core, once for each seed. It is told by its CPU seconds (of training alone)
and by what it ends at: the held-out loss, distortion + beta times rate in nats per picture with one latent
sample, over the whole test split, and the share of held-out pictures whose ten nearest neighbours on the map
are mostly of their class. Medians over the seeds. CPU seconds are of this machine, to be compared with each
other.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

from vae_core import data
from vae_core.config import RunConfig
from vae_core.events import Event, Finished, Started
from vae_core.pipeline import execute
from vae_core.presets import PRESETS
from vae_core.recipes import recommended

Settings = dict[str, Any]

SEEDS = {"digits": 5, "shapes": 2}  # trainings of a candidate; one where a training takes minutes


def _epochs(counts: tuple[float, ...], **more: Any) -> list[Settings]:
    return [{"training.epochs": count, **more} for count in counts]


# Besides the presets themselves. Never the latent dimensions, the likelihood or beta: what one wants to see.
WIDER = {"model.hidden": (1024, 256, 64)}
CANDIDATES: dict[tuple[str, str], list[Settings]] = {
    ("digits", "mlp"): [
        *_epochs((10, 20, 30, 60, 90, 150)),
        *_epochs((90,), **{"training.average": 0.99}),
        *_epochs((90,), **{"model.hidden": (256, 128, 64, 32)}),
    ],
    ("digits", "conv"): _epochs((30, 150)),
    ("shapes", "mlp"): [*_epochs((15, 80)), *_epochs((40, 150), **WIDER)],
    ("shapes", "conv"): _epochs((15, 60)),
    ("colour-shapes", "conv"): [*_epochs((1, 25)), *_epochs((12,), **{"model.channels": (32, 64, 128)})],
    ("colour-shapes", "mlp"): _epochs((1, 25)),
    ("colour-shapes-64", "conv"): _epochs((3,)),
    ("fashion-mnist", "mlp"): [
        *_epochs((1, 5, 20)),
        *_epochs((0.5,), **{"training.lr": 0.01}),
        *_epochs((10, 40), **WIDER),
        *_epochs((10, 40), **{"training.lr": 0.003}),
    ],
    ("fashion-mnist", "conv"): [
        *_epochs((0.15, 3), **{"training.lr": 0.003}),
        *_epochs((3,), **{"training.batch": 64}),
    ],
    ("mnist", "mlp"): _epochs((5,)),
    ("mnist", "conv"): [],
}


def measured(config: RunConfig) -> dict[str, float]:
    """One training: CPU seconds, held-out loss and neighbours' accuracy."""
    began = ended = time.process_time()
    last: Event | None = None
    for last in execute(config):
        if isinstance(last, Started):
            began = ended = time.process_time()
        elif not isinstance(last, Finished):
            ended = time.process_time()
    if not isinstance(last, Finished):
        return {"seconds": ended - began, "loss": float("inf"), "accuracy": 0.0}
    report = last.report
    loss = report["distortion"] + config.beta * report["rate"]
    return {"seconds": ended - began, "loss": loss, "accuracy": report["accuracy"] or 0.0}


def rows(source: str, net: str, seeds: int) -> Iterator[Settings]:
    """A row for each preset and each candidate, as they are done."""
    tried: list[tuple[str, RunConfig]] = [(name, recommended(source, name, net)) for name in PRESETS]
    good = recommended(source, "good", net)
    tried += [("", good.override(changes)) for changes in CANDIDATES.get((source, net), [])]
    seen: list[RunConfig] = []
    for name, config in tried:
        if config in seen:
            continue
        seen.append(config)
        found = [measured(config.override({"training.seed": seed})) for seed in range(seeds)]
        medians = {key: statistics.median(each[key] for each in found) for key in found[0]}
        yield {"data": source, "net": net, "preset": name, "settings": said(config), **medians}


def said(config: RunConfig) -> str:
    """What candidates differ in."""
    training, model = config.training, config.model
    widths = model.channels if model.net == "conv" else model.hidden
    parts = [f"{training.epochs:g} epochs of {training.batch}", f"lr {training.lr:g}"]
    parts.append("-".join(map(str, widths)))
    for name, usual in (("average", 0), ("weight_decay", 0)):
        if getattr(training, name) != usual:
            parts.append(f"{name} {getattr(training, name):g}")
    return ", ".join(parts)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--data", choices=sorted({source for source, _ in CANDIDATES}))
    words.add_argument("--net", choices=["mlp", "conv"])
    words.add_argument("--seeds", type=int)
    words.add_argument("--json", action="store_true", help="One JSON object a line.")
    asked = words.parse_args()
    for source, net in CANDIDATES:
        if asked.data not in (None, source) or asked.net not in (None, net) or not data.available(source):
            continue
        for row in rows(source, net, asked.seeds or SEEDS.get(source, 1)):
            cells = [row["data"], row["net"], row["preset"], row["settings"]]
            figures = f"{row['seconds']:.1f} | {row['loss']:.2f} | {row['accuracy']:.3f}"
            print(json.dumps(row) if asked.json else f"| {' | '.join(cells)} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
