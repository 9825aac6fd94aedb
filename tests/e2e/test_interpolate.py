"""Interpolate in a browser: a path survives a change of page and a reload, and its address leads to it."""

import re

import pytest
from e2e.server import serve
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


def settled(page):
    expect(page.locator(".lp-figures tbody")).to_contain_text("Cross-fade", timeout=SOON)


def pressed(page, name):
    expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute(
        "aria-pressed", "true", timeout=SOON
    )


def test_a_path_survives_a_change_of_page_a_reload_and_travels_in_the_address(home, tmp_path, browser_page):
    page = browser_page
    with serve(home, tmp_path / "server.log") as server:
        page.goto(f"{server.address}/interpolate?run=digits")
        settled(page)
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("searchbox").fill("7,")
        page.get_by_role("button", name="Go through 7,").first.click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Spherical", exact=True).click()
        page.get_by_role("button", name="Back to 1", exact=True).click()
        page.wait_for_url(re.compile("through=.*way=spherical.*more=loop"))
        third = page.locator(".lp-anchor-open").nth(2)
        expect(third).to_have_attribute("title", re.compile("^7, example"))
        before = third.get_attribute("title")
        address = page.url

        page.get_by_role("link", name="Explore").click()
        expect(page.locator(".ls-bar")).to_be_visible(timeout=SOON)
        page.get_by_role("link", name="Interpolate").click()
        settled(page)
        for restore in (lambda: None, page.reload, lambda: page.goto(address)):
            restore()
            settled(page)
            pressed(page, "Spherical")
            pressed(page, "Back to 1")
            expect(page.locator(".lp-anchor-open")).to_have_count(3)
            expect(page.locator(".lp-anchor-open").nth(2)).to_have_attribute("title", before)


def test_a_shortest_way_is_worked_out_beside_the_page_where_the_dial_stands(home, tmp_path, browser_page):
    page = browser_page
    place = "run=fashion-mnist-every-beta&through=12~87&beta=4"
    with serve(home, tmp_path / "server.log") as server:
        page.goto(f"{server.address}/interpolate?{place}")
        settled(page)
        expect(page.get_by_role("slider", name="β, the weight of the rate")).to_have_attribute(
            "aria-valuenow", "4"
        )
        straight = page.locator(".lp-figures tbody tr td").nth(1).inner_text()
        page.get_by_role("button", name="Shortest", exact=True).click()
        expect(page.locator(".lp-note").first).to_have_text("on its way", timeout=SOON)
        expect(page.locator(".lp-note").first).to_have_text("", timeout=SOON)
        settled(page)
        expect(page.locator(".lp-figures tbody tr td").nth(1)).not_to_have_text(straight)
        page.wait_for_url(re.compile("beta=4.*way=geodesic"))
        page.reload()  # it was kept: no bar this time
        settled(page)
        pressed(page, "Shortest")
        expect(page.locator(".lp-note").first).to_have_text("", timeout=SOON)
