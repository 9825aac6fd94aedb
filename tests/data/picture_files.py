"""Pictures and archives made by PIL, zipfile and numpy, for the tests of importing."""

import zipfile
from io import BytesIO

import numpy as np
from PIL import Image


def pixels(seed, size=8, channels=0):
    shape = (size, size, channels) if channels else (size, size)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def encoded(array, kind="PNG", **how):
    stream = BytesIO()
    Image.fromarray(array).save(stream, kind, **how)
    return stream.getvalue()


def pack(path, entries, method=zipfile.ZIP_DEFLATED):
    """A zip of {name or ZipInfo: bytes}."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def good(count=6):
    """{name: bytes} of pictures in two folders."""
    return {f"{'ab'[i % 2]}/{i}.png": encoded(pixels(i)) for i in range(count)}
