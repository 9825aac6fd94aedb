"""Runs from elsewhere with something odd in them that were taken in all the same: pages open, or say why."""

import random

import pytest
from carried import files_of
from conftest import seen
from odd_runs import changed, odd_values
from taken import trained

from app import messages
from vae_core import carrying
from vae_core.errors import CarryError
from vae_core.storage import write_json

PAGES = ("explore", "runs", "replay", "train", "beta", "interpolate")


@pytest.fixture
def odd(store, tmp_path):
    """Makes a run of `store` from a seed; None where it was refused."""
    path = tmp_path / "it.zip"
    run = trained(store)
    write_json(run.path / "marks.json", {"format": 1, "name": "Mine", "marks": ["a"], "note": ""})
    carrying.pack(store.get(run.id), path)
    files = files_of(path.read_bytes())
    store.delete(run.id)

    def make(seed):
        damage = odd_values if seed % 4 else changed
        path.write_bytes(damage(files, random.Random(seed)))
        try:
            return carrying.unpack(path, store)
        except CarryError:
            return None

    return make


def opened(visit, store, odd, seeds):
    taken = 0
    for seed in seeds:
        run = odd(seed)
        if run is None:
            continue
        taken += 1
        for page in PAGES:
            app = visit(page, run=run.id)
            assert not app.exception, (seed, page)
            assert messages.UNEXPECTED not in seen(app), (seed, page)
        store.delete(run.id)
    assert taken


def test_pages_open(visit, store, odd):
    opened(visit, store, odd, range(1072, 1075))  # one of them broke the Train page once


@pytest.mark.soak
def test_pages_open_for_a_hundred(visit, store, odd):
    opened(visit, store, odd, range(130))
