"""The four-corner palette in a browser: its mode and place survive a change of page, a reload, and travel."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


def shown(page):
    expect(page.locator(".lc-near bdi")).to_contain_text("example", timeout=SOON)


def says(page, **words):
    """The address comes to hold these words, in whatever order."""
    page.wait_for_function(
        "words => { const asked = new URLSearchParams(location.search);"
        " return Object.entries(words).every(([name, text]) => asked.get(name) === text); }",
        arg=words,
        timeout=SOON,
    )


def test_a_palette_survives_a_change_of_page_a_reload_and_travels_in_the_address(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/interpolate?run=digits&through=3~7&way=spherical")
    expect(page.locator(".lp-films")).to_be_visible(timeout=SOON)
    page.get_by_text("Four corners", exact=True).click()
    shown(page)
    says(page, mode="corners")
    page.get_by_role("button", name="Corner 3, bottom left").click()
    page.get_by_role("searchbox").fill("7,")
    page.get_by_role("button", name="Put there 7,").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Spherical", exact=True).click()
    page.locator(".lc-hands").focus()
    for key in ("Enter", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    says(page, blend="spherical", puck="0.6,0.5", route="0.5,0.5~0.6,0.5")
    says(page, mode="corners", through="3~7")  # the path is left as it was
    third = page.locator("[data-corner='2']")
    expect(third).to_have_attribute("aria-label", re.compile("bottom left: 7, example"))
    before = third.get_attribute("aria-label")

    page.get_by_role("link", name="Explore").click()
    expect(page.locator(".ls-bar")).to_be_visible(timeout=SOON)
    page.get_by_role("link", name="Interpolate").click()
    shown(page)
    for restore in (lambda: None, page.reload):
        restore()
        shown(page)
        expect(third).to_have_attribute("aria-label", before)
        expect(page.get_by_role("button", name="Spherical")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        says(page, mode="corners", puck="0.6,0.5")

    page.get_by_text("Path", exact=True).click()
    expect(page.locator(".lp-anchor-open")).to_have_count(2, timeout=SOON)
    expect(page.locator(".lp-anchor-open").first).to_have_attribute("title", re.compile("example"))
    says(page, mode=None, puck="0.6,0.5")  # and so is the palette
