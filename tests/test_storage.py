"""Files written whole, and read with suspicion."""

import errno
import json
import os
import struct
import subprocess
from contextlib import suppress

import numpy as np
import pytest
from safetensors.numpy import load_file, save, save_file
from synthetic import largest_file

from vae_core import storage
from vae_core.errors import StorageError, UnreadableFileError
from vae_core.storage import append_line, read_json, read_rows, read_tensors, write_atomic, write_tensors

TENSORS = {
    "weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "half": np.array([1.5], np.float16),
    "scalar": np.array(3.0, np.float32),
    "pixels": np.arange(5, dtype=np.uint8),
    "index": np.array([2**40], np.int64),
    "empty": np.zeros((0, 4), np.float32),
}


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KB of its own, where this account may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def file_of(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def test_what_is_written_reads_back_and_the_library_agrees(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, TENSORS, {"note": "β"})
    tensors, metadata = read_tensors(path)
    assert metadata == {"note": "β"}
    for found in (tensors, load_file(path)):
        assert found.keys() == TENSORS.keys()
        for name, array in TENSORS.items():
            assert found[name].dtype == array.dtype
            assert found[name].shape == array.shape
            np.testing.assert_array_equal(found[name], array)
    assert all(array.flags.writeable for array in tensors.values())
    assert list(tmp_path.iterdir()) == [path]


def test_arrays_that_are_not_in_order_are_written_in_order(tmp_path):
    path = tmp_path / "a.safetensors"
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]
    write_tensors(path, {"x": array}, {})
    np.testing.assert_array_equal(read_tensors(path)[0]["x"], array)


