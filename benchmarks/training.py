"""Training: images a second, time to a quality, and what grows with the work.

    python benchmarks/training.py            about ten minutes on two idle cores
    python benchmarks/training.py --quick    two minutes: fewer rounds and epochs, figures are rough

Throughput: the same net, batch and pictures, taken in turn in one process; a warm-up round is dropped, then
medians and (ranges). Ratios are medians of ratios within a round, by the clock and by CPU seconds. For the
share of the peak six operations count for each weight and picture, 2 forward and 4 backward, against the
fastest large product of the same precision in the same rounds; the first layer's input needs no gradient, so
a third of that layer's work is counted that nobody does.

Time to quality: seconds until the test -ELBO that pythae with its own settings has after ten epochs, looks
not counted. Others are looked at after every epoch, ours at the end of a training planned for it.

Growth: each figure from a process of its own; memory is the largest that the process ever held above what it
held before there were pictures.

pythae stands beside where it can be imported; it is no dependency of ours: `pip install --target FOLDER
--no-deps pythae==0.1.2 tqdm imageio` keeps the torch that is there, and FOLDER in PYTHONPATH makes it found.
PyTorch-VAE is not among them: its loop needs Lightning 1.5, which does not run beside this torch.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from training_rivals import Latentscape, Plain, Pythae, Rival

from vae_core import data, products
from vae_core.config import RunConfig
from vae_core.models import build
from vae_core.sizes import multiply_adds
from vae_core.training import train

MLP = {"hidden": (512,), "latent": 16, "activation": "relu"}
CONV = {"net": "conv", "channels": (16, 32), "dense": 64, "latent": 16, "activation": "relu"}
CELLS = [  # data set, name, net, batch, pictures a round
    ("fashion-mnist", "MLP", MLP, 128, 12_800),
    ("fashion-mnist", "MLP", MLP, 512, 15_360),
    ("fashion-mnist", "conv", CONV, 128, 2_560),
    ("mnist", "MLP", MLP, 128, 12_800),
    ("mnist", "conv", CONV, 128, 2_560),
]
LONG = {"epochs": 1_000}
SPRINT = {
    "model.hidden": (384, 128),
    "model.activation": "silu",
    "training.epochs": 0.65,
    "training.lr": 0.01,
}
SAME_NET = {"training.epochs": 1.0, "training.lr": 0.008}
GROWTH = {
    "pictures": [{"count": count} for count in (1_000, 4_000, 16_000, 60_000)],
    "pixels a side": [{"side": side} for side in (8, 16, 32, 64)],
    "latents": [{"latent": latent} for latent in (2, 8, 32, 128)],
    "epochs of 2,000": [{"count": 2_000, "whole": epochs} for epochs in (1, 10, 40)],
}
STEPS = 60  # of a cell of growth


def pictures(source: str) -> tuple[Tensor, Tensor]:
    """Training and test pictures (N, 1, 28, 28) in [0, 1]."""
    found = data.load(RunConfig.parse({"data": {"source": source}}).data)
    train_part, test_part = (torch.from_numpy(found.to_unit(part)) for part in (found.train, found.test))
    return train_part.contiguous(), test_part.contiguous()


def config(source: str, model: dict[str, Any], **training: Any) -> RunConfig:
    return RunConfig.parse({"data": {"source": source}, "model": model, "training": training})


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def spread(values: list[float], digits: int = 0) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


def peaks() -> dict[str, float]:
    """GFLOP/s of the fastest large product: torch's own in float32, and what training uses."""
    rate = {}
    for name in ("torch float32", "float32", "bfloat16"):
        narrow = name == "bfloat16"
        if narrow and not products.has_bfloat16():
            continue
        best = 0.0
        for rows, inner, columns in ((1024, 1024, 1024), (512, 784, 512), (2048, 1024, 2048)):
            kind = torch.bfloat16 if narrow else torch.float32
            x, weight = torch.rand(rows, inner).to(kind), torch.rand(columns, inner).to(kind)
            if name == "float32" and products.ONEDNN:
                product = lambda x=x, weight=weight: products._by_onednn(x, weight)  # noqa: E731
            else:
                product = lambda x=x, weight=weight: x @ weight.t()  # noqa: E731
            product()
            seconds = min(timed(product)[0] for _ in range(6))
            best = max(best, 2 * rows * inner * columns / seconds / 1e9)
        rate[name] = best
    return rate


