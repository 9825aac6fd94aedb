"""Runs as zip files: there and back, and from people who mean no good."""

import io
import json
import random
import resource
import zipfile
from contextlib import suppress

import pytest
from carried import crowd, files_of, hostile, packed, tensors
from odd_runs import changed, odd_values

from vae_core import carrying, pipeline, replay, training_health
from vae_core.config import RunConfig
from vae_core.errors import CarryError, LatentscapeError, RunError
from vae_core.explorer import extras, page
from vae_core.models import stored_model
from vae_core.recorder import Recorder
from vae_core.runs import RunStore
from vae_core.storage import write_json
from vae_core.taking import table

SMALL = {
    "name": "carried",
    "data": {"limit": 200},
    "model": {"hidden": [16]},
    "training": {"epochs": 2, "batch": 32},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("from"), starters=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def run(store):
    """A finished run of someone."""
    made = store.create(RunConfig.parse(SMALL), owner="secret-token")
    with made.lock():
        recorder = Recorder(made)
        for event in pipeline.execute(made.config, run=made.id):
            recorder.write(event)
    write_json(made.path / "marks.json", {"format": 1, "name": "Mine", "marks": ["a"], "note": ""})
    return store.get(made.id)


@pytest.fixture(scope="module")
def archive(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "run.zip"
    carrying.pack(run, path)
    return path.read_bytes()


@pytest.fixture
def there(tmp_path):
    return RunStore(tmp_path / "there", starters=tmp_path / "none")


def brought(there, tmp_path, content, **more):
    path = tmp_path / "it.zip"
    path.write_bytes(content)
    return carrying.unpack(path, there, **more)


def left(there):
    """All that lies below the store."""
    return sorted(path for path in there.folder.parent.rglob("*") if path.is_file())


def test_there_and_back(run, archive, there, tmp_path):
    shares = []
    made = brought(there, tmp_path, archive, owner="bob", tell=shares.append)
    assert made.id != ""
    assert (made.state, made.config, made.owner) == ("finished", run.config, "bob")
    assert made.about["imported"]["file"] == "it.zip"
    assert made.created == run.created
    for name in ("metrics.jsonl", "report.json", "explorer.bundle", "model.safetensors", carrying.CHECKPOINT):
        assert (made.path / name).read_bytes() == (run.path / name).read_bytes()
    assert made.snapshots() == run.snapshots()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_zip_says_nothing_of_its_owner_or_machine_and_any_tool_reads_it(run, archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as packed_run:
        assert packed_run.testzip() is None
        assert {name.partition("/")[0] for name in packed_run.namelist()} == {run.id}
        everything = b"".join(packed_run.read(name) for name in packed_run.namelist())
    assert b"secret-token" not in everything
    assert str(run.path).encode() not in everything
    assert "owner" not in json.loads(files_of(archive)["run.json"])


def test_the_same_run_gives_the_same_bytes(run, archive, tmp_path):
    carrying.pack(run, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive


def test_without_its_checkpoint_it_is_smaller_and_still_a_run(run, archive, there, tmp_path):
    carrying.pack(run, tmp_path / "small.zip", checkpoint=False)
    small = (tmp_path / "small.zip").read_bytes()
    assert len(small) < len(archive)
    assert carrying.unpack(tmp_path / "small.zip", there).state == "finished"


def test_repacked_without_its_folder_or_on_a_mac(archive, there, tmp_path):
    files = files_of(archive)
    assert brought(there, tmp_path, packed(files, folder="")).state == "finished"
    mac = {"run/" + name: content for name, content in files.items()}
    mac |= {"__MACOSX/run/._config.json": b"x", "run/.DS_Store": b"x"}
    assert brought(there, tmp_path, packed(mac, folder="")).state == "finished"


def test_an_interrupted_run_goes_on_elsewhere(store, run, there, tmp_path):
    files = files_of_interrupted(run, tmp_path)
    made = brought(there, tmp_path, packed(files))
    assert made.state == "interrupted"
    with made.lock():
        recorder = Recorder(made)
        for event in pipeline.execute(made.config, made.checkpoint(), run=made.id):
            recorder.write(event)
    finished = there.get(made.id)
    assert finished.state == "finished"
    weights = run.weights()
    assert all((array == weights[name]).all() for name, array in finished.weights().items())


def files_of_interrupted(run, tmp_path):
    carrying.pack(run, tmp_path / "whole.zip")
    files = files_of((tmp_path / "whole.zip").read_bytes())
    for name in ("report.json", "explorer.bundle", "latents.safetensors", "model.safetensors"):
        del files[name]
    return files


def test_what_is_trained_is_not_packed_and_a_call_off_leaves_nothing(run, tmp_path):
    with run.lock():
        # A finished run stays finished while somebody holds its lock; one in training is refused.
        other = RunStore(run.path.parent.parent).create(RunConfig.parse(SMALL))
        with other.lock(), pytest.raises(RunError, match="being trained"):
            carrying.pack(other, tmp_path / "no.zip")
    place = tmp_path / "out"
    place.mkdir()

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carrying.pack(run, place / "run.zip", tell=stop)
    assert list(place.iterdir()) == []


def refusal(there, tmp_path, content):
    """What is said of an archive; nothing where it was taken."""
    try:
        brought(there, tmp_path, content)
    except CarryError as error:
        return str(error)
    return ""


def refused_all(archive, there, tmp_path, count, seed):
    before, memory = left(there), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, content in hostile(files_of(archive), count, seed):
        sentence = refusal(there, tmp_path, content)
        assert sentence.startswith("it.zip "), name
        assert sentence.endswith(("; ask for the file again.", "; update Latentscape first.")), name
        assert "Nothing was imported; " in sentence, name
        assert ("too new" in sentence) == name.startswith("newer"), (name, sentence)
        assert len(sentence) < 600, name
        assert str(there.folder) not in sentence, name
        assert left(there) == before, name
        assert there.list() == [], name
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    assert grown < 300_000  # kB


def test_a_hundred_hostile_archives(archive, there, tmp_path):
    refused_all(archive, there, tmp_path, 100, seed=1)


@pytest.mark.soak
def test_two_thousand_hostile_archives(archive, there, tmp_path):
    refused_all(archive, there, tmp_path, 2000, seed=2)


def whatever_changed(archive, there, tmp_path, count, seed):
    """What may still be a run is one whose every file can be read, or leaves nothing."""
    files, before = files_of(archive), left(there)
    for number in range(count):
        damage = changed if number % 2 else odd_values
        content = damage(files, random.Random(f"{seed}/{number}"))
        if not refusal(there, tmp_path, content):
            (made,) = there.list()
            usable(made)
            there.delete(made.id)
        assert left(there) == before, number


def usable(run):
    """Read as pages and files to take along read it: that works, or ends in a sentence."""
    assert run.state in ("finished", "interrupted")
    stored_model(run)
    training_health.of_run(run)
    assert run.created.tzinfo
    assert run.owner == ""
    for read in (extras.extras, table.table, replay.moments, lambda run: page.html(run.bundle())):
        with suppress(LatentscapeError):  # such as weights too large for half precision
            read(run)


def test_what_may_still_be_a_run_can_be_read(archive, there, tmp_path):
    whatever_changed(archive, there, tmp_path, 40, seed=1)


@pytest.mark.soak
def test_two_thousand_runs_that_may_still_be_one(archive, there, tmp_path):
    whatever_changed(archive, there, tmp_path, 2000, seed=2)


def test_a_hundred_thousand_entries(archive, there, tmp_path):
    with pytest.raises(CarryError, match="files"):
        brought(there, tmp_path, crowd(files_of(archive)))
    assert left(there) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("latents.safetensors", bytes(2**26), "unpacks to more than"),
        ("metrics.jsonl", b'{"n":1,"step":1}\n' * 3 * 2**20, "unpacks to more than|more than 100,000 lines"),
        ("log.jsonl", b"{}\n" * 5 * 2**20, "more than 100,000 lines"),
    ],
)
def test_little_that_would_be_much(archive, there, tmp_path, name, content, words):
    files = {**files_of(archive), name: content}
    with pytest.raises(CarryError, match=words):
        brought(there, tmp_path, packed(files))
    assert left(there) == []


@pytest.mark.parametrize("which", ["latents", "snapshot", "bundle"])
def test_codes_that_no_training_gives_are_refused(archive, there, tmp_path, which):
    """Their squares and exponentials would be infinite; the file is named."""
    files = files_of(archive)
    snapshot = max(name for name in files if name.startswith("snapshots/"))
    name = {"latents": "latents.safetensors", "snapshot": snapshot, "bundle": "explorer.bundle"}[which]
    for key, value in (("mu", 1e10), ("mu", -1e10), ("log_var", 100.0)):

        def spoil(arrays, chance, key=key, value=value):
            arrays[f"points.{key}" if which == "bundle" else key][0, 0] = value

        said = refusal(there, tmp_path, tensors(name, spoil)(files, random.Random(0)))
        assert (f"snapshot {int(snapshot[10:18])}" if which == "snapshot" else name) in said
        assert "codes that no training gives" in said
    assert left(there) == []


def test_what_is_no_file_at_all(there, tmp_path):
    for path in (tmp_path, tmp_path / "missing.zip"):
        with pytest.raises(CarryError):
            carrying.unpack(path, there)
