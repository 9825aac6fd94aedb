"""Run folders from elsewhere, or from a dying disk: a sentence each, never a traceback, nothing lost."""

import json
import os
import shutil
import struct
from contextlib import suppress

import numpy as np
import pytest
from safetensors.numpy import load_file
from synthetic import STEPS, contents, finished_run, overwrite, record

from vae_core.config import RunConfig
from vae_core.errors import LatentscapeError, RunDamagedError, RunError
from vae_core.runs import RunStore

READERS = {
    "model.safetensors": lambda run: run.weights(),
    "examples.safetensors": lambda run: run.examples(),
    "latents.safetensors": lambda run: run.latents(),
    "explorer.bundle": lambda run: run.bundle(),
    "report.json": lambda run: run.report(),
    "metrics.jsonl": lambda run: run.metrics(),
    "log.jsonl": lambda run: run.log(),
    "checkpoint/state.safetensors": lambda run: run.checkpoint(),
    "snapshots/00000020.safetensors": lambda run: run.snapshot(20),
    "config.json": lambda run: run.config,
}
TENSOR_FILES = [name for name in READERS if name.endswith((".safetensors", ".bundle"))]


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "home", tmp_path / "starters")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A finished run, made once: flushing its files to disk takes a while."""
    folder = tmp_path_factory.mktemp("template")
    return finished_run(RunStore(folder / "home", folder / "starters"))


@pytest.fixture
def run(store, template):
    shutil.copytree(template.path, store.folder / template.id)
    return store.get(template.id)


def refused(store, run, name, words=""):
    """Reading the file is a sentence that names run and file; listing still works and loses no other run."""
    other = store.create(RunConfig())
    with pytest.raises(RunDamagedError) as caught:
        READERS[name](store.get(run.id))
    sentence = str(caught.value)
    assert run.id in sentence
    assert name.rpartition("/")[2] in sentence
    assert words in sentence
    assert sentence.endswith("delete the run.")
    listed = {found.id: found for found in store.list()}
    assert set(listed) == {run.id, other.id}
    assert listed[other.id].state == "interrupted"
    return listed[run.id]


def test_an_empty_folder_is_damaged_and_not_about_to_begin(store):
    (store.folder / "empty").mkdir(parents=True)
    with pytest.raises(RunDamagedError, match=r"config\.json is missing"):
        store.get("empty").weights()


@pytest.mark.parametrize("name", [name for name in READERS if not name.endswith(".jsonl")])
def test_missing(name, store, run):
    (run.path / name).unlink()
    if name == "report.json":  # then the run did not get to its end
        assert store.get(run.id).state == "interrupted"
        with pytest.raises(RunError, match="is not finished"):
            run.report()
        return
    found = refused(store, run, name, "missing")
    badly = {"model.safetensors", "explorer.bundle", "config.json"}
    assert found.state == ("damaged" if name in badly else "finished")
    assert (found.reason == f"{name} is missing") == (name in badly)


@pytest.mark.parametrize("name", READERS)
def test_cut_short(name, store, run):
    path = run.path / name
    data = path.read_bytes()
    for size in (len(data) // 2, 5, 0):
        path.write_bytes(data[:size])
        if name.endswith(".jsonl"):  # what is left of the lines is good
            assert len(READERS[name](run)) < len(data.splitlines())
        else:
            with pytest.raises(RunDamagedError):
                READERS[name](store.get(run.id))
    if not name.endswith(".jsonl"):
        refused(store, run, name)


@pytest.mark.parametrize("name", READERS)
def test_binary_junk(name, store, run):
    junk = np.random.default_rng(3).integers(0, 256, 4000, dtype=np.uint8).tobytes()
    (run.path / name).write_bytes(junk)
    refused(store, run, name)


@pytest.mark.parametrize("name", READERS)
def test_a_link_is_not_followed(name, store, run, tmp_path):
    path = run.path / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    if name == "report.json":
        assert store.get(run.id).state == "interrupted"
    elif name in ("model.safetensors", "explorer.bundle"):
        assert refused(store, run, name).state == "damaged"
    else:
        refused(store, run, name, "link")


@pytest.mark.parametrize("folder", ["checkpoint", "snapshots"])
def test_a_linked_folder_is_not_followed(folder, store, tmp_path):
    run = store.create(RunConfig())
    record(run, until=20)
    (run.path / folder).rename(tmp_path / "elsewhere")
    (run.path / folder).symlink_to(tmp_path / "elsewhere")
    before = sorted(path.name for path in (tmp_path / "elsewhere").iterdir())
    with pytest.raises(RunDamagedError, match=f"{folder} is a link"):
        record(run)
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == before
    with pytest.raises(RunDamagedError, match="is a link"):
        run.snapshots() if folder == "snapshots" else run.checkpoint()


def test_a_linked_run_is_not_followed(store, run, tmp_path):
    run.path.rename(tmp_path / "elsewhere")
    run.path.symlink_to(tmp_path / "elsewhere")
    found = store.get(run.id)
    assert found.state == "damaged"
    assert "link" in found.reason
    for read in READERS.values():
        with pytest.raises(RunDamagedError, match="is a link"):
            read(found)
    with pytest.raises(RunDamagedError, match="is a link"), found.lock():
        pass


@pytest.mark.parametrize("name", TENSOR_FILES)
def test_huge_sizes_are_promised(name, store, run):
    """The header speaks of a terabyte; the file has none of it."""
    header = {"mu": {"dtype": "F32", "shape": [2**19, 2**19], "data_offsets": [0, 2**40]}}
    text = json.dumps(header).encode()
    (run.path / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(64))
    refused(store, run, name)
    (run.path / name).write_bytes(struct.pack("<Q", 2**62) + bytes(64))
    with pytest.raises(RunDamagedError, match="cut short or not a safetensors file"):
        READERS[name](store.get(run.id))


@pytest.mark.parametrize("name", READERS)
def test_a_terabyte_of_nothing(name, store, run):
    """A sparse file takes no room on disk, and reading it would take all of memory."""
    with open(run.path / name, "wb") as file:
        file.truncate(2**40)
    refused(store, run, name, "1024.0 GB")


@pytest.mark.parametrize("name", [name for name in TENSOR_FILES if name != "explorer.bundle"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none(name, value, store, run):
    """(The explorer's bundle is looked into by `explorer.bundle.read`.)"""
    tensors = load_file(run.path / name)
    key = next((key for key, array in tensors.items() if array.dtype.kind == "f" and array.size), None)
    if key is None:
        tensors[key := "extra"] = np.zeros(3, np.float32)
    tensors[key].reshape(-1)[0] = value
    overwrite(run.path / name, tensors, '{"step": 5, "rows": 1, "progress": {}}')
    refused(store, run, name, "not finite")


CLOUD = np.zeros((12, 2), np.float32)
WRONG_SHAPES = {
    "latents.safetensors": [
        {"mu": CLOUD},
        {"mu": CLOUD, "log_var": CLOUD[:5]},
        {"mu": CLOUD[:, :1], "log_var": CLOUD[:, :1]},
        {"mu": CLOUD[0], "log_var": CLOUD[0]},
    ],
    "snapshots/00000020.safetensors": [
        {"mu": CLOUD, "log_var": CLOUD},
        {"mu": CLOUD, "log_var": CLOUD, "reconstructions": CLOUD},
    ],
    "examples.safetensors": [
        {"images": np.zeros((3, 1, 2, 2), np.uint8)},
        {"images": CLOUD, "labels": np.zeros(12, np.int64), "index": np.zeros(12, np.int64)},
        {
            "images": np.zeros((3, 1, 2, 2), np.float32),
            "labels": np.zeros(3, np.int64),
            "index": np.zeros(3, np.int64),
        },
        {
            "images": np.zeros((3, 1, 2, 2), np.uint8),
            "labels": np.zeros(4, np.int64),
            "index": np.zeros(3, np.int64),
        },
    ],
    "checkpoint/state.safetensors": [{"weights/a": CLOUD}, {"elsewhere/a": CLOUD}],
}


@pytest.mark.parametrize(
    ("name", "tensors"), [(name, tensors) for name, cases in WRONG_SHAPES.items() for tensors in cases]
)
def test_wrong_shapes(name, tensors, store, run):
    overwrite(run.path / name, tensors)
    refused(store, run, name)


@pytest.mark.parametrize(
    "about",
    [
        "nonsense",
        "[]",
        '{"step": "5", "rows": 1, "progress": {}}',
        '{"step": -5, "rows": 1, "progress": {}}',
        '{"step": 5, "rows": true, "progress": {}}',
        '{"step": 5, "rows": 1, "progress": []}',
        '{"step": 5, "progress": {}}',
    ],
)
def test_a_checkpoint_that_does_not_say_where_it_stands(about, store, run):
    overwrite(run.path / "checkpoint/state.safetensors", {"weights/a": CLOUD}, about)
    refused(store, run, "checkpoint/state.safetensors")


def test_label_names_that_are_no_names(store, run):
    tensors = load_file(run.path / "examples.safetensors")
    overwrite(run.path / "examples.safetensors", tensors, '{"label_names": 7}')
    refused(store, run, "examples.safetensors")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"format": "1"}',
        '{"unknown": 1}',
        '{"model": {"latent": 1000000}}',
        '{"model": {"hidden": [1e99]}}',
        '{"objective": {"beta": NaN}}',
        '{"objective": {"beta": ' + "9" * 5000 + "}}",
        '{"data": "digits"}',
        '{"data": {"source": "../../etc"}}',
        "{" * 100_000,
    ],
)
def test_a_configuration_that_is_none(text, store, run):
    (run.path / "config.json").write_text(text)
    found = refused(store, run, "config.json")
    assert found.state == "damaged"
    assert found.title == found.name == run.id
    assert "config.json" in found.reason


