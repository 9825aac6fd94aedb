"""TensorBoard files, read back by TensorBoard's own reader."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from synthetic import training

from vae_core.config import RunConfig
from vae_core.errors import StorageError
from vae_core.events import Checkpoint, Epoch, Finished, RolledBack, Steered, Step
from vae_core.runs import RunStore
from vae_core.tensorboard import TensorBoard, masked, scalars


@pytest.fixture
def run(home):
    return RunStore(home).create(RunConfig(name="one <b>of</b> them"))


def read(path):
    """Events as TensorBoard sees them, once it has left out what a restart repeats."""
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    return list(loader.EventFileLoader(str(path)).Load())


def curves(events):
    """(step, value) by tag."""
    found = {}
    for event in events:
        for value in event.summary.value:
            if value.tensor.float_val:
                found.setdefault(value.tag, []).append((event.step, value.tensor.float_val[0]))
    return found


def written(folder, run, events):
    board = TensorBoard(folder, run)
    for event in events:
        board.write(event)
    board.close()
    return board.path


def test_every_row_is_there_with_its_step_and_value(tmp_path, run):
    events = [
        replace(event, rates=[0.5, 0.25]) if isinstance(event, Epoch) else event for event in training()
    ]
    path = written(tmp_path / "new" / "boards", run, events)
    assert path.parent.name == run.id
    found = curves(read(path))
    steps = [event for event in events if isinstance(event, Step)]
    for tag, value in {
        "train/distortion": lambda row: row.distortion,
        "train/rate": lambda row: row.rate,
        "train/loss": lambda row: row.distortion + row.beta * row.rate,
        "course/beta": lambda row: row.beta,
        "course/lr": lambda row: row.lr,
    }.items():
        assert found[tag] == [(row.step, pytest.approx(value(row), rel=1e-6)) for row in steps]
    looks = [event for event in events if isinstance(event, Epoch)]
    assert found["held-out/rate"] == [(row.step, pytest.approx(row.rate)) for row in looks]
    assert found["rate of a dimension/z2"] == [(row.step, 0.25) for row in looks]


def test_settings_are_a_text(tmp_path, run):
    path = written(tmp_path, run, [next(iter(training()))])
    (value,) = (value for event in read(path) for value in event.summary.value)
    assert value.metadata.plugin_data.plugin_name == "text"
    assert "one <b>of</b> them" in value.tensor.string_val[0].decode()


def test_what_is_repeated_after_a_roll_back_or_a_crash_takes_the_place_of_what_was(tmp_path, run):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    started = next(iter(training()))
    row = Step(1, 0.1, 5.0, 1.0, 1.0, 0.1, 0.0)
    first = [started, *(replace(row, step=step) for step in range(1, 9)), RolledBack(4, 8, 0.5, "nan")]
    first += [replace(row, step=step, distortion=7.0) for step in range(5, 8)]
    path = written(tmp_path, run, first)
    written(tmp_path, run, [started, *(replace(row, step=step, distortion=9.0) for step in (7, 8))])
    board = accumulator.EventAccumulator(str(path.parent), purge_orphaned_data=True).Reload()
    found = [(event.step, event.value) for event in board.Scalars("train/distortion")]
    assert found == [*((step, 5.0) for step in range(1, 5)), (5, 7.0), (6, 7.0), (7, 9.0), (8, 9.0)]
    assert all(one < other for (one, _), (other, _) in pairwise(found))


def test_changes_of_course_and_the_end_are_there(tmp_path, run):
    end = Finished(9, {}, np.zeros((1, 2)), np.zeros((1, 2)), {"distortion": 3.0, "rate": 1, "elbo": None})
    path = written(tmp_path, run, [Steered(4, beta=2.0), Checkpoint(4, {}, {}, {}), end])
    found = curves(read(path))
    assert found == {"steered/beta": [(4, 2.0)], "report/distortion": [(9, 3.0)], "report/rate": [(9, 1.0)]}
    assert scalars(Steered(4, lr=0.5)) == {"steered/lr factor": 0.5}


def test_a_number_that_is_none_passes_through(tmp_path, run):
    path = written(tmp_path, run, [Step(300, 1.0, math.inf, 1.0, 1.0, 0.1, 0.0)])
    assert curves(read(path))["train/distortion"] == [(300, math.inf)]


def test_checksums_are_those_of_the_standard():
    assert masked(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_a_folder_that_cannot_be_written_is_said(tmp_path, run):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        TensorBoard(tmp_path / "file", run)
