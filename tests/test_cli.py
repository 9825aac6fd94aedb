"""The command line: what it prints where, exit codes, one sentence for what went wrong."""

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from synthetic import finished_run, largest_file, overwrite, record, training

from vae_core import cli
from vae_core import commands as command_line
from vae_core.config import RunConfig, options
from vae_core.events import Diverged, RolledBack, Stopped
from vae_core.runs import RunStore

SMALL = ["--data", "digits", "--limit", "300", "--hidden", "16", "--epochs", "2", "--seed", "3"]


@pytest.fixture
def call(capsys):
    """Runs one command; gives exit code, stdout, stderr."""

    def run(*words):
        code = command_line.main(list(words))
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The home of a run that the command line trained, and the run."""
    home = tmp_path_factory.mktemp("trained")
    result = subprocess.run(
        [sys.executable, "-m", "vae_core", "train", *SMALL, "--beta", "0.5", "--name", "a/b <i>"],
        env={**os.environ, "LATENTSCAPE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    said = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [said[0]["event"], said[-1]["event"]] == ["started", "finished"]
    assert result.stderr.count("Bernoulli reads grey pixels as probabilities") == 1
    return home, RunStore(home).get(result.stdout.split()[-1])


@pytest.fixture
def at_home(trained, monkeypatch):
    monkeypatch.setenv("LATENTSCAPE_HOME", str(trained[0]))
    return trained[1]


def test_train_says_nothing_on_stdout_but_the_id(trained):
    run = trained[1]
    assert run.state == "finished"
    assert run.config.objective.beta == 0.5
    assert run.config.model.hidden == (16,)
    assert run.config.name == "a/b <i>"
    assert load_file(run.path / "model.safetensors")
    assert len(list(run.path.rglob("model.safetensors"))) == 1


def test_runs_as_json(at_home, call):
    code, out, said = call("runs", "--json")
    row = next(row for row in map(json.loads, out.splitlines()) if row["id"] == at_home.id)
    assert (code, said) == (0, "")
    assert row == {
        "id": at_home.id,
        "name": "a/b <i>",
        "state": "finished",
        "data": "digits",
        "beta": 0.5,
        "beta_low": None,
        "beta_high": None,
        "folder": str(at_home.path),
        "starter": False,
        "reason": "",
        "tags": [],
        "note": "",
    }
    assert Path(row["folder"]).is_dir()


def test_runs_as_a_table_shows_damaged_ones_too(home, call):
    store = RunStore()
    finished_run(store)
    damaged = store.create(RunConfig())
    (damaged.path / "config.json").write_text("junk")
    code, out, _ = call("runs")
    line = next(line for line in out.splitlines() if line.startswith(damaged.id))
    assert code == 0
    assert "damaged" in line
    assert "config.json" in line
    _, out, _ = call("runs", "--json")
    row = next(row for row in map(json.loads, out.splitlines()) if row["id"] == damaged.id)
    assert (row["state"], row["data"], row["beta"]) == ("damaged", None, None)


def test_a_multi_rate_run_is_listed_with_its_range(home, call):
    settings = {"model.kind": "multirate", "objective.beta_low": 0.02, "objective.beta_high": 5}
    run = RunStore().create(RunConfig().override(settings))
    line = next(line for line in call("runs")[1].splitlines() if line.startswith(run.id))
    assert "β 0.02 to 5" in line
    row = next(row for row in map(json.loads, call("runs", "--json")[1].splitlines()) if row["id"] == run.id)
    assert (row["beta"], row["beta_low"], row["beta_high"]) == (1, 0.02, 5)


def test_evaluate_computes_the_report_anew(at_home, call):
    (at_home.path / "report.json").rename(at_home.path / "away")
    try:
        code, out, _ = call("evaluate", at_home.id, "--json")
    finally:
        (at_home.path / "away").rename(at_home.path / "report.json")
    figures, report = json.loads(out), at_home.report()
    assert code == 0
    assert len(out.splitlines()) == 1
    for name in ("rate", "distortion", "elbo"):
        assert figures[name] == pytest.approx(report[name], rel=1e-5)
        assert figures[f"{name}_se"] == pytest.approx(report[f"{name}_se"], rel=1e-4)
    assert figures["elbo"] == pytest.approx(-figures["rate"] - figures["distortion"])
    assert "nats per example" in call("evaluate", at_home.id)[1]


def test_evaluate_notices_other_weights(at_home, call):
    """It is the weights that count, not what is written beside them."""
    path = at_home.path / "model.safetensors"
    good = path.read_bytes()
    before = json.loads(call("evaluate", at_home.id, "--json")[1])
    try:
        weights = load_file(path)
        overwrite(path, {name: array * np.float32(0.5) for name, array in weights.items()})
        assert json.loads(call("evaluate", at_home.id, "--json")[1])["distortion"] != before["distortion"]
        first = next(iter(weights))
        for bad in ({**weights, first: np.zeros((2, 2), np.float32)}, {"x": np.zeros(3, np.float32)}):
            overwrite(path, bad)
            code, out, said = call("evaluate", at_home.id, "--json")
            assert (code, out) == (1, "")
            assert at_home.id in said
            assert "model.safetensors" in said
    finally:
        path.write_bytes(good)


def test_export_writes_one_file(at_home, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call("export", at_home.id, "--html")
    assert (code, out.strip()) == (0, str(tmp_path / "a-b -i-.html"))
    assert b"<html" in (tmp_path / "a-b -i-.html").read_bytes()[:300].lower()
    code, out, _ = call("export", at_home.id, "--html", "-o", "other.html")
    assert (code, out.strip()) == (0, str(tmp_path / "other.html"))
    code, _, said = call("export", at_home.id, "--html", "-o", "no/such/folder.html")
    assert code == 1
    assert f"There is no folder {tmp_path / 'no' / 'such'}" in said


def test_what_is_not_finished_cannot_be_exported(home, call):
    run = RunStore().create(RunConfig())
    code, out, said = call("export", run.id, "--html")
    assert (code, out) == (1, "")
    assert "is not finished" in said


def test_resume_of_a_finished_run_has_nothing_to_do(at_home, call):
    before = (at_home.path / "model.safetensors").stat().st_mtime_ns
    code, out, said = call("resume", at_home.id)
    assert (code, out.split()) == (0, [at_home.id])
    assert "nothing left to do" in said
    assert (at_home.path / "model.safetensors").stat().st_mtime_ns == before


def test_resume_brings_back_what_a_finished_run_lost(at_home, call):
    """The last checkpoint is kept, and the rest follows from it."""
    lost = ("model.safetensors", "explorer.bundle", "latents.safetensors")
    before = {name: (at_home.path / name).read_bytes() for name in lost}
    for name in lost:
        (at_home.path / name).unlink()
    assert at_home.state == "damaged"
    code, out, said = call("resume", at_home.id)
    assert (code, out.split()) == (0, [at_home.id]), said
    assert at_home.state == "finished"
    for name in ("model.safetensors", "latents.safetensors"):
        assert (at_home.path / name).read_bytes() == before[name]


def test_a_run_that_another_trains_is_busy(home, call):
    run = RunStore().create(RunConfig())
    with run.lock():
        code, _, said = call("resume", run.id)
    assert code == 1
    assert "another process" in said


def test_a_diverged_run_is_not_resumed(home, call):
    run = RunStore().create(RunConfig())
    (run.path / "diverged.json").write_text("{}")
    code, _, said = call("resume", run.id)
    assert code == 1
    assert "diverged" in said


def test_training_that_diverges_fails_with_its_last_good_weights(home, call, monkeypatch):
    weights = {"layer.weight": np.ones((8, 6), np.float32)}

    def diverging(*arguments):
        yield from itertools.takewhile(lambda event: getattr(event, "step", 0) < 7, training())
        yield RolledBack(5, 7, 0.5, "The loss was nan at step 7.")
        yield Diverged(5, "The loss was inf at step 6.", weights)

    monkeypatch.setattr("vae_core.pipeline.execute", diverging)
    code, out, said = call("train", *SMALL)
    run = RunStore().get(out.split()[-1])
    assert (code, run.state) == (1, "diverged")
    assert '"event": "rolledback", "step": 5' in said
    assert said.splitlines()[-1].startswith("Training diverged: The loss was inf at step 6.")
    np.testing.assert_array_equal(run.weights()["layer.weight"], weights["layer.weight"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "--beta", "-1"], "objective.beta is '-1', allowed is a number from 0 to 1000."),
        (["train", "--beta", "1001"], "allowed is a number from 0 to 1000"),
        (["train", "--beta", "nan"], "objective.beta"),
        (["train", "--beta", "much"], "objective.beta is 'much'"),
        (["train", "--data", "cifar"], "one of digits, shapes, colour-shapes"),
        (["train", "--epochs", "0"], "above 0"),
        (["train", "--limit", "1"], "one picture is needed to train on"),
        (["train", "--hidden", "16,zero"], "widths"),
        (["train", "--likelihood", "poisson"], "one of bernoulli, gaussian"),
        (["train", "--set", "training.lrr=1"], "There is no setting 'training.lrr'"),
        (["train", "--set", "nonsense.lr=1"], "There is no setting 'nonsense.lr'"),
        (["train", "--set", "training.lr"], "KEY=VALUE"),
        (["train", "--set", "data=digits"], "data is 'digits'"),
        (["train", "--set", "training.lr.x=1"], "There is no setting"),
        (["train", "--set", "=1"], "There is no setting ''"),
        (["train", "--set", "data.source=cifar"], "data.source is 'cifar'"),
        (["train", "--latent", "2.5"], "model.latent is '2.5'"),
        (["train", "--name", "two\nlines"], "one line"),
        (["train", "--bta", "1"], "Unrecognized arguments: --bta 1; `latentscape train --help`"),
        (["train", "--hidden", "4096,4096,4096", "--data", "digits"], "at most"),
        (["resume"], "RUN"),
        (["resume", "nothing"], "There is no run 'nothing'"),
        (["evaluate", "../../etc"], "There is no run"),
        (["export", "nothing", "--html"], "There is no run"),
        (["export", "nothing"], "--html"),
        (["dance"], "dance"),
        ([], "COMMAND"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(words, sentence, home, call):
    code, out, said = call(*words)
    assert (code, out) == (2, "")
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert not home.exists() or not list(home.rglob("config.json"))


def test_data_that_is_not_here_is_a_sentence(home, call, monkeypatch, tmp_path):
    monkeypatch.delenv("LATENTSCAPE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    code, out, said = call("train", "--data", "mnist")
    assert (code, out) == (1, "")
    assert "--download" in said
    assert not home.exists()


def test_a_disk_that_fills_says_how_to_go_on(home, call):
    with largest_file(30_000):  # room for pictures and first files, not for a checkpoint
        code, out, said = call("train", *SMALL, "--hidden", "64", "--latent", "64")
    run_id = out.split()[-1]
    assert code == 1
    assert "could not be saved" in said
    assert said.strip().endswith(f"latentscape resume {run_id}")
    code, out, said = call("resume", run_id)
    assert (code, out.split()[-1]) == (0, run_id), said
    assert RunStore().get(run_id).state == "finished"


def test_a_checkpoint_of_another_network_is_a_sentence(home, call):
    run = RunStore().create(RunConfig.parse({"data": {"limit": 300}}))
    record(run, until=10)
    about = json.loads((run.path / "run.json").read_text())
    del about["data"]  # made by hand, not from digits
    (run.path / "run.json").write_text(json.dumps(about))
    code, out, said = call("resume", run.id)
    assert (code, out) == (1, "")
    assert "checkpoint does not fit" in said


def test_every_setting_has_an_option(capsys):
    with pytest.raises(SystemExit) as left:
        command_line.main(["train", "--help"])
    text = capsys.readouterr().out
    assert left.value.code == 0
    for path in options():
        named = {"data.source": "--data", "model.kind": "--model"}
        flag = named.get(path, "--" + path.partition(".")[2].replace("_", "-"))
        assert f"{flag} " in text


@pytest.mark.parametrize("times", [1, 2])
def test_asked_twice_it_leaves_at_once(times, home, call, monkeypatch):
    """The first Ctrl-C is a wish to the training, the second needs nobody's consent."""

    def training_that_is_interrupted(config, checkpoint, control, *rest):
        for event in training():
            yield event
            if getattr(event, "step", 0) == 10:
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)
                assert control.wait() == "stop"
                yield Stopped(10)
                return

    monkeypatch.setattr("vae_core.pipeline.execute", training_that_is_interrupted)
    before = signal.getsignal(signal.SIGINT)
    code, out, said = call("train", *SMALL)
    assert code == 130
    last = said.splitlines()[-1]
    assert last.startswith("Stopped and saved at step 10" if times == 1 else "Interrupted at once")
    assert last.endswith(f"latentscape resume {out.split()[-1]}")
    assert RunStore().get(out.split()[-1]).state == "interrupted"
    assert signal.getsignal(signal.SIGINT) is before


