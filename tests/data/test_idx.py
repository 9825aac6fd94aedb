import gzip
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from idx_writer import idx_bytes, write_idx

from vae_core.data import idx
from vae_core.errors import (
    BadMagicError,
    ChecksumError,
    DataError,
    EmptyDataError,
    LabelError,
    TruncatedError,
)

PICTURES = np.arange(5 * 7 * 13).reshape(5, 7, 13) % 251


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 28, 28), (3, 7, 13), (2, 1, 1)], ids=lambda shape: "x".join(map(str, shape))
)
def test_any_size_comes_back(tmp_path, shape):
    values = np.random.default_rng(0).integers(0, 256, shape)
    read = idx.read(write_idx(tmp_path / "a.gz", values), axes=3)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, values)


@pytest.mark.parametrize("grey", [0, 255])
def test_constant_pictures_come_back(tmp_path, grey):
    """They compress best of all, so they are what a limit on expansion would hit first."""
    values = np.full((2000, 28, 28), grey)
    np.testing.assert_array_equal(idx.read(write_idx(tmp_path / "a.gz", values), axes=3), values)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "scratch.gz"


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=9)))
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read(scratch, values):
    write_idx(scratch, values)
    np.testing.assert_array_equal(idx.read(scratch, axes=values.ndim), values)


@given(st.binary(max_size=64), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=150)
def test_arbitrary_bytes_are_read_or_refused(scratch, noise, packed, headed):
    content = (b"\0\0\x08\x01" if headed else b"") + noise
    scratch.write_bytes(gzip.compress(content) if packed else content)
    _read_or_refuse(scratch)


def test_corrupted_files_are_read_or_refused(scratch):
    _corrupt(scratch, seed=0, times=400)


@pytest.mark.soak
def test_many_corrupted_files_are_read_or_refused(scratch):
    _corrupt(scratch, seed=1, times=50_000)


def _corrupt(path, seed, times):
    generator = np.random.default_rng(seed)
    plain = idx_bytes(PICTURES)
    for _ in range(times):
        inside = bytearray(plain)
        if generator.random() < 0.5:  # in the header, where it hurts most
            inside[generator.integers(16)] = generator.integers(256)
        packed = bytearray(gzip.compress(bytes(inside)))
        if generator.random() < 0.5:
            for _ in range(generator.integers(1, 4)):
                packed[generator.integers(len(packed))] = generator.integers(256)
        if generator.random() < 0.3:
            del packed[generator.integers(len(packed)) :]
        path.write_bytes(packed)
        _read_or_refuse(path)


def _read_or_refuse(path):
    """DataError is the only way to fail, and it names the file."""
    for axes in (1, 3):
        try:
            idx.read(path, axes)
        except DataError as error:
            complaint = str(error)
        else:
            continue
        assert str(path) in complaint


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", TruncatedError, "is empty"),
        (b"\x1f", TruncatedError, "is empty"),
        (b"<html>not found</html>", BadMagicError, "not a gzip file"),
        (gzip.compress(b"PNG, or so it says"), BadMagicError, "not an IDX file"),
        (gzip.compress(idx_bytes(PICTURES, kind=0x0D)), BadMagicError, "type 0x0d"),
        (gzip.compress(idx_bytes(PICTURES[0])), BadMagicError, "has 2 axes where 3 are needed"),
        (gzip.compress(b"\0\0\x08"), TruncatedError, "within its header"),
        (gzip.compress(idx_bytes(PICTURES)[:9]), TruncatedError, "within its header"),
        (gzip.compress(idx_bytes(PICTURES)[:200]), TruncatedError, "should hold 455 values and holds 184"),
        (gzip.compress(idx_bytes(PICTURES))[:-100], TruncatedError, "cut short"),
        (gzip.compress(idx_bytes(PICTURES))[:12], TruncatedError, "cut short"),
        (gzip.compress(idx_bytes(PICTURES) + b"!"), DataError, "goes on after the 455 values"),
        (gzip.compress(idx_bytes(PICTURES)) + b"rest", ChecksumError, "damaged"),
        (gzip.compress(idx_bytes(np.zeros((0, 28, 28)))), EmptyDataError, "0 x 28 x 28"),
        (gzip.compress(idx_bytes(np.zeros((4, 0, 28)))), EmptyDataError, "4 x 0 x 28"),
        (gzip.compress(idx_bytes(PICTURES, lengths=[2**32 - 1] * 3)), DataError, "at most 1,073,741,824"),
        (gzip.compress(idx_bytes(PICTURES, lengths=[60000, 28, 28])), TruncatedError, "more than a file"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, content, error, words):
    path = tmp_path / "pictures.gz"
    path.write_bytes(content)
    with pytest.raises(error, match=re.escape(words)) as caught:
        idx.read(path, axes=3)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, DataError)


def test_a_flipped_bit_is_caught_by_the_gzip_checksum(tmp_path):
    noise = np.random.default_rng(0).integers(
        0, 256, (10, 28, 28)
    )  # stored, not compressed: a flip stays one
    content = bytearray(gzip.compress(idx_bytes(noise), compresslevel=0))
    content[4000] ^= 1
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(ChecksumError, match="damaged"):
        idx.read(tmp_path / "a.gz", axes=3)


def test_a_bomb_is_not_unpacked(tmp_path):
    """64 MB of zeros behind a header that announces 784 values: no more than those are kept."""
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros(784), lengths=[1, 28, 28]) + bytes(2**26)))
    tracemalloc.start()
    with pytest.raises(DataError, match="goes on"):
        idx.read(path, axes=3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**21


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        idx.read(tmp_path / "none.gz", axes=3)
    with pytest.raises(DataError, match="cannot be read"):
        idx.read(tmp_path, axes=3)


def test_a_pair_that_fits(tmp_path):
    pixels, labels = idx.read_pair(
        write_idx(tmp_path / "i.gz", PICTURES), write_idx(tmp_path / "l.gz", [0, 1, 2, 9, 4]), classes=10
    )
    np.testing.assert_array_equal(pixels, PICTURES)
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 2, 9, 4]


def test_one_example(tmp_path):
    pixels, labels = idx.read_pair(
        write_idx(tmp_path / "i.gz", [[[200]]]), write_idx(tmp_path / "l.gz", [0]), classes=1
    )
    assert pixels.tolist() == [[[200]]]
    assert labels.tolist() == [0]


@pytest.mark.parametrize(
    ("labels", "words"), [([0, 1, 2, 3], "4 labels for the 5 pictures"), ([0, 1, 2, 3, 10], "label 10")]
)
def test_labels_that_do_not_match(tmp_path, labels, words):
    images = write_idx(tmp_path / "i.gz", PICTURES)
    with pytest.raises(LabelError, match=words):
        idx.read_pair(images, write_idx(tmp_path / "l.gz", labels), classes=10)


def test_swapped_files(tmp_path):
    images, labels = write_idx(tmp_path / "i.gz", PICTURES), write_idx(tmp_path / "l.gz", [0] * 5)
    with pytest.raises(BadMagicError, match="is it the right file"):
        idx.read_pair(labels, images, classes=10)
