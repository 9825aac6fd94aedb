"""SIGKILL at any moment, then go on: the end is that of a run that nobody disturbed, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file
from synthetic import contents, finished_run, record

from vae_core.config import RunConfig
from vae_core.runs import Run, RunStore
from vae_core.storage import TEMPORARY

SYNTHETIC = Path(__file__).with_name("synthetic.py")
LONG = 300  # steps of the synthetic run: some hundred files, long enough to be hit
TINY = ["--hidden", "16", "--limit", "400", "--batch", "16", "--epochs", "30", "--seed", "5"]
OFTEN = ["--checkpoint-seconds", "0"]


def rows(run: Run) -> list[dict]:
    """Rows without the seconds, which no two runs share; numbered without gap, none twice."""
    found = run.metrics()
    assert [row["n"] for row in found] == list(range(len(found)))
    keys = [(row["kind"], row["step"]) for row in found]
    assert len(set(keys)) == len(keys)
    return [{key: value for key, value in row.items() if key != "seconds"} for row in found]


@pytest.mark.parametrize("seed", [0, 1])
def test_killed_again_and_again_without_torch(seed, tmp_path):
    """The store alone: a deterministic run of files, killed within writes, renames and flushes."""
    moments = random.Random(seed)
    store = RunStore(tmp_path / "home", tmp_path / "starters")
    whole, run = store.create(RunConfig()), store.create(RunConfig())
    record(whole, LONG)
    command = [sys.executable, str(SYNTHETIC), str(store.folder.parent), run.id, str(LONG)]
    for _ in range(4):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"ready\n"
            time.sleep(moments.uniform(0, 0.6))
            process.kill()
        assert run.state in ("interrupted", "finished")
        rows(run)  # a reader that comes now sees whole rows
        run.checkpoint()
        assert run.last_snapshot() is None or run.last_snapshot().step in run.snapshots()
        if run.state == "finished":
            break
    else:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert run.state == "finished"
    assert contents(run) == contents(whole)
    assert not list(run.path.rglob(TEMPORARY))


def command_line(*words: str) -> list[str]:
    return [sys.executable, "-m", "vae_core", *words]


def train_until(row: int, moments: random.Random) -> Run:
    """Trains on the command line and kills it soon after it wrote that many rows."""
    words = command_line("train", "--data", "digits", *TINY, *OFTEN)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        run = RunStore().get(process.stdout.readline().decode().strip())
        while process.poll() is None and len(run.metrics()) < row:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.05))
        process.kill()
    return run


def undisturbed() -> Run:
    result = subprocess.run(
        command_line("train", "--data", "digits", *TINY, *OFTEN), capture_output=True, text=True, check=True
    )
    return RunStore().get(result.stdout.split()[-1])


def resumed_like(run: Run, whole: Run) -> None:
    result = subprocess.run(command_line("resume", run.id), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.split()[-1]) == (0, run.id), result.stderr
    assert run.state == "finished"
    model = "model.safetensors"
    assert (run.path / model).read_bytes() == (whole.path / model).read_bytes()
    assert rows(run) == rows(whole)
    assert run.snapshots() == whole.snapshots()
    for step in run.snapshots():
        name = f"snapshots/{step:08d}.safetensors"
        assert (run.path / name).read_bytes() == (whole.path / name).read_bytes()
    timeless = [{**found.report(), "seconds": 0} for found in (run, whole)]
    assert timeless[0] == timeless[1]
    assert len(list(run.path.glob("*model.safetensors"))) == 1


def test_killed_and_resumed_bit_for_bit(home):
    moments = random.Random(7)
    whole = undisturbed()
    assert load_file(whole.path / "model.safetensors")
    count = len(rows(whole))
    assert count > 300
    for row in (0, moments.randrange(1, count // 2), moments.randrange(count // 2, count)):
        resumed_like(train_until(row, moments), whole)


@pytest.mark.soak
def test_killed_and_resumed_bit_for_bit_often(home):
    moments = random.Random(os.environ.get("SEED", "11"))
    whole = undisturbed()
    count = len(rows(whole))
    for _ in range(40):
        resumed_like(train_until(moments.randrange(0, count), moments), whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_saves_and_says_how_to_go_on(number, home):
    words = command_line("train", "--data", "digits", *TINY, "--epochs", "200")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        run = RunStore().get(process.stdout.readline().strip())
        while process.poll() is None and len(run.metrics()) < 3:
            time.sleep(0.001)
        process.send_signal(number)
        _, said = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert said.splitlines()[-1].endswith(f"latentscape resume {run.id}")
    assert run.state == "interrupted"
    assert run.log()[-1]["kind"] == "stopped"
    assert run.checkpoint().step == run.log()[-1]["step"] >= 3
    listed = subprocess.run(command_line("runs", "--json"), capture_output=True, text=True, check=True)
    mine = [row for row in map(json.loads, listed.stdout.splitlines()) if row["id"] == run.id]
    assert [row["state"] for row in mine] == ["interrupted"]


def test_a_finished_run_is_recorded_alike_twice(tmp_path):
    """Otherwise the comparisons above would compare nothing."""
    store = RunStore(tmp_path / "home", tmp_path / "starters")
    assert contents(finished_run(store)) == contents(finished_run(store))
