"""What the explorer can do without at first: small pictures of the examples, and the encoder.

The explorer's first picture waits for the bundle alone; this second safetensors file follows it. Layout as in
bundle.py, `__metadata__["latentscape"]` being the JSON text of

    format 1, kind "extras", factor f, problems [what was left out and why]

Tensors: `thumbs` (M, C, ceil(H / f), ceil(W / f)) U8, the pictures of the bundle's first M <= 2,000 points,
each pixel the mean of f by f (fewer at the far edges); the tensors that the bundle's `meta.encoder` names,
F16 or F32. Needs no torch.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from safetensors.numpy import save

from vae_core.errors import LatentscapeError
from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.storage import MEGA

FORMAT = 1
THUMBS = 2_000
THUMB_BYTES = 8 * MEGA
PART = 100  # pictures made smaller at a time
DEPTH = 16  # of operations within operations; nets have one or two
# Keys under which an operation names a tensor.
POINTERS = ("weight", "bias", "mean", "var", "value", "hidden_weight", "hidden_bias")

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]


def extras(run: Run, encoder: bool = True, thumbs: bool = True) -> bytes:
    """The extras of a finished run. What its files do not hold is left out, and `problems` says why.

    Raises RunError and RunDamagedError where the run has no bundle, BundleError where that is damaged.
    """
    meta, tensors = bundle.read(run.bundle())
    found: Tensors = {}
    note: Meta = {"format": FORMAT, "kind": "extras", "factor": 1, "problems": []}
    if thumbs:
        try:
            pictures = _pictures(run, meta, tensors["points.index"])
            note["factor"] = factor_for(pictures.shape)
            found["thumbs"] = pooled(pictures, note["factor"])
        except LatentscapeError as error:
            note["problems"].append(str(error))
    if encoder and "encoder" in meta:
        try:
            found |= _weights(run, meta["encoder"])
        except LatentscapeError as error:
            note["problems"].append(str(error))
    return save(found, {"latentscape": json.dumps(note, ensure_ascii=False)})


def factor_for(shape: Sequence[int], limit: int = THUMB_BYTES) -> int:
    """The smallest whole factor by which pictures of `shape` (M, C, H, W) shrink to `limit` bytes."""
    count, channels, height, width = shape
    factor = 1
    while count * channels * -(-height // factor) * -(-width // factor) > limit and factor < max(
        height, width
    ):
        factor += 1
    return factor


def pooled(images: np.ndarray, factor: int) -> np.ndarray:
    """(N, C, H, W) uint8 -> (N, C, ceil(H / f), ceil(W / f)) uint8: means of f by f, fewer at far edges."""
    if factor == 1:
        return images
    count, channels, *size = images.shape
    rows, columns = (np.arange(0, extent, factor) for extent in size)
    high, wide = (np.minimum(factor, extent - np.arange(0, extent, factor)) for extent in size)
    made = np.empty((count, channels, len(rows), len(columns)), np.uint8)
    for start in range(0, count, PART):
        part = slice(start, start + PART)
        sums = np.add.reduceat(images[part].astype(np.float32), rows, axis=2)
        sums = np.add.reduceat(sums, columns, axis=3)
        made[part] = np.rint(sums / (high[:, None] * wide))
    return made


def _pictures(run: Run, meta: Meta, index: np.ndarray) -> np.ndarray:
    """Of the map's first points (M, C, H, W) uint8. Raises RunDamagedError, BundleError."""
    examples = run.examples()
    if list(examples.images.shape[1:]) != meta["shape"]:
        raise bundle.refusal("its pictures have another shape than its examples")
    count = min(len(examples.index), len(index), THUMBS)
    differ = examples.index[:count] != index[:count]
    return examples.images[: int(differ.argmax()) if differ.any() else count]


def _weights(run: Run, ops: Sequence[Mapping[str, Any]]) -> Tensors:
    """The tensors that `ops` name. Raises RunDamagedError, BundleError."""
    weights = run.weights()
    found: Tensors = {}
    for name in _names(ops):
        if name not in weights or not name.startswith("encoder."):
            raise bundle.refusal(f"its encoder needs {name[:80]}, which the weights do not hold")
        with np.errstate(over="ignore"):
            half = weights[name].astype(np.float16)
        found[name] = half if np.isfinite(half).all() else weights[name]
    return found


def _names(ops: Sequence[Mapping[str, Any]], depth: int = 0) -> Iterator[str]:
    """Every tensor name in nested operations. Raises BundleError where they are not what operations are."""
    if not isinstance(ops, list) or depth > DEPTH:
        raise bundle.refusal("its encoder's list of operations is damaged")
    for op in ops:
        if not isinstance(op, dict):
            raise bundle.refusal("its encoder's list of operations is damaged")
        yield from (op[key] for key in POINTERS if isinstance(op.get(key), str))
        for key in ("body", "shortcut"):
            if key in op:
                yield from _names(op[key], depth + 1)
