"""Attributes in a browser: what is added and kept survives page switch and reload; a group is drawn."""

import re

import pytest
from e2e.server import serve
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


def test_a_direction_is_added_kept_and_found_again(home, tmp_path, browser_page):
    page = browser_page
    with serve(home, tmp_path / "server.log") as server:
        page.goto(
            f"{server.address}/interpolate?run=digits&mode=attributes&having=class%3D7&without=class%3D1"
        )
        slider = page.get_by_role("slider", name="How much of 7 − 1 is added")
        expect(slider).to_be_visible(timeout=SOON)
        slider.fill("1")
        page.wait_for_url(re.compile("amounts=1"))
        page.get_by_role("button", name="Keep").click()
        page.get_by_role("textbox", name="Name").fill("top bar")
        page.get_by_role("button", name="Keep", exact=True).last.click()
        expect(page.get_by_role("button", name="Kept (1)")).to_be_visible(timeout=SOON)

        page.reload()
        expect(slider).to_have_attribute("aria-valuetext", "+1.00", timeout=SOON)
        page.get_by_role("link", name="Explore").click()
        expect(page.get_by_role("slider", name="top bar")).to_be_visible(timeout=SOON)
        page.get_by_role("link", name="Interpolate").click()
        expect(slider).to_have_attribute("aria-valuetext", "+1.00", timeout=SOON)

        page.get_by_role("button", name="Draw those having it").click()
        box = page.locator("[data-role=map]").bounding_box()
        places = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.5), (0.2, 0.5)]
        for k, (x, y) in enumerate(places):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
            if k == 0:
                page.mouse.down()
        page.mouse.up()
        expect(page.get_by_role("slider", name=re.compile("drawn examples − 1 is added"))).to_be_visible(
            timeout=SOON
        )
