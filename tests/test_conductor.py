"""The conductor's bookkeeping with a cluster that only takes notes: late, early and foreign batches."""

from contextlib import ExitStack

import fake_pipeline
import pytest
from fake_pipeline import Always

from vae_core.cluster import Gone, Joined, Left
from vae_core.conductor import Conductor, Job
from vae_core.config import RunConfig
from vae_core.runs import RunStore
from vae_core.worker import Batch, Ending, Missing

STEPS = 20


class Notes:
    """Stands in for the cluster."""

    def __init__(self):
        self.started, self.released, self.asked, self.told = [], [], [], []

    def start(self, worker, assignment, wanted):
        checkpoint = assignment.checkpoint
        self.started.append((worker, assignment.ticket, checkpoint.step if checkpoint else None, wanted.mode))
        self.told.append((assignment.ticket, wanted))

    def steer(self, ticket, wanted):
        self.told.append((ticket, wanted))

    def ask(self, ticket, first):
        self.asked.append((ticket, first))

    def release(self, ticket):
        self.released.append(ticket)

    def close(self):
        pass


@pytest.fixture
def conductor():
    conductor = Conductor(1, fake_pipeline.execute, lambda: None)
    conductor._cluster = Notes()
    yield conductor
    conductor.close()


@pytest.fixture
def job(conductor, home):
    """One that a worker is busy with, as ticket 1."""
    run = RunStore(home).create(RunConfig.parse({"training": {"epochs": STEPS}}))
    lock = ExitStack()
    lock.enter_context(run.lock())
    conductor.jobs[run.id] = job = Job(run, lock)
    tell(conductor, Joined("tcp://a"))
    return job


def tell(conductor, *messages):
    """Has them handled by the conductor's thread, and waits for it."""
    import threading

    for message in messages:
        conductor._inbox.put(message)
    done = threading.Event()
    conductor.call(conductor.dispatch)  # what follows a message, too, is then over
    conductor.call(done.set)
    assert done.wait(30)


def batches(ticket, size, checkpoint=None, run=""):
    config = RunConfig.parse({"training": {"epochs": STEPS}})
    events = list(fake_pipeline.execute(config, checkpoint, Always(), run))
    found = [Batch(ticket, first, events[first : first + size]) for first in range(0, len(events), size)]
    return [*found, Batch(ticket, len(events), [], Ending())]


def table(run):
    return [(row["kind"], row["step"], row["distortion"]) for row in run.metrics()]


def test_batches_in_any_order(conductor, job):
    tell(conductor, *reversed(batches(1, 4)))
    assert table(job.run) == fake_pipeline.rows(STEPS)
    assert job.run.state == "finished"
    assert not conductor.jobs
    assert conductor._cluster.released == [1]


def test_a_lost_batch_leads_to_a_repeat_from_the_checkpoint(conductor, job):
    first, second, lost, *rest = batches(1, 9)
    tell(conductor, first, second, *rest)
    assert job.run.state == "running"
    assert conductor._cluster.asked == [(1, 18)]
    tell(conductor, Gone(1))  # Dask says that it is over, yet a batch is missing
    assert conductor._cluster.asked == [(1, 18), (1, 18)]
    assert job.run.state == "running"
    tell(conductor, Missing(1))  # the worker has it no more
    assert conductor._cluster.started == [("tcp://a", 1, None, "run"), ("tcp://a", 2, 10, "run")]
    assert job.tracker.attempt == 2
    tell(conductor, lost)  # too late
    tell(conductor, *batches(2, 9, job.run.checkpoint()))
    assert job.run.state == "finished"
    assert table(job.run) == fake_pipeline.rows(STEPS)
    assert [row["n"] for row in job.run.metrics()] == list(range(STEPS + 2))


def test_events_of_an_older_attempt_are_dropped(conductor, job):
    old = batches(1, 5)
    tell(conductor, old[0], old[1], Left("tcp://a"), Joined("tcp://b"))
    assert conductor._cluster.started[-1][:2] == ("tcp://b", 2)
    rows = table(job.run)
    tell(conductor, *old[2:])
    assert table(job.run) == rows
    assert job.run.state == "running"


def test_a_worker_lost_twice_over_counts_once(conductor, job):
    tell(conductor, Batch(1, 0, []), Left("tcp://a"), Gone(1), Joined("tcp://b"))
    assert job.deaths == 1
    assert job.tracker.attempt == 2


def test_a_worker_that_was_dead_before_it_took_the_run_is_no_death_of_it(conductor, job):
    """As where several are killed at once; but a run that no worker can take is given up."""
    places = ["tcp://a", *(f"tcp://{number}" for number in range(1, 9))]
    for number in range(1, 9):
        tell(conductor, Left(places[number - 1]), Joined(places[number]))
        assert job.deaths == number // 3
        assert conductor._cluster.started[-1][:2] == (places[number], number + 1)
    tell(conductor, Left(places[8]))
    assert "died 3 times" in conductor.failed[job.run.id].error


def test_workers_that_were_not_there_are_counted_in_a_row(conductor, job):
    tell(conductor, Left("tcp://a"), Joined("tcp://b"), Left("tcp://b"), Joined("tcp://c"))
    tell(conductor, Batch(3, 0, []), Left("tcp://c"), Joined("tcp://d"), Left("tcp://d"), Joined("tcp://e"))
    assert job.deaths == 1
    assert job.tracker.attempt == 2


def test_a_fault_in_one_message_does_not_end_the_service(conductor, job, caplog):
    def fail():
        raise ZeroDivisionError

    tell(conductor, fail)
    assert "goes on" in caplog.text
    tell(conductor, *batches(1, 4))
    assert job.run.state == "finished"


def test_a_cluster_whose_workers_stay_away_is_replaced(conductor, job, monkeypatch, caplog):
    old, new = conductor._cluster, Notes()
    monkeypatch.setattr("vae_core.cluster.Cluster", lambda *arguments, **options: new)
    tell(conductor, Left("tcp://a"), conductor.heal)
    assert conductor._cluster is old  # not at once
    monkeypatch.setattr("vae_core.conductor.MISSING", 0.0)
    tell(conductor, conductor.heal, Joined("tcp://b"))
    assert conductor._cluster is new
    assert new.started == [("tcp://b", 2, None, "run")]
    tell(conductor, conductor.heal)
    assert conductor._cluster is new


def test_a_cluster_that_does_not_start_is_reported(conductor, home, monkeypatch, caplog):
    def refuse(*arguments, **options):
        raise OSError("no more processes")

    monkeypatch.setattr("vae_core.cluster.Cluster", refuse)
    conductor._cluster = None
    run = RunStore(home).create(RunConfig())
    lock = ExitStack()
    lock.enter_context(run.lock())
    conductor.jobs[run.id] = Job(run, lock)
    tell(conductor)
    assert "could not be started: no more processes" in conductor.failed[run.id].error
    assert run.state == "interrupted"


def test_a_worker_that_cannot_be_given_a_run_fails_it_and_stays_free(conductor, job, monkeypatch):
    def refuse(*_):
        raise RuntimeError("closing")

    tell(conductor, Left("tcp://a"))
    monkeypatch.setattr(conductor._cluster, "start", refuse)
    tell(conductor, Joined("tcp://b"))
    assert job.run.id not in conductor.jobs
    assert "closing" in conductor.failed[job.run.id].error
    assert conductor._places == {"tcp://b": 0}
