"""A run goes from one home to another by two commands."""

import io
import json

import pytest
from taken import trained

from vae_core import __main__ as command_line
from vae_core.runs import RunStore


@pytest.fixture
def run(tmp_path):
    return trained(RunStore(tmp_path / "here"))


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def go(home, *words):
        monkeypatch.setenv("LATENTSCAPE_HOME", str(tmp_path / home))
        code = command_line.main(list(words))
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return go


def test_there_by_zip_with_and_without_its_checkpoint(run, call, tmp_path):
    code, out, said = call("here", "export", run.id, "--zip")
    path = tmp_path / "taken along-run.zip"
    assert (code, out.strip()) == (0, str(path))
    assert "about " in said
    code, out, _ = call("there", "import", str(path))
    made = RunStore(tmp_path / "there").get(out.strip())
    assert (code, made.state, made.config) == (0, "finished", run.config)
    assert made.owner == ""
    code, out, _ = call("here", "export", run.id, "--zip", "--no-checkpoint", "-o", "small.zip")
    assert (tmp_path / "small.zip").stat().st_size < 0.7 * path.stat().st_size
    assert call("there", "import", "small.zip")[0] == 0
    assert len([found for found in RunStore(tmp_path / "there").list() if not found.starter]) == 2


def test_for_the_app_with_shares_and_an_owner_that_no_list_of_processes_shows(
    run, call, tmp_path, monkeypatch
):
    call("here", "export", run.id, "--zip", "-o", "it.zip")
    monkeypatch.setattr("sys.stdin", io.StringIO("a-token\n"))
    code, out, _ = call("there", "import", "it.zip", "--json", "--owner-on-stdin")
    *shares, last = map(json.loads, out.splitlines())
    assert code == 0
    assert [row["share"] for row in shares] == sorted(row["share"] for row in shares)
    made = RunStore(tmp_path / "there").get(last["run"])
    assert (made.owner, last["state"]) == ("a-token", "finished")


@pytest.mark.parametrize("content", [None, b"", b"PK\5\6" + bytes(18), b"no zip at all"])
def test_what_is_no_run_is_said_in_a_sentence(content, call, tmp_path):
    if content is not None:
        (tmp_path / "it.zip").write_bytes(content)
    code, out, said = call("there", "import", "it.zip")
    assert (code, out) == (1, "")
    assert said.startswith("it.zip ")
    assert said.count("\n") == 1
    assert "Nothing was imported" in said
    assert not (tmp_path / "there" / "runs").exists()


def test_an_option_of_another_kind_is_refused(run, call):
    code, _, said = call("here", "export", run.id, "--csv", "--no-checkpoint")
    assert (code, said.strip()) == (2, "--no-checkpoint goes with --zip.")
