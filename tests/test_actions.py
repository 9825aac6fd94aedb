"""Random actions on a training service whose workers and whose app are killed: nothing saved is ever lost."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import fake_pipeline
import psutil
import pytest
from fake_pipeline import until, worker_processes

from vae_core.progress import ACTIVE
from vae_core.runs import Run, RunStore
from vae_core.storage import TEMPORARY

APP = Path(__file__).with_name("actions_app.py")
STEPS = (5, 60)  # of a run
WEIGHTS = {
    "submit": 5, "steer": 5, "snapshot": 2, "pause": 3, "unpause": 3, "stop": 3, "finish": 1, "resume": 4,
    "kill a worker": 3, "kill the app": 1, "close the app": 1,
}  # fmt: skip


class App:
    """The app in a process of its own, its temporary files in a folder of their own."""

    def __init__(self, home: Path, temporary: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(APP), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        self.descendants: set[psutil.Process] = set()

    def do(self, what: str, **words: object) -> dict:
        self.process.stdin.write(json.dumps({"do": what, **words}) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        assert "fault" not in told, told["fault"]
        self.descendants |= set(psutil.Process(self.process.pid).children(recursive=True))
        return told

    def end(self, kill: bool) -> None:
        """Killed, or asked to close; none of its processes may stay."""
        self.process.kill() if kill else self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()
        until(lambda: not any(is_going(process) for process in self.descendants), patience=30)


def is_going(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def saved(run: Run) -> dict:
    """What of a run must never be lost again: the rows up to its checkpoint, the changes of its course."""
    checkpoint = run.checkpoint()
    step = -1 if checkpoint is None else checkpoint.step
    changes = [(change.step, change.beta, change.lr) for change in run.changes()]
    rows = [row for row in run.metrics() if row["step"] <= step and row["kind"] != "steered"]
    return {"step": step, "changes": changes, "rows": rows, "finished": run.state == "finished"}


def still_holds(now: dict, before: dict) -> None:
    assert now["step"] >= before["step"]
    assert now["finished"] or not before["finished"]
    assert now["rows"][: len(before["rows"])] == before["rows"]
    assert now["changes"][: len(before["changes"])] == before["changes"]


def is_whole(run: Run) -> None:
    """The run is what it would be had nobody disturbed it, but for the changes that its log knows."""
    total = run.report()["steps"]
    rows = run.metrics()
    assert [row["n"] for row in rows] == list(range(len(rows)))
    curve = [row for row in rows if row["kind"] != "steered"]
    assert [(row["kind"], row["step"], row["distortion"]) for row in curve] == fake_pipeline.rows(total)
    changes = run.changes()
    assert [row["step"] for row in rows if row["kind"] == "steered"] == [change.step for change in changes]
    for row in (row for row in rows if row["kind"] == "step"):
        before = [change for change in changes if change.step < row["step"]]
        betas = [change.beta for change in before if change.beta is not None]
        factors = [change.lr for change in before if change.lr is not None]
        assert row["beta"] == pytest.approx([run.config.beta, *betas][-1])
        assert row["lr"] == pytest.approx(0.1 * [1.0, *factors][-1])


def act(what: str, chance: random.Random, app: App, home: Path, temporary: Path, runs: list[str]) -> App:
    """One action; most may come too early or too late, which is answered with a sentence."""
    if what in ("kill the app", "close the app"):
        app.end(kill=what == "kill the app")
        return App(home, temporary)
    if what == "kill a worker":
        if workers := worker_processes(app.process.pid):
            chance.choice(workers).kill()
    elif what == "submit" or not runs:
        runs.append(app.do("submit", steps=chance.randint(*STEPS))["answer"])
    elif what == "steer":
        app.do("steer", run=chance.choice(runs[-4:]), beta=chance.choice([None, 0.5, 2.0, 8.0]), lr=0.5)
    else:
        app.do(what, run=chance.choice(runs[-4:]))
    return app


def finish_all(app: App, runs: list[str]) -> None:
    for run in runs:
        until(lambda run=run: went_on(app, run))


def went_on(app: App, run: str) -> bool:
    state = app.do("state", run=run)["answer"]
    if state == "paused":
        app.do("unpause", run=run)
    elif state not in (*ACTIVE, "finished"):
        app.do("resume", run=run)
    return state == "finished"


def random_actions(count: int, seed: int, home: Path, temporary: Path) -> None:
    chance = random.Random(seed)
    store, runs, known = RunStore(home), [], {}
    app = App(home, temporary)
    try:
        plan = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)
        for what in ["submit", "submit", *plan]:
            app = act(what, chance, app, home, temporary, runs)
            time.sleep(chance.uniform(0, 0.4))
            for run in runs:
                now = saved(store.get(run))
                still_holds(now, known.get(run, now))
                known[run] = now
        finish_all(app, runs)
    finally:
        app.end(kill=False)
    for run in runs:
        is_whole(store.get(run))
        still_holds(saved(store.get(run)), known[run])
    assert not list(home.rglob(TEMPORARY))
    assert not list(temporary.iterdir())
    assert len(store.list()) - len(runs) == sum(run.starter for run in store.list())


def test_ten_random_actions_lose_nothing(home, tmp_path):
    (tmp_path / "temporary").mkdir()
    random_actions(10, 35, home, tmp_path / "temporary")


@pytest.mark.soak
def test_two_hundred_random_actions_lose_nothing(home, tmp_path):
    (tmp_path / "temporary").mkdir()
    random_actions(200, int(os.environ.get("SEED", "3")), home, tmp_path / "temporary")
