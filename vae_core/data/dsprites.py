"""dSprites: white sprites drawn from known shape, scale, orientation and position (Matthey et al., 2017).

The published file holds every combination of 3 shapes, 6 scales, 40 orientations and 32 positions along
each axis: 737,280 pictures, 3 GB unpacked. Learned from is the complete coarser grid of every fourth
orientation and every second position, 46,080 pictures. They are taken from the published file as it is
unpacked piece by piece, or from `dsprites_downsampled.npz`, which holds just them; both give the same
pictures, down to the checksum. `dsprites_subset.npz`, 20,000 of all drawn at random, serves where neither
is here.
"""

from contextlib import suppress
from pathlib import Path

import numpy as np

from vae_core import storage
from vae_core.config import DataConfig
from vae_core.data import files
from vae_core.data.dataset import Dataset, Progress, SourceInfo, fingerprint, hold_out
from vae_core.data.files import RemoteFile
from vae_core.data.imports import archive
from vae_core.errors import ChecksumError, DataError, DataMissingError, StorageError, UnreadableFileError

SHAPES = ("square", "ellipse", "heart")
STEPS = (3, 6, 40, 32, 32)  # shape, scale, orientation, x, y; the last runs fastest
STRIDES = (1, 1, 4, 2, 2)
WIDTH = 64
PIXELS = WIDTH * WIDTH
CACHED = "grid.bits"  # the grid once it was unpacked, a bit for each pixel
# What `fingerprint` makes of the grid.
GRID = "481d49753b9daf74f188538f163c7f37d4bfad941533e81473e550da01c234ea"
MOST = 2**33  # bytes of the published pictures unpacked

OFFICIAL = RemoteFile(
    "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    26_729_168,
    "",
    (
        "https://github.com/google-deepmind/dsprites-dataset/raw/master/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        "https://raw.githubusercontent.com/google-deepmind/dsprites-dataset/master/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    ),
    git="d98996d3f8ee1550e06b9d4ed78d0beb478910d5",
)
DOWNSAMPLED = RemoteFile(
    "dsprites_downsampled.npz",
    1_341_726,
    "8a632f70c0dbd279dd771854981a3de945b2448eddbd9b2af59fb83e8728f871",
    (),
)
SUBSET = RemoteFile(
    "dsprites_subset.npz",
    710_021,
    "32e7cb03fbab06c521df18877073c8d8508877ccecf27d98a9815fa2d4856567",
    (),
)


def load(info: SourceInfo, config: DataConfig, progress: Progress | None = None) -> Dataset:
    """(N, 1, 64, 64) uint8, 0 or 255; labels are the shapes, factors as in `factors`. Files are verified."""
    images, rows = _pictures(info, progress)
    known = factors(rows)
    labels = known["shape"]
    checksum = fingerprint(images, labels)
    if len(rows) == len(grid()) and checksum != GRID:
        _forget()
        raise ChecksumError(
            f"The pictures of {info.title} are not those that its authors published. "
            "Delete their file and download it again."
        )
    split = hold_out(info.title, labels, config)
    return info.dataset(images, labels, split, checksum, known)


def grid() -> np.ndarray:
    """Rows of the published file that are learned from, (46080,) int64, ascending."""
    axes = [np.arange(0, steps, stride) for steps, stride in zip(STEPS, STRIDES)]
    return np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), STEPS).ravel()


def factors(rows: np.ndarray) -> dict[str, np.ndarray]:
    """What made the pictures of these rows, (n,) each, as its authors number and place them.

    Shape (index of SHAPES), scale 0.5 to 1, orientation in radians 0 to 2 pi, x and y from 0 to 1.
    """
    shape, scale, orientation, x, y = np.unravel_index(rows, STEPS)
    return {
        "shape": shape.astype(np.int64),
        "scale": 0.5 + scale / 10,
        "orientation": 2 * np.pi * orientation / 39,
        "x": x / 31,
        "y": y / 31,
    }


