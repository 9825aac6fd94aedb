"""Steering in a real browser: a slider under the hand while the page looks again and again; what follows."""

import re

import pytest
from e2e.test_train import start_digits
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SLOW = 90_000  # ms; a machine may have more to do


def beta(page):
    return page.get_by_role("slider", name="β")


def hold(page, slider, to: float) -> str:
    """Drags the slider to this share of its length and holds it there; returns where it stands then."""
    track = slider.locator("xpath=ancestor::*[@role='group'][1]").bounding_box()
    middle = track["y"] + track["height"] / 2
    page.mouse.move(
        slider.bounding_box()["x"], middle
    )  # a hidden input that begins in the middle of the thumb
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * to, middle, steps=8)
    return slider.get_attribute("aria-valuetext")


def test_beta_is_steered_live_and_stays_through_pause_reload_and_resume(server, browser_page):
    page = browser_page
    start_digits(page, server.address, epochs="3000")
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_enabled(timeout=SLOW)
    expect(page).to_have_title(re.compile(r"^\d+ % · Training · "), timeout=SLOW)
    wheel = page.locator(".st-key-wheel")
    expect(wheel).to_contain_text("β 0.1 from the start")

    held = hold(page, beta(page), 0.85)
    assert 1 < float(held) < 100
    looked = page.get_by_text(re.compile(r"epoch [\d.,]+ of 3,000")).first
    for _ in range(2):  # the page looks again, twice, under the hand
        before = looked.inner_text()
        expect(looked).not_to_have_text(before, timeout=SLOW)
    assert beta(page).get_attribute("aria-valuetext") == held
    expect(wheel).to_contain_text("β 0.1 from the start")  # nothing happens before it is let go
    page.mouse.up()
    expect(wheel).to_contain_text(re.compile(rf"β {re.escape(held)} since epoch \d"), timeout=SLOW)
    mark = page.locator(f".training canvas[aria-label*='steered: β {held}']")
    expect(mark).to_have_count(2)

    page.get_by_role("button", name="Snapshot now").click()
    pause.click()
    expect(page).to_have_title(re.compile(r"^\d+ % · Paused · "), timeout=SLOW)
    page.reload()
    page.get_by_role("button", name="Go on").wait_for(timeout=SLOW)
    expect(beta(page)).to_have_attribute("aria-valuetext", held)
    beta(page).press("ArrowLeft")  # asked for while it holds
    expect(wheel).to_contain_text("asked for", timeout=SLOW)
    page.get_by_role("button", name="Go on").click()
    lower = beta(page).get_attribute("aria-valuetext")
    assert float(lower) < float(held)
    expect(wheel).to_contain_text(re.compile(rf"β {re.escape(lower)} since epoch \d"), timeout=SLOW)

    page.get_by_role("button", name="Cancel").click()
    resume = page.get_by_role("button", name="Resume")
    resume.wait_for(timeout=SLOW)
    expect(beta(page)).to_have_count(0)
    resume.click()
    expect(pause).to_be_enabled(timeout=SLOW)
    expect(wheel).to_contain_text(f"β {lower} since epoch", timeout=SLOW)
    expect(beta(page)).to_have_attribute("aria-valuetext", lower)
    page.get_by_role("button", name="Cancel").click()
    resume.wait_for(timeout=SLOW)
