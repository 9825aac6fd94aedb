"""Bundles with something wrong, for the readers on both sides: each must refuse every one with a sentence."""

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from decoding import describe, points
from safetensors.numpy import load, save

from vae_core.explorer import bundle

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]
Header = dict[str, Any]


def _with_header(data: bytes, change: Callable[[Header], object]) -> bytes:
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    change(header)
    return joined(json.dumps(header).encode(), data[8 + length :])


def _with_meta(data: bytes, **changes: object) -> bytes:
    def change(header: Header) -> None:
        meta = json.loads(header["__metadata__"]["latentscape"]) | changes
        header["__metadata__"]["latentscape"] = json.dumps(meta)

    return _with_header(data, change)


def _with_float(data: bytes, name: str, value: float) -> bytes:
    (length,) = struct.unpack_from("<Q", data)
    start = json.loads(data[8 : 8 + length])[name]["data_offsets"][0]
    changed = bytearray(data)
    struct.pack_into("<f", changed, 8 + length + start, value)
    return bytes(changed)


def _with_entry(data: bytes, name: str, **changes: object) -> bytes:
    return _with_header(data, lambda header: header[name].update(changes))


def joined(header: bytes, body: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + body


def damaged(meta: Meta, tensors: Tensors) -> dict[str, bytes]:
    """Broken variants of the sound bundle of `meta` and `tensors`, by what is wrong with them."""
    sound = bundle.write(meta, tensors)
    (length,) = struct.unpack_from("<Q", sound)
    other = "decoder.0.bias"
    place = json.loads(sound[8 : 8 + length])["points.mu"]["data_offsets"]
    return {
        "empty": b"",
        "seven bytes": sound[:7],
        "another kind": b"\x89PNG\r\n\x1a\n" + bytes(1000),
        "header too large": struct.pack("<Q", 2**63) + sound[8:],
        "ends in the header": sound[: length // 2],
        "ends in the tensors": sound[:-1],
        "something appended": sound + b"\0",
        "header not JSON": joined(b"{" * 64, sound[8 + length :]),
        "header not UTF-8": joined(b'{"\xff\xfe": 1}', b""),
        "header a list": joined(b"[]", b""),
        "header deeply nested": joined(b"[" * 100_000, b""),
        "foreign safetensors": joined(b'{"__metadata__":{"format":"pt"}}', b""),
        "metadata not an object": joined(b'{"__metadata__":7}', b""),
        "meta not JSON": joined(b'{"__metadata__":{"latentscape":"nonsense"}}', b""),
        "meta not an object": joined(b'{"__metadata__":{"latentscape":"[1]"}}', b""),
        "unknown type": _with_entry(sound, other, dtype="F8"),
        "type from the prototype": _with_entry(sound, other, dtype="constructor"),
        "type not a word": _with_entry(sound, other, dtype=["F32"]),
        "no type": _with_header(sound, lambda header: header[other].pop("dtype")),
        "entry not an object": _with_header(sound, lambda header: header.update({other: None})),
        "negative shape": _with_entry(sound, other, shape=[-2, -3]),
        "fractional shape": _with_entry(sound, other, shape=[1.5, 4]),
        "huge shape": _with_entry(sound, other, shape=[2**31, 2**31]),
        "shape of another size": _with_entry(sound, other, shape=[7]),
        "offsets beyond the end": _with_entry(sound, other, data_offsets=[10**9, 10**9 + 24]),
        "offsets backwards": _with_entry(sound, other, data_offsets=[24, 0]),
        "offsets overlapping": _with_entry(sound, other, data_offsets=[place[0], place[0] + 24]),
        "one offset": _with_entry(sound, other, data_offsets=[0]),
        "not a number": _with_float(sound, other, float("nan")),
        "infinite": _with_float(sound, "points.mu", float("inf")),
        "no points": bundle_without(sound, "points.mu"),
        "no labels of points": bundle_without(sound, "points.label"),
        "points of another size": _with_entry(sound, "points.log_var", shape=[2, 5]),
        "class without a name": _with_meta(sound, labels=["only one"]),
        "next format": _with_meta(sound, format=2),
        "no format": _with_meta(sound, format=None),
        "latent zero": _with_meta(sound, latent=0),
        "latent another": _with_meta(sound, latent=3, kl=[0] * 3, center=[0] * 3, range=[[0, 1]] * 3),
        "latent a word": _with_meta(sound, latent="2"),
        "flat shape": _with_meta(sound, shape=[6]),
        "shape another": _with_meta(sound, shape=[1, 3, 2]),
        "title missing": _with_meta(sound, title=None),
        "decoder missing": _with_meta(sound, decoder=None),
        "operation without a name": _with_meta(sound, decoder=[{}]),
        "operation not an object": _with_meta(sound, decoder=[None]),
        "kl too short": _with_meta(sound, kl=[1]),
        "kl not finite": _with_meta(sound, kl=[1, float("nan")]),
        "center missing": _with_meta(sound, center=None),
        "range missing": _with_meta(sound, range=None),
        "range empty": _with_meta(sound, range=[[0, 0], [0, 1]]),
        "range too short": _with_meta(sound, range=[[0], [0, 1]]),
        "labels not text": _with_meta(sound, labels=["a", 2]),
        "labels missing": _with_meta(sound, labels=None),
        "more points than are shown": bundle_of_points(sound, 100_001),
        "factors not a list": _with_meta(sound, factors="size"),
        "factors not text": _with_meta(sound, factors=[1]),
        "factors without values": _with_meta(sound, factors=["size"]),
        "factors without end": _with_meta(sound, factors=["size"] * 65),
        "errors of another size": with_tensor(sound, "points.error", np.zeros(4, np.float32)),
        "errors of another type": with_tensor(sound, "points.error", np.zeros(5, np.int32)),
        "encoder without operations": _with_meta(sound, encoder=[], posterior={"ceiling": 4}),
        "encoder not a list": _with_meta(sound, encoder="linear", posterior={"ceiling": 4}),
        "encoder without a posterior": _with_meta(sound, encoder=[{"op": "relu"}]),
        "posterior without an encoder": _with_meta(sound, posterior={"ceiling": 4}),
        "posterior not an object": _with_meta(sound, encoder=[{"op": "relu"}], posterior=4),
        "posterior without a number": _with_meta(
            sound, encoder=[{"op": "relu"}], posterior={"deterministic": True, "ceiling": 4}
        ),
    }


def _names() -> list[str]:
    bias = {"decoder.0.bias": np.zeros(6, np.float32)}
    return sorted(damaged(describe(2, (1, 2, 3), []), points(5, 2) | bias))


def with_tensor(data: bytes, name: str, tensor: np.ndarray) -> bytes:
    """The bundle with one more tensor, whether it fits or not."""
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    return save(load(data) | {name: tensor}, header["__metadata__"])


def bundle_of_points(data: bytes, count: int) -> bytes:
    """The bundle with this many points instead of its own."""
    for name, tensor in points(count, 2).items():
        data = with_tensor(data, name, tensor)
    return bundle_without(data, "thumbs") if "thumbs" in load(data) else data


def bundle_without(data: bytes, name: str) -> bytes:
    """The bundle with a tensor cut out cleanly."""
    (length,) = struct.unpack_from("<Q", data)
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    start, stop = header.pop(name)["data_offsets"]
    for key, entry in header.items():
        if key != "__metadata__" and entry["data_offsets"][0] >= stop:
            entry["data_offsets"] = [offset - (stop - start) for offset in entry["data_offsets"]]
    return joined(json.dumps(header).encode(), body[:start] + body[stop:])


KINDS = _names()
