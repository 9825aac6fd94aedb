"""Settings from a file, runs trained anew, completion asked for: the newer words of the command line."""

import json

import pytest
from synthetic import finished_run

from vae_core import cli, commands
from vae_core.config import RunConfig
from vae_core.control import Control
from vae_core.errors import ConfigError, RunError
from vae_core.events import Epoch, Steered, Stopped
from vae_core.pipeline import execute
from vae_core.recipes import recommended, with_changes
from vae_core.recorder import Recorder
from vae_core.repeating import repeat
from vae_core.runs import RunStore

TINY = {"data.limit": 200, "model.hidden": (8,), "training.epochs": 20, "training.checkpoint_seconds": 0}


def asked(*words):
    changes = cli.config_changes(cli.parser().parse_args(["train", *words]))
    return with_changes(cli.config_source(changes), changes)


def test_a_whole_config_is_that_config(tmp_path):
    config = recommended("shapes").override({**TINY, "name": "mine", "model.kind": "multirate"})
    (tmp_path / "run.json").write_text(config.to_json())
    assert asked("--config", str(tmp_path / "run.json")) == config


def test_what_a_file_leaves_out_is_recommended_and_options_come_last(tmp_path):
    (tmp_path / "part.json").write_text(json.dumps({"data": {"source": "shapes"}, "training": {"lr": 0.001}}))
    path = str(tmp_path / "part.json")
    assert asked("--config", path) == recommended("shapes").override({"training.lr": 0.001})
    words = ["--lr", "0.002", "--set", "training.seed=4"]
    assert asked("--config", path, *words) == recommended("shapes").override(
        {"training.lr": 0.002, "training.seed": 4}
    )
    assert asked("--config", path, "--data", "digits").data.source == "digits"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "which cannot be read: No such file"),
        ("{", "In bad.json: The configuration is not readable JSON."),
        ("[]", "In bad.json: The configuration must be a JSON object."),
        ('{"training": {"lrr": 1}}', "There is no setting 'training.lrr'"),
        ('{"training": {"lr": "fast"}}', "In bad.json: training.lr is 'fast'"),
        ('{"format": 7}', "format 7"),
        ('{"data": 5}', "In bad.json: data is 5"),
        ("[" * 100_000, "not readable JSON"),
        (" " * 1_000_001, "far too large"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "bad.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError) as found:
        asked("--config", str(path))
    assert sentence in str(found.value)
    assert commands.main(["train", "--config", str(path)]) == 2


def test_a_folder_and_a_name_that_cannot_be(tmp_path):
    for name in (str(tmp_path), "a\0b"):
        with pytest.raises(ConfigError, match="cannot be read"):
            asked("--config", name)


def steered_run(store):
    """A run whose beta and learning rate were changed on the way."""
    run, control = store.create(recommended("digits").override(TINY)), Control()
    with run.lock():
        recorder = Recorder(run)
        for event in execute(run.config, control=control, run=run.id):
            recorder.write(event)
            if isinstance(event, Epoch):
                control.steer(beta=4.0, lr=None if event.epoch < 5 else 0.5)
    assert len(run.changes()) == 2
    return run


def test_a_repeated_run_takes_the_same_course_to_the_same_weights(capsys):
    store = RunStore()
    run = steered_run(store)
    assert commands.main(["repeat", run.id]) == 0
    made = store.get(capsys.readouterr().out.strip())
    assert made.id != run.id
    assert made.changes() == run.changes()
    assert made.config == run.config
    names = [path.name for path in run.path.glob("*.safetensors")]
    assert "model.safetensors" in names
    for name in names:
        assert (made.path / name).read_bytes() == (run.path / name).read_bytes()
    rows = [[{**row, "seconds": 0} for row in found.metrics()] for found in (run, made)]
    assert rows[0] == rows[1]
    plain = store.create(run.config)
    assert commands.main(["resume", plain.id]) == 0
    model = "model.safetensors"
    assert (plain.path / model).read_bytes() != (run.path / model).read_bytes()


def test_a_repeat_that_was_stopped_at_once_is_resumed_with_its_changes():
    store = RunStore()
    run = steered_run(store)
    made = repeat(store, run, "somebody")
    assert (made.owner, made.state, made.checkpoint()) == ("somebody", "interrupted", None)
    control = Control()
    control.stop()
    with made.lock():
        recorder = Recorder(made)
        events = list(execute(made.config, made.checkpoint(), control, None, made.id, made.changes()))
        for event in events:
            recorder.write(event)
    assert isinstance(events[-1], Stopped)
    assert commands.main(["resume", made.id]) == 0
    assert [
        Steered(row["step"], row.get("beta"), row.get("lr"))
        for row in made.metrics()
        if row["kind"] == "steered"
    ] == run.changes()
    model = "model.safetensors"
    assert (made.path / model).read_bytes() == (run.path / model).read_bytes()


@pytest.mark.parametrize("kind", ["warm", "frozen", "longer"])
def test_a_run_that_began_with_other_weights_is_not_repeated(kind):
    store = RunStore()
    run = finished_run(store, RunConfig())
    Recorder(run).note(kind, run="another")
    with pytest.raises(RunError, match="began with the weights of another run"):
        repeat(store, run)
    assert commands.main(["repeat", run.id]) == 1