def read_rows(path: Path, rows: np.ndarray, count: int, progress: Progress | None = None) -> np.ndarray:
    """Pictures (n, 1, 64, 64) of these ascending rows of an npz whose "imgs" holds `count`, 0 or 255.

    Unpacks piece by piece and keeps what is asked for. Raises DataError.
    """
    found = np.empty((len(rows), PIXELS), np.uint8)
    begin = taken = 0  # row at the start of `waiting`; pictures found
    with path.open("rb") as file:
        members = {member.name: member for member in archive.members(file, path.stat().st_size, 100)}
        if b"imgs.npy" not in members:
            raise DataError(f"{path.name} holds no array imgs; get it again.")
        waiting, header = bytearray(), 0
        for piece in archive.pieces(file, members[b"imgs.npy"], MOST):
            waiting += piece
            if not header and len(waiting) >= 128:
                header = _header(path, bytes(waiting[:128]), count)
                del waiting[:header]
            whole = len(waiting) // PIXELS if header else 0
            block = np.frombuffer(bytes(waiting[: whole * PIXELS]), np.uint8).reshape(whole, PIXELS)
            until = int(np.searchsorted(rows, begin + whole))
            found[taken:until] = block[rows[taken:until] - begin]
            del waiting[: whole * PIXELS]
            begin, taken = begin + whole, until
            if progress:
                progress(taken, len(rows))
    if begin != count or waiting:
        raise DataError(f"{path.name} does not hold the {count:,} pictures it should; get it again.")
    return _whitened(found)


def _pictures(info: SourceInfo, progress: Progress | None) -> tuple[np.ndarray, np.ndarray]:
    """The pictures, and which rows of the published file they are."""
    here = {file.name: files.find(info.name, file.name) for file in (DOWNSAMPLED, OFFICIAL, SUBSET)}
    path, rows = here[DOWNSAMPLED.name], grid()
    try:
        if path:
            files.verify(path, DOWNSAMPLED)
            images = read_rows(path, np.arange(len(rows)), len(rows), progress)
        elif path := here[OFFICIAL.name]:
            files.verify(path, OFFICIAL)
            images = _unpacked(path, rows, progress)
        elif path := here[SUBSET.name]:
            files.verify(path, SUBSET)
            with np.load(path, allow_pickle=False) as arrays:
                rows = arrays["original_dataset_indices"].astype(np.int64)
            images = read_rows(path, np.arange(len(rows)), len(rows), progress)
        else:
            raise DataMissingError(f"The file of {info.title} is missing; download the data set again.")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    except archive.EntryError as error:
        raise DataError(f"The pictures in {path} cannot be read: imgs.npy {error}.") from None
    return images, rows


def _unpacked(path: Path, rows: np.ndarray, progress: Progress | None) -> np.ndarray:
    """The grid from the published file, or from what was kept of it: unpacking 3 GB takes many seconds."""
    kept = _kept()
    size = len(rows) * PIXELS // 8
    with suppress(UnreadableFileError):
        bits = np.frombuffer(storage.read_bytes(kept, size), np.uint8)
        if len(bits) == size:
            images = _whitened(np.unpackbits(bits))
            if progress:
                progress(len(rows), len(rows))
            return images
    images = read_rows(path, rows, int(np.prod(STEPS)), progress)
    with suppress(StorageError):  # then it is unpacked again next time
        storage.make_folder(kept.parent)
        storage.write_atomic(kept, np.packbits(images > 0).tobytes())
    return images


def _kept() -> Path:
    return files.cache_folder(INFO.name) / CACHED


def _forget() -> None:
    """What was kept is made anew from the published file."""
    with suppress(OSError):
        _kept().unlink(missing_ok=True)


def _whitened(pixels: np.ndarray) -> np.ndarray:
    """0 and 1 as 0 and 255, (n, 1, 64, 64)."""
    if pixels.size and pixels.max() > 1:
        raise DataError("The pictures of dSprites hold other numbers than 0 and 1; get the file again.")
    return (pixels * np.uint8(255)).reshape(-1, 1, WIDTH, WIDTH)


def _header(path: Path, start: bytes, count: int) -> int:
    """Bytes before the pixels of an array written by numpy; its description must be the expected one."""
    length = 10 + int.from_bytes(start[8:10], "little")
    text = start[10:length].decode("latin-1")
    shape = f"'shape': ({count}, {WIDTH}, {WIDTH})"
    if start[:8] != b"\x93NUMPY\1\0" or length > len(start) or shape not in text or "'|u1'" not in text:
        raise DataError(f"{path.name} does not hold {count:,} pictures of 64×64 bytes; get it again.")
    if "'fortran_order': False" not in text:
        raise DataError(f"{path.name} holds its pictures in an order that is not read; get it again.")
    return length


INFO = SourceInfo(
    name="dsprites",
    title="dSprites",
    blurb="46,080 sprites of 64×64 pixels, every combination of five known factors.",
    source="Matthey, Higgins, Hassabis and Lerchner, dSprites (DeepMind, 2017)",
    licence="Apache-2.0",
    count=46_080,
    shape=(1, WIDTH, WIDTH),
    classes=SHAPES,
    load=load,
    files=(OFFICIAL,),
    instead=(DOWNSAMPLED, SUBSET),
)
