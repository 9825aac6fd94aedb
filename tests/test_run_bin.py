"""The bin: there and back, nothing lost whenever it is cut short, nobody else's hands in it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from synthetic import contents, finished_run

from vae_core import disk, lock
from vae_core.config import RunConfig
from vae_core.errors import RunBusyError, RunError, RunNotFoundError, StorageError
from vae_core.marks import write
from vae_core.run_bin import DAYS, GOING, TIME, RunBin
from vae_core.runs import RunStore
from vae_core.tags import TagStore

ANNA, BEN = "a" * 32, "b" * 32


@pytest.fixture
def store(home, tmp_path):
    return RunStore(home, tmp_path / "starters")


@pytest.fixture
def box(store):
    return RunBin(store)


def ids(box):
    return [found.run.id for found in box.list()]


def test_there_and_back_it_is_the_same_run(store, box):
    run = finished_run(store)
    write(run, "", name="mine", words=["good"])
    before = contents(run)
    box.put(run.id, "")
    assert store.list() == []
    with pytest.raises(RunNotFoundError):
        store.get(run.id)
    (found,) = box.list()
    assert (found.run.id, found.run.title, found.run.state) == (run.id, "mine", "finished")
    assert abs((datetime.now(UTC) - found.deleted).total_seconds()) < 3600
    back = box.restore(run.id, "")
    assert (back.id, back.title, back.state) == (run.id, "mine", "finished")
    assert contents(back) == {**before, "lock": b""}
    assert box.list() == []


def test_what_was_deleted_last_comes_first(store, box):
    runs = [store.create(RunConfig()) for _ in range(3)]
    for run, day in zip(runs, (2, 3, 1)):
        box.put(run.id, "")
        (place,) = box.folder.glob(f"{run.id}~*")
        place.rename(box.folder / f"{run.id}~{datetime.now(UTC) - timedelta(days=day):{TIME}}")
    assert ids(box) == [runs[2].id, runs[0].id, runs[1].id]


def test_nobody_else_deletes_restores_or_removes(store, box):
    run = store.create(RunConfig(), ANNA)
    for other in ("", BEN):
        with pytest.raises(RunError, match="by someone else"):
            box.put(run.id, other)
    box.put(run.id, ANNA)
    for other in ("", BEN):
        for act in (box.restore, box.remove):
            with pytest.raises(RunError, match="by someone else"):
                act(run.id, other)
    assert box.restore(run.id, ANNA).id == run.id


def test_starters_and_runs_in_training_stay(store, box):
    run = finished_run(store)
    store.starters.mkdir()
    shutil.copytree(run.path, store.starters / "digits-2d")
    with pytest.raises(RunError, match="came with Latentscape"):
        box.put("digits-2d", "")
    busy = store.create(RunConfig())
    with busy.lock(), pytest.raises(RunBusyError):
        box.put(busy.id, "")
    assert {found.id for found in store.list()} == {run.id, busy.id, "digits-2d"}
    assert box.list() == []


def test_who_waited_for_the_lock_of_a_run_that_moved_does_not_train_it(store, box, monkeypatch):
    """A writer that opened the lock before the run went to the bin gets it afterwards."""
    run = store.create(RunConfig())
    opened, answers = threading.Event(), []

    def take(handle, name):
        if threading.current_thread() is waiting:
            opened.set()
        locked(handle, name)

    def train():
        try:
            with run.lock():
                answers.append("trains")
        except RunNotFoundError:
            answers.append("refused")

    def move(self, path, to):
        waiting.start()
        assert opened.wait(30)
        rename(self, path, to)

    waiting, locked, rename = threading.Thread(target=train), lock._take, RunBin._move
    monkeypatch.setattr(lock, "_take", take)
    monkeypatch.setattr(lock, "PATIENCE", 30)
    monkeypatch.setattr(RunBin, "_move", move)
    box.put(run.id, "")
    waiting.join()
    assert answers == ["refused"]


class Killed(BaseException):
    """Nothing in our code catches it, as nothing catches a kill."""


@pytest.mark.parametrize("step", range(6))
@pytest.mark.parametrize("act", ["put", "restore"])
def test_a_crash_between_steps_loses_nothing(store, box, monkeypatch, act, step):
    """Cut off at every call of the system that moves, flushes or removes something."""
    run = finished_run(store)
    before = contents(run)
    if act == "restore":
        box.put(run.id, "")
    made = 0

    def counted(call):
        def hit(*given, **named):
            nonlocal made
            if made == step:
                raise Killed
            made += 1
            return call(*given, **named)

        return hit

    with monkeypatch.context() as patch:
        for name in ("rename", "fsync", "rmdir", "unlink", "mkdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            getattr(box, act)(run.id, "")
            done = True
        except Killed:
            done = False
    listed = [found.id for found in store.list()]
    assert sorted([*listed, *ids(box)]) == [run.id]
    assert listed == ([run.id] if act == "restore" else []) or not done
    if not listed:
        box.restore(run.id, "")
    assert {**contents(store.get(run.id)), "lock": b""} == {**before, "lock": b""}


def test_killed_while_it_deletes_and_restores(store, box, home):
    """SIGKILL at a moment nobody chose: the run is in one of the two places, whole."""
    run = finished_run(store)
    before = {**contents(run), "lock": b""}
    code = (
        "import sys; from vae_core.runs import RunStore; from vae_core.run_bin import RunBin\n"
        "box = RunBin(RunStore()); print('ready', flush=True)\n"
        "while True:\n    box.put(sys.argv[1], ''); box.restore(sys.argv[1], '')"
    )
    for wait in (0.0, 0.003, 0.011, 0.027):
        with subprocess.Popen([sys.executable, "-c", code, run.id], stdout=subprocess.PIPE) as other:
            assert other.stdout.readline() == b"ready\n"
            threading.Event().wait(wait)
            other.send_signal(signal.SIGKILL)
        assert sorted([*(found.id for found in store.list()), *ids(box)]) == [run.id]
        if ids(box):
            box.restore(run.id, "")
        assert contents(store.get(run.id)) == before


def test_removed_for_good_even_where_it_was_cut_short(store, box, monkeypatch):
    run = finished_run(store)
    box.put(run.id, "")

    def killed(path, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(Killed):
            box.remove(run.id, "")
    assert ids(box) == []  # half a run is never offered
    assert [name[: len(GOING)] for name in os.listdir(box.folder)] == [GOING]
    box.sweep()
    assert os.listdir(box.folder) == []
    with pytest.raises(RunNotFoundError, match="restored or gone"):
        box.remove(run.id, "")


def test_after_some_time_it_goes_for_good(store, box):
    old, young, next_one = (store.create(RunConfig()) for _ in range(3))
    for run, days in ((old, DAYS + 1), (young, DAYS - 1)):
        box.put(run.id, "")
        (place,) = box.folder.glob(f"{run.id}~*")
        place.rename(box.folder / f"{run.id}~{datetime.now(UTC) - timedelta(days=days):{TIME}}")
    box.put(next_one.id, "")
    assert ids(box) == [next_one.id, young.id]


def test_a_run_that_is_there_again_is_not_overwritten(store, box):
    run = finished_run(store)
    box.put(run.id, "")
    again = store.folder / run.id
    again.mkdir()
    (again / "file").write_text("precious")
    with pytest.raises(RunError, match="again"):
        box.restore(run.id, "")
    assert (again / "file").read_text() == "precious"
    assert ids(box) == [run.id]


def test_strangers_in_the_bin_are_left_alone(store, box):
    run = store.create(RunConfig())
    box.put(run.id, "")
    for name in ("notes", "run~yesterday", "run~20261399T000000", f"..~{datetime.now(UTC):{TIME}}"):
        (box.folder / name).mkdir()
    box.sweep()
    assert ids(box) == [run.id]
    assert len(os.listdir(box.folder)) == 5


def test_a_link_goes_there_and_what_it_points_to_stays(store, box, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    store.folder.mkdir(parents=True)
    (store.folder / "linked").symlink_to(tmp_path / "precious")
    box.put("linked", "")
    box.remove("linked", "")
    assert (tmp_path / "precious" / "file").read_text() == "kept"


def test_damaged_runs_can_be_deleted_and_brought_back(store, box):
    run = store.create(RunConfig())
    (run.path / "config.json").write_text("junk")
    box.put(run.id, "")
    assert box.list()[0].run.title == run.id
    assert box.restore(run.id, "").state == "damaged"


@pytest.mark.parametrize("name", ["", "..", "a/b", "no-such-run", "x" * 500, "a\0b", "*"])
def test_an_id_that_names_nothing(store, box, name):
    box.put(store.create(RunConfig()).id, "")
    for act in (box.put, box.restore, box.remove):
        with pytest.raises(RunNotFoundError, match="There is no run"):
            act(name, "")


def test_groups_of_examples_come_back_with_their_run(store, box, home):
    run, other = store.create(RunConfig()), store.create(RunConfig())
    groups = TagStore()
    groups.save(run, ANNA, "odd ones", [1, 2], 10)
    box.put(run.id, "")
    groups.save(other, ANNA, "any", [1], 10)  # sweeps what belongs to no run
    back = box.restore(run.id, "")
    assert [tag.name for tag in groups.list(back, ANNA)] == ["odd ones"]
    box.put(run.id, "")
    box.remove(run.id, "")
    groups.save(other, ANNA, "more", [1], 10)
    assert [path.name for path in (home / "tags").iterdir()] == [other.id]


def test_a_bin_that_cannot_be_made_is_a_sentence(store, box):
    run = store.create(RunConfig())
    box.folder.write_text("a file, not a folder")
    with pytest.raises(StorageError, match="could not be saved"):
        box.put(run.id, "")
    assert [found.id for found in store.list()] == [run.id]
    assert box.list() == []


def test_bytes_on_disk(store, tmp_path):
    run = finished_run(store)
    (tmp_path / "large").write_bytes(b"x" * 10_000_000)
    (run.path / "link").symlink_to(tmp_path / "large")
    (run.path / "linked").symlink_to(tmp_path)
    files = [path for path in run.path.rglob("*") if path.is_file() and not path.is_symlink()]
    expected = sum(path.stat().st_size for path in files) + os.lstat(run.path / "link").st_size
    assert disk.used(run.path) == expected
    assert disk.used(tmp_path / "none") == 0
