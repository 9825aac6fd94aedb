"""What the pages need around them in a test: runs made without torch, a service that trains nothing."""

from collections.abc import Iterator

import numpy as np

from vae_core.config import RunConfig
from vae_core.control import NOTHING
from vae_core.events import Checkpoint, Epoch, Event, Finished, Snapshot, Started, Step
from vae_core.explorer import bundle
from vae_core.progress import Course, Progress, stored
from vae_core.runs import Recorder, Run, RunStore
from vae_core.steering import steerable

N, SHAPE = 12, (1, 4, 4)
NAMES = ("zero", "one", "<img src=x onerror=alert(1)>")


def events(config: RunConfig, run: str) -> Iterator[Event]:
    """A training of 20 steps; what it learns is made up."""
    latent = config.model.latent
    generator = np.random.default_rng(0)
    images = generator.integers(0, 255, (N, *SHAPE), np.uint8)
    labels = np.arange(N, dtype=np.int64) % 3
    about = {"title": "Made up", "source": "here", "licence": "none", "checksum": "abc"}
    yield Started(images, labels, np.arange(N), NAMES, about, 20, {"torch": "0"})
    yield Checkpoint(0, {"w": np.ones(2)}, {}, {})
    mu = generator.normal(size=(N, latent)).astype(np.float32)
    for step in range(1, 21):
        yield Step(step, step / 10, 30.0 - step, 0.1 * step, 1.0, 0.01, step / 100)
        if step % 10 == 0:
            yield Epoch(step, step / 10, 31.0 - step, 0.1 * step, step / 100)
            yield Snapshot(step, mu, np.zeros_like(mu), images[:4])
    report = {"distortion": 10.25, "rate": 2.5, "elbo": -12.75, "n": N, "seconds": 0.2}
    packed = packed_model(config, run, mu, labels, report)
    yield Finished(20, {"w": np.ones(2)}, mu, np.zeros_like(mu), report, packed)


def packed_model(config: RunConfig, run: str, mu: np.ndarray, labels: np.ndarray, report: dict) -> bytes:
    """A bundle whose decoder is one layer."""
    latent = config.model.latent
    meta = {
        "format": 1,
        "title": config.title(),
        "run": run,
        "data": {"title": "Made up", "licence": "none", "source": "here"},
        "likelihood": "bernoulli",
        "beta": config.objective.beta,
        "latent": latent,
        "shape": list(SHAPE),
        "decoder": [
            {"op": "linear", "weight": "decoder.0.weight", "bias": "decoder.0.bias"},
            {"op": "sigmoid"},
        ],
        "kl": [1.0] * latent,
        "range": [[-2.0, 2.0]] * latent,
        "center": [0.0] * latent,
        "labels": list(NAMES),
        "report": report,
    }
    tensors = {
        "decoder.0.weight": np.ones((16, latent), np.float32),
        "decoder.0.bias": np.zeros(16, np.float32),
        "points.mu": mu,
        "points.log_var": np.zeros_like(mu),
        "points.label": labels.astype(np.int16),
        "points.index": np.arange(N, dtype=np.int32),
    }
    return bundle.write(meta, tensors)


def make_run(store: RunStore, owner: str = "", until: int = 20, **changes: object) -> Run:
    """A run in the store, finished or (with a smaller `until`) as a kill would leave it."""
    config = RunConfig().override({key.replace("__", "."): value for key, value in changes.items()})
    run = store.create(config, owner)
    with run.lock():
        recorder = Recorder(run)
        for event in events(config, run.id):
            if getattr(event, "step", 0) > until or (until < 20 and isinstance(event, Finished)):
                break
            recorder.write(event)
    return store.get(run.id)


def make_starter(store: RunStore, folder: str, **changes: object) -> Run:
    run = make_run(store, **changes)
    store.starters.mkdir(parents=True, exist_ok=True)
    run.path.rename(store.starters / folder)
    return store.get(folder)


class StillService:
    """Stands in for the training service: remembers what it was asked, trains nothing."""

    def __init__(self, store: RunStore) -> None:
        self.store, self.asked, self.states, self.betas = store, [], {}, {}

    def warm(self) -> None:
        self.asked.append(("warm", ""))

    def submit(self, config: RunConfig, owner: str = "", local: bool = False) -> str:
        run = self.store.create(config, owner)
        self.asked.append(("submit", run.id))
        self.states[run.id] = "running"
        return run.id

    def progress(self, run: str, since: int = 0) -> Progress:
        found = stored(self.store.get(run), since)
        if run not in self.states:
            return found
        config = self.store.get(run).config
        can = frozenset() if self.states[run] in ("stopping", "finishing") else steerable(config)
        course = Course(self.betas.get(run, config.beta), 1.0, NOTHING, can)
        return Progress(run, self.states[run], 5, 20, 3.2, found.rows, found.snapshot, course=course)

    def steer(self, run: str, beta: float | None = None, lr: float | None = None) -> None:
        self.asked.append(("steer", run, beta, lr))

    def __getattr__(self, name: str):
        if name not in {"pause", "unpause", "stop", "finish", "resume", "snapshot"}:
            raise AttributeError(name)
        return lambda run: self.asked.append((name, run))
