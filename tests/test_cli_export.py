"""`latentscape export`: every kind of file from the command line."""

import json

import pytest
from synthetic import largest_file
from taken import titled, trained

from vae_core import __main__ as command_line
from vae_core.run import Run
from vae_core.runs import RunStore
from vae_core.taking import kinds
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS
from vae_core.taking.whole import whole


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("made")))


@pytest.fixture
def call(run, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("LATENTSCAPE_HOME", str(run.path.parent.parent))
    monkeypatch.chdir(tmp_path)

    def go(*words):
        code = command_line.main(["export", run.id, *words])
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return go


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_under_a_clear_name_and_its_size_told_before(kind, run, call, tmp_path):
    code, out, said = call(f"--{kind}")
    assert (code, out) == (0, f"{tmp_path / ('taken along' + KINDS[kind].ending)}\n")
    (made,) = tmp_path.iterdir()
    assert str(made) == out.strip()
    assert f"{made.name}: about " in said
    about = KINDS[kind].size(run, Choices())
    assert made.stat().st_size / 4 < about < made.stat().st_size * 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_run_gives_the_same_bytes(kind, call, tmp_path):
    for name in ("one", "two"):
        assert call(f"--{kind}", "-o", name)[0] == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_disk_is_full_a_sentence_says_so_and_nothing_is_left(kind, call, tmp_path):
    (tmp_path / "it").write_text("before")
    with largest_file(1000):
        code, out, said = call(f"--{kind}", "-o", "it")
    assert (code, out) == (1, "")
    assert "it could not be saved in" in said
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_long_title_in_any_letters_is_a_name_that_the_disk_takes(run, tmp_path):
    for title in ("🙂" * 80, "x" * 80, "..", 'a/b\\c:"d"', "ä.b.c"):
        for kind in KINDS.values():
            name = kinds.file_name(titled(Run(run.path), title), kind)
            assert name == kinds.file_name(Run(run.path), kind, title)
            assert name.endswith(kind.ending)
            assert not set('/\\:*?"<>|') & set(name)
            with whole(tmp_path / name) as temporary:
                temporary.write_text("x")
            assert (tmp_path / name).read_text() == "x"
    assert kinds.file_name(titled(Run(run.path), "\u202egnp.exe"), KINDS["html"]) == "gnp.exe.html"


def test_as_json_for_programs(run, call, tmp_path):
    code, out, said = call("--csv", "-o", "it.csv", "--json")
    *shares, last = map(json.loads, out.splitlines())
    assert (code, said) == (0, "")
    assert [row["share"] for row in shares] == [0, 1]
    size = (tmp_path / "it.csv").stat().st_size
    assert last == {"run": run.id, "file": str(tmp_path / "it.csv"), "bytes": size}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--csv", "--parquet"], "not allowed with"),
        (["--csv", "--replay"], "--replay goes with --html."),
        ([], "--parquet"),
    ],
)
def test_what_does_not_go_together_is_said(call, words, sentence, tmp_path):
    code, out, said = call(*words)
    assert (code, out) == (2, "")
    assert sentence in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_takes_the_file_under_its_own_name(call, tmp_path):
    (tmp_path / "there").mkdir()
    code, out, _ = call("--csv", "-o", "there")
    assert (code, out) == (0, f"{tmp_path / 'there' / 'taken along.csv'}\n")


def test_a_folder_that_takes_nothing_is_said_before_any_work(call, tmp_path, monkeypatch):
    code, out, said = call("--palette", "--json", "-o", "nowhere/a.png")
    assert (code, out) == (1, "")
    assert said == f"There is no folder {tmp_path / 'nowhere'}; make it, or name another with --output.\n"
    monkeypatch.setattr("os.access", lambda path, mode: False)
    code, out, said = call("--csv")
    assert (code, out) == (1, "")
    assert said == f"The folder {tmp_path} is not writable; name another with --output.\n"
    assert not list(tmp_path.iterdir())


def test_a_palette_that_no_sheet_has_is_told_no_size(call):
    code, _, said = call("--palette", "--count", "2000")
    assert (code, said) == (1, "A palette has 2 to 40 pictures along a side, found 2000.\n")