@pytest.mark.parametrize(
    "text", ["", "[]", "junk", '{"created": 7, "owner": {"a": 1}}', '{"created": "soon"}']
)
def test_without_a_history_a_run_is_still_a_run(text, store, run):
    (run.path / "run.json").write_text(text)
    found = store.get(run.id)
    assert found.state == "finished"
    assert found.created.tzinfo is not None
    assert isinstance(found.owner, str)
    assert [listed.id for listed in store.list()] == [run.id]


@pytest.mark.parametrize(
    "line",
    [b"[]", b'{"n": 0}', b'{"n": 5, "step": 1}', b'{"n": 1, "step": "2"}', b'{"n": 1, "step": true}', b""],
)
def test_rows_out_of_order(line, store, run):
    path = run.path / "metrics.jsonl"
    first, _, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + b"".join(rest))
    refused(store, run, "metrics.jsonl", "Line 2")


def test_folders_and_pipes_where_files_belong(store, run):
    for number, name in enumerate(READERS):
        path = run.path / name
        path.unlink()
        path.mkdir() if number % 2 else os.mkfifo(path)
        with pytest.raises(LatentscapeError):
            READERS[name](store.get(run.id))
        assert len(store.list()) == 1


def test_an_empty_folder_is_listed_as_damaged(store):
    (store.folder / "empty").mkdir(parents=True)
    assert [(run.state, run.reason) for run in store.list()] == [("damaged", "config.json is missing")]
    store.delete("empty")
    assert store.list() == []


