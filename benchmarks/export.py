"""How long each kind of file to take along takes to make, and how large it is.

    python benchmarks/export.py

The run has a multilayer net whose decoder has 0.67 million parameters, untrained, which costs as much, and
the 2,000 pictures of the Fashion-MNIST starter with random codes. Tables are also made of 60,000 rows. Films,
strip and codes are of a path through that starter as it was trained: 120 pictures there and back; what was
told of their size before is said beside it. Films of a training are the digits starter's replay, 120 frames
and the last one held. What the page would be on onnxruntime-web is reckoned, not made: its sources compressed
and as base64, as ours are in the page.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measuring import net_of, row
from safetensors.numpy import save

from vae_core import replay, replay_film, ways
from vae_core.config import RunConfig
from vae_core.explorer.pack import pack_model
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.storage import write_atomic, write_json, write_tensors
from vae_core.taking.film_kinds import FILMS, FOLLOWING
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS

SHAPE, POINTS, ROWS = (1, 28, 28), 2_000, 60_000
CONFIG = RunConfig.parse(
    {"name": "export", "data": {"source": "fashion-mnist"}, "model": {"hidden": [610, 300], "latent": 16}}
)
ONNX_WEB = (24_608, 3_659_955)  # gzip -9 of ort.wasm.bundle.min.mjs and its .wasm, onnxruntime-web 1.30.0
PAGES = {
    "decoder only": Choices(without=("thumbs",)),
    "with the encoder": Choices(encoder=True),
}
PATH = Choices(way=ways.read("12~87", "spherical"), count=61)
PATHS = (PATH, replace(PATH, labels=True))
REPLAYS: dict[str, tuple[Callable[..., bytes], float]] = {
    "gif": (replay_film.gif, 120 / replay_film.RATES["gif"]),
    "mp4": (replay_film.mp4, 120 / replay_film.RATES["mp4"]),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = RunStore(folder / "home")
        run, many = made(store, POINTS), made(store, ROWS)
        for kind in KINDS.values():
            if kind.name not in FOLLOWING:
                tell(kind.title, timed(run, kind.name, folder / "it"))
        for title, choices in PAGES.items():
            tell(f"Web page (HTML), {title}", timed(run, "html", folder / "it", choices))
        tell("Manifold (PNG)", timed(run, "png", folder / "it", Choices(sheet="manifold")))
        for kind in ("csv", "parquet", "projector"):
            tell(f"{KINDS[kind].title}, {ROWS:,} rows", timed(many, kind, folder / "it"))
        starter = store.get("fashion-mnist")
        for name in FOLLOWING:
            for choices in PATHS if name in FILMS else PATHS[:1]:
                follow(starter, name, choices, folder / "it")
        for kind, (film, seconds) in REPLAYS.items():
            tell(f"Replay ({kind.upper()}), 120 frames", filmed(store, film, seconds, folder / "it"))
        size = timed(run, "html", folder / "it")[1]
        row("the page on onnxruntime-web", f"{(size + 4 / 3 * sum(ONNX_WEB)) / 1e6:.2f} MB, at least")


def made(store: RunStore, count: int) -> Run:
    """A finished run of `count` examples, made of random codes."""
    random = np.random.default_rng(0)
    net = net_of(CONFIG.model.model_dump(), SHAPE)
    mu = random.standard_normal((count, net.latent)).astype(np.float32)
    log_var = random.normal(-3, 0.3, mu.shape).astype(np.float32)
    labels, index = np.arange(count) % 10, np.arange(count)
    images = np.resize(store.get("fashion-mnist").examples().images, (count, *SHAPE))
    names = [f"class {k}" for k in range(10)]
    words: dict[str, Any] = {"title": "export", "run": "", "data": {}, "beta": 1.0, "report": {}}
    bundle = pack_model(
        net, mu=mu, log_var=log_var, labels=labels, index=index, label_names=names, kl=np.ones(16), **words
    )

    def fill(run: Run) -> None:
        write_atomic(run.path / "explorer.bundle", bundle)
        arrays = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
        write_atomic(run.path / "model.safetensors", save(arrays))
        write_tensors(run.path / "latents.safetensors", {"mu": mu, "log_var": log_var}, {})
        pictures = {"images": images, "labels": labels, "index": index}
        write_tensors(run.path / "examples.safetensors", pictures, {"latentscape": "{}"})
        write_json(run.path / "report.json", {"n": count})

    return store.create(CONFIG, fill=fill)


def timed(run: Run, kind: str, path: Path, choices: Choices | None = None) -> tuple[float, int]:
    """Seconds, the shortest of three, and bytes."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        KINDS[kind].write(run, path, choices or Choices(), lambda share: None)
        seconds.append(time.perf_counter() - began)
    return min(seconds), path.stat().st_size


def follow(run: Run, name: str, choices: Choices, path: Path) -> None:
    """A file of the path, and what was told of it before."""
    kind = KINDS[name]
    choices = choices if name in FILMS else replace(choices, count=0)
    seconds, size = timed(run, name, path, choices)
    began = time.perf_counter()
    told = kind.size(run, choices)
    words = f"told {told / 1e6:.2f} MB in {time.perf_counter() - began:.2f} s"
    title = f"{kind.title}{', 120 pictures' * (name in FILMS)}{', with words' * choices.labels}"
    row(title, f"{seconds:6.2f} s  {size / 1e6:6.2f} MB  {words}")


def filmed(store: RunStore, film: Callable[..., bytes], seconds: float, path: Path) -> tuple[float, int]:
    moments = replay.moments(store.get("digits"))
    began = time.perf_counter()
    content = film(moments, seconds)
    return time.perf_counter() - began, len(content)


def tell(title: str, found: tuple[float, int]) -> None:
    row(title, f"{found[0]:6.2f} s  {found[1] / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
