"""Fixtures shared by all tests: a home of its own for each, the real data sets, a browser, Node."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Soaks run only when asked for by `-m soak`; browser tests come last.

    Playwright leaves an event loop running in this thread, which Dask would take for its own.
    """
    items.sort(key=lambda item: "browser" in item.keywords)
    if "soak" in (config.getoption("-m") or ""):
        return
    skip = pytest.mark.skip(reason="long; `make soak` runs it")
    for item in items:
        if "soak" in item.keywords:
            item.add_marker(skip)


def needed(tool: str) -> str:
    """Path of a program; skips the test where it is missing, fails it under CI=true."""
    path = shutil.which(tool)
    if path is None:
        sentence = f"{tool} is not installed, so this test cannot run (make test installs it where it may)."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run store of its own for every test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LATENTSCAPE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets; skips where LATENTSCAPE_DATA does not name one."""
    folder = os.environ.get("LATENTSCAPE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("LATENTSCAPE_DATA does not name a folder of real data sets.")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def node() -> str:
    return needed("node")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless Chromium for the session."""
    path = needed("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Any) -> Iterator[Any]:
    """A fresh page at 1280x900; any uncaught error on it fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors
