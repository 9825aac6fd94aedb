"""`latentscape runs`: tags, names, notes, the bin."""

import json

import pytest
from synthetic import finished_run

from vae_core import __main__ as command_line
from vae_core.config import RunConfig
from vae_core.runs import RunStore


@pytest.fixture
def store(home, tmp_path, monkeypatch):
    monkeypatch.setattr("vae_core.settings.STARTERS", tmp_path / "starters")
    return RunStore()


@pytest.fixture
def call(capsys):
    def run(*words):
        code = command_line.main(["runs", *words])
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


def test_tags_are_put_listed_and_taken(store, call):
    first, second = finished_run(store), store.create(RunConfig(), "a" * 32)
    assert call("tag", first.id, "good", "for class") == (0, f"{first.id}\n", "")
    assert call("tag", second.id, "good")[0] == 0  # whoever began it
    _, out, _ = call("--tag", "good", "--json")
    assert {row["id"] for row in map(json.loads, out.splitlines())} == {first.id, second.id}
    _, out, _ = call("--tag", "good", "--tag", "for class")
    assert out.split()[0] == first.id
    assert out.strip().endswith("good, for class")
    assert call("untag", first.id, "good")[0] == 0
    assert store.get(first.id).marks.words == ("for class",)
    code, _, said = call("untag", first.id, "good")
    assert (code, said.count("no tag 'good'")) == (1, 1)
    code, out, said = call("--tag", "nobody")
    assert (code, out) == (0, "")
    assert "No run has the tag 'nobody'" in said


def test_renamed_and_noted(store, call):
    run = store.create(RunConfig())
    assert call("rename", run.id, "my best")[0] == 0
    assert call("note", run.id, "two\nlines")[0] == 0
    row = json.loads(call("--json")[1])
    assert (row["name"], row["note"], row["tags"]) == ("my best", "two\nlines", [])
    code, _, said = call("rename", run.id, "x" * 100)
    assert (code, "at most 80 characters" in said) == (1, True)


def test_to_the_bin_and_back_and_gone(store, call):
    run = finished_run(store)
    code, out, said = call("delete", run.id)
    assert (code, out) == (0, f"{run.id}\n")
    assert f"runs restore {run.id}" in said
    assert call()[1] == ""
    assert call("bin")[1].startswith(f"{run.id}  deleted ")
    assert call("restore", run.id) == (0, f"{run.id}\n", "")
    assert call("bin")[1] == ""
    call("delete", run.id)
    code, _, said = call("empty")
    assert (code, "--yes" in said) == (2, True)
    assert call("empty", "--yes")[1] == f"{run.id}\n"
    code, _, said = call("restore", run.id)
    assert (code, "in the bin" in said) == (2, True)


def test_what_it_takes_on_disk(store, call, monkeypatch):
    finished_run(store)
    monkeypatch.setenv("LATENTSCAPE_QUOTA", "1.5 gb")
    lines = [line.split() for line in call("usage")[1].splitlines()]
    assert [line[0] for line in lines] == ["runs", "bin", "quota"]
    assert lines[2][1:] == ["1.500", "GB"]
    monkeypatch.setenv("LATENTSCAPE_QUOTA", "much")
    code, _, said = call("usage")
    assert (code, "a size like 20 GB" in said) == (2, True)


@pytest.mark.parametrize("words", [("rename", "x"), ("tag", "no-such-run", "a"), ("fly",), ("delete", "..")])
def test_bad_input_is_a_sentence(store, call, words):
    code, out, said = call(*words)
    assert (code, out) == (2, "")
    assert len(said.splitlines()) == 1