def rivals(settings: RunConfig, images: Tensor) -> dict[str, Callable[[], object]]:
    """What each does in a round, by name."""
    made: dict[str, Rival] = {}
    if find_spec("pythae"):
        made["pythae"] = Pythae(settings, images, batch=settings.training.batch)
    made["plain loop"] = Plain(settings, images)
    made["ours"] = Latentscape(settings, images)
    if products.precision(settings, (1, 28, 28)) == "bfloat16":
        exact = Latentscape(settings, images)
        for net in (exact.model.encoder, exact.model.decoder):
            net.narrow = False  # type: ignore[assignment]
        made["ours, float32"] = exact
    return {name: rival.epoch for name, rival in made.items()}


def throughput(cell: tuple[str, str, dict[str, Any], int, int], rounds: int) -> None:
    source, name, net, batch, count = cell
    images = pictures(source)[0][:count].clone()
    settings = config(source, net, batch=batch, **LONG)
    epochs = rivals(settings, images)
    walls: dict[str, list[float]] = {who: [] for who in epochs}
    cpus: dict[str, list[float]] = {who: [] for who in epochs}
    peak: dict[str, list[float]] = {}
    for turn in range(rounds + 1):
        for who, epoch in epochs.items():
            wall, cpu = timed(epoch)
            if turn:
                walls[who].append(count / wall)
                cpus[who].append(count / cpu)
        if name == "MLP" and turn:
            for kind, value in peaks().items():
                peak.setdefault(kind, []).append(value)
    top = {kind: statistics.median(values) for kind, values in peak.items()}
    print(f"\n{source}, {name} {'-'.join(map(str, net.get('hidden') or net['channels']))}, batch {batch}")
    print(f"{'':16}{'images a second':>26}{'a CPU second':>26}  / pythae  (CPU)  / plain  (CPU)  peak")
    for who in epochs:
        row = f"{who:16}{spread(walls[who]):>26}{spread(cpus[who]):>26}"
        for other in ("pythae", "plain loop"):
            for figures, width in ((walls, 9), (cpus, 7)):
                ratio = [one / two for one, two in zip(figures[who], figures.get(other, []))]
                row += f"{statistics.median(ratio):{width}.2f}" if ratio else " " * width
        if top:
            is_narrow = who == "ours" and "ours, float32" in epochs
            done = 6 * multiply_adds(settings.model, (1, 28, 28)) * statistics.median(walls[who]) / 1e9
            own = top["bfloat16" if is_narrow else "float32" if who.startswith("ours") else "torch float32"]
            row += f"{done / own:7.0%}"
        print(row, flush=True)
    if peak:
        print("peak, GFLOP/s:  " + ",  ".join(f"{kind} {spread(values)}" for kind, values in peak.items()))


def until(rival: Rival, test: Tensor, target: float, most: int) -> tuple[float, float, float, int]:
    """Wall and CPU seconds of training until the loss is `target`, the loss there, and epochs."""
    wall = cpu = 0.0
    loss, epochs = float("inf"), 0
    while epochs < most and loss > target:
        epochs += 1
        seconds = timed(rival.epoch)
        wall, cpu = wall + seconds[0], cpu + seconds[1]
        loss = rival.loss(test)
    return wall, cpu, loss, epochs


