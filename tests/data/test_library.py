"""Imported pictures as they are kept, found, shared, changed, deleted, and loaded."""

import json
import os

import numpy as np
import pytest
from picture_files import good, pack, pixels
from synthetic import largest_file

from vae_core import data
from vae_core.checks import check
from vae_core.config import DataConfig, RunConfig, options
from vae_core.data.dataset import fingerprint
from vae_core.data.imports import Preparation, read
from vae_core.data.library import Library
from vae_core.errors import ConfigError, DataError, DataMissingError, NotYoursError, StorageError
from vae_core.recipes import recommended
from vae_core.runs import RunStore


@pytest.fixture
def collected(tmp_path):
    return read(pack(tmp_path / "x.zip", {**good(40), "a.txt": b"words"}), Preparation(size=8, invert=True))


def test_it_loads_as_any_other_source(collected, home):
    kept = Library().add(collected, "My faces")
    loaded = data.load(DataConfig(source=kept.source))
    assert kept.path == home / "data" / kept.checksum[:16]
    assert as_set(loaded.images) == {(255 - pixels(i)).tobytes() for i in range(40)}
    assert loaded.images.dtype == np.uint8
    assert not loaded.images.flags.writeable
    assert loaded.checksum == fingerprint(collected.images, collected.labels)
    assert (loaded.title, loaded.label_names) == ("My faces", ("a", "b"))
    assert len(loaded.train) == 32
    assert np.bincount(loaded.labels[loaded.test]).tolist() == [4, 4]
    assert np.array_equal(loaded.to_unit(loaded.test) * 255, loaded.to_bytes(loaded.test))


def as_set(images):
    return {image.tobytes() for image in images}


def test_what_is_known_of_it(collected, home):
    kept = Library().add(collected, "My faces", "ada")
    assert (kept.count, kept.skipped, kept.shape, kept.classes) == (40, 1, (1, 8, 8), ("a", "b"))
    assert Preparation.parse(kept.preparation) == Preparation(size=8, invert=True)
    info = data.info(kept.source)
    assert (info.count, info.shape, info.classes, info.bytes) == (40, (1, 8, 8), ("a", "b"), 0)
    assert data.available(kept.source)
    assert 40 * 64 < kept.bytes < 40 * 64 + 3000
    assert not list((home / "data").glob(".*"))


def test_without_labels(tmp_path):
    entries = {name.replace("/", ""): value for name, value in good(10).items()}
    kept = Library().add(read(pack(tmp_path / "x.zip", entries), Preparation(size=8)), "plain")
    loaded = data.load(DataConfig(source=kept.source, limit=5))
    assert loaded.labels is None
    assert len(loaded.train) + len(loaded.test) == 5


def test_kept_once_for_each_owner(collected):
    library = Library()
    first = library.add(collected, "one", "ada")
    assert library.add(collected, "two", "ada") == first
    other = library.add(collected, "three", "bob")
    assert other.id != first.id
    library.delete(other.source, "bob")
    assert library.get(first.id) == first


def test_seen_by_its_owner_unless_shared(collected):
    library = Library()
    kept = library.add(collected, "mine", "ada")
    assert [found.id for found in library.list("ada")] == [kept.id]
    assert library.list("bob") == library.list() == []
    for act in (
        lambda: library.edit(kept.source, "bob", shared=True),
        lambda: library.delete(kept.id, "bob"),
    ):
        with pytest.raises(NotYoursError):
            act()
    assert library.edit(kept.source, "ada", shared=True).shared
    assert [found.id for found in library.list("bob")] == [kept.id]
    with pytest.raises(NotYoursError):
        library.delete(kept.id, "bob")
    library.delete(kept.id, "ada")
    assert not library.holds(kept.source)
    with pytest.raises(DataMissingError, match="import them again"):
        data.load(DataConfig(source=kept.source))
    assert list(library.folder.iterdir()) == []


def test_names_can_be_edited(collected):
    library = Library()
    kept = library.add(collected, "mine")
    changed = library.edit(kept.source, name="  Faces ", classes=("Ada", "Bob"))
    assert (changed.name, changed.classes, changed.checksum) == ("Faces", ("Ada", "Bob"), kept.checksum)
    assert data.load(DataConfig(source=kept.source)).label_names == ("Ada", "Bob")
    for wrong in (
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a\nb"},
        {"classes": ("a",)},
        {"classes": ("a", "a")},
    ):
        with pytest.raises(DataError):
            library.edit(kept.source, **wrong)
    assert library.get(kept.id) == changed


