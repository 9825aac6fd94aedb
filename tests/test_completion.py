"""Completion, asked of the shells themselves; what can be said is read off `--help`, as a person would."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from synthetic import finished_run

from vae_core import cli, commands
from vae_core.completion_scripts import script
from vae_core.config import RunConfig
from vae_core.runs import RunStore

CASES = {  # what is on the line, and what is offered for its last word
    "tr": ["train"],
    "runs ta": ["tag"],
    "train --data fa": ["fashion-mnist"],
    "train --likelihood gaussian_": ["gaussian_shared", "gaussian_pixel"],
    "train --tied ": ["true", "false"],
    "train --data digits --net ": ["mlp", "conv"],
    "train --name runs --mod": ["--model"],
    "map --kind t": ["tsne"],
    "completion ": ["bash", "zsh", "fish"],
    "nonsense --da": [],
    "data import --colo": ["--colour"],
}


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A `latentscape` on the path, and a home with two runs and a file with a space in its name."""
    found = tmp_path / "bin" / "latentscape"
    found.parent.mkdir()
    found.write_text(f'#!/bin/sh\nexec {sys.executable} -m vae_core "$@"\n')
    found.chmod(0o755)
    monkeypatch.setenv("PATH", f"{found.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    (tmp_path / "my run.json").write_text("{}")
    return tmp_path


def shell(words, text, folder):
    done = subprocess.run([*words, text], capture_output=True, text=True, cwd=folder)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def bash(lines, folder):
    """What bash offers for each line."""
    calls = "".join(
        f"COMP_WORDS=({line.rsplit(' ', 1)[0]} '{line.rsplit(' ', 1)[1]}'); "
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _latentscape; "
        "printf '%s\\n' \"${COMPREPLY[@]}\"; echo ---\n"
        for line in (f"latentscape {line}" for line in lines)
    )
    text = script(cli.parser(), "bash") + "complete -p latentscape >/dev/null\n" + calls
    answers = shell(["bash", "--norc", "-c"], text, folder).split("---\n")[:-1]
    return [[word for word in answer.split("\n") if word] for answer in answers]


def test_bash(program):
    answers = bash(CASES, program)
    assert dict(zip(CASES, answers)) == CASES


def test_bash_offers_all_that_help_shows(program, capsys):
    """Every command, and every option of it; the starters are runs too."""
    path = [[], ["train"], ["sweep"], ["runs"], ["runs", "tag"], ["data", "import"], ["resume"]]
    answers = bash([" ".join([*words, "-"]) for words in path], program)
    for words, answer in zip(path, answers):
        with pytest.raises(SystemExit):
            commands.main([*words, "--help"])
        text = capsys.readouterr().out
        assert set(answer) == set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.M)) | (
            {"-h"} | set(re.findall(r"^  (-\w)[ ,]", text, re.M))
        )
    (first,) = bash([""], program)
    with pytest.raises(SystemExit):
        commands.main(["--help"])
    assert set(first) == set(re.findall(r"^    ([a-z]+)\s", capsys.readouterr().out, re.M))


def test_bash_offers_runs_and_files(program):
    run = finished_run(RunStore(), RunConfig())
    runs, files, import_files = bash(
        [f"evaluate {run.id[:6]}", "train --config my", "data import my"], program
    )
    assert run.id in runs
    assert files == import_files == ["my run.json"]


def test_fish(program):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed.")
    asked = "; ".join(f"complete -C 'latentscape {line}'; echo ---" for line in CASES)
    text = script(cli.parser(), "fish") + asked
    answers = shell(["fish", "--no-config", "-c"], text, program).split("---\n")[:-1]
    found = [[line.partition("\t")[0] for line in answer.splitlines()] for answer in answers]
    assert {line: sorted(words) for line, words in zip(CASES, found)} == {
        line: sorted(words) for line, words in CASES.items()
    }


def test_zsh(program):
    """Its own completion asks for a terminal, so what it calls is replaced by what prints."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed.")
    text = (
        "compdef() { : }; compadd() { shift; print -l -- ${(M)@:#${words[CURRENT]}*} }\n"
        "_describe() { for each in $offers; do\n"
        "[[ $each == ${words[CURRENT]}* ]] && print -r -- ${each%%:*}; done; : }\n"
        "_files() { : }\n" + script(cli.parser(), "zsh")
    )
    for line in CASES:
        before, _, last = f"latentscape {line}".rpartition(" ")
        text += f"words=({before} '{last}'); CURRENT=${{#words}}; _latentscape; print -- ---\n"
    answers = shell(["zsh", "-f", "-c"], text, program).split("---\n")[:-1]
    assert [[word for word in answer.split("\n") if word] for answer in answers] == list(CASES.values())
