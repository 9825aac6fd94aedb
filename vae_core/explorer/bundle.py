"""The explorer's bundle: one safetensors file with a decoder, a map's points and what is said about them.

Layout (https://github.com/huggingface/safetensors#format): an unsigned 64-bit little-endian header length, a
JSON header, tensors in C order without gaps. `__metadata__["latentscape"]` in the header is the JSON text of
`meta`:

    format 1, title, run, data {title, licence, source}, likelihood, beta, latent Z, shape [C, H, W],
    decoder [{"op", ...}] in order, kl [Z] in nats, range [[low, high] * Z], center [Z], labels [names],
    report {}; optionally
    encoder [{"op", ...}] from pixels in [0, 1] to 2 Z numbers (means, raw log-variances), whose tensors
    travel apart (extras.py); posterior, how log-variances come of raw ones: {"ceiling"}, see
    posteriors.bounded, or {"deterministic": true, "log_var"}; factors [names]; dial, ladder, members, what
    a bundle of many betas says besides, see dials.py

Tensors: `decoder.*` (F32 or F16), `points.mu` and `points.log_var` (N, Z) likewise, `points.label` (N,) I16
with -1 for unknown, `points.index` (N,) I32; optionally `thumbs` (N, C, H, W) U8, `points.error` (N,) floats,
the squared error of each reconstruction per pixel value, and for each name of `factors`, counted by k from 0,
`factors.k` (N,) F32, a known generating factor of the shown pictures. At most 100,000 points. Needs no torch.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from safetensors.numpy import save

from vae_core.errors import NewerFormatError, PackError, UnreadableFileError
from vae_core.explorer import dials
from vae_core.explorer.parts import are_numbers, are_operations, is_count, refusal
from vae_core.migrations import FORMATS, lift
from vae_core.storage import read_tensors

__all__ = ["drop", "read", "refusal", "to_half", "write"]

FORMAT = FORMATS["bundle"]
MAX_POINTS = 100_000  # on the map; more would not pan and zoom at 60 frames a second
MAX_FACTORS = 64
TYPES = {np.dtype(name) for name in ("<f4", "<f2", "<i4", "<i2", "u1")}

Tensors = dict[str, np.ndarray]


def write(meta: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> bytes:
    """The bundle's bytes, the same for the same contents. Every tensor starts at a multiple of its item size.

    Raises BundleError where `read` would refuse the result.
    """
    checked = {name: np.ascontiguousarray(t, t.dtype.newbyteorder("<")) for name, t in tensors.items()}
    _check(meta, checked)
    try:
        note = json.dumps(meta, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise refusal(f"its description cannot be written as JSON ({error})") from None
    return save(checked, {"latentscape": note})


def read(data: bytes) -> tuple[dict[str, Any], Tensors]:
    """`(meta, tensors)` of a bundle's bytes, whoever made them; the tensors are copies.

    Raises BundleError: not a bundle, cut short, a header too large or damaged, tensors that overlap,
    leave gaps, do not fit each other or hold values that are not numbers, another format version.
    """
    try:
        tensors, metadata = read_tensors(data, name="the file")
    except UnreadableFileError as error:
        raise refusal(str(error)) from None
    if "latentscape" not in metadata:
        raise refusal("it was not made by Latentscape")
    try:
        meta = lift("bundle", _description(metadata["latentscape"]), tensors, "it")
    except NewerFormatError as error:
        raise NewerFormatError(str(refusal(str(error)))) from None
    except UnreadableFileError as error:
        raise refusal(str(error)) from None
    _check(meta, tensors)
    return meta, tensors


def to_half(data: bytes) -> bytes:
    """The same bundle with float tensors in half precision (numbers below 6e-8 become 0).

    Factors stay as they are: their exact values are shown.
    Raises PackError naming a tensor with a value beyond 65,504, BundleError as `read`.
    """
    meta, tensors = read(data)
    for name, tensor in tensors.items():
        if tensor.dtype != np.float32 or name.startswith("factors."):
            continue
        with np.errstate(over="ignore"):
            tensors[name] = tensor.astype(np.float16)
        if not np.isfinite(tensors[name]).all():
            largest = np.abs(tensor).max()
            raise PackError(
                f"The tensor {name} holds {largest:.3g}, and half precision ends at 65504. "
                "Train again with a lower learning rate."
            )
    return write(meta, tensors)


def drop(data: bytes, names: Collection[str]) -> bytes:
    """The same bundle without these tensors, for a smaller file; names that it lacks are passed over.

    Raises BundleError as `read`, and where a bundle needs one of them.
    """
    meta, tensors = read(data)
    return write(meta, {name: tensor for name, tensor in tensors.items() if name not in names})


def _description(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise refusal("its description is not readable")
    return value


def _not_a_number(name: str) -> None:
    raise ValueError(name)


def _check(meta: Mapping[str, Any], tensors: Tensors) -> None:
    """What writing and reading both insist on."""
    if meta.get("format") != FORMAT:
        raise refusal(f"it has format {meta.get('format')!r}, and this version reads format {FORMAT}")
    for name, tensor in tensors.items():
        if tensor.dtype not in TYPES:
            raise refusal(f"the tensor {name} is of type {tensor.dtype}, which bundles do not hold")
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            raise refusal(f"the tensor {name} holds values that are not numbers")
    _check_meta(meta)
    _check_points(meta, tensors)
    dials.check(meta, tensors)


def _check_meta(meta: Mapping[str, Any]) -> None:
    latent, shape = meta.get("latent"), meta.get("shape")
    if not is_count(latent) or not latent:
        raise refusal(f"its number of latent dimensions is {latent!r}")
    if not isinstance(shape, list) or len(shape) != 3 or not all(is_count(n) and n for n in shape):
        raise refusal(f"its picture shape is {shape!r}")
    for name in ("title", "run", "likelihood"):
        if not isinstance(meta.get(name), str):
            raise refusal(f"its {name} is missing")
    for name in ("data", "report"):
        if not isinstance(meta.get(name), dict):
            raise refusal(f"its {name} section is missing")
    ops, labels, ranges = meta.get("decoder"), meta.get("labels"), meta.get("range")
    if not are_operations(ops):
        raise refusal("its list of operations is missing")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise refusal("its class names are not text")
    if not all(are_numbers(meta.get(name), latent) for name in ("kl", "center")):
        raise refusal("its latent dimensions are not described")
    if not isinstance(ranges, list) or len(ranges) != latent:
        raise refusal("its slider ranges are missing")
    if not all(are_numbers(pair, 2) and pair[0] < pair[1] for pair in ranges):
        raise refusal("its slider ranges are not proper")
    if not are_numbers([meta.get("beta")], 1):
        raise refusal("its beta is missing")
    _check_encoder(meta)


def _check_encoder(meta: Mapping[str, Any]) -> None:
    """What a bundle may say about its encoder, and does together or not at all."""
    if "encoder" not in meta and "posterior" not in meta:
        return
    ops, posterior = meta.get("encoder"), meta.get("posterior")
    if not ops or not are_operations(ops):
        raise refusal("its encoder's list of operations is missing")
    if not isinstance(posterior, dict):
        raise refusal("its encoder's log-variances are not described")
    number = posterior.get("log_var" if posterior.get("deterministic") is True else "ceiling")
    if not are_numbers([number], 1):
        raise refusal("its encoder's log-variances are not described")


def _check_points(meta: Mapping[str, Any], tensors: Tensors) -> None:
    mu = tensors.get("points.mu")
    count = mu.shape[0] if mu is not None and mu.ndim else 0
    points = (count, meta["latent"])
    if count > MAX_POINTS:
        raise refusal(f"its map has {count:,} points, at most {MAX_POINTS:,} are shown")
    factors = _factors(meta)
    expected: dict[str, tuple[str, tuple[int, ...]]] = {
        "points.mu": ("f", points),
        "points.log_var": ("f", points),
        "points.label": ("i", (count,)),
        "points.index": ("i", (count,)),
        "thumbs": ("u", (count, *meta["shape"])),
        "points.error": ("f", (count,)),
        **{f"factors.{k}": ("f", (count,)) for k in range(len(factors))},
    }
    for name, (kind, shape) in expected.items():
        tensor = tensors.get(name)
        if tensor is None and name in ("thumbs", "points.error"):
            continue
        if tensor is None or tensor.dtype.kind != kind or tensor.shape != shape:
            found = "missing" if tensor is None else f"{tensor.dtype} of shape {tensor.shape}"
            raise refusal(f"{name} is {found}; it should have the shape {shape}")
    label = tensors["points.label"]
    if label.size and (label.min() < -1 or label.max() >= len(meta["labels"])):
        raise refusal(f"a point has a class without a name; there are {len(meta['labels'])} names")


def _factors(meta: Mapping[str, Any]) -> list[str]:
    names = meta.get("factors", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refusal("the names of its factors are not text")
    if len(names) > MAX_FACTORS:
        raise refusal(f"it has {len(names)} factors, at most {MAX_FACTORS} are shown")
    return names