def test_a_full_disk_leaves_nothing(collected):
    with largest_file(1000), pytest.raises(StorageError):
        Library().add(collected, "mine")
    assert list(Library().folder.iterdir()) == []
    assert Library().add(collected, "mine").count == 40


def damage(path, kind):
    about = path / "about.json"
    if kind == "no description":
        about.unlink()
    elif kind == "junk":
        about.write_text("{")
    elif kind in ("count", "shape", "classes", "format", "shared"):
        values = json.loads(about.read_text())
        values[kind] = {"count": 41, "shape": [1, 8], "classes": [1], "format": 2, "shared": "yes"}[kind]
        about.write_text(json.dumps(values))
    elif kind == "cut":
        os.truncate(path / "images.npy", 1000)
    elif kind == "link":
        (path / "images.npy").rename(path / "elsewhere")
        (path / "images.npy").symlink_to(path / "elsewhere")
    elif kind == "other":
        np.save(path / "images.npy", np.array([{}], object))
    elif kind == "no array":
        (path / "images.npy").write_bytes(b"PK\3\4junk")
    elif kind == "labels":
        np.save(path / "labels.npy", np.full(40, 7))


DAMAGE = ["no description", "junk", "count", "shape", "classes", "format", "shared", "cut", "link", "other"]


@pytest.mark.parametrize("kind", [*DAMAGE, "no array", "labels"])
def test_damage_is_a_sentence(collected, kind):
    kept = Library().add(collected, "mine")
    damage(kept.path, kind)
    with pytest.raises(DataError) as caught:
        data.load(DataConfig(source=kept.source))
    assert str(caught.value).endswith(".")
    Library().list()


@pytest.mark.parametrize("source", ["own:", "own:../../x", "own:0123456789ABCDEF", "own:01234", "own"])
def test_only_ids_are_sources(source):
    with pytest.raises(ConfigError, match=r"data\.source"):
        RunConfig.parse({"data": {"source": source}})
    with pytest.raises(DataError):
        data.info(source)


def test_settings_go_with_it(collected):
    kept = Library().add(collected, "mine")
    config = recommended(kept.source)
    assert config.data.source == kept.source
    assert RunConfig.from_json(config.to_json()) == config
    check(config)
    with pytest.raises(ConfigError, match="1×8×8"):
        check(config.override({"model.hidden": (4096,) * 6}))
    assert options()["data.source"].choices == tuple(data.SOURCES)
    run = RunStore().create(config)
    assert RunStore().get(run.id).config == config


def test_a_model_trains_on_it(collected):
    from vae_core.api import fit

    kept = Library().add(collected, "mine")
    config = recommended(kept.source).override({"training.epochs": 1, "model.hidden": (8,)})
    assert fit(config).report["n"] == 8


@pytest.mark.parametrize(
    ("owner", "asker", "shared", "local", "serves"),
    [
        ("ada", "ada", False, False, True),
        ("ada", "bob", False, False, False),
        ("ada", "bob", False, True, False),
        ("ada", "", False, True, False),
        ("ada", "bob", True, False, True),
        ("", "bob", False, False, False),
        ("", "bob", False, True, True),
        ("", "bob", True, False, True),
        ("", "", False, False, True),
    ],
)
def test_who_may_use_it(collected, owner, asker, shared, local, serves):
    library = Library()
    kept = library.add(collected, "set", owner)
    library.edit(kept.source, owner, shared=shared)
    assert [found.id for found in library.list(asker, local)] == [kept.id] * serves
    if serves:
        assert library.usable(kept.source, asker, local).id == kept.id
    else:
        with pytest.raises(DataMissingError) as refused:
            library.usable(kept.source, asker, local)
        library.delete(kept.source, owner)
        with pytest.raises(DataMissingError) as absent:
            library.usable(kept.source, asker, local)
        assert str(refused.value) == str(
            absent.value
        )  # what is not shared cannot be told from what is not there
