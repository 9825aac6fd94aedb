"""The worker's outbox: numbered batches, no checkpoint too many, none too few."""

import numpy as np

from vae_core import worker
from vae_core.events import Checkpoint, Snapshot, Step, Stopped
from vae_core.worker import Ending, Outbox


def step(number):
    return Step(number, 0.0, 0.0, 0.0, 1.0, 0.1, 0.0)


def checkpoint(number):
    return Checkpoint(number, {"w": np.zeros(2)}, {}, {})


def snapshot(number):
    return Snapshot(number, np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((1, 1, 2, 2)))


def shapes(batch):
    """(kind, step) of each event."""
    return [(type(event).__name__, event.step) for event in batch.events]


def test_batches_are_numbered_without_gaps():
    sent = []
    outbox = Outbox(7, sent.append)
    outbox.ship()
    assert sent == []
    for number in (1, 2):
        outbox.put(step(number))
    outbox.ship()
    outbox.put(snapshot(2))
    outbox.ship(Ending("why", "where"))
    assert [(batch.ticket, batch.first, shapes(batch)) for batch in sent] == [
        (7, 0, [("Step", 1), ("Step", 2)]),
        (7, 2, [("Snapshot", 2)]),
    ]
    assert [batch.ending for batch in sent] == [None, Ending("why", "where")]


def test_an_end_without_events_is_sent():
    sent = []
    Outbox(1, sent.append).ship(Ending())
    assert (sent[0].first, sent[0].events, sent[0].ending) == (0, [], Ending())


def test_the_first_checkpoint_is_never_skipped():
    sent = []
    outbox = Outbox(1, sent.append)
    for event in (checkpoint(0), step(1), checkpoint(1), step(2), checkpoint(2)):
        outbox.put(event)
    outbox.ship()
    assert [number for kind, number in shapes(sent[0]) if kind == "Checkpoint"] == [0, 1, 2]


def test_checkpoints_close_together_are_thinned_to_the_latest(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: now[0])
    sent = []
    outbox = Outbox(1, sent.append)
    outbox.put(checkpoint(0))
    outbox.ship()
    for number in (1, 2):
        outbox.put(step(number))
        outbox.put(checkpoint(number))
    outbox.ship()
    assert shapes(sent[1]) == [("Step", 1), ("Step", 2)]
    now[0] += worker.CHECKPOINT_GAP
    outbox.put(step(3))
    outbox.ship()
    assert shapes(sent[2]) == [("Checkpoint", 2), ("Step", 3)]
    assert [batch.first for batch in sent] == [0, 1, 3]


def test_a_checkpoint_held_back_comes_before_a_turn():
    sent = []
    outbox = Outbox(1, sent.append)
    outbox.put(checkpoint(0))
    outbox.ship()
    outbox.put(checkpoint(5))
    outbox.ship()
    assert len(sent) == 1
    outbox.put(Stopped(5))
    outbox.ship()
    assert shapes(sent[1]) == [("Checkpoint", 5), ("Stopped", 5)]
