"""Directions that are kept: by name, for one person, bounded, whatever lies in the file."""

import json
import math
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vae_core.config import RunConfig
from vae_core.directions import MOST, Direction, DirectionStore
from vae_core.errors import DirectionError, LatentscapeError
from vae_core.run import Run
from vae_core.run_bin import RunBin
from vae_core.runs import RunStore

ANNA, BEN = "a" * 32, "b" * 32
SMILE = Direction("smile", (1.0, -0.5), 0.25, "smiling", "all others", "mean", 1.5, 0.9)


@pytest.fixture
def run(home: Path) -> Run:
    return RunStore(home).create(RunConfig.parse({}), ANNA)


@pytest.fixture
def kept(home: Path) -> DirectionStore:
    return DirectionStore(home)


def file_of(home: Path) -> Path:
    (path,) = (home / "directions").rglob("*.json")
    return path


def test_kept_renamed_deleted_and_back(kept: DirectionStore, run: Run, home: Path):
    age = replace(SMILE, name="  age\n of it ", vector="lda")
    assert kept.save(run, ANNA, SMILE) == SMILE
    assert kept.save(run, ANNA, age).name == "age of it"
    assert [each.name for each in DirectionStore(home).list(run, ANNA)] == ["smile", "age of it"]
    assert kept.list(run, BEN) == ()
    assert kept.rename(run, ANNA, "smile", "grin") == "grin"
    gone = kept.delete(run, ANNA, "grin")
    assert gone == replace(SMILE, name="grin")
    assert kept.delete(run, ANNA, "grin") is None
    kept.save(run, ANNA, gone)
    assert {each.name for each in kept.list(run, ANNA)} == {"grin", "age of it"}
    assert ANNA not in file_of(home).read_text() + str(file_of(home))


def test_a_name_taken_twice_replaces_when_saving_and_is_refused_when_renaming(kept: DirectionStore, run: Run):
    kept.save(run, ANNA, SMILE)
    kept.save(run, ANNA, replace(SMILE, zero=2.0))
    assert [each.zero for each in kept.list(run, ANNA)] == [2.0]
    kept.save(run, ANNA, replace(SMILE, name="age"))
    with pytest.raises(DirectionError, match="already"):
        kept.rename(run, ANNA, "age", "smile")
    with pytest.raises(DirectionError, match="no direction 'nobody' any more"):
        kept.rename(run, ANNA, "nobody", "x")


@pytest.mark.parametrize("name", ["", "  ", "~:", "x" * 41, None, 5, "a\x00b", ["a"]])
def test_a_name_is_one_line_of_40_characters(kept: DirectionStore, run: Run, name: object):
    with pytest.raises(DirectionError, match="1 to 40"):
        kept.save(run, ANNA, replace(SMILE, name=name))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"z": ()}, {"z": (0.0, 0.0)}, {"z": (math.nan, 1.0)}, {"zero": math.inf}, {"vector": "magic"}]
)
def test_what_is_no_direction_is_not_kept(kept: DirectionStore, run: Run, wrong: dict):
    with pytest.raises(DirectionError, match="numbers that are none"):
        kept.save(run, ANNA, replace(SMILE, **wrong))
    assert kept.list(run, ANNA) == ()


def test_an_effect_without_any_spread_is_a_large_one(kept: DirectionStore, run: Run):
    kept.save(run, ANNA, replace(SMILE, effect=math.inf))
    assert kept.list(run, ANNA)[0].effect == 1e6


def test_there_are_limits(kept: DirectionStore, run: Run):
    for k in range(MOST):
        kept.save(run, ANNA, replace(SMILE, name=f"d{k}"))
    with pytest.raises(DirectionError, match=f"{MOST} directions already"):
        kept.save(run, ANNA, SMILE)
    kept.save(run, ANNA, replace(SMILE, name="d3", zero=9.0))  # takes the place of another


def test_they_wait_while_the_run_lies_in_the_bin_and_go_when_it_has_gone(
    kept: DirectionStore, run: Run, home: Path
):
    store = RunStore(home)
    other = store.create(RunConfig.parse({}), ANNA)
    kept.save(run, ANNA, SMILE)
    RunBin(store).put(run.id, ANNA)
    kept.save(other, ANNA, SMILE)  # whoever writes tidies up
    restored = RunBin(store).restore(run.id, ANNA)
    assert kept.list(restored, ANNA) == (SMILE,)
    store.delete(run.id)
    kept.save(other, ANNA, replace(SMILE, name="age"))
    assert [path.name for path in (home / "directions").iterdir()] == [other.id]


ITEM = {
    "name": "a",
    "z": [1],
    "zero": 0,
    "having": "x",
    "without": "y",
    "vector": "mean",
    "effect": 1,
    "accuracy": 1,
}
DAMAGES = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"format": 0, "directions": []}',
    b'{"format": 1, "directions": 5}',
    b'{"format": 1, "directions": [5]}',
    b"[" * 100_000,
    b" " * (5 << 20),
    *(
        json.dumps({"format": 1, "directions": items}).encode()
        for items in (
            [ITEM | {"z": []}],
            [ITEM | {"z": [True]}],
            [ITEM | {"z": [1e300]}],
            [ITEM | {"z": [math.nan]}],
            [ITEM | {"z": [1.0] * 1001}],
            [ITEM | {"name": ""}],
            [ITEM | {"having": 5}],
            [ITEM | {"vector": ["mean"]}],
            [ITEM, ITEM],
            [ITEM | {"name": f"{k}"} for k in range(MOST + 1)],
        )
    ),
]


@pytest.mark.parametrize("contents", DAMAGES, ids=lambda contents: contents[:60].decode())
def test_a_damaged_file_is_said_and_left_as_it_is(
    kept: DirectionStore, run: Run, home: Path, contents: bytes
):
    kept.save(run, ANNA, SMILE)
    path = file_of(home)
    path.write_bytes(contents)
    for act in (
        lambda: kept.list(run, ANNA),
        lambda: kept.save(run, ANNA, SMILE),
        lambda: kept.rename(run, ANNA, "a", "b"),
        lambda: kept.delete(run, ANNA, "a"),
    ):
        with pytest.raises(DirectionError, match=r"cannot be read: .*Delete that file to begin anew"):
            act()
    assert path.read_bytes() == contents


def test_random_damage_is_a_sentence_or_harmless(kept: DirectionStore, run: Run, home: Path):
    kept.save(run, ANNA, SMILE)
    path = file_of(home)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(whole)
        for at in random.integers(0, len(whole), random.integers(1, 5)):
            broken[at] = random.integers(0, 256)
        path.write_bytes(bytes(broken[: random.integers(1, len(whole) + 1)]))
        try:
            for each in kept.list(run, ANNA):
                assert np.isfinite([*each.z, each.zero, each.effect, each.accuracy]).all()
        except LatentscapeError:
            pass


def test_two_at_once_lose_nothing(kept: DirectionStore, run: Run, home: Path):
    def work(letter: str) -> None:
        for k in range(8):
            DirectionStore(home).save(run, ANNA, replace(SMILE, name=f"{letter}{k}"))

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept.list(run, ANNA)) == 24


def test_a_file_of_a_newer_version_is_not_to_be_deleted(kept: DirectionStore, run: Run, home: Path):
    kept.save(run, ANNA, SMILE)
    path = file_of(home)
    path.write_bytes(b'{"format": 2, "directions": []}')
    with pytest.raises(DirectionError, match=r"too new: .*Update Latentscape") as refused:
        kept.save(run, ANNA, SMILE)
    assert "Delete" not in str(refused.value)
    assert path.read_bytes() == b'{"format": 2, "directions": []}'
