"""Train in a real browser: from Start to exploring the result; two visitors; a reload; the file."""

import re

import pytest
from e2e.hands import drag, picture, pixels, stride, watch, watched
from playwright.sync_api import expect

from vae_core.jobs import WORKERS

pytestmark = pytest.mark.browser


def start_digits(page, address: str, epochs: str | None = None) -> None:
    page.goto(f"{address}/train")
    button = page.get_by_role("button", name="Start training")
    button.wait_for(timeout=60_000)
    if epochs:
        field = page.get_by_role("spinbutton", name="Epochs")
        field.fill(epochs)
        field.press("Enter")
        page.wait_for_timeout(1500)
    button.click()
    page.wait_for_url("**/train?run=*", timeout=60_000)


def take_along_html(page, path):
    """The run's HTML file, as it is offered first, saved there."""
    page.get_by_role("button", name="Take along").click()
    page.get_by_role("button", name="Make the file").click(timeout=60_000)
    save = page.get_by_role("button", name=re.compile(r"Save .*\.html"))
    save.wait_for(timeout=60_000)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        save.click()
    download.value.save_as(path)


def test_train_digits_to_the_end_explore_and_take_along(server, browser_page, chromium, tmp_path):
    page = browser_page
    start_digits(page, server.address)
    explore = page.get_by_role("button", name="Explore it")
    explore.wait_for(timeout=120_000)
    files = [tmp_path / "train.html", tmp_path / "explore.html"]
    take_along_html(page, files[0])
    explore.click()
    page.wait_for_url("**/explore?run=*")
    assert len(set(pixels(page))) > 2
    take_along_html(page, files[1])
    assert files[0].read_bytes() == files[1].read_bytes()

    context = chromium.new_context(offline=True)
    requests: list[str] = []
    alone = context.new_page()
    alone.on("request", lambda request: requests.append(request.url))
    alone.goto(files[0].as_uri())
    picture(alone)
    watch(alone)
    stride(alone, alone.locator("canvas[data-role=map]").first, (0.25, 0.3), (0.75, 0.7))
    different = watched(alone)
    alone.mouse.up()
    context.close()
    assert different >= 30
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_reload_finds_ones_run_and_others_do_not_see_it_as_theirs(server, chromium):
    first, second = chromium.new_context(), chromium.new_context()
    mine, theirs = first.new_page(), second.new_page()
    start_digits(mine, server.address, epochs="2000")
    mine.get_by_role("button", name="Pause").wait_for(timeout=60_000)
    address = mine.url
    start_digits(theirs, server.address, epochs="2000")
    theirs.get_by_role("button", name="Pause").wait_for(timeout=60_000)
    assert theirs.url != address

    mine.reload()
    mine.get_by_role("button", name="Pause").wait_for(timeout=60_000)
    assert mine.url == address

    other = second.new_page()
    other.goto(address)
    other.get_by_text("Started by someone else").wait_for(timeout=60_000)
    expect(other.get_by_role("button", name="Cancel")).to_have_count(0, timeout=30_000)

    start_digits(other, server.address, epochs="2000")  # two train at once where there are two cores
    if WORKERS == 2:
        other.get_by_text("place 1 of 1 in the queue").wait_for(timeout=60_000)
        expect(other).to_have_title(re.compile("^Place 1 · Waiting for its turn · "))

    for page in (other, mine, theirs):
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Resume").wait_for(timeout=60_000)
    first.close()
    second.close()


def test_ones_own_run_stays_after_a_reload_and_a_touch(server, browser_page):
    page = browser_page
    start_digits(page, server.address)
    page.get_by_role("button", name="Explore it").wait_for(timeout=120_000)
    run = page.url.partition("run=")[2]
    page.goto(f"{server.address}/explore?run={run}")
    picture(page)
    page.wait_for_timeout(1500)
    drag(page, page.locator("canvas[data-role=map]").first, (0.3, 0.3), (0.6, 0.6), seconds=0.3)
    page.mouse.up()
    page.wait_for_timeout(2500)
    assert len(set(pixels(page))) > 2
    assert page.url.endswith(f"run={run}")


def test_settings_survive_a_page_switch_and_bad_ones_are_refused_before_the_start(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/train")
    widths = page.get_by_role("combobox", name="Hidden layers")
    widths.wait_for(timeout=60_000)
    widths.fill("64, fifty")
    widths.press("Enter")
    page.get_by_role("alert").first.wait_for(timeout=30_000)
    expect(page.get_by_role("button", name="Start training")).to_be_disabled(timeout=30_000)
    widths.fill("64, 32")
    widths.press("Enter")
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="About").first.click()
    page.get_by_text("LATENTSCAPE_HOME").first.wait_for()
    page.get_by_role("link", name="Train").first.click()
    page.get_by_role("button", name="Start training").wait_for(timeout=30_000)
    expect(page.get_by_role("combobox", name="Hidden layers")).to_have_value("64, 32", timeout=30_000)
