"""dSprites: rows and factors against the pixels and the published tables, and files of its form."""

import dataclasses
import itertools
import subprocess
import tracemalloc
import zipfile

import numpy as np
import platformdirs
import pytest

from vae_core import data
from vae_core.config import DataConfig
from vae_core.data import dsprites, files
from vae_core.data.dataset import fingerprint
from vae_core.errors import ChecksumError, DataError, DataMissingError

SMALL, STRIDES = (3, 2, 4, 3, 4), (1, 1, 2, 2, 2)  # 288 pictures, of which 48 are learned from


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder of dSprites in LATENTSCAPE_DATA; the cache lies elsewhere."""
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *names, **options: str(tmp_path / "cache"))
    (tmp_path / "data" / "dsprites").mkdir(parents=True)
    return tmp_path / "data" / "dsprites"


def sprites(count, seed=0):
    return (np.random.default_rng(seed).random((count, 64, 64)) < 0.1).astype(np.uint8)


@pytest.fixture
def official(monkeypatch, folder):
    """A file of the published form for a small world, `git`'s own id made the published one."""
    monkeypatch.setattr(dsprites, "STEPS", SMALL)
    monkeypatch.setattr(dsprites, "STRIDES", STRIDES)
    images = sprites(288)
    path = folder / dsprites.OFFICIAL.name
    metadata = np.array({"date": "today"}, object)  # a pickle, as in the published file
    np.savez_compressed(path, metadata=metadata, imgs=images, latents_values=np.ones((288, 6)))
    found = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
    publish(monkeypatch, dataclasses.replace(dsprites.OFFICIAL, git=found.stdout.strip()))
    return path, images


def publish(monkeypatch, file):
    monkeypatch.setattr(dsprites, "OFFICIAL", file)
    monkeypatch.setitem(data.SOURCES, "dsprites", dataclasses.replace(dsprites.INFO, files=(file,)))


def expected(images):
    """The pictures of the grid one by one."""
    cube = images.reshape(*SMALL, 64, 64)
    places = itertools.product((0, 1, 2), (0, 1), (0, 2), (0, 2), (0, 2))
    chosen = [cube[place] for place in places]
    return np.stack(chosen)[:, None] * 255


def test_the_grid_is_taken_from_the_published_file(monkeypatch, official):
    _, images = official
    right = expected(images)
    monkeypatch.setattr(dsprites, "GRID", fingerprint(right, np.repeat(np.arange(3), 16)))
    told = []
    for _ in range(2):  # unpacked, then as it was kept
        loaded = data.load(DataConfig(source="dsprites"), lambda done, total: told.append((done, total)))
        np.testing.assert_array_equal(loaded.images, right)
        assert loaded.labels.tolist() == np.repeat([0, 1, 2], 16).tolist()
    assert told[-1] == (48, 48)
    kept = files.cache_folder("dsprites") / dsprites.CACHED
    assert kept.stat().st_size == 48 * 64 * 64 / 8
    kept.write_bytes(bytes(kept.stat().st_size))
    with pytest.raises(ChecksumError, match="not those"):
        data.load(DataConfig(source="dsprites"))
    assert len(data.load(DataConfig(source="dsprites", limit=10)).train) == 8  # made anew


def test_another_file_is_refused(official):
    path, _ = official
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ChecksumError, match="git id begins"):
        data.load(DataConfig(source="dsprites"))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": sprites(9)}, "holds no array imgs"),
        ({"imgs": sprites(8)}, "does not hold 9 pictures"),
        ({"imgs": sprites(9).astype(np.int16)}, "does not hold 9 pictures"),
        ({"imgs": np.asfortranarray(sprites(9))}, "order that is not read"),
        ({"imgs": sprites(9) * 2}, "other numbers than 0 and 1"),
    ],
)
def test_files_of_another_form(tmp_path, arrays, reason):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=reason):
        dsprites.read_rows(tmp_path / "x.npz", np.arange(9), 9)


