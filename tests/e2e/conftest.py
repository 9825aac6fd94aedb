"""One server for the browser tests of a session, with a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.server import Server, serve


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "home"


@pytest.fixture(scope="session")
def server(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(shared_home, tmp_path_factory.mktemp("log") / "server.log") as running:
        yield running
