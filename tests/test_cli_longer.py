"""On the command line: training longer, files for TensorBoard, notes on how a training went."""

import pytest

from vae_core import commands as command_line
from vae_core.runs import RunStore

SMALL = ["--data", "digits", "--limit", "300", "--hidden", "16", "--epochs", "2"]


@pytest.fixture
def call(home, capsys):
    """Runs one command; gives exit code, the words of stdout, stderr."""

    def run(*words):
        code = command_line.main(list(words))
        out, said = capsys.readouterr()
        assert "Traceback" not in said
        return code, out, said

    return run


def test_a_run_is_trained_longer_with_its_curves_beside(call, tmp_path):
    code, out, _ = call("train", *SMALL, "--name", "first", "--tensorboard", str(tmp_path / "board"))
    first = RunStore().get(out.split()[-1])
    assert code == 0
    code, out, said = call("train", "--longer", first.id, "--epochs", "1")
    made = RunStore().get(out.split()[-1])
    assert (code, made.state) == (0, "finished")
    assert made.about["longer"]["run"] == first.id
    assert made.config.training.epochs == 1
    assert made.config.name == "first, longer"
    assert "The learning rate rises once more" in said
    (board,) = (tmp_path / "board").iterdir()
    assert board.name == first.id
    assert [path.name.startswith("events.out.tfevents.") for path in board.iterdir()] == [True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "needs --epochs"),
        (("--epochs", "many"), "needs --epochs"),
        (("--epochs", "0"), "above 0 to 10,000"),
        (("--epochs", "1", "--lr", "0.1"), "not training.lr"),
        (("--epochs", "1", "--name", "new"), "not name"),
    ],
)
def test_what_cannot_be_is_said_and_makes_no_run(call, words, said):
    _, out, _ = call("train", *SMALL)
    count = len(RunStore().list())
    code, found, errors = call("train", "--longer", out.split()[-1], *words)
    assert (code, found) == (2, "")
    assert said in errors
    assert len(RunStore().list()) == count


def test_an_unknown_run_cannot_be_trained_longer(call):
    code, _, said = call("train", "--longer", "nothing", "--epochs", "1")
    assert code == 2
    assert "There is no run" in said


def test_notes_on_a_training_are_said_at_its_end_and_when_asked(call):
    code, out, said = call("train", *SMALL, "--beta", "900", "--epochs", "12")
    run = out.split()[-1]
    assert code == 0
    assert "The code says nothing" in said
    code, out, _ = call("runs", "health", run)
    assert code == 0
    assert "The code says nothing" in out
    assert "smaller β" in out
    sound = call("train", *SMALL)[1].split()[-1]
    code, out, said = call("runs", "health", sound)
    assert (code, out) == (0, "")
    assert "Nothing is to be said" in said
