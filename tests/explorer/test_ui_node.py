"""The pure parts of the explorer's screen, tested by Node's own runner."""

import os
import subprocess
from pathlib import Path

import pytest

from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node


def test_pure_modules(node: str):
    tests = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [node, "--test", *map(str, tests)],
        env={**os.environ, "WEB": str(WEB)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
