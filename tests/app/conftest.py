"""A store, starters, a training service that trains nothing, and the app as Streamlit's tester runs it."""

from pathlib import Path

import pytest
import streamlit as st
from pages_world import StillService
from streamlit.testing.v1 import AppTest

from app import services
from vae_core import settings
from vae_core.runs import RunStore

ENTRY = Path(__file__).resolve().parents[2] / "app" / "streamlit_app.py"


@pytest.fixture
def store(home, tmp_path, monkeypatch) -> RunStore:
    monkeypatch.setattr(settings, "STARTERS", tmp_path / "starters")
    return RunStore()


@pytest.fixture
def service(store, monkeypatch) -> StillService:
    still = StillService(store)
    monkeypatch.setattr(services, "trainer", lambda: still)
    return still


@pytest.fixture
def visit(store, service):
    """Opens a page: `visit("explore", run="...")`. More session state goes into `session`."""
    st.cache_resource.clear()

    def go(page: str = "home", session: dict | None = None, **query: str) -> AppTest:
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        for name, value in (session or {}).items():
            app.session_state[name] = value
        app.run()
        if page != "home":
            app.switch_page(f"../pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return go


def seen(app: AppTest) -> str:
    """All words on the page that are text, Markdown or HTML."""
    parts = [*app.markdown, *app.caption, *app.error, *app.info, *app.html, *app.subheader, *app.progress]
    return "\n".join(str(getattr(part, "value", "")) for part in parts).replace("\\", "")
