"""`latentscape sweep`: what it prints where, its table, exit codes, going on with a ladder."""

import csv
import io
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import time

import pytest
from small_training import poison

from vae_core import commands as command_line
from vae_core.runs import RunStore
from vae_core.sweeps import LadderStore, standings

SMALL = ["--data", "digits", "--limit", "300", "--hidden", "16", "--epochs", "2"]


@pytest.fixture
def call(capsys):
    """Runs one command; gives exit code, stdout, stderr."""

    def run(*words):
        code = command_line.main(["sweep", *words])
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


def test_a_ladder_of_two_seeds_and_its_table(call):
    code, out, said = call("--beta", "0.1,1,10", "--seeds", "2", "--seed", "5", *SMALL)
    name, *lines = out.splitlines()
    store = LadderStore()
    ladder = store.get(name)
    assert (code, store.state(ladder)) == (0, "finished")
    assert (ladder.betas, ladder.seeds, ladder.warm_start) == ((0.1, 1, 10), (5, 6), False)
    assert lines[:6] == [member.run for member in ladder.members]
    assert lines[6].split() == ["beta", "rate", "distortion", "runs"]
    assert "β 10, seed 6" in said
    reports = [store.runs.get(member.run).report() for member in ladder.members]
    for k, line in enumerate(lines[7:]):
        beta, rate, _, error, distortion, _, _, runs = line.split()
        pair = [reports[k]["rate"], reports[k + 3]["rate"]]
        assert (float(beta), runs) == (ladder.betas[k], "2")
        assert float(rate) == pytest.approx(statistics.mean(pair), abs=6e-4)
        assert float(error) == pytest.approx(abs(pair[0] - pair[1]) / 2, abs=6e-4)
        assert float(distortion) == pytest.approx(
            (reports[k]["distortion"] + reports[k + 3]["distortion"]) / 2, abs=6e-4
        )


def test_as_json_and_csv_going_on_with_a_finished_ladder(call):
    code, out, said = call("--beta", "0.1,1", "--warm-start", "--json", *SMALL)
    rows = json.loads(out)
    assert code == 0
    assert list(rows[0]) == ["beta", "rate", "distortion", "rate_se", "distortion_se", "runs"]
    assert [row["beta"] for row in rows] == [0.1, 1]
    assert rows[0]["rate_se"] is None
    (ladder,) = LadderStore().list()
    assert ladder.id in said
    assert ladder.members[1].start == ladder.members[0].run == rows[0]["runs"][0]
    code, again, said = call("--resume", ladder.id, "--csv")
    table = list(csv.DictReader(io.StringIO(again)))
    assert code == 0
    assert "Finished" not in said  # nothing was left to train
    assert [float(row["rate"]) for row in table] == [row["rate"] for row in rows]
    assert table[0]["rate_se"] == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "--beta is missing"),
        (["--beta", "1"], "at least two betas"),
        (["--beta", "10,1"], "not in order"),
        (["--beta", "1,1"], "hold one twice"),
        (["--beta", "0,1"], "A beta is 0"),
        (["--beta=-1,1"], "A beta is -1"),
        (["--beta=0.1;1"], "should be numbers"),
        (["--beta", "0.1,1", "--model", "multirate"], "needs no ladder"),
        (["--beta", "0.1,1", "--model", "ae"], "has no beta"),
        (["--beta", "0.1,1", "--seeds", "0"], "--seeds is 0"),
        (["--beta", "0.1,1", "--seeds", "many"], "invalid int value"),
        (["--beta", "0.1,1", "--seeds", "51"], "102 trainings, at most 100"),
        (["--beta", "0.1,1", "--csv", "--json"], "choose one"),
        (["--beta", "0.1,1", "--beta-low", "1"], "nrecognized arguments"),
        (["--resume", "ladder-nothing"], "There is no ladder 'ladder-nothing'"),
        (["--resume", "ladder-nothing", "--beta", "0.1,1"], "leave the other settings out"),
        (["--resume", "ladder-nothing", "--epochs", "3"], "leave the other settings out"),
    ],
)
def test_bad_input_is_one_sentence_and_makes_nothing(call, words, sentence):
    code, out, said = call(*words)
    assert (code, out) == (2, "")
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert LadderStore().list() == []
    assert RunStore(starters=LadderStore().folder).list() == []


def test_a_report_without_its_figures_is_damage(call):
    assert call("--beta", "0.1,1", *SMALL)[0] == 0
    (ladder,) = LadderStore().list()
    (RunStore().get(ladder.members[1].run).path / "report.json").write_text('{"rate": "much"}')
    code, out, said = call("--resume", ladder.id)
    assert (code, out) == (1, f"{ladder.id}\n")
    assert "holds no usable rate and distortion. Bring that file back" in said


def test_one_that_diverges_is_a_gap_in_the_table(call, monkeypatch):
    poison(monkeypatch, 1, 2)  # the first two steps of all, which are those of the first model
    code, out, said = call("--beta", "0.1,1,10", "--warm-start", "--json", *SMALL)
    rows = json.loads(out)
    (ladder,) = LadderStore().list()
    assert code == 1
    assert [row["rate"] is None for row in rows] == [True, False, False]
    assert "β 0.1, seed 0 is missing. The loss was nan at step 1." in said
    assert [member.start != "" for member in ladder.members] == [False, False, True]


def test_interrupted_it_is_saved_and_goes_on(home, call):
    words = ["--beta", "0.1,1", "--warm-start", *SMALL[:-2], "--epochs", "2000"]
    environment = {**os.environ, "LATENTSCAPE_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-m", "vae_core", "sweep", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    name, run = process.stdout.readline().strip(), process.stdout.readline().strip()
    store = LadderStore()
    while not store.runs.get(run).metrics():
        assert process.poll() is None
        time.sleep(0.05)
    assert store.held(name)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"latentscape sweep --resume {name}" in said
    assert "Traceback" not in said
    ladder = store.get(name)
    assert store.state(ladder) == "interrupted"
    assert [one.state for one in standings(ladder, store.runs)] == ["interrupted", "waiting"]
    checkpoint = store.runs.get(run).checkpoint()
    assert checkpoint.step > 0
    assert all(math.isfinite(array.sum()) for array in checkpoint.weights.values())
    code, out, _ = call("--resume", name)
    assert code == 0
    assert out.splitlines()[:2] == [name, run]
    assert [one.state for one in standings(store.get(name), store.runs)] == ["finished", "finished"]
