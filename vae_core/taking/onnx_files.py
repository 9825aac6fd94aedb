"""A trained model as encoder.onnx and decoder.onnx in one zip, compared with torch before it is handed out.

encoder: `pictures` (N, C, H, W) from 0 to 1 -> `mean`, `log_var` (N, Z) of q(z | x). decoder: `z` (N, Z) ->
`pixels` (N, C, H, W) from 0 to 1. Needs onnx and onnxruntime, which are an extra ("onnx").
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vae_core import latent
from vae_core.errors import ExportError
from vae_core.explorer.pack import posterior
from vae_core.models import VAE
from vae_core.run import Run
from vae_core.storage import plain
from vae_core.taking import portable
from vae_core.taking.kinds import onnx_obstacle
from vae_core.taking.whole import archive, entry

Tell = Callable[[float], None]

FOLDER = "onnx"  # that the zip unpacks to
TOLERANCE = 1e-4  # of the largest value, that the files may differ from torch by
BATCHES = (1, 5)  # rows that they are compared with


def write(run: Run, path: Path, beta: float | None = None, tell: Tell = lambda share: None) -> None:
    """The zip. Raises as `portable.write`, and ExportError where the packages are missing or differ."""
    if missing := onnx_obstacle():
        raise ExportError(missing)
    tell(0.0)
    model = portable.model_of(run, beta)
    about = portable.described(run, model, beta)
    encoder, decoder = files(model, {key: str(value) for key, value in about.items()})
    tell(0.4)
    compare(model, encoder, decoder)
    tell(0.9)
    with archive(path) as packed:
        packed.writestr(entry(FOLDER, "encoder.onnx"), encoder)
        packed.writestr(entry(FOLDER, "decoder.onnx"), decoder)
        packed.writestr(entry(FOLDER, "config.json"), json.dumps(plain(about), indent=1, ensure_ascii=False))
        tell(1.0)


def files(model: VAE, about: dict[str, str]) -> tuple[bytes, bytes]:
    """Encoder and decoder; `about` stands in both of them. Raises ExportError."""
    from vae_core.taking.onnx_graph import Graph, layer, log_var

    specs, arrays = portable.parts(model)
    shape, codes = list(model.shape), [model.latent]
    graph = Graph(arrays)
    output = layer(graph, specs["encoder"], "encoder", "pictures")
    mean = graph.add("Split", output, outputs=2, axis=1, num_outputs=2)
    made = {"mean": (mean, codes), "log_var": (log_var(graph, f"{mean}.2", posterior(model), mean), codes)}
    encoder = graph.model(("pictures", shape), made, about)
    graph = Graph(arrays)
    pixels = layer(graph, specs["decoder"], "decoder", "z")
    decoder = graph.model(("z", codes), {"pixels": (pixels, shape)}, about)
    return encoder.SerializeToString(deterministic=True), decoder.SerializeToString(deterministic=True)


def compare(model: VAE, encoder: bytes, decoder: bytes) -> None:
    """Raises ExportError where onnxruntime gives other numbers than torch, for pictures of the prior."""
    generator = np.random.default_rng(0)
    for rows in BATCHES:
        z = generator.standard_normal((rows, model.latent)).astype(np.float32)
        pixels = latent.decode(model, z)
        _same("decoder", _run(decoder, z=z), [pixels])
        _same("encoder", _run(encoder, pictures=pixels), list(latent.encode(model, pixels)))


def _run(file: bytes, **inputs: np.ndarray) -> list[Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    found: list[Any] = session.run(None, inputs)
    return found


def _same(name: str, found: list[Any], expected: list[np.ndarray]) -> None:
    for ours, theirs in zip(expected, found, strict=True):
        largest = max(1.0, float(np.abs(ours).max()))
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max() <= TOLERANCE * largest:
            raise ExportError(
                f"The {name} gives other numbers in ONNX than in torch, so it was not written. "
                "Take the model along for torch instead."
            )
