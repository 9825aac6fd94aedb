"""A run leaves as a zip and comes back as another run, by nothing but the page Runs."""

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
    """A home with one run of the command line, which on one's own machine is one's own."""
    store = RunStore(home)
    path = store.folder / "alpha"
    shutil.copytree(store.starters / "digits", path)
    config = store.get("alpha").config.override({"name": "Alpha"})
    (path / "config.json").write_text(config.to_json())
    write_json(path / "run.json", {"owner": "", "created": "2026-01-01T00:00:00+00:00"})
    with serve(home, tmp_path / "server.log") as server:
        yield server, store


def test_out_as_a_zip_and_in_again(own_server, browser_page, tmp_path):
    server, store = own_server
    page = browser_page
    page.goto(f"{server.address}/runs?run=alpha")
    page.get_by_role("button", name="Take along").click(timeout=SOON)
    page.get_by_label("As", exact=True).click(timeout=SOON)
    page.get_by_role("option", name="The whole run").click()
    expect(page.get_by_text("for another Latentscape to import")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Make the file").click()
    save = page.get_by_role("button", name="Save Alpha-run.zip")
    expect(save).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    with page.expect_download(timeout=SOON) as download:
        save.click(timeout=SOON)
    download.value.save_as(tmp_path / "Alpha-run.zip")

    page.get_by_text("Import a run").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "Alpha-run.zip", timeout=SOON)
    expect(page.get_by_text("“Alpha” is a run of yours now.")).to_be_visible(timeout=SOON)
    (made,) = [run for run in store.list() if not run.starter and run.id != "alpha"]
    assert (made.state, made.title) == ("finished", "Alpha")
    page.get_by_role("link", name="Explore it").click()
    expect(page.locator(".ls canvas").first).to_be_visible(timeout=SOON)
    assert made.id in page.url
