"""Home in a real browser: a map that answers the pointer, and ways on."""

import pytest
from e2e.hands import FRAME, picture, watch, watched

pytestmark = pytest.mark.browser


def test_the_miniature_follows_the_pointer_and_leads_on(server, browser_page):
    page = browser_page
    page.goto(server.address)
    picture(page)
    page.wait_for_timeout(1000)
    box = page.locator("canvas[data-role=map]").first.bounding_box()
    watch(page)
    for share in range(40):
        page.mouse.move(box["x"] + box["width"] * (0.2 + share / 66), box["y"] + box["height"] * 0.5)
        page.evaluate(FRAME)
    assert watched(page) >= 30
    page.get_by_role("button", name="Explore this map").click()
    page.wait_for_url("**/explore?run=*", timeout=30_000)
    picture(page)


def test_home_leads_to_training(server, browser_page):
    browser_page.goto(server.address)
    browser_page.get_by_role("button", name="Train your own").click()
    browser_page.get_by_role("button", name="Start training").wait_for(timeout=60_000)
