"""The README's ten lines of Python do what they say."""

import re
from pathlib import Path

import numpy as np

README = Path(__file__).resolve().parent.parent / "README.md"


def lines() -> str:
    [code] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    return code


def test_the_lines_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(lines(), names)  # the point is to run exactly what stands there
    assert names["pictures"].shape == (9, 1, 8, 8)
    assert "Step(" in capsys.readouterr().out
    again = names["decode"](names["run"].model, names["path"])
    np.testing.assert_array_equal(again, names["pictures"])  # saved and loaded
    assert (tmp_path / "digits.html").read_text().startswith("<!")


def test_they_are_about_ten():
    assert len([line for line in lines().splitlines() if line.strip()]) <= 10
