"""Firefox, too: Debian's, driven by puppeteer-core, which `make test` installs where it can be had."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vae_core.explorer.extras import extras
from vae_core.explorer.page import html
from vae_core.explorer.page_parts import Inside
from vae_core.runs import RunStore

pytestmark = pytest.mark.browser

SMOKE = Path(__file__).parents[1] / "firefox" / "smoke.mjs"
MODULES = Path(sys.prefix) / "firefox"  # where the Makefile puts puppeteer-core


@pytest.mark.timeout(300)
def test_dragging_in_firefox_draws_pictures_in_the_app_and_from_a_file(server, tmp_path):
    firefox, node = shutil.which("firefox-esr") or shutil.which("firefox"), shutil.which("node")
    if not (firefox and node and (MODULES / "node_modules" / "puppeteer-core").is_dir()):
        pytest.skip("Firefox, Node.js or puppeteer-core is not installed")
    file = tmp_path / "digits.html"
    run = RunStore().get("digits")
    file.write_text(html(run.bundle(), inside=Inside(extras=extras(run), place={}, notes="Notes")), "utf-8")
    command = [node, SMOKE, MODULES, firefox, server.address, file]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert seen["errors"] == []
    assert seen["reached"] is False  # the file was opened with the network blocked
    for place in ("inApp", "alone"):
        assert seen[place]["map"] >= 10, seen
        assert seen[place]["slider"] >= 10, seen
    assert seen["presented"] == {"began": True, "reading": "Frame 24 of 24", "notes": "Notes", "left": True}
