"""The training service: how soon things happen, and what pages feel of it while all workers train.

    python benchmarks/service.py [--quick]

Trainings are of the digits, which ship with scikit-learn. An event's latency is counted from the worker's
loop until a page can read it; the worker ships twenty times a second. `--quick` repeats less.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from measuring import launch, percentiles, row, serve
from playwright.sync_api import sync_playwright

from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.events import Checkpoint, Event, Finished, Started, Steered, Step
from vae_core.jobs import TrainingService
from vae_core.progress import Progress
from vae_core.runs import RunStore

QUICK = "--quick" in sys.argv
EVENTS, PACED = (4_000, 200) if QUICK else (20_000, 1_000)
RESTARTS = 1 if QUICK else 5
SWITCHES = 6 if QUICK else 30
PATIENCE = 120.0  # s
LONG = RunConfig.parse({"training": {"epochs": 10_000}})  # digits; never ends by itself
PACE = 0.005  # s between two events where latency is measured

PAGES = {"Data": ".st-key-data", "Runs": ".st-key-runs", "Train": ".st-key-setup"}  # link, what it shows
SETTLED = """selector => document.querySelector(selector)
  && document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"""


def emit(
    config: RunConfig, checkpoint: Checkpoint | None, control: Control, run: str, changes: Sequence[Steered]
) -> Iterator[Event]:
    """Events as fast as can be, or at a pace, each with the moment of its making; in place of a training."""
    count = int(config.training.epochs)
    nothing = np.zeros((1, 1, 2, 2), np.uint8)
    yield Started(nothing, np.zeros(1, int), np.zeros(1, int), (), {}, count, {})
    yield Checkpoint(0, {}, {}, {})
    for step in range(1, count + 1):
        if config.name == "paced":
            time.sleep(PACE)
        yield Step(step, step, 1.0, 1.0, 1.0, 0.1, time.monotonic())
    yield Finished(count, {"w": np.zeros(1)}, np.zeros((1, 2)), np.zeros((1, 2)), {}, b"bundle")


@contextmanager
def service(workers: int, execute: Any = None) -> Iterator[TrainingService]:
    with tempfile.TemporaryDirectory() as folder:
        made = TrainingService(RunStore(Path(folder)), workers, execute)
        try:
            yield made
        finally:
            made.close()


def until(condition: Any, pause: float = 0.002) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("It took too long.")
        time.sleep(pause)
    return value


def workers_of_this() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def stepping(made: TrainingService, run: str, step: int = 1, attempt: int = 1) -> Progress:
    def look() -> Progress | None:
        progress = made.progress(run, since=1_000_000)
        return progress if progress.step >= step and progress.attempt >= attempt else None

    return until(look)


def measure_start() -> None:
    """Of the embedded cluster, and from a submission to the first step."""
    times, cold, warm = [], [], []
    for _ in range(RESTARTS):
        with service(2, emit) as made:
            began = time.monotonic()
            made.warm()
            conductor = made._conductor
            until(lambda conductor=conductor: conductor and len(conductor._places) == 2)
            times.append(time.monotonic() - began)
        with service(2) as made:
            for found in (cold, warm):
                began = time.monotonic()
                run = made.submit(LONG)
                stepping(made, run)
                found.append(time.monotonic() - began)
                made.stop(run)
                until(lambda run=run: not made.progress(run).active)
    row("embedded cluster, 2 workers", f"{statistics.median(times):.2f} s")
    row("submission to first step, cold", f"{statistics.median(cold):.2f} s (imports torch)")
    row("submission to first step, then", f"{statistics.median(warm):.2f} s")


def measure_events() -> None:
    with service(1, emit) as made:
        config = RunConfig.parse({"name": "paced", "training": {"epochs": PACED}})
        run, seen, times = made.submit(config), 0, []
        while seen < PACED and made.progress(run, since=seen).active:
            fresh = made.progress(run, since=seen).rows
            now = time.monotonic()
            times += [1000 * (now - one["seconds"]) for one in fresh]
            seen += len(fresh)
            time.sleep(0.001)
        row(f"latency of an event, {1 / PACE:.0f} a second", percentiles(times))
        run = made.submit(RunConfig.parse({"training": {"epochs": EVENTS}}))
        until(lambda: not made.progress(run, since=1_000_000).active)
        first, last = (made.store.get(run).metrics()[place]["seconds"] for place in (0, -1))
        log = made.store.get(run).log()
        row("events a second, made", f"{EVENTS / (last - first):,.0f}")
        spans = [np.datetime64(line["time"][:26]) for line in (log[0], log[-1])]
        row("events a second, written", f"{EVENTS / ((spans[1] - spans[0]) / np.timedelta64(1, 's')):,.0f}")


def measure_restarts() -> None:
    """From SIGKILL of the worker to the next step that a page can read."""
    for workers, what in ((2, "another worker is free"), (1, "its only worker")):
        times = []
        for _ in range(RESTARTS):
            with service(workers) as made:
                run = made.submit(LONG)
                stepping(made, run, 200)
                busy = max(workers_of_this(), key=lambda one: sum(one.cpu_times()[:2]))
                began = time.monotonic()
                busy.kill()
                stepping(made, run, attempt=2)
                until(lambda run=run: made.progress(run).state == "running")
                rows = len(made.progress(run).rows)  # those left of the first attempt
                until(lambda run=run, rows=rows: made.progress(run, since=rows).rows)
                times.append(time.monotonic() - began)
                made.stop(run)
        row(f"SIGKILL to next step, {what}", f"{statistics.median(times):.2f} s, worst {max(times):.2f} s")


def measure_pages() -> None:
    """With a run on each worker, in Chromium."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        with serve(home, Path(folder) / "log") as server:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE * 1000)
            idle = _switch(page, server.address)
            row("page switch, nothing going", percentiles(idle))
            clicks = [_begin(page, server.address) for _ in range(2)]
            row("click on Start to running", ", ".join(f"{seconds:.2f} s" for seconds in clicks))
            row("page switch, two runs going", percentiles(_switch(page, server.address)))
            browser.close()


def _begin(page: Any, address: str) -> float:
    page.goto(f"{address}/train")
    page.get_by_role("spinbutton", name="Epochs").fill("5000")
    page.keyboard.press("Enter")
    page.wait_for_function(SETTLED, arg=".st-key-setup")
    began = time.monotonic()
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Pause", disabled=False).wait_for()
    return time.monotonic() - began


def _switch(page: Any, address: str) -> list[float]:
    """Milliseconds from the click on a page's name until all of it is there."""
    page.goto(f"{address}/data")
    page.wait_for_function(SETTLED, arg=PAGES["Data"])
    times = []
    for place in range(SWITCHES + len(PAGES)):
        name = ("Runs", "Train", "Data")[place % 3]
        began = time.monotonic()
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_function(SETTLED, arg=PAGES[name])
        times.append(1000 * (time.monotonic() - began))
        page.wait_for_timeout(100)
    return times[len(PAGES) :]  # each is made once beforehand


if __name__ == "__main__":
    measure_start()
    measure_events()
    measure_restarts()
    measure_pages()
