"""What a file holds, said from its beginning."""

import gzip
import struct

import numpy as np
import pytest
from picture_files import good, pack

from vae_core.data.imports import Contents, Limits, look
from vae_core.errors import DataError


def test_arrays_and_the_likely_choice(tmp_path):
    np.savez_compressed(
        tmp_path / "x.npz",
        X=np.zeros((20, 3, 9, 7), np.uint8),
        thumbs=np.zeros((50, 16)),
        y=np.arange(20),
        one=np.float32(3),
        words=np.array(["a", "b"]),
        objects=np.array([{}], object),
        records=np.zeros(3, [("a", int)]),
    )
    found = look(tmp_path / "x.npz")
    assert found.kind == "arrays"
    assert [str(array) for array in found.arrays] == [
        "X · 20×3×9×7 uint8",
        "thumbs · 50×16 float64",
        "y · 20 int64",
        "one · one number float32",
        "words · 2 <U1",
    ]
    assert (found.images, found.labels, found.side, found.is_coloured) == ("X", "y", 9, True)


def test_only_the_beginning_is_read(tmp_path):
    """31 MB unpacked, above the limit; the description stands in the first bytes."""
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (40000, 28, 28), }"
    pack(tmp_path / "x.npz", {"pics.npy": header.ljust(127) + b"\n" + bytes(40_000 * 784)})
    found = look(tmp_path / "x.npz", Limits(inflated_bytes=2**20))
    assert (found.images, found.side) == ("pics", 28)


def test_what_is_no_array_is_left_out(tmp_path):
    pack(tmp_path / "x.npz", {"a.npy": b"junk", "b.npy": b"", "c.npy": b"\x93NUMPY\x01\x00\xff\xff{" * 9})
    assert look(tmp_path / "x.npz") == Contents("arrays")


@pytest.mark.parametrize(
    ("text", "columns", "labels", "side"),
    [
        ("a,b,label,c,d\n", ("a", "b", "label", "c", "d"), "label", 2),
        ("kind;p1;p2;p3;p4\n", ("kind", "p1", "p2", "p3", "p4"), "kind", 2),
        ("5,0,0,0,0\n", ("1", "2", "3", "4", "5"), "1", 2),
        ("0,0,0,0\n", ("1", "2", "3", "4"), "", 2),
        ("", (), "", 0),
    ],
)
def test_columns_and_the_likely_label(tmp_path, text, columns, labels, side):
    (tmp_path / "x.csv").write_text(text)
    assert look(tmp_path / "x.csv") == Contents("table", columns=columns, labels=labels, side=side)


@pytest.mark.parametrize("packed", [True, False])
def test_idx(tmp_path, packed):
    values = struct.pack(">HBBIII", 0, 8, 3, 5, 28, 20) + bytes(5 * 560)
    (tmp_path / "x").write_bytes(gzip.compress(values) if packed else values)
    assert look(tmp_path / "x") == Contents("numbers", side=28)
    (tmp_path / "x").write_bytes((gzip.compress(values) if packed else values)[:15])
    assert look(tmp_path / "x") == Contents("numbers")


def test_pictures_and_what_cannot_be_read(tmp_path):
    assert look(tmp_path) == look(pack(tmp_path / "x.zip", good())) == Contents("pictures")
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="not a zip archive"):
        look(tmp_path / "x.npz")
    with pytest.raises(DataError, match="missing"):
        look(tmp_path / "nowhere.zip")
    (tmp_path / "wide.csv").write_text(",".join("0" * 30_000))
    with pytest.raises(DataError, match="30,000 columns"):
        look(tmp_path / "wide.csv")