def quality(most: int, seeds: int) -> None:
    source = "fashion-mnist"
    images, test = pictures(source)
    settings = config(source, MLP, batch=128)
    rows: dict[str, tuple[float, float, float, float]] = {}
    target = float("inf")
    if find_spec("pythae"):
        rows["pythae, as it comes"] = until(Pythae(settings, images), test, -float("inf"), most)
        target = rows["pythae, as it comes"][2]
        for rate in (1e-3, 2e-3):
            tuned = Pythae(settings, images, rate, 128)
            rows[f"pythae, Adam {rate:g}, batch 128"] = until(tuned, test, target, most)
    else:
        print("\nWithout pythae the mark is the plain loop's after as many epochs.")
    mark = target if target < float("inf") else -target
    rows["plain loop, Adam 0.001"] = until(Plain(settings, images), test, mark, most)
    target = min(target, rows["plain loop, Adam 0.001"][2]) if mark == -float("inf") else target
    for name, changes in {"ours, 384-128 SiLU": SPRINT, "ours, the same net": SAME_NET}.items():
        results = []
        for seed in range(seeds):
            planned = settings.override(changes | {"training.seed": seed})
            results.append(until(Latentscape(planned, images), test, target, 1))
        middle = [statistics.median(result[place] for result in results) for place in range(3)]
        rows[name] = (*middle, planned.training.epochs)
    print(f"\n{source}: seconds to a test -ELBO of {target:.2f}, pythae's after {most} epochs")
    print(f"{'':32}{'epochs':>7}{'-ELBO':>9}{'wall s':>9}{'CPU s':>9}  sooner than pythae, wall and CPU")
    first = next(iter(rows.values()))
    for name, (wall, cpu, loss, epochs) in rows.items():
        missed = "" if loss <= target else "   misses the mark"
        ratio = f"{first[0] / wall:9.1f}{first[1] / cpu:9.1f}"
        print(f"{name:32}{epochs:7g}{loss:9.2f}{wall:9.2f}{cpu:9.2f}{ratio}{missed}")


def grown(count: int = 4_000, side: int = 28, latent: int = 16, whole: int = 0) -> dict[str, float]:
    """One cell of growth, in this process: `whole` epochs with everything watched, or STEPS steps alone."""
    held = memory()["VmRSS"]
    Path("/proc/self/clear_refs").write_text("5")  # the largest so far is forgotten
    images = torch.rand(count, 1, side, side, generator=torch.Generator().manual_seed(0))
    settings = config(
        "fashion-mnist", {"hidden": (512, 128), "latent": latent}, epochs=whole or 1_000, batch=128
    )
    if whole:
        model = build(settings.model, (1, side, side), images.mean(0))

        def work() -> None:
            for _ in train(settings, model, images, images[:1_000]):
                pass

        wall, _ = timed(work)
        seen = whole * count
    else:
        ours = Latentscape(settings, images)
        for _ in range(10):
            ours.trainer.advance()
        wall, _ = timed(lambda: [ours.trainer.advance() for _ in range(STEPS)])
        seen = STEPS * min(128, count)
    peak = memory()["VmHWM"] - held
    return {"rate": seen / wall, "peak": peak / 1024, "pictures": images.nbytes / 2**20}


def memory() -> dict[str, int]:
    """What Linux tells of this process in kB: VmRSS it holds now, VmHWM it held at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}


def growth(is_quick: bool) -> None:
    print(f"\n{'':20}{'images a second':>18}{'memory MB':>12}{'of it pictures':>16}")
    for name, cells in GROWTH.items():
        for cell in cells[:: len(cells) - 1] if is_quick else cells:
            command = [sys.executable, __file__, "--cell", json.dumps(cell)]
            output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
            found = json.loads(output)
            value = cell.get("whole") or next(iter(cell.values()))
            print(
                f"{name:16}{value:>6}{found['rate']:>16,.0f}{found['peak']:>12,.0f}{found['pictures']:>16,.0f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Training: images a second, time to a quality, growth.")
    parser.add_argument("--quick", action="store_true", help="two minutes, rough figures")
    parser.add_argument("--threads", type=int, default=2, help="of torch, for everybody (default 2)")
    parser.add_argument("--only", choices=("throughput", "quality", "growth"), help="one of the three parts")
    parser.add_argument("--cell", type=json.loads, help=argparse.SUPPRESS)
    words = parser.parse_args()
    torch.set_num_threads(words.threads)
    if words.cell is not None:
        print(json.dumps(grown(**words.cell)))
        return
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # the first one imports torch's compiler
    print(f"{words.threads} threads, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}")
    print(f"oneDNN for linear layers: {products.ONEDNN}; bfloat16 here: {products.has_bfloat16()}")
    if not find_spec("pythae"):
        print("pythae is not here, so it is left out; see the top of this file.")
    if words.only in (None, "throughput"):
        for cell in CELLS[:3:2] if words.quick else CELLS:
            throughput(cell, 2 if words.quick else 5)
    if words.only in (None, "quality"):
        quality(*((1, 1) if words.quick else (10, 3)))
    if words.only in (None, "growth"):
        growth(words.quick)


if __name__ == "__main__":
    main()
