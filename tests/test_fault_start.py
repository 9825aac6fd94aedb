"""Where worker processes cannot be started or stand still for good: words, and nothing left behind."""

import signal
import tempfile

import fake_pipeline
import pytest
from fake_pipeline import until, worker_processes
from fault_tools import read_only, small_disk

from vae_core.config import RunConfig
from vae_core.jobs import TrainingService
from vae_core.runs import RunStore

SHORT = RunConfig.parse({"training": {"epochs": 20}})
LONG = RunConfig.parse({"training": {"epochs": 10_000}})


@pytest.fixture
def service(home):
    service = TrainingService(RunStore(home), workers=1, execute=fake_pipeline.execute)
    yield service
    service.close()


def test_without_a_place_for_temporary_files_a_run_fails_in_words(service, tmp_path, monkeypatch):
    with small_disk(tmp_path / "small", "64k") as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with read_only(disk):
            run = service.submit(LONG)
            failed = until(lambda: (p := service.progress(run)).state == "failed" and p)
        assert "name another with TMPDIR" in failed.error
        assert "Errno" not in failed.error
        monkeypatch.undo()
    assert service.store.get(run).state == "interrupted"


def test_a_worker_that_dies_while_it_starts_is_started_again(service, caplog):
    before = set(worker_processes())
    run = service.submit(SHORT)
    first = until(lambda: set(worker_processes()) - before)
    first.pop().kill()
    ended = until(lambda: not (p := service.progress(run)).active and p)
    assert (ended.state, ended.error) == ("finished", "")
    assert "started anew" in caplog.text


def test_a_worker_that_stands_still_does_not_keep_the_app_from_ending(service, monkeypatch):
    monkeypatch.setattr("vae_core.jobs.GRACE", 0.5)  # s; it will not save anything
    before = set(worker_processes())
    run = service.submit(LONG)
    until(lambda: service.progress(run).step > 5)
    (worker,) = set(worker_processes()) - before
    worker.send_signal(signal.SIGSTOP)
    service.close()
    until(lambda: not worker.is_running(), patience=10)
    assert service.store.get(run).state == "interrupted"
    assert service.store.get(run).checkpoint() is not None
