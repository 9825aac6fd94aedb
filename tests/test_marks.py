"""What a person writes on a run: kept whole, by its owner alone, read with suspicion."""

import json
import os
import threading

import numpy as np
import pytest
from synthetic import finished_run, largest_file, record

from vae_core import marks
from vae_core.config import RunConfig
from vae_core.errors import LatentscapeError, RunError, RunNotFoundError, StorageError
from vae_core.marks import DAMAGED, FILE, Marks, write
from vae_core.runs import RunStore

ANNA, BEN = "a" * 32, "b" * 32


@pytest.fixture
def store(home, tmp_path):
    return RunStore(home, tmp_path / "starters")


@pytest.fixture
def run(store):
    return store.create(RunConfig(name="as it began"), ANNA)


def test_what_is_written_is_there_for_the_next_reader(store, run):
    assert run.marks == Marks()
    write(run, ANNA, name="  second\n try ", words=["good ", "for class", "good", ""])
    write(run, ANNA, note=" looks\r\nround ")
    again = store.get(run.id)
    assert again.marks == run.marks == Marks("second try", ("good", "for class"), "looks\nround")
    assert (again.name, again.title, again.config.name) == ("second try", "second try", "as it began")
    write(run, ANNA, name="", words=(), note="")
    assert store.get(run.id).marks == Marks()
    assert store.get(run.id).title == "as it began"


def test_words_are_put_there_and_taken_away_one_by_one(store, run):
    write(run, ANNA, words=["a", "b"])
    stale = store.get(run.id)
    write(run, ANNA, add=["c"])
    assert write(stale, ANNA, add=["d", "a"], remove=["b"]).words == ("a", "c", "d")


def test_a_run_is_renamed_while_it_trains(store, run):
    with run.lock():
        write(run, ANNA, name="renamed")
    record(run)
    found = store.get(run.id)
    assert (found.state, found.title) == ("finished", "renamed")


@pytest.mark.parametrize("owner", ["", BEN])
def test_nobody_else_writes_on_it(store, run, owner):
    with pytest.raises(RunError, match="by someone else"):
        write(run, owner, name="mine now")
    assert not (run.path / FILE).exists()


def test_starters_are_never_written_on(store):
    made = finished_run(store)
    store.starters.mkdir()
    made.path.rename(store.starters / "digits-2d")
    with pytest.raises(RunError, match="came with Latentscape"):
        write(store.get("digits-2d"), "", name="mine now")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 81},
        {"name": "a\0b"},
        {"name": 5},
        {"words": ["x" * 41]},
        {"words": ["one, two"]},
        {"words": [f"{k}" for k in range(21)]},
        {"words": [None]},
        {"note": "x" * 2_001},
        {"note": "\x1b[31m"},
    ],
    ids=lambda changes: str(changes)[:30],
)
def test_what_cannot_be_written_is_a_sentence_and_changes_nothing(store, run, changes):
    write(run, ANNA, name="kept", words=["kept"], note="kept")
    with pytest.raises(RunError):
        write(run, ANNA, **changes)
    assert store.get(run.id).marks == Marks("kept", ("kept",), "kept")


def test_words_in_a_line():
    assert marks.parse_words(" good, for class,,good") == ("good", "for class")
    assert marks.parse_words("") == ()


DAMAGES = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"format": 2, "name": "later"}',
    b'{"format": 1, "name": 5}',
    b'{"format": 1, "marks": "abc"}',
    b'{"format": 1, "marks": [["a"]]}',
    b'{"format": 1, "note": {"a": 1}}',
    json.dumps({"format": 1, "name": "x" * 100}).encode(),
    json.dumps({"format": 1, "marks": [f"{k}" for k in range(50)]}).encode(),
    b"[" * 50_000,
    b" " * 70_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("contents", DAMAGES, ids=lambda contents: contents[:40].decode(errors="replace"))
def test_a_damaged_file_hides_no_run_and_is_set_aside(store, run, contents):
    (run.path / FILE).write_bytes(contents)
    found = store.get(run.id)
    assert (found.title, found.marks, found.state) == ("as it began", Marks(), "interrupted")
    write(found, ANNA, note="anew")
    assert (run.path / DAMAGED).read_bytes() == contents
    assert store.get(run.id).marks == Marks(note="anew")


def test_random_damage_is_harmless(store, run):
    write(run, ANNA, name="a name", words=["one", "two"], note="a note")
    whole = (run.path / FILE).read_bytes()
    random = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(whole)
        for at in random.integers(0, len(whole), random.integers(1, 5)):
            broken[at] = random.integers(0, 256)
        (run.path / FILE).write_bytes(bytes(broken[: random.integers(1, len(whole) + 1)]))
        store.get(run.id).title.encode()


def test_links_and_folders_in_its_place_are_not_followed(store, run, tmp_path):
    (tmp_path / "secret").write_text('{"format": 1, "name": "a secret"}')
    (run.path / FILE).symlink_to(tmp_path / "secret")
    assert store.get(run.id).title == "as it began"
    write(run, ANNA, note="anew")
    assert (tmp_path / "secret").read_text() == '{"format": 1, "name": "a secret"}'
    assert not (run.path / FILE).is_symlink()


def test_a_full_disk_leaves_what_was_there(store, run):
    write(run, ANNA, name="kept")
    with largest_file(0), pytest.raises(StorageError):
        write(run, ANNA, name="lost")
    assert store.get(run.id).marks == Marks("kept")
    assert sorted(os.listdir(run.path)) == ["config.json", FILE, "run.json"]


def test_a_run_that_has_gone_is_a_sentence(store, run):
    store.delete(run.id)
    with pytest.raises(RunNotFoundError, match="deleted meanwhile"):
        write(run, ANNA, name="too late")


def test_many_hands_lose_nothing(store, run):
    errors = []

    def put(word):
        try:
            write(store.get(run.id), ANNA, add=[word])
        except LatentscapeError as error:
            errors.append(error)

    hands = [threading.Thread(target=put, args=(f"{k}",)) for k in range(12)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert not errors
    assert sorted(store.get(run.id).marks.words, key=int) == [f"{k}" for k in range(12)]