def test_a_damaged_checkpoint_stops_before_anything_is_changed(store):
    run = store.create(RunConfig())
    record(run, until=20)
    path = run.path / "checkpoint" / "state.safetensors"
    good = path.read_bytes()
    path.write_bytes(good[:-3])
    before = contents(run)
    with pytest.raises(RunDamagedError, match=r"state\.safetensors holds \d+ bytes"):
        record(run)
    assert contents(run) == before
    path.write_bytes(good)  # as the sentence says: bring the file back
    record(run)
    assert run.metrics()[-1]["step"] == STEPS


def test_every_file_of_a_run_changed_at_random(store, run):
    """Whatever bytes lie there, reading gives values or a sentence."""
    generator = np.random.default_rng(1)
    for name, read in READERS.items():
        good = (run.path / name).read_bytes()
        for _ in range(25):
            data = bytearray(good)
            for place in generator.integers(0, len(data), 3):
                data[place] = generator.integers(256)
            (run.path / name).write_bytes(data)
            found = store.get(run.id)
            with suppress(RunError):
                read(found)
            assert found.state in ("finished", "damaged")
            assert found.title
        (run.path / name).write_bytes(good)


def test_a_copied_run_is_a_run(store, run):
    shutil.copytree(run.path, store.folder / "a-copy")
    assert store.get("a-copy").state == "finished"
    np.testing.assert_array_equal(store.get("a-copy").latents()[0], run.latents()[0])
