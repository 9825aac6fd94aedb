"""What tests of faults need: a small disk, one that is full, less memory for a process."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BLOCK = 65_536  # bytes that fill a disk at a time


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own in `folder`; skips where this account may mount none."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Nobody may write to a disk that `small_disk` gave, not even root, whom modes do not stop."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def full(disk: Path, but: int = 0) -> Iterator[None]:
    """Not a byte is free on the disk, `but` so many."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        size = BLOCK
        while size:
            try:
                os.write(file.fileno(), bytes(size))
            except OSError:
                size //= 2
        os.truncate(filler, filler.stat().st_size - but)
    try:
        yield
    finally:
        filler.unlink()
