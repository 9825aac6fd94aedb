"""Home, Explore, Replay and the Beta lab open in a process that never imports torch, on the starters."""

import os
import subprocess
import sys

import pytest
from conftest import ENTRY

SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest

app = AppTest.from_file(sys.argv[1], default_timeout=120).run()
if sys.argv[2] != "home":
    app.switch_page(f"../pages/{sys.argv[2]}.py")
    app.query_params["run"] = sys.argv[3]
    app.run()
wrong = [found.value for found in (*app.error, *app.exception)]
print(wrong + [name for name in ("torch", "sklearn") if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("page", "run"),
    [
        ("home", ""),
        ("explore", "digits"),
        ("explore", "shapes-every-beta"),
        ("beta", "fashion-mnist-every-beta"),
        ("beta", "digits"),
        ("replay", "digits"),
        ("interpolate", "digits"),
    ],
)
def test_it_opens_without_torch(page, run, tmp_path):
    environment = {**os.environ, "LATENTSCAPE_HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ENTRY), page, run],
        cwd=ENTRY.parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    assert result.stdout.strip().splitlines()[-1] == "[]"
