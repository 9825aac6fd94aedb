"""Kuzushiji-MNIST has MNIST's form; only its files, names and addresses are its own."""

import unicodedata

import numpy as np
from test_mnist import TEST, TRAIN, folders, install, tiny  # noqa: F401

from vae_core import data
from vae_core.config import DataConfig


def test_it_is_read_as_mnist_is(monkeypatch, folders):  # noqa: F811
    folder = folders[0].parent / "kmnist"
    values = tiny(28, 28)
    install(monkeypatch, folder, values, "kmnist")
    loaded = data.load(DataConfig(source="kmnist"))
    np.testing.assert_array_equal(loaded.images[:, 0], np.concatenate([values[0], values[2]]))
    np.testing.assert_array_equal(loaded.labels, [*values[1], *values[3]])
    assert (len(loaded.train), len(loaded.test)) == (TRAIN, TEST)


def test_each_class_is_named_by_its_sound_and_its_hiragana():
    """The sign's name in Unicode says which syllable it is."""
    for name in data.SOURCES["kmnist"].classes:
        sound, sign = name.split()
        syllable = unicodedata.name(sign).removeprefix("HIRAGANA LETTER ")
        assert syllable == {"TSU": "TU"}.get(sound.upper(), sound.upper())


def test_the_files_are_those_of_the_authors():
    info = data.SOURCES["kmnist"]
    assert [file.name for file in info.files] == [file.name for file in data.SOURCES["mnist"].files]
    assert info.bytes == 21_240_888
    for file in info.files:
        assert len(file.sha256) == 64
        assert all("codh.rois.ac.jp/kmnist/" in address for address in file.addresses)
