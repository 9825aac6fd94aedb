"""Steering through the service: real worker processes, most trainings are fakes of a few steps."""

from collections import Counter

import fake_pipeline
import pytest
from fake_pipeline import until, worker_processes

from vae_core.conductor import Conductor
from vae_core.config import RunConfig
from vae_core.control import NOTHING
from vae_core.errors import ConfigError, RunNotFoundError, ServiceError
from vae_core.events import Checkpoint, Snapshot, Steered
from vae_core.jobs import TrainingService
from vae_core.recorder import Recorder
from vae_core.runs import RunStore

LONG = 10_000  # steps, never reached


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """One worker that runs the fake pipeline."""
    store = RunStore(tmp_path_factory.mktemp("steering"))
    service = TrainingService(store, workers=1, execute=fake_pipeline.execute)
    yield service
    service.close()


def config(steps, **changes):
    return RunConfig.parse({"training": {"epochs": steps}}).override(changes)


def stepping(service, run, step=1):
    return until(lambda: (p := service.progress(run)).step >= step and p)


def ended(service, run):
    return until(lambda: not (p := service.progress(run)).active and p)


def betas(run):
    """Beta of each step, and after which steps it changed."""
    rows = run.metrics()
    steps = [row["beta"] for row in rows if row["kind"] == "step"]
    return steps, {row["step"]: row["beta"] for row in rows if row["kind"] == "steered"}


def as_changed(total, changes):
    beta, found = 1.0, []
    for step in range(total):
        beta = changes.get(step, beta)
        found.append(beta)
    return found


def test_a_run_is_steered_and_says_when_it_took_effect(service):
    run = service.submit(config(LONG))
    service.steer(run, beta=2.0)  # perhaps before it has begun
    course = service.progress(run).course
    assert course.asked.beta == 2.0 or course.beta == 2.0
    assert course.steerable == {"beta", "lr"}
    progress = until(lambda: (p := service.progress(run)).course.beta == 2.0 and p)
    assert progress.course.asked == NOTHING
    stepping(service, run, progress.step + 5)
    service.pause(run)
    until(lambda: service.progress(run).state == "paused")
    service.steer(run, beta=3.0, lr=0.5)
    assert service.progress(run).course.asked.beta == 3.0
    service.unpause(run)
    progress = until(lambda: (p := service.progress(run)).course.beta == 3.0 and p)
    assert progress.course.lr == 0.5
    service.finish(run)
    assert ended(service, run).state == "finished"
    stored = service.store.get(run)
    steps, changes = betas(stored)
    assert list(changes.values()) == [2.0, 3.0]
    assert steps == as_changed(len(steps), changes)
    course = service.progress(run).course
    assert (course.beta, course.lr, course.steerable) == (3.0, 0.5, set())
    assert [change.step for change in stored.changes()] == list(changes)


def test_a_snapshot_now(service, monkeypatch):
    write, clouds = Recorder.write, []

    def note(recorder, event):
        write(recorder, event)
        if isinstance(event, Snapshot):
            clouds.append(event.step)

    monkeypatch.setattr(Recorder, "write", note)
    run = service.submit(config(LONG))
    step = stepping(service, run, 12).step
    service.snapshot(run)

    def besides():
        """Those that are not planned."""
        return sorted((Counter(clouds) - Counter(range(10, LONG, 10))).elements())

    (found,) = until(besides)
    assert found >= step
    stepping(service, run, found + 25)
    assert not service.progress(run).course.asked.snapshot
    assert besides() == [found]
    assert found in service.store.get(run).snapshots()
    service.stop(run)
    ended(service, run)


def test_a_crash_repeats_what_is_logged_and_applies_the_rest_anew(service, monkeypatch):
    """The checkpoint is from before the first change, the second wish is lost with the worker."""
    write = Recorder.write

    def forget_checkpoints(recorder, event):
        if not (isinstance(event, Checkpoint) and event.step):
            write(recorder, event)

    monkeypatch.setattr(Recorder, "write", forget_checkpoints)
    run = service.submit(config(LONG))
    stepping(service, run, 20)
    service.steer(run, beta=2.0)
    until(lambda: service.progress(run).course.beta == 2.0)
    first = dict(betas(service.store.get(run))[1])
    (worker,) = worker_processes()
    worker.suspend()  # it hears of nothing any more
    service.steer(run, beta=5.0)
    worker.kill()
    until(lambda: service.progress(run).course.beta == 5.0)
    assert service.progress(run).attempt == 2
    service.finish(run)
    ended(service, run)
    steps, changes = betas(service.store.get(run))
    assert list(changes.values()) == [2.0, 5.0]
    assert changes.items() >= first.items()
    assert steps == as_changed(len(steps), changes)
    kinds = [line["kind"] for line in service.store.get(run).log()]
    assert kinds.count("steered") == 2


def test_a_stored_repeat_takes_the_same_course(service):
    """Its log has the changes, and it has not begun."""
    run = service.store.create(config(30))
    with run.lock():
        for change in (Steered(4, 2.0), Steered(9, 7.0, 0.5)):
            Recorder(run).note("steered", step=change.step, beta=change.beta, lr=change.lr)
    service.resume(run.id)
    assert ended(service, run.id).state == "finished"
    assert betas(run) == (as_changed(30, {4: 2.0, 9: 7.0}), {4: 2.0, 9: 7.0})
    assert sum(line["kind"] == "steered" for line in run.log()) == 2


def test_batches_lost_on_the_way_are_sent_again(service, monkeypatch):
    """In the middle and at the very end."""
    receive, lost = Conductor._receive, []

    def lose_some(conductor, batch):
        is_last = batch.ending is not None
        if (len(lost) == 0 and batch.first > 5) or (len(lost) == 1 and is_last):
            lost.append(batch)
        else:
            receive(conductor, batch)

    monkeypatch.setattr(Conductor, "_receive", lose_some)
    run = service.submit(config(60))
    progress = ended(service, run)
    assert len(lost) == 2
    assert (progress.state, progress.attempt) == ("finished", 1)
    table = [(row["kind"], row["step"], row["distortion"]) for row in progress.rows]
    assert table == fake_pipeline.rows(60)


def test_nothing_is_kept_of_events_that_passed(service):
    run = service.submit(config(40))
    ended(service, run)
    cluster = service._conductor._cluster
    events = cluster._cluster.scheduler.get_events()
    assert sum(len(kept) for kept in events.values()) == 0


def test_what_cannot_be_wished(service):
    run = service.submit(config(LONG, **{"model.kind": "ae"}))
    with pytest.raises(ConfigError, match="beta of this run cannot be changed"):
        service.steer(run, beta=2.0)
    with pytest.raises(ConfigError, match="factor on the learning rate"):
        service.steer(run, lr=0.0)
    assert service.progress(run).course.steerable == {"lr"}
    stepping(service, run)
    service.stop(run)
    until(lambda: service.progress(run).state != "running")
    with pytest.raises(ServiceError, match=r"no longer be changed|not in training"):
        service.steer(run, lr=0.5)
    ended(service, run)
    with pytest.raises(ServiceError, match="not in training"):
        service.snapshot(run)
    with pytest.raises(RunNotFoundError):
        service.steer("no-such-run", lr=0.5)
