"""A ladder of models in a real browser: started on the Beta lab page, watched, opened under the dial."""

import re

import pytest
from e2e.hands import picture, pixels
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LONG = 180_000  # ms; two trainings of digits, worker processes started first


def test_a_ladder_from_its_form_to_the_dial(server, browser_page, chromium):
    page = browser_page
    page.goto(f"{server.address}/beta?run=digits")
    page.get_by_role("button", name="Ladder of models").click()
    betas = page.get_by_role("textbox", name="Values of β")
    betas.fill("1, 0.1")
    betas.press("Enter")
    expect(page.get_by_text("not in order")).to_be_visible()
    betas.fill("0.1, 1")
    betas.press("Enter")
    expect(page.get_by_text("not in order")).to_have_count(0)
    page.get_by_role("button", name="Train the ladder").click()
    expect(page.locator("p.chips")).to_contain_text("β 1", timeout=LONG)
    expect(page).to_have_url(re.compile("ladder=ladder-digits-"))
    words = page.locator(".ls-dial-words").first
    expect(words).to_have_text(
        "Separate models: pictures are those of the one trained at β 0.1.", timeout=LONG
    )
    expect(page.get_by_text("Separate models, each trained at its own β")).to_be_visible()
    picture(page)
    drawn = pixels(page)
    page.locator(".ls-dial-slider").first.press("End")
    expect(words).to_have_text("Separate models: pictures are those of the one trained at β 1.")
    page.wait_for_timeout(500)
    assert pixels(page) != drawn
    other = chromium.new_context().new_page()  # a link is enough for anybody
    other.goto(page.url)
    expect(other.locator(".ls-dial-words").first).to_contain_text("Separate models:", timeout=60_000)
    other.context.close()
