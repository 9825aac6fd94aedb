"""A finished run to take along, for tests of its files."""

import dataclasses

import numpy as np

from vae_core import pipeline
from vae_core.config import RunConfig
from vae_core.explorer import bundle
from vae_core.recorder import Recorder
from vae_core.run import Run
from vae_core.runs import RunStore

SMALL = {
    "name": "taken along",
    "data": {"limit": 200},
    "model": {"hidden": [16], "latent": 3},
    "training": {"epochs": 2, "batch": 32},
}
# What a spreadsheet would run, in a class's name.
FORMULAS = (
    *("=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", " =1", "a;=1+1", 'b"\n=1', "＝1"),
    *("plain", 'it\'s, "so"'),
)


def trained(store: RunStore, owner: str = "", **changes: object) -> Run:
    """A finished run of 200 digits."""
    made = store.create(RunConfig.parse(SMALL).override(changes), owner=owner)
    with made.lock():
        recorder = Recorder(made)
        for event in pipeline.execute(made.config, run=made.id):
            recorder.write(event)
    return store.get(made.id)


def rewritten(run: Run, **changes: object) -> Run:
    """The run with another description in its bundle; `labels` are given to the points in turn."""
    meta, tensors = bundle.read(run.bundle())
    if "labels" in changes:
        count = len(tensors["points.label"])
        tensors["points.label"] = (np.arange(count) % (len(changes["labels"]) + 1) - 1).astype(np.int16)
    (run.path / "explorer.bundle").write_bytes(bundle.write({**meta, **changes}, tensors))
    return Run(run.path)


def titled(run: Run, title: str) -> Run:
    """The run called otherwise."""
    run.marks = dataclasses.replace(run.marks, name=title)
    return run