def test_files_of_the_library_read(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file(TENSORS, path)
    np.testing.assert_array_equal(read_tensors(path)[0]["weight"], TENSORS["weight"])
    np.testing.assert_array_equal(read_tensors(save(TENSORS))[0]["pixels"], TENSORS["pixels"])


HOSTILE = {
    "empty": b"",
    "too short": b"\x01\x02",
    "junk": bytes(range(256)) * 4,
    "header beyond the end": struct.pack("<Q", 2**63) + b"{}",
    "header of four megabytes": file_of(b"{" + b" " * 2**22 + b"}"),
    "not JSON": file_of(b"{nonsense"),
    "not UTF-8": file_of(b'{"\xff\xfe": 1}'),
    "deep": file_of(b"[" * 100_000),
    "a list": file_of([1, 2]),
    "huge number": file_of(b'{"a": ' + b"9" * 5000 + b"}"),
    "entry not an object": file_of({"a": 3}),
    "no shape": file_of({"a": {"dtype": "F32", "data_offsets": [0, 8]}}, bytes(8)),
    "unknown type": file_of({"a": entry("F128")}, bytes(8)),
    "type not text": file_of({"a": entry(["F32"])}, bytes(8)),
    "negative extent": file_of({"a": entry(shape=(-2,))}, bytes(8)),
    "extent not whole": file_of({"a": entry(shape=(2.0,))}, bytes(8)),
    "extent true": file_of({"a": entry(shape=(True, 2))}, bytes(8)),
    "huge extent": file_of({"a": entry(shape=(2**62,), offsets=(0, 2**64))}, bytes(8)),
    "huge empty": file_of({"a": entry(shape=(0, 2**39, 2**39), offsets=(0, 0))}),
    "huge product": file_of({"a": entry(shape=(2**30, 2**30), offsets=(0, 2**62))}, bytes(8)),
    "a terabyte promised": file_of({"a": entry(shape=(2**38,), offsets=(0, 2**40 - 1))}, bytes(8)),
    "a gigabyte promised": file_of({"a": entry(shape=(2**28,), offsets=(0, 2**30))}, bytes(8)),
    "many dimensions": file_of({"a": entry(shape=(1,) * 60, offsets=(0, 4))}, bytes(4)),
    "size and shape differ": file_of({"a": entry(shape=(3,))}, bytes(8)),
    "reversed": file_of({"a": entry(offsets=(8, 0))}, bytes(8)),
    "three offsets": file_of({"a": entry(offsets=(0, 8, 8))}, bytes(8)),
    "overlap": file_of({"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12)),
    "gap": file_of({"a": entry(), "b": entry(offsets=(12, 20))}, bytes(20)),
    "cut short": file_of({"a": entry()}, bytes(7)),
    "something appended": file_of({"a": entry()}, bytes(9)),
    "metadata a list": file_of({"__metadata__": [1], "a": entry()}, bytes(8)),
    "metadata of numbers": file_of({"__metadata__": {"a": 1}, "a": entry()}, bytes(8)),
    "too many": file_of({f"t{i}": entry(shape=(0,), offsets=(0, 0)) for i in range(5000)}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_a_sentence(data, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"model\.safetensors"):
        read_tensors(path)
    with pytest.raises(UnreadableFileError, match="the bundle"):
        read_tensors(data, name="the bundle")


def test_any_change_of_a_byte_is_read_or_a_sentence():
    """Never another exception, whatever the file says."""
    generator = np.random.default_rng(0)
    good = save(TENSORS, {"note": "x"})
    for _ in range(600):
        data = bytearray(good)
        for place in generator.integers(0, len(data), generator.integers(1, 4)):
            data[place] = generator.integers(256)
        cut = bytes(data[: generator.integers(len(data))]) if generator.random() < 0.2 else bytes(data)
        with suppress(UnreadableFileError):
            read_tensors(cut, name="it")


def test_only_regular_files_of_bounded_size_are_opened(tmp_path):
    (tmp_path / "real").write_bytes(b"{}")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(2**40)
    wrong = {"link": "is a link", "folder": "not a regular file", "pipe": "not a regular file"}
    for name, words in {**wrong, "sparse": "1024.0 GB, at most 1.0 MB", "none": "is missing"}.items():
        with pytest.raises(UnreadableFileError, match=words):
            read_json(tmp_path / name)


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}"])
def test_json_that_is_none_is_a_sentence(text, tmp_path):
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(UnreadableFileError, match=r"a\.json"):
        read_json(tmp_path / "a.json")


def test_rows_leave_out_a_half_written_one(tmp_path):
    path = tmp_path / "rows.jsonl"
    assert list(read_rows(path, 1000)) == []
    append_line(path, {"a": 1})
    append_line(path, {"a": np.float32(0.5), "b": float("nan"), "c": np.arange(2)})
    with open(path, "ab") as file:
        file.write(b'{"a": 3')
    size = path.stat().st_size - len(b'{"a": 3')
    assert list(read_rows(path, 1000)) == [({"a": 1}, 9), ({"a": 0.5, "b": None, "c": [0, 1]}, size)]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("moment", ["open", "fsync", "replace"])
def test_a_refused_write_changes_nothing(code, moment, tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    write_atomic(path, b"before")

    def refuse(*arguments, **named):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(storage if moment == "open" else storage.os, moment, refuse, raising=False)
    with pytest.raises(StorageError, match=r"model\.safetensors could not be saved.*and try again"):
        write_atomic(path, b"after")
    monkeypatch.undo()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_may_not_grow_stays_as_it_was(tmp_path):
    path, rows = tmp_path / "a", tmp_path / "rows.jsonl"
    write_atomic(path, b"before")
    append_line(rows, {"a": "x" * 900})
    with largest_file(1000):
        with pytest.raises(StorageError):
            write_atomic(path, bytes(2000))
        with pytest.raises(StorageError):
            append_line(rows, {"a": "y" * 900})
        write_atomic(path, b"small")
    assert path.read_bytes() == b"small"
    assert [row for row, _ in read_rows(rows, 10_000)] == [{"a": "x" * 900}]
    assert rows.read_bytes().endswith(b"\n")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a", "rows.jsonl"]


def test_a_full_disk_keeps_what_was_there(small_disk):
    path, rows = small_disk / "a", small_disk / "rows.jsonl"
    write_atomic(path, b"before")
    append_line(rows, {"a": 1})
    with pytest.raises(StorageError, match="the disk is full"):
        write_atomic(path, bytes(2**20))
    with pytest.raises(StorageError, match="the disk is full"):
        append_line(rows, {"a": "x" * 2**20})
    assert path.read_bytes() == b"before"
    assert [row for row, _ in read_rows(rows, 10_000)] == [{"a": 1}]
    assert sorted(item.name for item in small_disk.iterdir()) == ["a", "rows.jsonl"]
