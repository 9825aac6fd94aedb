"""A tag made on Explore is there after a reload, and nobody else's."""

import pytest
from e2e.hands import picture
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_tag_is_kept_for_its_owner(server, browser_page, chromium):
    page = browser_page
    address = f"{server.address}/explore?run=digits"
    page.goto(address)
    picture(page)
    page.wait_for_timeout(1500)
    page.locator(".ls-search").fill("7")
    page.keyboard.press("Enter")
    page.get_by_text("Save as tag").click()
    page.locator(".ls-naming input").fill("sevens")
    page.keyboard.press("Enter")
    chip = page.locator(".ls-tag")
    chip.wait_for()
    page.wait_for_timeout(2000)
    expect(chip).to_have_text(["sevens"], timeout=30_000)

    page.reload()
    picture(page)
    chip.wait_for(timeout=10_000)
    chip.click()
    assert page.locator(".ls-members h3").inner_text().startswith("sevens")
    page.get_by_text("Rename").click()
    page.locator(".ls-naming input").fill("7s")
    page.keyboard.press("Enter")
    page.wait_for_timeout(2000)
    page.reload()
    picture(page)
    chip.wait_for(timeout=10_000)
    expect(chip).to_have_text(["7s"], timeout=30_000)

    stranger = chromium.new_context().new_page()
    stranger.goto(address)
    picture(stranger)
    stranger.wait_for_timeout(2000)
    expect(stranger.locator(".ls-tag")).to_have_count(0, timeout=30_000)
    stranger.context.close()
