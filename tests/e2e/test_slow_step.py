"""A step in slow motion in a real browser: opened, walked through by keys, another picture followed."""

import pytest
from playwright.sync_api import expect

from vae_core.slow_lines import STAGES

pytestmark = pytest.mark.browser


def test_a_step_is_walked_through_stage_by_stage(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/train?run=digits")
    page.get_by_role("button", name="A step in slow motion").click(timeout=60_000)
    view = page.locator(".slow")
    expect(view.get_by_role("heading")).to_have_text("1 of 11 · A batch of pictures", timeout=120_000)
    view.focus()
    for k in range(len(STAGES)):
        expect(view.get_by_role("heading")).to_contain_text(f"{k + 1} of {len(STAGES)}", timeout=30_000)
        expect(view.locator(".where").first).to_contain_text("vae_core/", timeout=30_000)
        expect(view.locator(".formula")).not_to_be_empty(timeout=30_000)
        assert view.locator(".picture").bounding_box()["height"] > 50
        page.keyboard.press("ArrowRight")
    expect(view.get_by_role("button", name="Step forward")).to_be_disabled(timeout=30_000)
    view.get_by_role("button", name="Step back").click()
    expect(view.get_by_role("heading")).to_contain_text("Gradients", timeout=30_000)

    page.keyboard.press("Home")
    view.locator(".stages button", has_text="Distortion").click()
    first = view.locator(".numbers li").first
    before = first.text_content()
    view.get_by_role("button", name="Follow picture 2").click()
    expect(first).not_to_have_text(before, timeout=30_000)

    page.get_by_text("Its first step", exact=True).click()
    expect(page.get_by_text("This run has ended.")).to_have_count(0, timeout=120_000)
    view.locator(".stages button").first.click(timeout=120_000)
    expect(view.locator(".numbers li").first).to_contain_text("Step 1 of", timeout=30_000)
    expect(view.get_by_role("button", name="Follow picture 2")).to_have_attribute("aria-pressed", "true")
