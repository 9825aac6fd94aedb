"""`latentscape direction`: figures as JSON and in words, and what is said of groups that are none."""

import json
import subprocess
import sys

import numpy as np
import pytest

from vae_core import commands
from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.settings import STARTERS

SHOES = ["direction", "fashion-mnist", "--having", "class=Sneaker", "--without", "class=Sandal"]


def test_json_is_the_difference_of_the_groups_means(capsys):
    assert commands.main([*SHOES, "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    meta, tensors = bundle.read(Run(STARTERS / "fashion-mnist").bundle())
    mu, labels = tensors["points.mu"].astype(np.float64), tensors["points.label"]
    means = [mu[labels == meta["labels"].index(name)].mean(0) for name in ("Sneaker", "Sandal")]
    live = np.array(meta["kl"]) >= 0.01
    assert row["z"] == pytest.approx(((means[0] - means[1]) * live).tolist(), abs=1e-3)
    assert row["sizes"] == {"having": int((labels == 7).sum()), "without": int((labels == 5).sum())}
    assert 0.5 < row["accuracy"] <= 1
    assert row["run"] == "fashion-mnist"


def test_words_say_the_same_and_an_orthogonal_one_is_orthogonal(capsys):
    assert commands.main(SHOES) == 0
    lines = capsys.readouterr().out
    assert "from Sandal (199) to Sneaker (187)" in lines
    assert "Cohen's d" in lines
    assert commands.main([*SHOES, "--apart-from", "class=Bag", "--json"]) == 0
    first = np.array(json.loads(capsys.readouterr().out)["z"])
    assert commands.main(["direction", "fashion-mnist", "--having", "class=Bag", "--json"]) == 0
    assert first @ json.loads(capsys.readouterr().out)["z"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--having", "class=Hat"], "no class 'Hat'"),
        (["--having", "rows=1-3"], "at least 5 examples"),
        (["--having", "rest"], "All others than which"),
        ([], "required"),
    ],
)
def test_what_cannot_be_is_a_sentence(capsys, words, said):
    assert commands.main(["direction", "fashion-mnist", *words]) != 0
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err


def test_it_needs_no_torch():
    script = (
        "import sys\n"
        "from vae_core import commands\n"
        "code = commands.main(['direction', 'digits', '--having', 'class=0', '--json'])\n"
        "sys.exit(code or 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["z"]) == 2
