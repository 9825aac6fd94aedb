"""`latentscape data`: what it prints where, and its exit codes."""

import json

import numpy as np
import pytest
from PIL import Image

from vae_core import commands as command_line
from vae_core import data
from vae_core.data.library import Library


@pytest.fixture
def call(capsys):
    def run(*words):
        code = command_line.main(["data", *map(str, words)])
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


@pytest.fixture
def faces(tmp_path):
    """A folder of twenty pictures in two classes, and a text."""
    for number in range(20):
        folder = tmp_path / "faces" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (12, 10), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (tmp_path / "faces" / "read me.txt").write_text("hello")
    return tmp_path / "faces"


def test_import_list_info(faces, call):
    code, out, said = call("import", faces, "--size", "8", "--invert", "--fit", "letterbox")
    assert code == 0
    source = out.strip()
    assert "Skipped: read me.txt is no PNG" in said
    assert "20 pictures of 1×8×8 are kept as faces." in said
    assert "Sizes: 20 of 10×12. Classes: a, b." in said

    code, out, said = call("list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, said) == (0, "")
    assert [row["data"] for row in rows] == [*data.SOURCES, source]
    assert rows[-1]["title"] == "faces"
    assert rows[-1]["shape"] == [1, 8, 8]
    assert rows[-1]["here"] is True
    assert source in call("list")[1]

    for name in (source, source.removeprefix("own:")):
        row = json.loads(call("info", name, "--json")[1])
        assert (row["count"], row["classes"], row["skipped"]) == (20, ["a", "b"], 1)
        assert row["preparation"] == {
            "size": 8,
            "fit": "letterbox",
            "colour": "grey",
            "invert": True,
            "binarise": False,
            "cap": 0,
        }
    text = call("info", source)[1]
    assert "size 8, fit letterbox" in text
    assert "1×8×8" in call("info", "digits")[1]
    assert json.loads(call("info", "digits", "--json")[1])["count"] == 1797


def test_options_of_import(faces, call, tmp_path):
    code, out, _ = call(
        "import", faces, "--colour", "--binarise", "--cap", "15", "--size", "9", "--name", "My own"
    )
    kept = Library().get(out.strip())
    assert (code, kept.name, kept.count, kept.shape) == (0, "My own", 15, (3, 9, 9))
    assert set(np.unique(kept.images())) <= {0, 255}

    np.savez(tmp_path / "x.npz", pics=np.random.default_rng(0).random((7, 8, 8)), kinds=np.arange(7) % 3)
    code, out, _ = call("import", tmp_path / "x.npz", "--images", "pics", "--labels", "kinds", "--size", 8)
    assert code == 0
    assert Library().get(out.strip()).classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["import", "/nowhere/x.zip"], 2, "There is no file or folder"),
        (["import", ".", "--size", "4"], 2, "size is '4', allowed is a whole number from 8 to 128."),
        (["import", ".", "--fit", "stretch"], 2, "allowed is one of crop, letterbox"),
        (["import", ".", "--grey", "--colour"], 2, "not allowed with"),
        (["import"], 2, "PATH"),
        (["info", "cats"], 2, "There is no data set 'cats'"),
        (["info", "own:0123456789abcdef"], 2, "There is no data set"),
        (["fetch", "cats"], 2, "There is no data set 'cats'"),
        ([], 2, "ACTION"),
        (["import", "EMPTY"], 1, "gives no picture"),
    ],
)
def test_bad_input_is_one_sentence(words, code, sentence, call, tmp_path, home):
    empty = tmp_path / "nothing here"
    empty.mkdir()
    found, out, said = call(*(str(empty) if word == "EMPTY" else word for word in words))
    assert (found, out) == (code, "")
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert not (home / "data").exists()


def test_fetch(call, monkeypatch):
    asked = []
    monkeypatch.setattr("vae_core.data.download", lambda source, progress: asked.append(source))
    assert call("fetch", "mnist")[:2] == (0, "mnist\n")
    assert asked == ["mnist"]


def test_edit_share_and_delete(faces, call):
    source = call("import", faces, "--size", "8")[1].strip()
    code, out, said = call("edit", source, "--name", "Ours", "--class", "a", "Ada", "--class", "b", "Bob")
    assert (code, out, said) == (0, f"{source}\n", "Ours is changed.\n")
    assert Library().get(source).classes == ("Ada", "Bob")
    row = json.loads(call("share", source.removeprefix("own:"), "--json")[1])
    assert (row["data"], row["title"], row["shared"]) == (source, "Ours", True)
    assert json.loads(call("unshare", source, "--json")[1])["shared"] is False
    code, out, said = call("delete", source, "--json")
    assert (code, json.loads(out)["data"], said) == (0, source, "Ours is deleted.\n")
    assert not Library().holds(source)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["edit", "SOURCE"], 2, "Nothing to change; say --name or --class."),
        (["edit", "SOURCE", "--class", "c", "C"], 2, "There is no class 'c'; there are a, b."),
        (["edit", "SOURCE", "--class", "a", "b"], 1, "give each a name of its own"),
        (["edit", "SOURCE", "--name", "x" * 81], 1, "1 to 80 characters"),
        (["delete", "digits"], 2, "digits is built in"),
        (["share", "own:0123456789abcdef"], 2, "There is no data set"),
        (["import", "SOURCE", "--most-entries", "0"], 2, "There is no file"),
    ],
)
def test_what_cannot_be_changed(faces, call, words, code, sentence):
    source = call("import", faces, "--size", "8")[1].strip()
    before = Library().get(source)
    found, out, said = call(*(source if word == "SOURCE" else word for word in words))
    assert (found, out) == (code, "")
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert Library().get(source) == before


def test_what_somebody_else_imported(faces, call):
    source = call("import", faces, "--size", "8")[1].strip()
    about = Library().get(source).path / "about.json"
    about.write_text(
        about.read_text().replace('"owner": ""', '"owner": "ada"').replace('"owner":""', '"owner":"ada"')
    )
    assert Library().get(source).owner == "ada"
    for words in (["delete", source], ["share", source], ["edit", source, "--name", "Mine"]):
        code, out, said = call(*words)
        assert (code, out) == (1, "")
        assert "by someone else" in said


def test_limits_can_be_said(faces, call, monkeypatch):
    code, out, said = call("import", faces, "--size", "8", "--most-entries", "5")
    assert (code, out) == (1, "")
    assert "more than 5 files" in said
    monkeypatch.setenv("LATENTSCAPE_LIMITS", "entries=5")
    assert call("import", faces, "--size", "8")[0] == 1
    assert call("import", faces, "--size", "8", "--most-entries", "100")[0] == 0
    assert "allowed is a whole number" in call("import", faces, "--most-classes", "none")[2]
    monkeypatch.setenv("LATENTSCAPE_LIMITS", "entries")
    assert "LATENTSCAPE_LIMITS" in call("import", faces)[2]


def test_json_of_import_and_fetch(faces, call, monkeypatch):
    row = json.loads(call("import", faces, "--size", "8", "--json")[1])
    assert (row["count"], row["classes"]) == (20, ["a", "b"])
    monkeypatch.setattr("vae_core.data.download", lambda source, progress: None)
    assert json.loads(call("fetch", "mnist", "--json")[1])["data"] == "mnist"
