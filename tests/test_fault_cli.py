"""The command line where the machine refuses: a sentence that says what to do; nothing saved is lost."""

import subprocess
import sys
from pathlib import Path

import pytest
from fault_tools import full, read_only, small_disk
from synthetic import finished_run, record

from vae_core import commands
from vae_core.config import RunConfig
from vae_core.runs import RunStore

LIMITED = [sys.executable, str(Path(__file__).with_name("fault_limit.py"))]
LARGE = ["train", "--data", "digits", "--hidden", "4000,3000", "--epochs", "1", "--batch", "1000"]


def test_memory_that_does_not_suffice_is_a_sentence(home):
    told = subprocess.run([*LIMITED, "30000000", *LARGE], capture_output=True, text=True, check=False)
    assert told.returncode == 1, told.stderr
    assert "memory of this machine does not suffice" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    assert RunStore().get(told.stdout.split()[-1]).state == "interrupted"


def test_results_that_cannot_be_written_are_a_sentence(home):
    words = [sys.executable, "-m", "vae_core", "runs"]
    with open("/dev/full", "w") as nowhere:
        told = subprocess.run(words, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr == "The system refused: No space left on device. What was saved before is untouched.\n"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A small disk, on which the home lies."""
    with small_disk(tmp_path / "disk", "4m") as folder:
        monkeypatch.setenv("LATENTSCAPE_HOME", str(folder / "home"))
        yield folder


def refused(capsys, *words: str) -> str:
    """What a command says that cannot be done."""
    capsys.readouterr()
    assert commands.main(list(words)) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert "could not be saved" in told
    assert "What was saved before is untouched" in told
    return told


def test_a_home_that_is_read_only_is_read_and_nothing_else(disk, capsys):
    store = RunStore()
    whole, half = finished_run(store), store.create(RunConfig(), "")
    record(half, 20, until=10)
    with read_only(disk):
        for words in (
            ("train", "--data", "digits", "--epochs", "1"),
            ("resume", half.id),
            ("runs", "tag", whole.id, "good"),
            ("runs", "delete", whole.id),
        ):
            told = refused(capsys, *words)
            assert "the disk is read-only" in told
            assert "allow writing or choose another with LATENTSCAPE_HOME" in told
            assert not {".digits", "lock"} & set(told.split())  # names of ours that say nothing
        for words in (("runs",), ("runs", "usage"), ("runs", "bin"), ("data", "list")):
            assert commands.main(list(words)) == 0
        assert {run.id: run.state for run in store.list() if not run.starter} == {
            whole.id: "finished",
            half.id: "interrupted",
        }


def test_a_full_disk_ends_in_a_sentence_and_deleting_makes_room(disk, capsys):
    old = finished_run(RunStore())
    train = ("train", "--data", "digits", "--hidden", "16", "--epochs", "1")
    with full(disk):
        told = refused(capsys, *train)
        assert told.startswith(f"config.json could not be saved in {RunStore().folder}: the disk is full.")
        assert [found.id for found in RunStore().list() if not found.starter] == [old.id]
    with full(disk, but=24_000):
        told = refused(capsys, *train)
        assert "the disk is full" in told
        run = next(run for run in RunStore().list() if run.id in told)
        assert told.endswith(f"Go on with: latentscape resume {run.id}")
        assert run.state == "interrupted"
        assert commands.main(["runs", "delete", old.id]) == 0
        assert commands.main(["runs", "empty", "--yes"]) == 0
        assert [found.id for found in RunStore().list() if not found.starter] == [run.id]
    assert commands.main(["resume", run.id]) == 0
    assert run.state == "finished"


@pytest.mark.parametrize(("home", "reason"), [("file", "a file and no folder"), ("/proc/none", "no such")])
def test_a_home_that_cannot_be_is_a_sentence(home, reason, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LATENTSCAPE_HOME", str(tmp_path / home))
    assert reason in refused(capsys, "train", "--data", "digits", "--epochs", "1")
    assert commands.main(["runs"]) == 0


@pytest.mark.parametrize("setting", ["training.lr", "objective.beta", "model.sigma"])
def test_a_setting_that_is_no_number_is_refused(setting, home, capsys):
    for value in ("nan", "inf", "-inf"):
        assert commands.main(["train", "--data", "digits", "--set", f"{setting}={value}"]) == 2
        assert setting in capsys.readouterr().err
    assert [run for run in RunStore().list() if not run.starter] == []
