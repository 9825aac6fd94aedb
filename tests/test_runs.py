"""The run store: making, listing, finding, locking, deleting."""

import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from safetensors.numpy import load_file
from synthetic import finished_run, overwrite, record

from vae_core.config import RunConfig
from vae_core.errors import RunBusyError, RunDamagedError, RunError, RunNotFoundError, StorageError
from vae_core.runs import Recorder, RunStore
from vae_core.storage import write_json


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home", tmp_path / "starters")


@pytest.fixture
def starter(store):
    """A finished run moved to where the starters lie."""
    run = finished_run(store)
    store.starters.mkdir()
    run.path.rename(store.starters / "digits-2d")
    return store.get("digits-2d")


def names(folder):
    return sorted(os.listdir(folder))


def test_a_new_run(store):
    config = RunConfig.parse({"name": "mine", "objective": {"beta": 2}})
    run = store.create(config, owner="someone")
    assert re.fullmatch(r"digits-\d{8}-\d{6}-[0-9a-f]{4}", run.id)
    assert run.path == store.folder / run.id
    assert names(run.path) == ["config.json", "run.json"]
    again = store.get(run.id)
    assert (again.config, again.owner, again.state, again.starter) == (
        config,
        "someone",
        "interrupted",
        False,
    )
    assert abs((datetime.now(UTC) - again.created).total_seconds()) < 3600
    assert (again.name, again.title, again.reason) == ("mine", "mine", "")
    assert (again.metrics(), again.snapshots(), again.last_snapshot(), again.checkpoint()) == (
        [],
        [],
        None,
        None,
    )


def test_a_run_without_a_name_is_called_by_its_id(store):
    run = store.create(RunConfig())
    assert run.name == run.id
    assert run.title == RunConfig().title()


def test_ids_are_never_given_twice(store):
    assert len({store.create(RunConfig()).id for _ in range(50)}) == 50


def test_listed_newest_first_then_starters(store, starter):
    made = [store.create(RunConfig()) for _ in range(3)]
    for run, day in zip(made, (2, 3, 1)):
        write_json(run.path / "run.json", {**run.about, "created": f"2026-01-0{day}T00:00:00+00:00"})
    listed = store.list()
    assert [run.id for run in listed] == [made[1].id, made[0].id, made[2].id, "digits-2d"]
    assert [run.starter for run in listed] == [False, False, False, True]


def test_nothing_is_listed_where_nothing_is(tmp_path):
    assert RunStore(tmp_path / "none", tmp_path / "neither").list() == []


def test_strangers_in_the_folder_are_no_runs(store):
    run = store.create(RunConfig())
    (store.folder / "notes.txt").write_text("hello")
    (store.folder / ".hidden").mkdir()
    (store.folder / "with space").mkdir()
    assert [found.id for found in store.list()] == [run.id]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../runs", "/etc", "a/b", "no-such-run", "x" * 5000, "a\0b", ".new", "\ud800"]
)
def test_an_id_that_names_nothing_is_a_sentence(name, store):
    store.create(RunConfig())
    with pytest.raises(RunNotFoundError, match="There is no run"):
        store.get(name)


def test_states_follow_from_what_is_there(store):
    run = store.create(RunConfig())
    assert run.state == "interrupted"
    with run.lock():
        assert run.state == "running"
        assert store.get(run.id).state == "running"
    assert run.state == "interrupted"
    record(run, until=20)
    assert run.state == "interrupted"
    record(run)
    assert run.state == "finished"


def test_a_run_that_ends_while_one_looks_is_not_called_interrupted(store, monkeypatch):
    run = store.create(RunConfig())

    def end(path):
        write_json(run.path / "report.json", {})
        return False

    for name in ("explorer.bundle", "model.safetensors"):
        (run.path / name).touch()
    monkeypatch.setattr("vae_core.run.is_held", end)
    assert run.state == "finished"


def test_a_run_deleted_while_one_looks_can_still_be_listed(store):
    run = store.create(RunConfig())
    write_json(run.path / "run.json", {})
    seen = store.get(run.id)
    store.delete(run.id)
    assert seen.created.year == 1970


