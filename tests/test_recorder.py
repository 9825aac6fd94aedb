"""What a training leaves behind, and how the next attempt goes on from it."""

import dataclasses
import json
import os

import numpy as np
import pytest
from safetensors.numpy import load_file
from synthetic import STARTED, STEPS, N, Z, contents, finished_run, largest_file, record, training

from vae_core.config import RunConfig
from vae_core.errors import RunDamagedError, RunError, StorageError
from vae_core.events import Checkpoint, Diverged, Finished, RolledBack, Snapshot, Step, Stopped
from vae_core.runs import Recorder, RunStore
from vae_core.storage import TEMPORARY


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home", tmp_path / "starters")


@pytest.fixture
def run(store):
    return store.create(RunConfig())


def rows_are_whole(run, until=STEPS):
    """Each row once, none missing, numbered from 0."""
    rows = run.metrics()
    assert [row["n"] for row in rows] == list(range(len(rows)))
    expected = [
        (kind, step)
        for step in range(1, until + 1)
        for kind, every in (("step", 2), ("epoch", 10))
        if step % every == 0
    ]
    assert [(row["kind"], row["step"]) for row in rows] == expected


def test_a_finished_run_holds_everything(store):
    run = finished_run(store)
    assert sorted(os.listdir(run.path)) == [
        "checkpoint",
        "config.json",
        "examples.safetensors",
        "explorer.bundle",
        "latents.safetensors",
        "lock",
        "log.jsonl",
        "metrics.jsonl",
        "model.safetensors",
        "report.json",
        "run.json",
        "snapshots",
    ]
    last = list(training())[-1]
    assert isinstance(last, Finished)
    assert run.report() == last.report
    assert run.bundle() == last.bundle
    np.testing.assert_array_equal(run.weights()["layer.weight"], last.weights["layer.weight"])
    mu, log_var = run.latents()
    np.testing.assert_array_equal(mu, last.mu)
    np.testing.assert_array_equal(log_var, last.log_var)
    rows_are_whole(run)
    assert run.metrics(since=20) == run.metrics()[20:]
    assert [note["kind"] for note in run.log()] == ["started", "finished"]


def test_the_library_reads_every_tensor_file(store):
    run = finished_run(store)
    files = list(run.path.rglob("*.safetensors"))
    assert len(files) == 3 + 1 + 9
    for path in files:
        assert load_file(path)
    assert [path.parent for path in run.path.rglob("model.safetensors")] == [run.path]


def test_examples_and_snapshots_read_back(store):
    run = finished_run(store)
    examples = run.examples()
    for name in ("images", "labels", "index"):
        np.testing.assert_array_equal(getattr(examples, name), getattr(STARTED, name))
    assert examples.label_names == STARTED.label_names
    assert examples.data == STARTED.data
    assert run.snapshots() == list(range(0, STEPS + 1, 5))
    expected = [event for event in training() if isinstance(event, Snapshot)]
    for event in expected:
        found = run.snapshot(event.step)
        np.testing.assert_array_equal(found.mu, event.mu)
        np.testing.assert_array_equal(found.reconstructions, event.reconstructions)
    assert run.last_snapshot().step == STEPS
    assert run.about["environment"] == STARTED.environment
    assert store.get(run.id).about == run.about


def test_the_checkpoint_is_there_before_any_row(run):
    record(run, until=0)
    found = run.checkpoint()
    assert found.step == 0
    assert found.optimizer["layer.weight.step"].shape == ()
    assert found.progress == {"seconds": 0.0, "sums": [0.1, 0.2]}
    assert not (run.path / "model.safetensors").exists()
    np.testing.assert_array_equal(run.weights()["layer.weight"], np.ones((8, 6), np.float32))


@pytest.mark.parametrize("until", [0, 1, 2, 4, 5, 6, 9, 10, 13, 29, 39, STEPS])
def test_going_on_ends_as_if_nothing_had_happened(until, run, store):
    whole = finished_run(store)
    record(run, until=until)
    assert run.state == ("finished" if until == STEPS else "interrupted")
    if until < STEPS:
        record(run)
    rows_are_whole(run)
    assert contents(run) == contents(whole)


def test_going_on_cuts_a_half_written_row_and_what_came_after_the_checkpoint(run):
    record(run, until=19)
    with open(run.path / "metrics.jsonl", "ab") as file:
        file.write(b'{"n": 9, "kind": "st')
    (run.path / ".model.safetensors.abcd.tmp").write_bytes(b"half")
    (run.path / "snapshots" / ".00000020.safetensors.abcd.tmp").write_bytes(b"half")
    rows_are_whole(run, until=19)
    with run.lock():
        recorder = Recorder(run)
        recorder.write(STARTED)
        rows_are_whole(run, until=15)
        assert run.snapshots() == [0, 5, 10, 15]
    assert not list(run.path.rglob(TEMPORARY))


