"""Seconds from `make run`, packages installed, to a first page that answers: median of five fresh servers.

    python benchmarks/start.py

Home counts as interactive once its live map has drawn a decoded picture; the browser is open beforehand.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import CHROMIUM_FLAGS  # noqa: E402
from e2e.hands import picture  # noqa: E402
from e2e.server import free_port, wait_for  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402


def start(browser: Any) -> tuple[float, float]:
    """Seconds until the port answers, and until Home is interactive."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        variables = {**os.environ, "LATENTSCAPE_HOME": home, "STREAMLIT_SERVER_HEADLESS": "true"}
        command = ["make", "run", f"PORT={port}"]
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", process)
            answered = time.perf_counter() - began
            page = browser.new_page()
            page.goto(f"http://localhost:{port}")
            picture(page)
            interactive = time.perf_counter() - began
            page.close()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    return answered, interactive


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        start(browser)  # installs what is not yet
        results = [start(browser) for _ in range(5)]
    for name, times in zip(("port answers, s", "Home is interactive, s"), zip(*results)):
        print(f"{name:24} median {statistics.median(times):.1f}, worst {max(times):.1f}")


if __name__ == "__main__":
    main()
