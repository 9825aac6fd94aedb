"""The training service on a real cluster of worker processes; most trainings are fakes of a few steps."""

import time

import fake_pipeline
import numpy as np
import pytest
from fake_pipeline import Always, until, worker_processes

from vae_core.config import RunConfig
from vae_core.data.imports import Preparation, read
from vae_core.data.library import Library
from vae_core.errors import (
    ConfigError,
    DataMissingError,
    RunBusyError,
    RunDamagedError,
    RunNotFoundError,
    ServiceError,
    StorageError,
)
from vae_core.jobs import TrainingService
from vae_core.recorder import Recorder
from vae_core.runs import RunStore

LONG = 10_000  # steps, never reached


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Two workers that run the fake pipeline; shared, for starting it takes longest."""
    service = TrainingService(
        RunStore(tmp_path_factory.mktemp("service")), workers=2, execute=fake_pipeline.execute
    )
    yield service
    service.close()


def config(steps, name="", **training):
    return RunConfig.parse({"name": name, "training": {"epochs": steps, **training}})


def ended(service, run):
    return until(lambda: (p := service.progress(run)).state not in ("running",) and not p.active and p)


def stepping(service, run, step=1):
    return until(lambda: (p := service.progress(run)).step >= step and p)


def table(rows):
    return [(row["kind"], row["step"], row["distortion"]) for row in rows]


def test_a_run_from_submission_to_its_end(service):
    run = service.submit(config(35), owner="ada")
    progress = ended(service, run)
    stored = service.store.get(run)
    assert progress.state == stored.state == "finished"
    assert (progress.step, progress.total_steps, progress.error) == (35, 35, "")
    assert table(progress.rows) == table(stored.metrics()) == fake_pipeline.rows(35)
    assert [row["n"] for row in progress.rows] == list(range(38))
    assert progress.snapshot.step == 30
    assert stored.owner == "ada"
    assert stored.about["environment"] == {"run": run}
    assert stored.weights()["value"].item() == pytest.approx(fake_pipeline.rows(35)[-1][2])
    assert service.progress(run, since=36).rows == progress.rows[36:]
    with stored.lock():
        pass  # let go of


def test_progress_in_the_middle(service):
    run = service.submit(config(LONG))
    progress = stepping(service, run, 20)
    assert progress.state == "running"
    assert progress.active
    assert progress.total_steps == LONG
    assert progress.seconds_left > 0
    assert progress.snapshot is not None
    assert table(progress.rows) == fake_pipeline.rows(progress.step)[: len(progress.rows)]
    with pytest.raises(ServiceError, match="already"):
        service.resume(run)
    with pytest.raises(RunBusyError):
        service.store.delete(run)
    service.stop(run)
    assert ended(service, run).state == "interrupted"


def test_pause_holds_and_unpause_goes_on(service):
    run = service.submit(config(LONG))
    stepping(service, run)
    service.pause(run)
    assert until(lambda: service.progress(run).state == "paused")
    held = until(
        lambda: (
            (before := service.progress(run).step) == (time.sleep(0.5), service.progress(run).step)[1]
            and before
        )
    )
    service.unpause(run)
    assert stepping(service, run, held + 5).state == "running"
    service.pause(run)
    service.stop(run)  # a paused run can be stopped
    assert ended(service, run).state == "interrupted"


def test_stopped_and_resumed_equals_uninterrupted(service):
    run = service.submit(config(60))
    stepping(service, run, 12)
    service.stop(run)
    stopped = ended(service, run)
    assert stopped.state == "interrupted"
    assert stopped.step < 60
    service.resume(run)
    assert service.progress(run).rows[:10] == stopped.rows[:10]  # at once, before a worker has it
    assert ended(service, run).state == "finished"
    assert table(service.store.get(run).metrics()) == fake_pipeline.rows(60)
    whole = service.submit(config(60))
    ended(service, whole)
    assert service.store.get(run).weights() == service.store.get(whole).weights()
    with pytest.raises(ServiceError, match="finished"):
        service.resume(run)


def test_finished_early(service):
    run = service.submit(config(LONG))
    stepping(service, run)
    service.finish(run)
    service.pause(run)  # too late
    assert ended(service, run).state == "finished"
    steps = service.store.get(run).report()["steps"]
    assert table(service.store.get(run).metrics()) == fake_pipeline.rows(steps)


def test_killed_workers_lose_nothing(service):
    run = service.submit(config(150))
    stepping(service, run, 30)
    for process in worker_processes():
        process.kill()
    progress = ended(service, run)
    assert progress.state == "finished"
    stored = service.store.get(run)
    assert table(stored.metrics()) == fake_pipeline.rows(150)
    assert [row["n"] for row in stored.metrics()] == list(range(165))
    kinds = [line["kind"] for line in stored.log()]
    assert kinds.count("worker died") == 1  # the second one was dead before it could take the run
    assert stored.weights()["value"].item() == pytest.approx(fake_pipeline.rows(150)[-2][2])


def test_a_run_that_kills_its_worker_three_times_is_given_up(service):
    run = service.submit(config(20, "deadly"))
    progress = ended(service, run)
    assert progress.state == "failed"
    assert "3 times" in progress.error
    assert "This training needs about 0.4 GB of memory, this machine has" in progress.error
    assert progress.attempt == 3
    assert service.store.get(run).state == "interrupted"
    assert service.store.get(run).log()[-1]["kind"] == "failed"


def test_two_at_once_and_the_third_waits(service):
    runs = [service.submit(config(LONG), owner=owner) for owner in ("ada", "ben", "ada", "ben")]
    stepping(service, runs[0])
    stepping(service, runs[1])
    waiting = [service.progress(run) for run in runs[2:]]
    assert [(p.state, p.position) for p in waiting] == [("queued", 1), ("queued", 2)]
    service.stop(runs[2])
    assert ended(service, runs[2]).state == "interrupted"
    assert service.progress(runs[3]).position == 1
    service.stop(runs[0])
    assert stepping(service, runs[3]).state == "running"
    assert [service.store.get(run).owner for run in runs] == ["ada", "ben", "ada", "ben"]
    for run in (runs[1], runs[3]):
        service.stop(run)
    for run in (runs[1], runs[3]):
        assert ended(service, run).state == "interrupted"
    service.resume(runs[2])  # never began, so it begins now
    assert stepping(service, runs[2]).state == "running"
    service.stop(runs[2])
    ended(service, runs[2])


def test_errors_in_the_worker_become_sentences(service, caplog):
    refused = ended(service, service.submit(config(20, "no data")))
    assert (refused.state, refused.error) == ("failed", "The pictures are gone. Bring them back.")
    fault = ended(service, service.submit(config(20, "fault")))
    assert fault.state == "failed"
    assert "fault in Latentscape (ValueError: eight)" in fault.error
    assert "Traceback" not in fault.error
    assert "Traceback" in caplog.text


def test_a_full_disk_ends_the_run_and_frees_the_worker(service, monkeypatch):
    write = Recorder.write

    def refuse(recorder, event):
        if getattr(event, "step", 0) >= 7:
            raise StorageError("The disk is full.")
        write(recorder, event)

    monkeypatch.setattr(Recorder, "write", refuse)
    runs = [service.submit(config(LONG)) for _ in range(3)]
    for run in runs:
        progress = ended(service, run)
        assert (progress.state, progress.error) == ("failed", "The disk is full.")
    monkeypatch.undo()
    service.store.get(runs[0]).checkpoint()  # intact
    service.resume(runs[0])
    assert service.progress(runs[0]).error == ""
    stepping(service, runs[0], 10)
    service.stop(runs[0])
    assert ended(service, runs[0]).state == "interrupted"


def test_what_is_refused_before_the_start(service, monkeypatch):
    before = len(service.store.list())
    with pytest.raises(ConfigError):
        service.submit(RunConfig.parse({"model": {"hidden": [4096] * 6}}))
    monkeypatch.setattr("vae_core.data.available", lambda source: False)
    with pytest.raises(DataMissingError, match="Fashion-MNIST"):
        service.submit(RunConfig.parse({"data": {"source": "fashion-mnist"}}))
    assert len(service.store.list()) == before
    for call in (service.resume, service.progress, service.stop):
        with pytest.raises(RunNotFoundError):
            call("no-such-run")


def test_runs_of_others_are_read_from_their_folders(service):
    """Such as one that the command line trains."""
    run = service.store.create(config(20))
    assert service.progress(run.id).state == "interrupted"
    recorder = Recorder(run)
    with run.lock():
        for event in fake_pipeline.execute(config(20), None, Always(), run.id):
            recorder.write(event)
            if getattr(event, "step", 0) == 12:
                break
        progress = service.progress(run.id)
        assert (progress.state, progress.step, progress.total_steps) == ("running", 12, 20)
        assert progress.snapshot.step == 10
        with pytest.raises(ServiceError):
            service.pause(run.id)
        with pytest.raises(RunBusyError):
            service.resume(run.id)
    (run.path / "diverged.json").write_text("{}")
    with pytest.raises(ServiceError, match="diverged"):
        service.resume(run.id)
    (run.path / "config.json").write_text("{")
    assert service.progress(run.id).state == "damaged"
    with pytest.raises(RunDamagedError):
        service.resume(run.id)


def test_nobody_trains_on_what_is_not_theirs(service, tmp_path, monkeypatch):
    """By typing its id, that is: pages do not offer it."""
    monkeypatch.setattr("vae_core.jobs.TrainingService._enter", lambda self, conductor, run: run.id)
    np.savez(tmp_path / "x.npz", np.random.default_rng(0).random((20, 8, 8)))
    library = Library()
    collected = read(tmp_path / "x.npz", Preparation(size=8))
    mine, machine = library.add(collected, "mine", "ada"), library.add(collected, "from a terminal")

    def submit(source, owner, **how):
        return service.submit(RunConfig.parse({"data": {"source": source}}), owner, **how)

    before = len(service.store.list())
    for source, owner in ((mine.source, "bob"), (mine.source, ""), (machine.source, "bob")):
        with pytest.raises(DataMissingError, match="import them again"):
            submit(source, owner)
    with pytest.raises(DataMissingError):
        submit(
            mine.source, "bob", local=True
        )  # a server for one person; this is somebody else's all the same
    assert len(service.store.list()) == before
    run = submit(mine.source, "ada")
    assert service.store.get(run).owner == "ada"
    assert service.store.get(run).title.startswith("mine · 2-D")
    submit(machine.source, "bob", local=True)
    library.edit(mine.source, "ada", shared=True)
    submit(mine.source, "bob")
    library.delete(mine.source, "ada")
    with pytest.raises(DataMissingError):
        service.resume(run)
    assert service.store.get(run).config.data.source == mine.source  # the run is there all the same