def test_junk_after_the_checkpoint_is_cut_junk_before_it_is_a_sentence(run):
    record(run, until=17)
    path = run.path / "metrics.jsonl"
    good = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(good[:-1]) + b"\x00\xff\x00\n" + good[-1])
    with pytest.raises(RunDamagedError, match=r"Line 9 of metrics\.jsonl"):
        run.metrics()
    with run.lock():
        Recorder(run).write(STARTED)
    rows_are_whole(run, until=15)
    path.write_bytes(good[0] + b"\x00\xff\x00\n" + b"".join(good[2:]))
    before = contents(run)
    with run.lock(), pytest.raises(RunDamagedError, match=r"Line 2 of metrics\.jsonl"):
        Recorder(run).write(STARTED)
    assert contents(run) == before


def test_missing_rows_are_a_sentence_and_nothing_is_changed(run):
    record(run, until=17)
    (run.path / "metrics.jsonl").unlink()
    before = contents(run)
    with run.lock(), pytest.raises(RunDamagedError, match="has 0 of the 8 rows"):
        Recorder(run).write(STARTED)
    assert contents(run) == before


def test_rows_that_arrive_before_an_older_checkpoint_are_cut_with_it(run):
    """The training service may deliver a checkpoint later than rows that come after it."""
    with run.lock():
        recorder = Recorder(run)
        held: list[Checkpoint] = []
        for event in training():
            if getattr(event, "step", 0) > 12:
                break
            if isinstance(event, Checkpoint) and event.step == 5:
                held.append(event)
                continue
            if isinstance(event, Checkpoint) and event.step == 10:
                recorder.write(held[0])
                continue
            recorder.write(event)
    assert run.checkpoint().step == 5
    record(run, until=9)
    rows_are_whole(run, until=9)


def test_a_roll_back_takes_rows_and_snapshots_with_it(run):
    with run.lock():
        recorder = Recorder(run)
        for event in training():
            if getattr(event, "step", 0) > 23:
                break
            recorder.write(event)
        recorder.write(RolledBack(10, 24, 0.5, "The loss was nan at step 24."))
        rows_are_whole(run, until=10)
        assert run.snapshots() == [0, 5, 10]
        recorder.write(Step(12, 1.2, 1.0, 1.0, 1.0, 0.05, 1.5))
        assert run.metrics()[-1]["n"] == 6
    assert run.log()[-1] | {"time": ""} == {
        "time": "",
        "kind": "rolled back",
        "step": 10,
        "failed_step": 24,
        "lr_scale": 0.5,
        "reason": "The loss was nan at step 24.",
    }


def test_a_diverged_run_keeps_its_last_good_weights(run):
    record(run, until=12)
    weights = {"layer.weight": np.full((8, 6), 3, np.float32)}
    with run.lock():
        recorder = Recorder(run)
        recorder.write(STARTED)
        recorder.write(Diverged(12, "The loss was nan at step 13.", weights))
        assert run.state == "running"
    assert run.state == "diverged"
    np.testing.assert_array_equal(run.weights()["layer.weight"], weights["layer.weight"])
    assert run.log()[-1]["reason"] == "The loss was nan at step 13."


def test_a_stop_is_noted(run):
    with run.lock():
        recorder = Recorder(run)
        recorder.write(STARTED)
        recorder.write(Stopped(7))
    assert run.log()[-1]["kind"] == "stopped"
    assert run.state == "interrupted"


def test_numbers_that_are_none_become_null(run):
    with run.lock():
        recorder = Recorder(run)
        recorder.write(STARTED)
        recorder.write(Step(1, 0.1, float("inf"), float("nan"), 1.0, 0.1, np.float32(0.5)))
    assert "NaN" not in (run.path / "metrics.jsonl").read_text()
    row = run.metrics()[0]
    assert (row["distortion"], row["rate"], row["seconds"]) == (None, None, 0.5)


def test_a_finished_run_is_not_begun_again(store):
    run = finished_run(store)
    before = contents(run)
    with run.lock(), pytest.raises(RunError, match="is finished"):
        Recorder(run).write(STARTED)
    assert contents(run) == before


def test_other_pictures_are_refused(run):
    record(run, until=12)
    before = contents(run)
    other = dataclasses.replace(STARTED, data={**STARTED.data, "checksum": "xyz"})
    with run.lock(), pytest.raises(RunError, match="not those that run"):
        Recorder(run).write(other)
    assert contents(run) == before


@pytest.mark.parametrize("limit", [0, 300, 700, 1200, 1900, 3000])
def test_a_full_disk_is_a_sentence_and_the_run_goes_on_later(limit, run, store):
    """Wherever the disk gives out, the run can go on from what it had and ends the same."""
    record(run, until=12)
    before = run.checkpoint()
    with pytest.raises(StorageError, match="could not be saved"), largest_file(limit):
        record(run)
    assert not list(run.path.rglob(TEMPORARY))
    assert run.checkpoint().step >= before.step
    assert run.state == "interrupted"
    record(run)
    assert contents(run) == contents(finished_run(store))


def test_log_and_rows_are_plain_json_lines(store):
    run = finished_run(store)
    for name in ("metrics.jsonl", "log.jsonl"):
        for line in (run.path / name).read_text().splitlines():
            assert isinstance(json.loads(line), dict)
    assert run.latents()[0].shape == (N, Z)
