"""The explorer's bundle: one safetensors file with a decoder, a map's points and what is said about them.

Layout (https://github.com/huggingface/safetensors#format): an unsigned 64-bit little-endian header length, a
JSON header, tensors in C order without gaps. `__metadata__["latentscape"]` in the header is the JSON text of
`meta`:

    format 1, title, run, data {title, licence, source}, likelihood, beta, latent Z, shape [C, H, W],
    decoder [{"op", ...}] in order, kl [Z] in nats, range [[low, high] * Z], center [Z], labels [names],
    report {}

Tensors: `decoder.*` (F32 or F16), `points.mu` and `points.log_var` (N, Z) likewise, `points.label` (N,) I16
with -1 for unknown, `points.index` (N,) I32, and optionally `thumbs` (N, C, H, W) U8. Needs numpy alone.
"""

import json
import math
import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from vae_core.errors import BundleError, PackError

FORMAT = 1
HEADER_LIMIT = 4 << 20  # bytes; ours have a few thousand

_TYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "U8": np.dtype("u1"),
}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}
_LENGTH = struct.Struct("<Q")

Tensors = dict[str, np.ndarray]


def write(meta: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> bytes:
    """The bundle's bytes, the same for the same contents. Every tensor starts at a multiple of its item size.

    Raises BundleError where `read` would refuse the result.
    """
    for name, tensor in tensors.items():
        if tensor.dtype.newbyteorder("<") not in _NAMES:
            raise _refusal(f"the tensor {name} is of type {tensor.dtype}, which bundles do not hold")
    checked = {name: np.ascontiguousarray(t, t.dtype.newbyteorder("<")) for name, t in tensors.items()}
    _check(meta, checked)
    try:
        note = json.dumps(meta, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise _refusal(f"its description cannot be written as JSON ({error})") from None
    header: dict[str, Any] = {"__metadata__": {"latentscape": note}}
    body = bytearray()
    for name, tensor in sorted(checked.items(), key=lambda item: (-item[1].itemsize, item[0])):
        start = len(body)
        body += tensor.tobytes()
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, len(body)],
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return _LENGTH.pack(len(text)) + text + bytes(body)


def read(data: bytes) -> tuple[dict[str, Any], Tensors]:
    """`(meta, tensors)` of a bundle's bytes, whoever made them. The tensors are read-only views of `data`.

    Raises BundleError: not a bundle, cut short, a header too large or damaged, tensors that overlap,
    leave gaps, do not fit each other or hold values that are not numbers, another format version.
    """
    header, body = _split(data)
    try:
        note = header.pop("__metadata__")["latentscape"]
    except (KeyError, TypeError):
        raise _refusal("it was not made by Latentscape") from None
    tensors = _tensors(header, body)
    meta = _json(note)
    _check(meta, tensors)
    return meta, tensors


def to_half(data: bytes) -> bytes:
    """The same bundle with all float tensors in half precision (numbers below 6e-8 become 0).

    Raises PackError naming a tensor with a value beyond 65,504, BundleError as `read`.
    """
    meta, tensors = read(data)
    for name, tensor in tensors.items():
        if tensor.dtype != _TYPES["F32"]:
            continue
        with np.errstate(over="ignore"):
            tensors[name] = tensor.astype(_TYPES["F16"])
        if not np.isfinite(tensors[name]).all():
            largest = np.abs(tensor).max()
            raise PackError(
                f"The tensor {name} holds {largest:.3g}, and half precision ends at 65504. "
                "Export with full precision, or train with a lower learning rate."
            )
    return write(meta, tensors)


def drop(data: bytes, names: Collection[str]) -> bytes:
    """The same bundle without these tensors, for a smaller file; names that it lacks are passed over.

    Raises BundleError as `read`, and where a bundle needs one of them.
    """
    meta, tensors = read(data)
    return write(meta, {name: tensor for name, tensor in tensors.items() if name not in names})


def _refusal(reason: str) -> BundleError:
    return BundleError(f"The explorer bundle cannot be used: {reason}.")


def _json(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_not_a_number)
    except (ValueError, TypeError, RecursionError):
        raise _refusal("its header is not readable") from None
    if not isinstance(value, dict):
        raise _refusal("its header is not readable")
    return value


def _not_a_number(name: str) -> None:
    raise ValueError(name)


def _split(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if len(data) < _LENGTH.size:
        raise _refusal(f"it has only {len(data)} bytes")
    (length,) = _LENGTH.unpack_from(data)
    if length > HEADER_LIMIT:
        raise _refusal(f"its header claims {length:,} bytes, so it is of another kind")
    start = _LENGTH.size + length
    if start > len(data):
        raise _refusal(f"it is cut short: {len(data):,} bytes of at least {start:,}")
    view = memoryview(data)
    return _json(bytes(view[_LENGTH.size : start])), view[start:]


def _tensors(header: dict[str, Any], body: memoryview) -> Tensors:
    entries = sorted((_entry(name, entry) for name, entry in header.items()), key=lambda item: item[3:])
    tensors: Tensors = {}
    end = 0
    for name, dtype, shape, start, stop in entries:
        if start != end:
            raise _refusal(f"the tensor {name} overlaps another or leaves a gap")
        if stop > len(body):
            raise _refusal(f"it is cut short: {len(body):,} bytes of tensors of at least {stop:,}")
        tensors[name] = np.frombuffer(body[start:stop], dtype).reshape(shape)
        end = stop
    if end != len(body):
        raise _refusal(f"{len(body) - end:,} bytes are appended to it")
    return tensors


def _entry(name: str, entry: Any) -> tuple[str, np.dtype, tuple[int, ...], int, int]:
    """A header entry, checked: (name, dtype, shape, first byte, byte after the last)."""
    try:
        dtype = _TYPES[entry["dtype"]]
        shape = entry["shape"]
        start, stop = entry["data_offsets"]
    except (KeyError, TypeError, ValueError):
        raise _refusal(f"the tensor {name} is not described, or of an unknown type") from None
    if not isinstance(shape, list) or not all(_is_count(n) for n in (*shape, start, stop)) or len(shape) > 8:
        raise _refusal(f"the tensor {name} has no proper shape or place")
    if stop - start != math.prod(shape) * dtype.itemsize:
        raise _refusal(
            f"the tensor {name} has {stop - start} bytes, which is not the size of its shape {shape}"
        )
    return name, dtype, tuple(shape), start, stop


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**48


def _check(meta: Mapping[str, Any], tensors: Tensors) -> None:
    """What writing and reading both insist on."""
    if meta.get("format") != FORMAT:
        raise _refusal(f"it has format {meta.get('format')!r}, and this version reads format {FORMAT}")
    for name, tensor in tensors.items():
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            raise _refusal(f"the tensor {name} holds values that are not numbers")
    _check_meta(meta)
    _check_points(meta, tensors)


def _check_meta(meta: Mapping[str, Any]) -> None:
    latent, shape = meta.get("latent"), meta.get("shape")
    if not _is_count(latent) or not latent:
        raise _refusal(f"its number of latent dimensions is {latent!r}")
    if not isinstance(shape, list) or len(shape) != 3 or not all(_is_count(n) and n for n in shape):
        raise _refusal(f"its picture shape is {shape!r}")
    for name in ("title", "run", "likelihood"):
        if not isinstance(meta.get(name), str):
            raise _refusal(f"its {name} is missing")
    for name in ("data", "report"):
        if not isinstance(meta.get(name), dict):
            raise _refusal(f"its {name} section is missing")
    ops, labels, ranges = meta.get("decoder"), meta.get("labels"), meta.get("range")
    if not isinstance(ops, list) or not all(
        isinstance(o, dict) and isinstance(o.get("op"), str) for o in ops
    ):
        raise _refusal("its list of operations is missing")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise _refusal("its class names are not text")
    if not all(_are_numbers(meta.get(name), latent) for name in ("kl", "center")):
        raise _refusal("its latent dimensions are not described")
    if not isinstance(ranges, list) or len(ranges) != latent:
        raise _refusal("its slider ranges are missing")
    if not all(_are_numbers(pair, 2) and pair[0] < pair[1] for pair in ranges):
        raise _refusal("its slider ranges are not proper")
    if not _are_numbers([meta.get("beta")], 1):
        raise _refusal("its beta is missing")


def _is_operation(spec: Any) -> bool:
    return isinstance(spec, dict) and isinstance(spec.get("op"), str)


def _are_numbers(values: Any, length: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == length
        and all(type(v) in (int, float) and math.isfinite(v) for v in values)
    )


def _check_points(meta: Mapping[str, Any], tensors: Tensors) -> None:
    mu = tensors.get("points.mu")
    count = mu.shape[0] if mu is not None and mu.ndim else 0
    points = (count, meta["latent"])
    expected: dict[str, tuple[str, tuple[int, ...]]] = {
        "points.mu": ("f", points),
        "points.log_var": ("f", points),
        "points.label": ("i", (count,)),
        "points.index": ("i", (count,)),
        "thumbs": ("u", (count, *meta["shape"])),
    }
    for name, (kind, shape) in expected.items():
        tensor = tensors.get(name)
        if tensor is None and name == "thumbs":
            continue
        if tensor is None or tensor.dtype.kind != kind or tensor.shape != shape:
            found = "missing" if tensor is None else f"{tensor.dtype} of shape {tensor.shape}"
            raise _refusal(f"{name} is {found}; it should have the shape {shape}")
    label = tensors["points.label"]
    if label.size and (label.min() < -1 or label.max() >= len(meta["labels"])):
        raise _refusal(f"a point has a class without a name; there are {len(meta['labels'])} names")
