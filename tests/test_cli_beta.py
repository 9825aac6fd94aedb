"""`latentscape rd`: stored curves without torch or data, other betas measured anew, refusals in sentences."""

import csv
import io
import json
import subprocess
import sys

import pytest
from multirate_runs import BETAS, SETTINGS, trained

from vae_core import commands as command_line
from vae_core.errors import DataMissingError
from vae_core.runs import RunStore

KEYS = ["beta", "rate", "distortion", "rate_se", "distortion_se"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a multi-rate run, one of a single beta and a plain autoencoder."""
    home = tmp_path_factory.mktemp("home")
    trained(home, name="many")
    trained(home, name="one", model__kind="vae", objective__beta=0.5)
    trained(home, name="none", model__kind="ae")
    return home


@pytest.fixture
def runs(home, monkeypatch):
    monkeypatch.setenv("LATENTSCAPE_HOME", str(home))
    return {run.name: run for run in RunStore(home).list() if run.name in ("many", "one", "none")}


@pytest.fixture
def call(capsys):
    def run(*words):
        code = command_line.main(["rd", *words])
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


def test_the_thirteen_measured(call, runs):
    code, out, said = call(runs["many"].id, "--json")
    rows = json.loads(out)
    assert (code, said) == (0, "")
    assert [list(row) for row in rows] == [KEYS] * 13
    for row, stored in zip(rows, runs["many"].report()["curve"], strict=True):
        assert row == {name: stored[name] for name in KEYS}


def test_the_table_and_the_commas_say_the_same(call, runs):
    rows = json.loads(call(runs["many"].id, "--json")[1])
    read = list(csv.DictReader(io.StringIO(call(runs["many"].id, "--csv")[1])))
    assert [{name: float(value) for name, value in row.items()} for row in read] == rows
    head, *lines = call(runs["many"].id)[1].splitlines()
    assert head.split() == ["beta", "rate", "distortion"]
    for line, row in zip(lines, rows, strict=True):
        beta, rate, *_, distortion, _, error = line.split()
        assert float(beta) == pytest.approx(row["beta"], rel=1e-3)
        assert float(rate) == pytest.approx(row["rate"], abs=1e-3)
        assert float(distortion) == pytest.approx(row["distortion"], abs=1e-3)
        assert float(error) == pytest.approx(row["distortion_se"], abs=1e-3)


def test_stored_rows_need_neither_torch_nor_data(home, runs):
    code = (
        "import sys; from vae_core.__main__ import main; "
        f"main(['rd', {runs['many'].id!r}, '--beta', '0.02,5']); sys.exit('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["beta", "0.02", "5"]


def test_other_betas_are_measured_anew(call, runs):
    """On the same pictures with the same noise: between two stored rows lies what is between their betas."""
    stored = runs["many"].report()["curve"]
    between = (stored[8]["beta"] * stored[9]["beta"]) ** 0.5
    code, out, said = call(runs["many"].id, "--beta", f"{stored[9]['beta']!r},{between!r}", "--json")
    rows = json.loads(out)
    assert (code, said) == (0, "")
    assert rows[1] == {name: stored[9][name] for name in KEYS}
    assert rows[0]["beta"] == between
    assert stored[9]["rate"] < rows[0]["rate"] < stored[8]["rate"]


def test_measured_anew_is_as_stored(call, runs, monkeypatch):
    monkeypatch.setattr("vae_core.cli_beta.measured", lambda run: [])
    rows = json.loads(call(runs["many"].id, "--beta", "0.02,5", "--json")[1])
    stored = runs["many"].report()["curve"]
    for row, expected in zip(rows, (stored[0], stored[-1]), strict=True):
        assert row == pytest.approx({name: expected[name] for name in KEYS}, rel=1e-6)


def test_without_the_data_its_own_examples_serve_and_that_is_said(call, runs, monkeypatch):
    def missing(config, download):
        raise DataMissingError("Not here.")

    monkeypatch.setattr(command_line, "load", missing)
    code, out, said = call(runs["many"].id, "--beta", "0.7", "--json")
    assert code == 0
    assert f"figures of the run's own {SETTINGS['data.map_points']} examples" in said
    assert json.loads(out)[0]["rate"] > 0


def test_a_run_of_one_beta_has_one_row(call, runs):
    report = runs["one"].report()
    for words in ((), ("--beta", "0.5")):
        (row,) = json.loads(call(runs["one"].id, "--json", *words)[1])
        assert row == {"beta": 0.5, **{name: report[name] for name in KEYS[1:]}}
    code, out, said = call(runs["one"].id, "--beta", "0.5,1")
    assert (code, out) == (2, "")
    assert "was trained with beta 0.5 alone, so there are no figures at 1;" in said


def test_a_plain_autoencoder_has_beta_zero(call, runs):
    (row,) = json.loads(call(runs["none"].id, "--json")[1])
    assert row["beta"] == 0
    assert call(runs["none"].id, "--beta", "1")[0] == 2


@pytest.mark.parametrize("beta", ["0.001", "7", "0.1,6", "0"])
def test_betas_outside_the_range_are_refused(call, runs, beta):
    code, out, said = call(runs["many"].id, "--beta", beta)
    assert (code, out) == (2, "")
    assert f"learned {BETAS[0]:g} to {BETAS[1]:g}, so choose betas among these." in said


@pytest.mark.parametrize("beta", ["", "many", "1,", "-1", "nan", "inf", "1;2"])
def test_betas_that_are_none_are_refused(call, runs, beta):
    code, out, said = call(runs["many"].id, f"--beta={beta}")
    assert (code, out) == (2, "")
    assert "it should be numbers such as 0.1,1,4." in said


def test_one_form_at_a_time(call, runs):
    code, _, said = call(runs["many"].id, "--csv", "--json")
    assert code == 2
    assert "choose one" in said


def test_an_unknown_run_is_refused(call, runs):
    assert call("no-such-run")[0] == 2


@pytest.mark.parametrize(
    "curve", [None, [], "much", [{"beta": 1}], [{"beta": 1, "rate": "a", "distortion": 2}]]
)
def test_a_report_without_a_usable_curve_is_damage(call, runs, home, curve, monkeypatch):
    monkeypatch.setattr("vae_core.run.Run.report", lambda run: {"curve": curve})
    code, out, said = call(runs["many"].id)
    assert (code, out) == (1, "")
    assert "holds no usable curve of rate and distortion" in said
