"""bundle.py against the safetensors library, and against files with something wrong."""

import contextlib
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damage import KINDS, damaged
from decoding import describe, points
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load, save

from vae_core.errors import BundleError, PackError
from vae_core.explorer import bundle

Meta = dict[str, Any]
Tensors = dict[str, np.ndarray]
DAMAGE = sorted(
    damaged(describe(2, (1, 2, 3), []), points(5, 2) | {"decoder.0.bias": np.zeros(6, np.float32)})
)


def test_comes_back_as_it_went(meta: Meta, tensors: Tensors) -> None:
    meta["labels"] = ["<b>é\u2028", '"quoted"']
    read_meta, read_tensors = bundle.read(bundle.write(meta, tensors))
    assert read_meta == meta
    assert read_tensors.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert read_tensors[name].dtype == tensor.dtype
        np.testing.assert_array_equal(read_tensors[name], tensor)


def test_is_a_safetensors_file(tmp_path: Path, meta: Meta, tensors: Tensors) -> None:
    data = bundle.write(meta, tensors)
    for name, tensor in load(data).items():
        np.testing.assert_array_equal(tensor, tensors[name])
    file = tmp_path / "explorer.bundle"
    file.write_bytes(data)
    with safe_open(file, "np") as opened:
        assert json.loads(opened.metadata()["latentscape"]) == meta


def test_reads_what_the_library_writes(meta: Meta, tensors: Tensors) -> None:
    read_meta, read_tensors = bundle.read(save(tensors, {"latentscape": json.dumps(meta)}))
    assert read_meta == meta
    np.testing.assert_array_equal(read_tensors["thumbs"], tensors["thumbs"])


def test_every_tensor_is_aligned(meta: Meta, tensors: Tensors) -> None:
    meta["title"] = "odd"  # a header of another length
    for data in (bundle.write(meta, tensors), bundle.to_half(bundle.write(meta, tensors))):
        (length,) = struct.unpack_from("<Q", data)
        assert length % 8 == 0
        for name, tensor in bundle.read(data)[1].items():
            start = json.loads(data[8 : 8 + length])[name]["data_offsets"][0]
            assert start % tensor.itemsize == 0


def test_order_of_tensors_does_not_matter(meta: Meta, tensors: Tensors) -> None:
    turned = dict(reversed(tensors.items()))
    assert bundle.write(meta, turned) == bundle.write(meta, tensors)


def test_big_endian_and_strided_arrays_are_stored_right(meta: Meta, tensors: Tensors) -> None:
    weight = np.arange(12, dtype=">f4").reshape(2, 6).T
    assert not weight.flags.c_contiguous
    _, read = bundle.read(bundle.write(meta, tensors | {"decoder.0.weight": weight}))
    np.testing.assert_array_equal(read["decoder.0.weight"], weight)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_refused_with_a_sentence(kind: str, meta: Meta, tensors: Tensors) -> None:
    with pytest.raises(BundleError, match=r"^The explorer bundle cannot be used: .*\.$"):
        bundle.read(damaged(meta, tensors)[kind])


@settings(deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=16))
def test_any_overwritten_bytes_are_read_or_refused(place: int, patch: bytes) -> None:
    data = bytearray(bundle.write(describe(2, (1, 1, 2), []), points(3, 2)))
    place %= len(data)
    data[place : place + len(patch)] = patch
    with contextlib.suppress(BundleError):
        bundle.read(bytes(data))


def test_write_refuses_what_read_would(meta: Meta, tensors: Tensors) -> None:
    with pytest.raises(BundleError, match="float64"):
        bundle.write(meta, tensors | {"decoder.0.bias": np.zeros(6)})
    with pytest.raises(BundleError, match=r"decoder\.0\.bias holds values that are not numbers"):
        bundle.write(meta, tensors | {"decoder.0.bias": np.full(6, np.nan, np.float32)})
    with pytest.raises(BundleError, match=r"points\.log_var is missing"):
        bundle.write(meta, {name: t for name, t in tensors.items() if name != "points.log_var"})
    with pytest.raises(BundleError, match="JSON"):
        bundle.write(meta | {"report": {"elbo": float("nan")}}, tensors)


def test_half_precision_rounds_floats_alone(meta: Meta, tensors: Tensors) -> None:
    tensors["decoder.0.bias"][:2] = [1e-9, 65504]
    read_meta, half = bundle.read(bundle.to_half(bundle.write(meta, tensors)))
    assert read_meta == meta
    for name, tensor in tensors.items():
        assert half[name].dtype == (np.float16 if tensor.dtype == np.float32 else tensor.dtype)
        np.testing.assert_allclose(half[name], tensor, rtol=2**-11, atol=2**-25)


def test_half_precision_names_the_tensor_it_cannot_hold(meta: Meta, tensors: Tensors) -> None:
    tensors["decoder.0.weight"][3, 1] = -70_000
    with pytest.raises(PackError, match=r"decoder\.0\.weight holds 7e\+04"):
        bundle.to_half(bundle.write(meta, tensors))


def test_drop_leaves_out_what_is_there(meta: Meta, tensors: Tensors) -> None:
    data = bundle.write(meta, tensors)
    smaller = bundle.drop(data, {"thumbs"})
    assert bundle.read(smaller)[1].keys() == tensors.keys() - {"thumbs"}
    assert bundle.drop(smaller, {"thumbs"}) == smaller
    with pytest.raises(BundleError, match=r"points\.mu is missing"):
        bundle.drop(data, {"points.mu"})


def test_needs_no_torch() -> None:
    code = "import sys, vae_core.explorer.bundle, vae_core.explorer.build; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
