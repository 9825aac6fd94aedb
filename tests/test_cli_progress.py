"""How a training is shown: a bar that fits its terminal, JSON lines that say what the run says."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest
from synthetic import training

from vae_core import cli_progress, commands
from vae_core.cli_progress import Bar, Lines, bar, blocks, duration
from vae_core.events import Diverged, Epoch, RolledBack, Started, Steered, Step, Stopped
from vae_core.runs import RunStore

SMALL = ["--data", "digits", "--limit", "300", "--hidden", "16", "--epochs", "2", "--seed", "3"]
ROW = Step(380, 1.9, 253.14, 6.318, 1.0, 0.004, 12.5)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is put forward."""
    now = [100.0]
    monkeypatch.setattr(cli_progress.time, "monotonic", lambda: now[0])
    return now


def test_a_bar_says_share_distortion_rate_and_time_left():
    text = bar(ROW, 1000, 41.2, 100)
    assert text.endswith(" 38%  distortion 253.1  rate 6.32 nats  41 s left")
    filled = text.partition(" ")[0]
    assert len(filled) == cli_progress.LONGEST
    assert filled.count("█") == 11  # 0.38 of 30 is 11.4


@pytest.mark.parametrize("columns", range(1, 140, 3))
def test_a_bar_never_breaks_its_line(columns):
    """And what has no room goes in this order: the rate, the distortion, the time."""
    text = bar(ROW, 1000, 41.2, columns)
    assert len(text) < max(columns, len(" 38%") + 1)
    shown = [word in text for word in ("rate", "distortion", "left")]
    assert shown == sorted(shown)


def test_at_the_end_it_says_what_it_still_does():
    assert "measuring" in bar(Step(1000, 5, 1.0, 1.0, 1.0, 0.0, 9.0), 1000, 0.0, 80)


def test_blocks_are_as_wide_as_they_were_asked_for():
    for eighths in range(8 * 7 + 1):
        assert len(blocks(eighths / 56, 7)) == 7
    assert blocks(0, 5) == "░" * 5
    assert blocks(1, 5) == "█" * 5
    assert blocks(0.5, 4) == "██░░"
    assert blocks(3 / 8, 1) == "▍"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3900, "1 h 05 min")],
)
def test_durations(seconds, said):
    assert duration(seconds) == said


def test_time_left_is_by_this_attempt_alone(clock):
    """A resumed run does not count the steps of before, for which it did not wait."""
    watch = cli_progress.Clock()
    watch.total = 1000
    assert watch.left(600) is None
    clock[0] += 10
    assert watch.left(700) == pytest.approx(30)


def test_a_bar_on_a_terminal_changes_in_place(monkeypatch, capsys, clock):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = Bar()
    for event in training():
        shown.show(event)
    shown.show(RolledBack(3, 5, 0.5, "The loss was nan at step 5."))
    shown.show(Steered(9, beta=4.0, lr=0.5))
    said = capsys.readouterr().err
    lines = said.split("\n")
    assert all(part.startswith("\x1b[K") for part in said.split("\r")[1:])
    assert "Finished: distortion 1.5, rate 2.5, elbo -4.0 nats per held-out picture." in lines[0]
    assert lines[1].endswith("Went back to step 3 with a lower learning rate.")
    assert lines[2].endswith(
        "From step 10 on with beta 4 and the learning rate times 0.5, as the run did before."
    )


def told(events, every=0.0):
    rows = []
    shown = Lines("the-run", lambda text: rows.append(json.loads(text)), every)
    for event in events:
        shown.show(event)
    return rows


def test_lines_say_what_the_events_say(clock):
    events = list(training())
    rows = told(events)
    assert (rows[0]["event"], rows[0]["run"]) == ("started", "the-run")
    assert rows[0]["total_steps"] == next(e for e in events if isinstance(e, Started)).total_steps
    for kind, name in ((Step, "step"), (Epoch, "epoch")):
        found = [row for row in rows if row["event"] == name]
        wanted = [event for event in events if isinstance(event, kind)]
        assert [row["step"] for row in found] == [event.step for event in wanted]
        assert [row["rate"] for row in found] == [event.rate for event in wanted]
    assert rows[-1]["event"] == "finished"
    assert (rows[-1]["distortion"], rows[-1]["elbo"], rows[-1]["accuracy"]) == (1.5, -4.0, None)


def test_what_is_not_finite_is_null_and_weights_are_left_out():
    ends = [RolledBack(3, 5, 0.5, "bad"), Stopped(7), Diverged(5, "bad", {"w": None}), Steered(1, 2.0)]
    strange = Step(2, 0.1, float("nan"), float("inf"), 1.0, 0.1, 1.0)
    rows = told([strange, *ends])
    assert (rows[0]["distortion"], rows[0]["rate"]) == (None, None)
    assert [row["event"] for row in rows[1:]] == ["rolledback", "stopped", "diverged", "steered"]
    assert "weights" not in rows[3]


def test_where_nobody_asked_there_is_a_row_now_and_then(clock):
    rows = told(training(), every=2.0)
    kinds = [row["event"] for row in rows]
    assert kinds.count("step") == kinds.count("epoch") == 2  # the first and, as no time passed, the last
    assert "saved" not in kinds
    assert rows[-1]["event"] == "finished"


def test_json_is_all_that_stands_on_stdout(capsys):
    assert commands.main(["train", *SMALL, "--json"]) == 0
    out, said = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    run = RunStore().get(rows[0]["run"])
    assert [rows[0]["event"], rows[1]["event"], rows[-1]["event"]] == ["run", "started", "finished"]
    assert rows[-1]["elbo"] == run.report()["elbo"]
    stored = [row for row in run.metrics() if row["kind"] == "step"]
    assert [row["distortion"] for row in rows if row["event"] == "step"] == [
        row["distortion"] for row in stored
    ]
    assert "{" not in said
    assert commands.main(["resume", run.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"event": "run", "run": run.id}


def test_on_a_real_terminal(home):
    """A terminal of sixty columns: the bar comes, no line is longer, the id stands alone on stdout."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "vae_core", "train", *SMALL]
    environment = {**os.environ, "LATENTSCAPE_HOME": str(home), "COLUMNS": "60", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # the other end is closed
            pass
        out = process.stdout.read().decode().split()
    os.close(ours)
    assert (process.returncode, len(out)) == (0, 1)
    shown = re.split(r"[\r\n]+", said.decode())
    bars = [line for line in shown if "%" in line]
    assert bars, shown
    assert all(len(line.removeprefix("\x1b[K")) < 60 for line in bars)
    assert any("Finished: distortion" in line for line in shown)
