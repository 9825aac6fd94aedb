"""Processes of the embedded cluster: what they listen on, and that none outlives the app."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import fake_pipeline
import numpy as np
import psutil
import pytest
from fake_pipeline import until, worker_processes

from vae_core.config import RunConfig
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_only_loopback_is_listened_on_and_nothing_is_left_behind(home, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(worker_processes())
    service = TrainingService(RunStore(home), workers=2, execute=fake_pipeline.execute)
    service.warm()
    service.warm()
    run = service.submit(RunConfig.parse({"training": {"epochs": 10_000}}))
    until(lambda: service.progress(run).step > 0)
    workers = set(worker_processes()) - before
    assert len(workers) == 2
    for process in [psutil.Process(), *workers]:
        ports = [c.laddr for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert {port.ip for port in ports} <= {"127.0.0.1", "::1"}
    assert list(tmp_path.glob("latentscape-*"))
    service.close()
    service.close()
    assert all(is_gone(process) for process in workers)
    assert not list(tmp_path.glob("latentscape-*"))
    stored = service.store.get(run)
    assert stored.state == "interrupted"
    assert stored.log()[-1]["kind"] == "stopped"  # it was saved, not cut off
    assert service.progress(run).state == "interrupted"
    with pytest.raises(Exception, match="closed"):
        service.submit(RunConfig())


@pytest.fixture
def app(home, tmp_path):
    """A process that trains, the id of its run, and its workers."""
    here = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, str(here / "app_script.py"), str(home), str(tmp_path / "marks")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=here,
    )
    run = process.stdout.readline().strip()
    workers = worker_processes(process.pid)
    assert run, process.stderr.read()
    assert len(workers) == 2
    yield process, run, workers
    process.kill()
    process.communicate()
    assert (tmp_path / "marks").read_text() == "ran\n"  # no worker ran the app's script


def test_a_killed_app_leaves_no_workers_and_a_run_to_resume(app, home, tmp_path, monkeypatch):
    process, run, workers = app
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: all(is_gone(worker) for worker in workers), patience=10)
    stored = RunStore(home).get(run)
    assert stored.state == "interrupted"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # the app's, too
    service = TrainingService(RunStore(home), workers=1, execute=fake_pipeline.execute)
    try:
        service.resume(run)
        until(lambda: service.progress(run).step > 40)
        service.finish(run)
        until(lambda: not service.progress(run).active)
        table = [(row["kind"], row["step"], row["distortion"]) for row in stored.metrics()]
        assert table == fake_pipeline.rows(stored.report()["steps"])
        assert [row["n"] for row in stored.metrics()] == list(range(len(table)))
    finally:
        service.close()
    assert not list(tmp_path.glob("latentscape-*"))


def test_control_c_saves_and_ends_all(app, home, tmp_path):
    process, run, workers = app
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    _, errors = process.communicate(timeout=60)
    assert errors.count("Traceback") == errors.count("KeyboardInterrupt") == 1, errors  # the script's own
    assert all(is_gone(worker) for worker in workers)
    assert RunStore(home).get(run).log()[-1]["kind"] == "stopped"
    assert not list(tmp_path.glob("latentscape-*"))


def test_the_real_training_survives_its_worker_bit_for_bit(home):
    here = Path(__file__).parent
    result = subprocess.run(
        [sys.executable, str(here / "crash_script.py"), str(home)], capture_output=True, text=True, cwd=here
    )
    assert result.returncode == 0, result.stderr
    whole, killed, threaded, torch_imported = result.stdout.split()
    assert torch_imported == "False"  # events are read without it
    whole, killed, threaded = (RunStore(home).get(run) for run in (whole, killed, threaded))
    assert whole.state == killed.state == "finished"
    assert "worker died" in [line["kind"] for line in killed.log()]
    assert [run.about["environment"]["threads"] for run in (whole, threaded)] == [1, 2]
    weights = killed.weights()
    for name, array in whole.weights().items():
        np.testing.assert_array_equal(weights[name], array)
    np.testing.assert_array_equal(whole.latents()[0], killed.latents()[0])
    clocks = {"seconds": None}
    assert [row | clocks for row in killed.metrics()] == [row | clocks for row in whole.metrics()]
    assert killed.snapshots() == whole.snapshots()
    assert killed.report() | clocks == whole.report() | clocks