def test_settings_come_from_recipe_then_options_then_set():
    words = cli.parser().parse_args(["train", "--lr", "0.1", "--set", "training.lr=0.2", "--hidden", "none"])
    changes = cli.config_changes(words)
    assert changes == {"training.lr": "0.2", "model.hidden": ()}
    config = RunConfig().override(changes)
    assert (config.training.lr, config.model.hidden) == (0.2, ())
    assert cli.config_source({"data.source": "shapes", "objective.beta": "junk"}) == "shapes"


def test_app_starts_streamlit_where_its_settings_lie(monkeypatch, home, tmp_path):
    started = {}

    def become(program, words):
        started.update(program=program, words=words, folder=os.getcwd(), home=os.environ["LATENTSCAPE_HOME"])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENTSCAPE_HOME", "relative")
    monkeypatch.setattr(os, "execv", become)
    command_line.main(["app", "--port", "8765"])
    assert started["words"][1:4] == ["-m", "streamlit", "run"]
    assert Path(started["words"][4]).is_file()
    assert started["words"][-1] == "8765"
    assert (Path(started["folder"]) / ".streamlit" / "config.toml").is_file()
    assert started["home"] == str(tmp_path / "relative")


def test_listing_runs_needs_no_torch(home):
    code = "import sys; from vae_core.__main__ import main; main(['runs']); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"


def test_ctrl_c_while_modules_are_read_is_no_traceback():
    code = (
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'vae_core.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from vae_core.__main__ import main\n"
        "sys.exit(main(['runs']))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "Interrupted.\n")


def test_a_reader_that_leaves_is_no_error(at_home):
    words = [sys.executable, "-m", "vae_core", "runs"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read().decode()
    assert said == ""
