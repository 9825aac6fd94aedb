"""Seconds of training until the digits separate on the map: the default recipe, median of five seeds.

    python benchmarks/first_map.py

A map separates once ten nearest neighbours among the training means name 90 % of the held-out digits right.

Training alone: warm is one process after a first training; cold starts a process for each seed, so that it
pays for importing torch and for everything that happens only once. Measuring the accuracy is not counted.

From the click: through the training service, as the Train page does it, from submit until the app holds a
cloud of the epoch at which that seed separates (a seed trains the same everywhere, so the epoch is known
from above). Cold is the first click of a fresh process with nothing started; ready is one after the page
stood open for ten seconds, while the worker warmed up; warm is a second click.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vae_core.config import RunConfig
    from vae_core.jobs import TrainingService

SEEDS = range(5)
WANTED = 0.90


def first_map(seed: int) -> dict[str, float]:
    """One training: seconds until 90 %, seconds until the end, accuracy there, and epochs until 90 %."""
    import torch

    from vae_core import build, data, latent, recommended
    from vae_core.events import Epoch
    from vae_core.training import train

    torch.set_num_threads(1)
    config = recommended("digits").override({"data.split_seed": seed, "training.seed": seed})
    dataset = data.load(config.data)
    images, held_out = dataset.to_unit(dataset.train), dataset.to_unit(dataset.test)
    model = build(config.model, dataset.shape, torch.from_numpy(images.mean(0)), seed)
    reached, epochs, accuracy = float("inf"), float("inf"), 0.0
    last = None
    for event in train(config, model, torch.from_numpy(images), torch.from_numpy(held_out)):
        if not isinstance(event, Epoch):
            continue
        known, _ = latent.encode(model, images)
        codes, _ = latent.encode(model, held_out)
        accuracy = latent.knn_accuracy(
            known, dataset.labels[dataset.train], codes, dataset.labels[dataset.test]
        )
        if accuracy >= WANTED and reached == float("inf"):
            reached, epochs = event.seconds, event.epoch
        last = event
    return {"reached": reached, "epochs": epochs, "total": last.seconds, "accuracy": accuracy}


def warm() -> list[dict[str, float]]:
    first_map(99)
    return [first_map(seed) for seed in SEEDS]


def cold() -> list[dict[str, float]]:
    """As `first_map`, in fresh processes; "started" is what passed before the first step."""
    results = []
    for seed in SEEDS:
        command = [sys.executable, __file__, "--seed", str(seed), "--since", str(time.time())]
        results.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    return results


def one(seed: int, since: float) -> dict[str, float]:
    """What a cold process does; it prints nothing else."""
    import torch  # noqa: F401

    import vae_core.pipeline  # noqa: F401

    imported = time.time() - since
    return {**first_map(seed), "started": imported}


def click(seed: int, epochs: float, open_for: float) -> dict[str, float]:
    """Two clicks in this process: seconds from each until the app holds the map."""
    from vae_core.jobs import TrainingService
    from vae_core.recipes import recommended
    from vae_core.runs import RunStore

    config = recommended("digits").override({"data.split_seed": seed, "training.seed": seed})
    with tempfile.TemporaryDirectory() as home:
        service = TrainingService(RunStore(Path(home)))
        if open_for:
            service.warm()
            time.sleep(open_for)
        first, second = (until_map(service, config, epochs) for _ in range(2))
        service.close()
    return {"first": first, "second": second}


def until_map(service: "TrainingService", config: "RunConfig", epochs: float) -> float:
    began = time.perf_counter()
    run = service.submit(config)
    took = float("inf")
    while (progress := service.progress(run)).active:
        reached = [row["step"] for row in progress.rows if row["epoch"] >= epochs]
        if took == float("inf") and reached and progress.snapshot and progress.snapshot.step >= reached[0]:
            took = time.perf_counter() - began
        time.sleep(0.01)
    return took


def clicks(epochs: list[float], open_for: float) -> list[dict[str, float]]:
    results = []
    for seed, wanted in zip(SEEDS, epochs):
        command = [
            sys.executable,
            __file__,
            "--seed",
            str(seed),
            "--epochs",
            str(wanted),
            "--open",
            str(open_for),
        ]
        results.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    return results


def row(name: str, results: list[dict[str, float]]) -> str:
    def median(key: str) -> float:
        return statistics.median(result.get(key, 0.0) for result in results)

    together = statistics.median(result["reached"] + result.get("started", 0.0) for result in results)
    worst = max(result["reached"] + result.get("started", 0.0) for result in results)
    return (
        f"{name:6}{median('started'):9.2f}{median('reached'):11.2f}{together:11.2f}{worst:9.2f}"
        f"{median('epochs'):9.0f}{median('total'):9.2f}{median('accuracy'):10.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds until the digits separate on the map.")
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--since", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--open", type=float, default=0.0, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.epochs is not None:
        print(json.dumps(click(words.seed, words.epochs, words.open)))
        return
    if words.seed is not None:
        print(json.dumps(one(words.seed, words.since)))
        return
    print("        imports   training   together    worst   epochs      all  accuracy")
    print("              s  s to 90 %  s to 90 %        s  to 90 %        s  at the end")
    warmed = warm()
    print(row("warm", warmed))
    print(row("cold", cold()), flush=True)
    epochs = [result["epochs"] for result in warmed]
    started, opened = clicks(epochs, 0.0), clicks(epochs, 10.0)
    print("\nFrom the click to the map, s: median, worst")
    both = [result["second"] for result in started + opened]
    for name, times in {
        "cold": [result["first"] for result in started],
        "ready": [result["first"] for result in opened],
        "warm": both,
    }.items():
        print(f"{name:6}{statistics.median(times):9.2f}{max(times):9.2f}")


if __name__ == "__main__":
    main()
