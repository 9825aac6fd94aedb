"""Formats of files: what is older is lifted, and what is newer is said to be."""

import json

import numpy as np
import pytest
from safetensors.numpy import save
from synthetic import finished_run

from vae_core import marks, migrations
from vae_core.config import RunConfig
from vae_core.errors import ConfigError, LadderError, NewerFormatError, RunDamagedError, UnreadableFileError
from vae_core.explorer import bundle
from vae_core.runs import RunStore
from vae_core.storage import read_tensors, write_json
from vae_core.sweep_record import read as read_ladder


@pytest.fixture
def run(tmp_path):
    return finished_run(RunStore(tmp_path / "home", tmp_path / "starters"))


@pytest.fixture
def before(monkeypatch):
    """As if format 0 had been before the first: a step from it, for the kinds asked for."""

    def register(kind, step):
        monkeypatch.setitem(migrations.STEPS, (kind, 0), step)

    return register


def renamed(old, new):
    def step(about, arrays):
        about[new] = about.pop(old)

    return step


def rewritten(path, change):
    """The JSON or tensor file with something else said of itself."""
    if path.suffix == ".json":
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))
        return
    arrays, metadata = read_tensors(path)
    about = json.loads(metadata["latentscape"])
    change(about)
    path.write_bytes(save(arrays, {"latentscape": json.dumps(about)}))


def test_every_step_between_is_taken_once_and_in_order(monkeypatch):
    monkeypatch.setitem(migrations.FORMATS, "marks", 4)
    for version in (1, 2, 3):

        def step(about, arrays, version=version):
            about["taken"].append(version)
            arrays["all"] = arrays["all"] * 2

        monkeypatch.setitem(migrations.STEPS, ("marks", version), step)
    arrays = {"all": np.ones(2)}
    given = {"format": 2, "taken": []}
    lifted = migrations.lift("marks", given, arrays)
    assert (lifted["format"], lifted["taken"]) == (4, [2, 3])
    assert arrays["all"].tolist() == [4, 4]
    assert given["format"] == 2
    assert migrations.lift("marks", {"taken": []}, arrays, bare=1)["taken"] == [1, 2, 3]
    assert migrations.lift("marks", {"format": 4}) == {"format": 4}


@pytest.mark.parametrize("found", [None, 0, -1, True, "1", 1.0, [1], {"a": 1}])
def test_what_is_no_format_of_ours_is_said(found):
    with pytest.raises(
        UnreadableFileError, match=r"^it has format .+, this version reads format 1$"
    ) as caught:
        migrations.lift("marks", {"format": found}, name="it")
    assert not isinstance(caught.value, NewerFormatError)


@pytest.mark.parametrize("found", [2, 10**4000])
def test_a_newer_one_is_no_damage(found):
    with pytest.raises(NewerFormatError, match=r"Latentscape reads up to format 1$") as caught:
        migrations.lift("marks", {"format": found})
    assert len(str(caught.value)) < 200


def test_an_old_file_without_what_belongs_to_it_is_a_sentence(before):
    before("marks", renamed("title", "name"))
    with pytest.raises(UnreadableFileError, match="has format 0, but not what belongs to it"):
        migrations.lift("marks", {"format": 0})


def test_an_old_run_opens_as_if_it_were_of_today(run, before):
    expected = (run.config, run.owner, run.created, run.latents()[0].tolist(), run.checkpoint().step)

    def narrow(about, arrays):
        if "means" in arrays:
            arrays["mu"] = arrays.pop("means")
        about["step"] = about.pop("steps")

    before("config", renamed("optimisation", "training"))
    before("run", renamed("begun", "created"))
    before("arrays", narrow)
    before("marks", renamed("title", "name"))
    rewritten(run.path / "config.json", lambda it: it.update(format=0, optimisation=it.pop("training")))
    rewritten(run.path / "run.json", lambda it: it.update(format=0, begun=it.pop("created")))
    write_json(run.path / "marks.json", {"format": 0, "title": "Mine"})
    for name in ("latents.safetensors", "checkpoint/state.safetensors"):
        rewritten(run.path / name, lambda it: it.update(format=0, steps=it.pop("step")))
    arrays, metadata = read_tensors(run.path / "latents.safetensors")
    arrays["means"] = arrays.pop("mu")
    (run.path / "latents.safetensors").write_bytes(save(arrays, metadata))
    found = RunStore(run.path.parent.parent).get(run.id)
    assert (found.state, found.name) == ("finished", "Mine")
    lifted = (found.config, found.owner, found.created, found.latents()[0].tolist(), found.checkpoint().step)
    assert lifted == expected


META = {
    "title": "t",
    "run": "r",
    "likelihood": "bernoulli",
    "beta": 1.0,
    "latent": 1,
    "shape": [1, 2, 2],
    "data": {},
    "report": {},
    "decoder": [{"op": "linear"}],
    "labels": [],
    "kl": [1.0],
    "center": [0.0],
}


def test_an_old_bundle_reaches_the_browser_in_todays_format(run, before):
    points = {"points.mu": np.zeros((2, 1), np.float32), "points.log_var": np.zeros((2, 1), np.float32)}
    points |= {"points.label": np.full(2, -1, np.int16), "points.index": np.arange(2, dtype=np.int32)}
    today = bundle.write({"format": 1, **META, "range": [[-1.0, 1.0]]}, points)
    (run.path / "explorer.bundle").write_bytes(today)
    assert run.bundle() == today
    before("bundle", lambda about, arrays: about.update(range=[[-span, span] for span in about.pop("spans")]))
    old = save(points, {"latentscape": json.dumps({"format": 0, **META, "spans": [1.0]})})
    (run.path / "explorer.bundle").write_bytes(old)
    meta, tensors = bundle.read(run.bundle())
    assert (meta["format"], meta["range"]) == (1, [[-1.0, 1.0]])
    np.testing.assert_array_equal(tensors["points.index"], [0, 1])
    assert bundle.read(old)[0] == meta


@pytest.mark.parametrize("name", ["config.json", "latents.safetensors", "explorer.bundle"])
def test_a_newer_run_is_told_from_a_damaged_one(name, run):
    if name == "explorer.bundle":
        content = save({"a": np.zeros(1, np.float32)}, {"latentscape": '{"format": 2}'})
        (run.path / name).write_bytes(content)
    else:
        rewritten(run.path / name, lambda it: it.update(format=2))
    found = RunStore(run.path.parent.parent).get(run.id)
    with pytest.raises(RunDamagedError) as caught:
        found.bundle() if name == "explorer.bundle" else found.latents()
    sentence = str(caught.value)
    assert sentence.startswith(f"Run {run.id} is too new: ")
    assert sentence.endswith(
        "has format 2, and this version of Latentscape reads up to format 1. Update Latentscape to open it."
    )
    assert "delete" not in sentence


def test_newer_notes_settings_and_ladders_are_said_or_passed_over(run):
    (run.path / "marks.json").write_text('{"format": 2, "name": "later"}')
    assert marks.read(run.path) == marks.Marks()
    with pytest.raises(ConfigError, match=r"reads up to format 1\.$"):
        RunConfig.from_json('{"format": 2}')
    with pytest.raises(LadderError, match="It has format 2, and this version"):
        read_ladder("ladder-x", {"format": 2})
