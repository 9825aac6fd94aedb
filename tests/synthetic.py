"""A run without torch: events like those of a training, each weight following from seed and step alone.

As a program it trains a run of a store to its end: `python synthetic.py HOME RUN [STEPS]`.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vae_core.config import RunConfig
from vae_core.events import Checkpoint, Epoch, Event, Finished, Snapshot, Started, Step
from vae_core.runs import Recorder, Run, RunStore
from vae_core.storage import write_tensors

N, Z, SHAPE, STEPS = 12, 2, (1, 4, 3), 40

STARTED = Started(
    images=np.arange(N * 12, dtype=np.uint8).reshape(N, *SHAPE),
    labels=np.arange(N, dtype=np.int64) % 3,
    index=np.arange(N, dtype=np.int64) + 100,
    label_names=("one", "two", "<b>three</b>"),
    data={"title": "Synthetic", "source": "here", "licence": "none", "checksum": "abc"},
    total_steps=STEPS,
    environment={"torch": "0", "threads": 1},
)


def training(checkpoint: Checkpoint | None = None, steps: int = STEPS) -> Iterator[Event]:
    """Rows every 2 steps, epochs every 10, snapshots and checkpoints every 5: not all on row boundaries."""
    yield STARTED
    step = checkpoint.step if checkpoint else 0
    weight = checkpoint.weights["layer.weight"].copy() if checkpoint else np.ones((8, 6), np.float32)
    moment = checkpoint.optimizer["layer.weight.step"].copy() if checkpoint else np.zeros((), np.float32)
    if checkpoint is None:
        yield state(0, weight, moment)
        yield snapshot(0, weight)
    while step < steps:
        step += 1
        weight = weight * np.float32(0.99) + np.random.default_rng(step).random((8, 6), np.float32)
        moment = moment + np.float32(1)
        if step % 2 == 0:
            yield Step(step, step / 10, float(weight.sum()), float(weight.max()), 1.0, 0.1, step / 8)
        if step % 10 == 0:
            yield Epoch(step, step / 10, float(weight.sum()), float(weight.min()), step / 8)
        if step % 5 == 0:
            yield snapshot(step, weight)
            yield state(step, weight, moment)
    mu = np.full((N, Z), weight[0, 0], np.float32)
    report = {"distortion": 1.5, "rate": 2.5, "elbo": -4.0, "n": N}
    yield Finished(steps, {"layer.weight": weight}, mu, -mu, report, bundle(weight))


def state(step: int, weight: np.ndarray, moment: np.ndarray) -> Checkpoint:
    progress = {"seconds": step / 8, "sums": [0.1, 0.2]}
    return Checkpoint(step, {"layer.weight": weight}, {"layer.weight.step": moment}, progress)


def snapshot(step: int, weight: np.ndarray) -> Snapshot:
    cloud = np.full((N, Z), weight[0, 0], np.float32)
    return Snapshot(step, cloud, -cloud, STARTED.images[:3])


def bundle(weight: np.ndarray) -> bytes:
    from safetensors.numpy import save

    return save({"decoder.0.weight": weight})


def record(run: Run, steps: int = STEPS, until: int | None = None) -> None:
    """Trains a run to its end, or leaves it, as a kill would, once step `until` was written."""
    with run.lock():
        recorder = Recorder(run)
        for event in training(run.checkpoint(), steps):
            if until is not None and getattr(event, "step", 0) > until:
                return
            recorder.write(event)


def finished_run(store: RunStore, config: RunConfig | None = None) -> Run:
    run = store.create(config or RunConfig())
    record(run)
    return run


def contents(run: Run) -> dict[str, bytes]:
    """Every file of a run but those that hold a time."""
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in sorted(run.path.rglob("*"))
        if path.is_file() and path.name not in {"run.json", "log.jsonl"}
    }


def overwrite(path: Path, tensors: dict[str, np.ndarray], about: str = "{}") -> None:
    write_tensors(path, tensors, {"latentscape": about})


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: the system then refuses to write, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


if __name__ == "__main__":
    found = RunStore(Path(sys.argv[1])).get(sys.argv[2])
    print("ready", flush=True)
    record(found, int(sys.argv[3]))
