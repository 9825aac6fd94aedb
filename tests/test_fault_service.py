"""The training service, the real training in it, and what may befall both: each fault is made for real."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from fake_pipeline import until, worker_processes
from fault_tools import full, small_disk

from vae_core.config import RunConfig
from vae_core.errors import RunBusyError, ServiceError
from vae_core.jobs import TrainingService
from vae_core.progress import sentence
from vae_core.runs import Run, RunStore
from vae_core.storage import TEMPORARY

HERE = Path(__file__).parent
INTERVAL = 0.5  # s between two checkpoints
SMALL = RunConfig.parse(
    {
        "data": {"limit": 300},
        "model": {"hidden": [32]},
        "training": {"epochs": 30, "batch": 16, "checkpoint_seconds": INTERVAL},
    }
)
LONG = SMALL.override({"training.epochs": 10_000})
LARGE = SMALL.override({"model.hidden": (4000, 3000)})
DISK = "64m"
MORE = 20_000_000  # bytes of memory that are left to a worker


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    with small_disk(tmp_path_factory.mktemp("disk"), DISK) as folder:
        yield folder


@pytest.fixture(scope="module")
def service(disk):
    """One worker, and a home on a disk that can be filled."""
    service = TrainingService(RunStore(disk / "home"), workers=1)
    service.warm()
    yield service
    service.close()


def ended(service: TrainingService, run: str):
    return until(lambda: (p := service.progress(run)).state != "running" and not p.active and p)


def stepping(service: TrainingService, run: str, step: int = 1):
    return until(lambda: (p := service.progress(run)).step >= step and p)


def stopped(service: TrainingService, run: str) -> None:
    service.stop(run)
    assert ended(service, run).state == "interrupted"


def rows(run: Run) -> list[dict]:
    """Rows without the seconds, numbered without gap, none twice."""
    found = run.metrics()
    assert [row["n"] for row in found] == list(range(len(found)))
    keys = [(row["kind"], row["step"]) for row in found]
    assert len(set(keys)) == len(keys)
    return [{key: value for key, value in row.items() if key != "seconds"} for row in found]


def alike(run: Run, whole: Run) -> None:
    """Weights, cloud, rows, snapshots and figures are the same to the last bit."""
    model = "model.safetensors"
    assert (run.path / model).read_bytes() == (whole.path / model).read_bytes()
    np.testing.assert_array_equal(run.latents()[0], whole.latents()[0])
    assert rows(run) == rows(whole)
    assert run.snapshots() == whole.snapshots()
    assert {**run.report(), "seconds": 0} == {**whole.report(), "seconds": 0}
    assert not list(run.path.rglob(TEMPORARY))


def test_a_killed_worker_costs_at_most_what_came_after_the_last_checkpoint(service):
    run = service.submit(LONG)
    until(lambda: (row := service.progress(run).rows[-1:]) and row[0]["seconds"] > 1.5 * INTERVAL)
    for process in worker_processes():
        process.kill()
    again = until(lambda: (p := service.progress(run)).attempt == 2 and p.rows and p)
    assert "died" in again.note
    stored = service.store.get(run)
    (died,) = until(lambda: [line for line in stored.log() if line["kind"] == "worker died"])
    stepping(service, run, died["step"] + 1)
    stopped(service, run)
    begun = [line["step"] for line in stored.log() if line["kind"] == "started"]
    assert begun[0] == 0
    assert 0 < begun[1] <= died["step"]
    seconds = {row["step"]: row["seconds"] for row in stored.metrics() if row["kind"] == "step"}
    repeated = [seconds[step] for step in seconds if begun[1] <= step <= died["step"]]
    assert repeated[-1] - repeated[0] < 2 * INTERVAL  # of training, not of this test
    rows(stored)


def test_a_worker_that_stands_still_goes_on_where_it_stood(service):
    run = service.submit(LONG)
    stepping(service, run, 20)
    (worker,) = worker_processes()
    worker.send_signal(signal.SIGSTOP)
    time.sleep(2)
    held = service.progress(run)
    worker.send_signal(signal.SIGCONT)
    stepping(service, run, held.step + 100)
    assert service.progress(run).attempt == 1
    stopped(service, run)
    assert "worker died" not in [line["kind"] for line in service.store.get(run).log()]
    rows(service.store.get(run))


def test_memory_that_does_not_suffice_is_a_sentence_and_the_worker_trains_on(service):
    (worker,) = worker_processes()
    run = service.submit(SMALL)  # so that imports have had their memory
    assert ended(service, run).state == "finished"
    before = worker.rlimit(psutil.RLIMIT_AS)
    worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms + MORE, before[1]))
    large = ended(service, service.submit(LARGE))
    worker.rlimit(psutil.RLIMIT_AS, before)
    assert large.state == "failed"
    assert "memory does not suffice" in large.error
    assert ended(service, service.submit(SMALL)).state == "finished"
    assert worker.is_running()


def test_what_torch_says_of_memory_is_understood():
    with pytest.raises(RuntimeError) as told:
        torch.empty(2**47, dtype=torch.uint8)
    assert "memory does not suffice" in sentence(told.value)
    assert "fault" in sentence(RuntimeError("The size of tensor a must match"))


def test_a_loss_that_is_no_number_ends_as_diverged(service):
    hostile = {"training.lr": 1, "model.hidden": (512,) * 6, "model.activation": "relu"}
    hostile |= {"model.likelihood": "gaussian", "model.sigma": 0.01}
    run = service.submit(SMALL.override(hostile))
    progress = ended(service, run)
    assert progress.state == "diverged"
    assert "smaller learning rate" in progress.error
    stored = service.store.get(run)
    assert [line["kind"] for line in stored.log()] == ["started", "rolled back", "diverged"]
    assert all(np.isfinite(array).all() for array in stored.weights().values())
    assert all(np.isfinite(row["distortion"]) for row in rows(stored))
    with pytest.raises(ServiceError, match="diverged"):
        service.resume(run)


def test_a_disk_that_fills_up_loses_nothing_saved(service, disk):
    whole = service.submit(SMALL)
    assert ended(service, whole).state == "finished"
    run = service.submit(SMALL)
    stepping(service, run, 30)
    with full(disk):
        failed = ended(service, run)
        assert failed.state == "failed"
        assert "the disk is full" in failed.error
        stored = service.store.get(run)
        checkpoint = stored.checkpoint()
        rows(stored)
        service.resume(run)  # too early
        assert "the disk is full" in ended(service, run).error
        assert stored.checkpoint().step == checkpoint.step
    service.resume(run)
    assert ended(service, run).state == "finished"
    alike(stored, service.store.get(whole))


@pytest.mark.soak  # the same with a training made up for it is in test_cluster.py
def test_two_apps_and_a_command_line_on_one_home(service, monkeypatch):
    """The second app is killed; this one takes its run over and ends as if nothing had happened."""
    config = SMALL.override({"training.epochs": 60, "training.checkpoint_seconds": 0})
    whole = service.submit(config)
    command = [sys.executable, str(HERE / "fault_app.py"), str(service.store.folder.parent)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    other = subprocess.Popen([*command, config.to_json()], **pipes, text=True, cwd=HERE)
    run = other.stdout.readline().strip()
    try:
        seen = service.progress(run)
        assert seen.state == "running"
        assert seen.rows
        with pytest.raises(RunBusyError, match="another process"):
            service.resume(run)
        with pytest.raises(RunBusyError):
            service.store.delete(run)
        with pytest.raises(ServiceError, match="not in training here"):
            service.pause(run)
        monkeypatch.setenv("LATENTSCAPE_HOME", str(service.store.folder.parent))
        words = [sys.executable, "-m", "vae_core", "resume", run]
        refused = subprocess.run(words, capture_output=True, text=True, check=False)
        assert refused.returncode == 1
        assert "another process" in refused.stderr
        assert "Traceback" not in refused.stderr
        workers = worker_processes(other.pid)
        other.stdin.write("go on\n")
        other.stdin.flush()
        until(lambda: service.progress(run).step > seen.step)
    finally:
        other.kill()
        other.communicate()
    until(lambda: not any(worker.is_running() for worker in workers))
    stored = service.store.get(run)
    assert stored.state == "interrupted"
    service.resume(run)
    assert ended(service, run).state == "finished"
    assert ended(service, whole).state == "finished"
    alike(stored, service.store.get(whole))
