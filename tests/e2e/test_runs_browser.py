"""Runs in a real browser: rename, filter, delete, undo and restore, start again with changes."""

import shutil

import pytest
from e2e.server import serve
from playwright.sync_api import expect

from vae_core.runs import RunStore
from vae_core.storage import write_json

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


@pytest.fixture
def own_server(home, tmp_path):
    """A home with two runs of the command line, which on one's own machine are one's own."""
    store = RunStore(home)
    for day, (name, beta) in enumerate((("Alpha", 2.0), ("Beta", 4.0)), 1):
        path = store.folder / name.lower()
        shutil.copytree(store.starters / "digits", path)
        config = store.get(name.lower()).config.override({"name": name, "objective.beta": beta})
        (path / "config.json").write_text(config.to_json())
        write_json(path / "run.json", {"owner": "", "created": f"2026-01-0{day}T00:00:00+00:00"})
    with serve(home, tmp_path / "server.log") as server:
        yield server, store, {"Alpha": "alpha", "Beta": "beta"}


def of_all(store, shown):
    """What the page says of how many runs it shows, starters being among all."""
    return f"{shown} of {len(store.list())} runs"


def panel(page, title):
    box = page.locator(".st-key-runs-chosen")
    expect(box).to_contain_text(title, timeout=SOON)
    return box


def test_rename_filter_delete_restore_and_fork(own_server, browser_page):
    server, store, ids = own_server
    page = browser_page
    page.goto(f"{server.address}/runs?run={ids['Alpha']}")
    panel(page, "Alpha").get_by_text("Name, tags, note").click()
    name = page.get_by_label("Name", exact=True)
    name.fill("Gamma")
    page.get_by_role("button", name="Save").click()
    panel(page, "Gamma")
    assert store.get(ids["Alpha"]).title == "Gamma"
    page.keyboard.press("Escape")

    page.get_by_placeholder("Search title, tag, note").fill("gam")
    page.keyboard.press("Enter")
    expect(page.get_by_text(of_all(store, 1))).to_be_visible(timeout=SOON)

    panel(page, "Gamma").get_by_text("Delete…").click()
    page.get_by_role("button", name="Move to the bin").click()
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for(timeout=SOON)
    assert [run.id for run in store.list() if not run.starter] == [ids["Beta"]]
    page.get_by_text("Bin · 1").click()
    page.get_by_role("button", name="Restore").click()
    expect(undo).to_have_count(0, timeout=SOON)
    expect(page.get_by_text(of_all(store, 1))).to_be_visible(timeout=SOON)
    assert {run.id for run in store.list() if not run.starter} == set(ids.values())

    page.goto(f"{server.address}/runs?run={ids['Beta']}")
    panel(page, "Beta").get_by_role("button", name="Start again with changes").click()
    page.get_by_role("button", name="Start training").wait_for(timeout=SOON)
    expect(page.get_by_text("1 changed")).to_have_count(1, timeout=SOON)


def test_a_row_is_chosen_by_hand_and_a_reload_finds_it(own_server, browser_page):
    server, store, ids = own_server
    page = browser_page
    page.goto(f"{server.address}/runs")
    grid = page.locator("[data-testid=stDataFrame] .dvn-scroller").first  # lies over the canvas
    grid.wait_for(timeout=SOON)
    expect(page.get_by_text(of_all(store, 2))).to_be_visible(timeout=SOON)
    grid.click(position={"x": 16, "y": 36 + 28})
    page.wait_for_url("**/runs?run=*", timeout=SOON)
    panel(page, "Beta")  # the newest first
    grid.click(position={"x": 16, "y": 36 + 56 + 28})
    pair = page.locator(".st-key-runs-pair")
    expect(pair).to_contain_text("Beta β: 4 → 2", timeout=SOON)
    expect(pair.get_by_role("link", name="Compare them on Explore")).to_have_count(1)
    page.wait_for_url(f"**/runs?*with={ids['Alpha']}*", timeout=SOON)
    page.reload()
    expect(pair).to_contain_text("Beta β: 4 → 2", timeout=SOON)