def test_a_second_process_is_refused(store):
    run = store.create(RunConfig())
    hold = (
        "import sys; from pathlib import Path; from vae_core.runs import RunStore\n"
        "with RunStore(Path(sys.argv[1])).get(sys.argv[2]).lock():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    home = str(store.folder.parent)
    with subprocess.Popen(
        [sys.executable, "-c", hold, home, run.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        assert run.state == "running"
        with pytest.raises(RunBusyError, match="another process"), run.lock():
            pass
        with pytest.raises(RunBusyError):
            store.delete(run.id)
        other.kill()  # the system lets go of the lock, whatever the holder could still do
    assert run.state == "interrupted"
    with run.lock():
        pass


def test_looking_does_not_disturb_a_writer(store):
    """Asking for the state takes the lock for a moment; a writer that comes then waits for it."""
    run = store.create(RunConfig())
    done = threading.Event()

    def look():
        while not done.is_set():
            assert run.state in ("interrupted", "running")

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(50):
            with run.lock():
                assert run.state == "running"
    finally:
        done.set()
        for watcher in watchers:
            watcher.join()


def test_deleted_for_good(store):
    run, kept = finished_run(store), store.create(RunConfig())
    store.delete(run.id)
    assert names(store.folder) == [kept.id]
    with pytest.raises(RunNotFoundError):
        store.get(run.id)
    with pytest.raises((RunNotFoundError, StorageError)), run.lock():
        pass


def test_a_link_is_deleted_without_what_it_points_to(store, tmp_path):
    store.create(RunConfig())
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    (store.folder / "linked").symlink_to(tmp_path / "precious")
    assert store.get("linked").state == "damaged"
    store.delete("linked")
    assert (tmp_path / "precious" / "file").read_text() == "kept"
    assert not os.path.lexists(store.folder / "linked")


def test_links_inside_a_deleted_run_are_not_followed(store, tmp_path):
    run = store.create(RunConfig())
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("kept")
    (run.path / "snapshots").symlink_to(tmp_path / "precious")
    store.delete(run.id)
    assert (tmp_path / "precious" / "file").read_text() == "kept"


def test_starters_are_read_and_never_changed(store, starter):
    before = {path.name: path.read_bytes() for path in starter.path.iterdir() if path.is_file()}
    assert starter.starter
    assert starter.state == "finished"
    assert starter.report()["n"] == 12
    assert starter.bundle()
    for change in (starter.lock().__enter__, lambda: store.delete(starter.id), lambda: Recorder(starter)):
        with pytest.raises(RunError, match="came with Latentscape"):
            change()
    assert {path.name: path.read_bytes() for path in starter.path.iterdir() if path.is_file()} == before


def test_starters_in_half_precision_read_as_floats(store, starter):
    for name in ("model.safetensors", "latents.safetensors"):
        tensors = load_file(starter.path / name)
        overwrite(starter.path / name, {key: array.astype(np.float16) for key, array in tensors.items()})
    assert {array.dtype for array in (*starter.latents(), *starter.weights().values())} == {np.dtype("f4")}


def test_leftovers_of_killed_processes_go_after_a_day(store):
    store.create(RunConfig())
    for name, age in ((".digits-new", 90_000), (".deleted-x", 90_000), (".digits-now", 0)):
        folder = store.folder / name
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"x")
        moment = folder.stat().st_mtime - age
        os.utime(folder, (moment, moment))
    run = store.create(RunConfig())
    assert [name for name in names(store.folder) if name.startswith(".")] == [".digits-now"]
    assert run.id in names(store.folder)


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "home").write_text("a file, not a folder")
    store = RunStore(tmp_path / "home", tmp_path / "none")
    assert store.list() == []
    with pytest.raises(StorageError, match="could not be saved"):
        store.create(RunConfig())


def test_a_run_that_cannot_be_made_leaves_nothing(store, monkeypatch):
    store.folder.mkdir(parents=True)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        store.create(RunConfig())
    assert names(store.folder) == []


def test_before_the_end_there_is_a_sentence(store):
    run = store.create(RunConfig())
    for read in (run.report, run.bundle, run.latents):
        with pytest.raises(RunError, match="is not finished"):
            read()
    with pytest.raises(RunError, match="has not begun"):
        run.weights()
    with pytest.raises(RunDamagedError, match=r"examples\.safetensors is missing"):
        run.examples()


def test_what_diverged_is_not_said_to_be_resumable(store):
    run = store.create(RunConfig())
    write_json(run.path / "diverged.json", {})
    for read in (run.report, run.bundle, run.latents):
        with pytest.raises(RunError, match=r"diverged, .* train anew"):
            read()
