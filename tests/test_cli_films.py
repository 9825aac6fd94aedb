"""Films of a path on the command line: what it understands, and what it says."""

import argparse

import pandas
import pytest
from PIL import Image
from taken import trained

from vae_core import __main__ as command_line
from vae_core import cli_films
from vae_core.runs import RunStore
from vae_core.taking.kind import Choices


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


def test_a_film_is_made_as_asked_for(call, tmp_path):
    words = ("--through", "3~11", "--way", "spherical", "--count", "5", "--repeat", "once", "--pixels", "40")
    assert call("--gif", *words, "--speed", "2", "--ease", "pauses", "-o", "plain.gif")[0] == 0
    assert call("--gif", *words, "--labels", "--dark", "-o", "words.gif")[0] == 0
    plain, labelled = Image.open("plain.gif"), Image.open("words.gif")
    assert plain.size == (40, 40)
    assert labelled.height > plain.height + 50
    assert labelled.convert("RGB").getpixel((0, 0)) == (20, 23, 28)
    assert plain.n_frames == 5
    assert "loop" not in plain.info


def test_a_strip_and_codes_are_made_as_asked_for(call):
    assert call("--strip", "--nearest", "--through", "3~11~20", "--count", "5", "-o", "strip.png")[0] == 0
    assert call("--strip", "--through", "3~11~20", "--count", "5", "-o", "plain.png")[0] == 0
    assert Image.open("strip.png").height > Image.open("plain.png").height
    assert call("--codes", "--through", "3~z0,0,1", "--more", "loop", "--count", "7", "-o", "it.csv")[0] == 0
    assert len(pandas.read_csv("it.csv")) == 7


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--csv", "--labels"], 2, "--labels goes with --gif or --webp or --apng or --mp4."),
        (["--strip", "--speed", "2"], 2, "--speed goes with"),
        (["--gif", "--nearest"], 2, "--nearest goes with --strip."),
        (["--csv", "--through", "1~2"], 2, "--through goes with"),
        (["--gif", "--way", "data"], 2, "--way goes with --through."),
        (["--gif", "--speed", "3"], 2, "invalid choice"),
        (["--gif", "--through", "1"], 1, "2 to 8 anchors"),
        (["--gif", "--through", "1~9999"], 1, "examples 0 to 39"),
        (["--gif", "--through", "1~z1,2"], 1, "has 3 numbers"),
        (["--webp", "--count", "500"], 1, "from 2 to 131"),
        (["--apng", "--pixels", "3"], 1, "from 16 to 2000"),
        (["--strip", "--count", "1"], 1, "2 to 120"),
        (["--codes", "--count", "1000000000"], 1, "2 to 10,000"),
        (["--codes", "--count", "1"], 1, "2 to 10,000"),
    ],
)
def test_what_does_not_go_together_is_said(call, words, code, sentence, tmp_path):
    found, out, said = call(*words)
    assert sentence in said
    assert (found, out) == (code, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "choices",
    [
        Choices(),
        Choices(labels=True, count=9, repeat="loop", speed=0.5, ease="even", pixels=100, dark=True),
        Choices(nearest=True),
    ],
)
def test_what_is_said_to_another_process_is_understood(choices):
    parser = argparse.ArgumentParser()
    cli_films.add_grammar(parser)
    assert Choices(**cli_films.given(parser.parse_args(cli_films.spoken(choices)))) == choices