def test_a_file_with_fewer_pictures_than_it_says(tmp_path):
    np.savez(tmp_path / "x.npz", imgs=sprites(9))
    with zipfile.ZipFile(tmp_path / "x.npz") as archive:
        content = archive.read("imgs.npy")
    with zipfile.ZipFile(tmp_path / "y.npz", "w") as archive:
        archive.writestr("imgs.npy", content[:-5000])
    with pytest.raises(DataError, match="does not hold the 9 pictures"):
        dsprites.read_rows(tmp_path / "y.npz", np.array([0, 3]), 9)


def test_without_a_file(folder):
    assert not data.available("dsprites")
    with pytest.raises(DataMissingError):
        data.load(DataConfig(source="dsprites"))


@pytest.fixture(params=["downsampled", "subset"])
def real(request, data_dir, folder):
    """The source with only one of the two smaller files, and that file's arrays."""
    original = data_dir / "dsprites" / f"dsprites_{request.param}.npz"
    if not original.is_file():
        pytest.skip(f"{original} is not here.")
    (folder / original.name).symlink_to(original)
    with np.load(original, allow_pickle=False) as arrays:
        wanted = ("imgs", "latents_values", "original_dataset_indices")
        return data.load(DataConfig(source="dsprites")), {name: arrays[name] for name in wanted}


@pytest.mark.data
def test_pictures_and_factors_are_the_published_ones(real):
    loaded, arrays = real
    np.testing.assert_array_equal(loaded.images[:, 0], arrays["imgs"] * 255)
    for column, (name, values) in enumerate(loaded.factors.items()):
        published = arrays["latents_values"][:, column] - (name == "shape")  # they count shapes from 1
        np.testing.assert_allclose(values, published, atol=1e-12)
    if len(loaded.images) == 46_080:
        np.testing.assert_array_equal(dsprites.grid(), arrays["original_dataset_indices"])


@pytest.mark.data
def test_factors_are_seen_in_the_pixels(real):
    """The centroid lies where x and y say, the area grows with the square of the scale."""
    loaded, _ = real
    pixels = loaded.images[::7, 0] / 255
    factors = {name: values[::7] for name, values in loaded.factors.items()}
    mass, centres = pixels.sum((1, 2)), np.arange(64) + 0.5
    along = {
        "x": (pixels.sum(1) * centres).sum(1) / mass,
        "y": (pixels.sum(2) * centres).sum(1) / mass,
    }
    for name, centre in along.items():
        np.testing.assert_allclose(centre, 16 + 32 * factors[name], atol=2.3)
        assert np.corrcoef(centre, factors[name])[0, 1] > 0.99
    for shape in range(3):
        chosen = factors["shape"] == shape
        ratio = mass[chosen] / factors["scale"][chosen] ** 2
        assert ratio.std() / ratio.mean() < 0.03


@pytest.mark.data
@pytest.mark.soak
def test_the_grid_from_a_file_as_large_as_the_published_one(monkeypatch, data_dir, folder, tmp_path):
    """3 GB unpacked in bounded memory; every picture that is known lies in its row, the others are black."""
    known = {}
    for name in ("downsampled", "subset"):
        with np.load(data_dir / "dsprites" / f"dsprites_{name}.npz", allow_pickle=False) as arrays:
            known |= dict(zip(arrays["original_dataset_indices"].tolist(), np.asarray(arrays["imgs"])))
    path = folder / dsprites.OFFICIAL.name
    black = np.zeros((64, 64), np.uint8)
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open("imgs.npy", "w", force_zip64=True) as entry:
        header = {"descr": "|u1", "fortran_order": False, "shape": (737_280, 64, 64)}
        np.lib.format.write_array_header_1_0(entry, header)
        for first in range(0, 737_280, 4096):
            entry.write(b"".join(known.get(row, black).tobytes() for row in range(first, first + 4096)))
    found = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
    publish(monkeypatch, dataclasses.replace(dsprites.OFFICIAL, git=found.stdout.strip()))
    tracemalloc.start()
    loaded = data.load(DataConfig(source="dsprites"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert loaded.checksum == dsprites.GRID
    assert peak < 3.5 * loaded.images.nbytes
