"""Tags: kept for one person and run, checked on the way in and out."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from vae_core.config import RunConfig
from vae_core.errors import LatentscapeError, TagError
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.tags import MOST_ROWS, MOST_TAGS, Tag, TagStore

ANNA, BEN = "a" * 32, "b" * 32


@pytest.fixture
def run(home: Path) -> Run:
    return RunStore(home).create(RunConfig.parse({}))


@pytest.fixture
def tags(home: Path) -> TagStore:
    return TagStore(home)


def file_of(home: Path) -> Path:
    (path,) = (home / "tags").rglob("*.json")
    return path


def test_tags_are_kept_in_order_each_for_its_owner(tags: TagStore, run: Run, home: Path):
    assert tags.list(run, ANNA) == ()
    tags.save(run, ANNA, "  odd \n ones ", [5, 3, 3], 10)
    tags.save(run, ANNA, "others", [], 10)
    tags.save(run, BEN, "odd ones", [1], 10)
    assert TagStore(home).list(run, ANNA) == (Tag("odd ones", (3, 5)), Tag("others", ()))
    assert tags.list(run, BEN) == (Tag("odd ones", (1,)),)
    assert not any(ANNA in str(path) for path in (home / "tags").rglob("*"))


def test_a_tag_is_replaced_renamed_and_deleted(tags: TagStore, run: Run):
    tags.save(run, ANNA, "a", [1], 10)
    tags.save(run, ANNA, "b", [2], 10)
    tags.save(run, ANNA, "a", [9], 10)
    assert tags.list(run, ANNA) == (Tag("b", (2,)), Tag("a", (9,)))
    tags.rename(run, ANNA, "b", "first")
    tags.rename(run, ANNA, "first", "first")
    tags.delete(run, ANNA, "a")
    tags.delete(run, ANNA, "nobody")
    assert tags.list(run, ANNA) == (Tag("first", (2,)),)
    tags.save(run, ANNA, "a", [1], 10)
    with pytest.raises(TagError, match="already"):
        tags.rename(run, ANNA, "a", "first")
    with pytest.raises(TagError, match="no tag 'nobody'"):
        tags.rename(run, ANNA, "nobody", "x")


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, None, 5, "a\x00b", ["a"]])
def test_names_that_cannot_be(tags: TagStore, run: Run, name: object):
    with pytest.raises(TagError, match="1 to 40 characters"):
        tags.save(run, ANNA, name, [1], 10)
    assert tags.list(run, ANNA) == ()


@pytest.mark.parametrize(
    "rows", [None, "1", [10], [-1], [0.5], [True], ["1"], [[1]], {"0": 1}, [2**70]], ids=str
)
def test_rows_that_cannot_be(tags: TagStore, run: Run, rows: object):
    with pytest.raises(TagError, match="not among the 10"):
        tags.save(run, ANNA, "a", rows, 10)
    assert tags.list(run, ANNA) == ()


def test_there_are_limits(tags: TagStore, run: Run, home: Path):
    for k in range(MOST_TAGS):
        tags.save(run, ANNA, f"tag {k}", [k], 100)
    with pytest.raises(TagError, match="50 tags already"):
        tags.save(run, ANNA, "one more", [1], 100)
    tags.save(run, ANNA, "tag 3", [7], 100)  # takes the place of another
    rows = list(range(100_000))
    for k in range(3):
        tags.save(run, BEN, f"big {k}", rows, 100_000)
    with pytest.raises(TagError, match=f"at most {MOST_ROWS:,}"):
        tags.save(run, BEN, "big 3", [1], 100_000)
    assert [len(tag.rows) for tag in TagStore(home).list(run, BEN)] == [100_000] * 3


def test_tags_go_when_their_run_has_gone(tags: TagStore, run: Run, home: Path):
    tags.save(run, ANNA, "a", [1], 10)
    other = RunStore(home).create(RunConfig.parse({}))
    RunStore(home).delete(run.id)
    tags.save(other, ANNA, "b", [1], 10)
    assert [path.name for path in (home / "tags").iterdir()] == [other.id]


DAMAGES = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"format": 0, "tags": []}',
    b'{"format": 1, "tags": 5}',
    b'{"format": 1, "tags": [5]}',
    b'{"format": 1, "tags": [{"name": "a"}]}',
    b'{"format": 1, "tags": [{"name": "", "rows": []}]}',
    b'{"format": 1, "tags": [{"name": "a", "rows": [1.5]}]}',
    b'{"format": 1, "tags": [{"name": "a", "rows": []}, {"name": "a", "rows": []}]}',
    json.dumps({"format": 1, "tags": [{"name": f"{k}", "rows": []} for k in range(51)]}).encode(),
    b"[" * 100_000,
    b" " * (5 << 20),
]


@pytest.mark.parametrize("contents", DAMAGES, ids=lambda contents: contents[:60].decode())
def test_a_damaged_file_is_said_and_left_as_it_is(tags: TagStore, run: Run, home: Path, contents: bytes):
    tags.save(run, ANNA, "a", [1], 10)
    path = file_of(home)
    path.write_bytes(contents)
    for act in (
        lambda: tags.list(run, ANNA),
        lambda: tags.save(run, ANNA, "b", [1], 10),
        lambda: tags.rename(run, ANNA, "a", "b"),
        lambda: tags.delete(run, ANNA, "a"),
    ):
        with pytest.raises(TagError, match=r"cannot be read: .*Delete that file to begin anew"):
            act()
    assert path.read_bytes() == contents


def test_random_damage_is_a_sentence_or_harmless(tags: TagStore, run: Run, home: Path):
    tags.save(run, ANNA, "a name", [1, 2, 3], 10)
    path = file_of(home)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(whole)
        for at in random.integers(0, len(whole), random.integers(1, 5)):
            broken[at] = random.integers(0, 256)
        path.write_bytes(bytes(broken[: random.integers(1, len(whole) + 1)]))
        try:
            for tag in tags.list(run, ANNA):
                assert tag.name
                assert list(tag.rows) == sorted(set(tag.rows))
        except LatentscapeError:
            pass


def test_two_at_once_lose_nothing(tags: TagStore, run: Run, home: Path):
    def work(letter: str) -> None:
        for k in range(10):
            TagStore(home).save(run, ANNA, f"{letter}{k}", [k], 10)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tags.list(run, ANNA)) == 30


def test_a_file_of_a_newer_version_is_not_to_be_deleted(tags: TagStore, run: Run, home: Path):
    tags.save(run, ANNA, "a", [1], 10)
    path = file_of(home)
    path.write_bytes(b'{"format": 2, "tags": []}')
    with pytest.raises(TagError, match=r"too new: .*Update Latentscape") as refused:
        tags.save(run, ANNA, "a", [1], 10)
    assert "Delete" not in str(refused.value)
    assert path.read_bytes() == b'{"format": 2, "tags": []}'
