"""MNIST and Fashion-MNIST: a tiny set of the same form, then the real files where they are."""

import dataclasses
import hashlib

import numpy as np
import platformdirs
import pytest
from idx_writer import write_idx

from vae_core import data
from vae_core.config import DataConfig
from vae_core.data import files
from vae_core.errors import ChecksumError, DataMissingError, EmptyDataError, LabelError
from vae_core.settings import settings

TRAIN, TEST = 12, 5


def install(monkeypatch, folder, values, source="mnist"):
    """Writes four IDX files into `folder` and makes them the published ones of that source."""
    folder.mkdir(parents=True, exist_ok=True)
    published = []
    for file, array in zip(data.SOURCES[source].files, values):
        content = write_idx(folder / file.name, array).read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        published.append(dataclasses.replace(file, bytes=len(content), sha256=checksum))
    info = dataclasses.replace(data.SOURCES[source], files=tuple(published))
    monkeypatch.setitem(data.SOURCES, source, info)


def tiny(height=7, width=13):
    generator = np.random.default_rng(0)
    return [
        generator.integers(0, 256, (TRAIN, height, width)),
        np.arange(TRAIN) % 10,
        generator.integers(0, 256, (TEST, height, width)),
        np.arange(TEST),
    ]


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """(LATENTSCAPE_DATA's, the cache's) folder of MNIST, both still absent."""
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *names, **options: str(tmp_path / "cache"))
    return tmp_path / "data" / "mnist", tmp_path / "cache" / "data" / "mnist"


@pytest.mark.parametrize("size", [(7, 13), (1, 1), (28, 28)])
def test_it_is_read_from_either_folder(monkeypatch, folders, size):
    told = []
    for folder in folders:
        values = tiny(*size)
        install(monkeypatch, folder, values)
        loaded = data.load(DataConfig(source="mnist"), lambda done, total: told.append(done))
        np.testing.assert_array_equal(loaded.images[:, 0], np.concatenate([values[0], values[2]]))
        np.testing.assert_array_equal(loaded.labels, [*values[1], *values[3]])
        assert loaded.train.tolist() == list(range(TRAIN))
        assert loaded.test.tolist() == list(range(TRAIN, TRAIN + TEST))
        for path in folder.iterdir():
            path.unlink()
    assert told[0] == TRAIN


def test_constant_pictures(monkeypatch, folders):
    values = tiny()
    values[0] = np.full_like(values[0], 255)
    values[2] = np.full_like(values[2], 255)
    install(monkeypatch, folders[0], values)
    loaded = data.load(DataConfig(source="mnist"))
    assert loaded.to_unit(loaded.train).min() == 1


def test_a_limit_takes_from_both_parts(monkeypatch, folders):
    install(monkeypatch, folders[0], tiny())
    loaded = data.load(DataConfig(source="mnist", limit=7))
    assert (len(loaded.train), len(loaded.test)) == (5, 2)
    assert loaded.train.max() < TRAIN <= loaded.test.min()
    with pytest.raises(EmptyDataError):
        data.load(DataConfig(source="mnist", limit=1))


def test_missing_files_are_said(monkeypatch, folders):
    install(monkeypatch, folders[0], tiny())
    assert data.available("mnist")
    (folders[0] / "train-labels-idx1-ubyte.gz").unlink()
    assert not data.available("mnist")
    with pytest.raises(DataMissingError, match=r"MNIST is not on this machine yet.*Download"):
        data.load(DataConfig(source="mnist"))


def test_a_changed_file_is_not_used(monkeypatch, folders):
    install(monkeypatch, folders[0], tiny())
    data.load(DataConfig(source="mnist"))  # remembered as sound
    path = folders[0] / "t10k-images-idx3-ubyte.gz"
    write_idx(path, tiny()[0][:TEST])
    with pytest.raises(ChecksumError, match=r"t10k-images.*Delete it and download it again"):
        data.load(DataConfig(source="mnist"))


def test_labels_that_do_not_match(monkeypatch, folders):
    values = tiny()
    values[3] = values[3][:-1]
    install(monkeypatch, folders[0], values)
    with pytest.raises(LabelError, match="4 labels for the 5 pictures"):
        data.load(DataConfig(source="mnist"))


def test_an_empty_set(monkeypatch, folders):
    values = tiny()
    values[0], values[1] = values[0][:0], values[1][:0]
    install(monkeypatch, folders[0], values)
    with pytest.raises(EmptyDataError, match="is empty"):
        data.load(DataConfig(source="mnist"))


@pytest.fixture(params=["mnist", "fashion-mnist"])
def real(request):
    if not data.available(request.param):
        pytest.skip(f"{request.param} is not here; set LATENTSCAPE_DATA to a folder that has it.")
    return data.load(DataConfig(source=request.param))


@pytest.mark.data
def test_the_real_pictures(real):
    assert (real.images.shape, real.images.dtype) == ((70_000, 1, 28, 28), np.uint8)
    assert (len(real.train), len(real.test)) == (60_000, 10_000)
    assert len(real.label_names) == 10
    if real.name == "fashion-mnist":
        assert np.bincount(real.labels[real.train]).tolist() == [6000] * 10
        assert np.bincount(real.labels[real.test]).tolist() == [1000] * 10
    else:  # as published with MNIST
        ones = np.bincount(real.labels[real.train])
        assert ones.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    mean = real.to_unit(real.train).mean(dtype=np.float64)
    assert mean == pytest.approx({"mnist": 0.1307, "fashion-mnist": 0.2860}[real.name], abs=1e-4)


@pytest.mark.data
def test_the_real_files_are_the_published_ones(real):
    """md5 as the authors print them for Fashion-MNIST, sha256 for all, computed here by other code."""
    printed = {
        "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    }
    for file in data.SOURCES[real.name].files:
        content = files.find(real.name, file.name).read_bytes()
        assert len(content) == file.bytes
        assert hashlib.sha256(content).hexdigest() == file.sha256
        if real.name == "fashion-mnist":
            assert hashlib.md5(content).hexdigest() == printed[file.name]


@pytest.mark.data
def test_half_a_real_file(real, monkeypatch, tmp_path):
    folder = tmp_path / real.name
    folder.mkdir()
    file = data.SOURCES[real.name].files[2]
    content = (settings().data / real.name / file.name) if settings().data else None
    if content is None or not content.is_file():
        pytest.skip("The real files lie in the download cache, which this test leaves alone.")
    (folder / file.name).write_bytes(content.read_bytes()[: file.bytes // 2])
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path))
    with pytest.raises(ChecksumError):
        files.verify(files.find(real.name, file.name), file)
