"""From Home to a saved HTML file of a path between two examples, as a newcomer goes; it opens offline."""

import re
import time

import pytest
from e2e.server import serve
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


@pytest.mark.timeout(300)
def test_a_newcomer_leaves_with_a_path_in_one_file(home, tmp_path, browser_page, chromium):
    page, begun = browser_page, time.monotonic()
    with serve(home, tmp_path / "server.log") as server:
        page.goto(server.address)
        page.get_by_role("link", name="Go from picture to picture").click(timeout=SOON)
        expect(page.locator(".lp-figures tbody")).to_contain_text("Cross-fade", timeout=SOON)
        expect(page.locator(".lp-anchor-open")).to_have_count(2)
        page.get_by_role("button", name="Spherical", exact=True).click()
        page.wait_for_url(re.compile("way=spherical"))
        page.get_by_role("button", name="Take along").click()
        page.get_by_label("Title").fill("Two of them", timeout=SOON)
        page.get_by_label("Notes").fill("First.\n\nSecond.")
        expect(page.get_by_text(re.compile(r"About [\d.]+ MB"))).to_be_visible(timeout=SOON)
        page.get_by_role("button", name="Make the file").click()
        save = page.get_by_role("button", name=re.compile(r"Save .*\.html"))
        expect(save).to_be_visible(timeout=SOON)
        expect(page.get_by_label("Notes")).to_have_count(0)  # nothing lies over the file
        with page.expect_download(timeout=SOON) as download:
            save.click()
        file = tmp_path / "two.html"
        download.value.save_as(file)
    print(f"from Home to the saved file: {time.monotonic() - begun:.0f} s, the server's start included")
    assert download.value.suggested_filename == "Two of them.html"
    assert file.stat().st_size < 3_200_000

    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    alone = context.new_page()
    wrong: list[str] = []
    alone.on("pageerror", lambda error: wrong.append(str(error)))
    alone.on("console", lambda message: wrong.append(message.text))
    alone.goto(file.as_uri())
    expect(alone.locator(".lp-figures tbody")).to_contain_text("Cross-fade", timeout=SOON)
    spherical = alone.get_by_role("button", name="Spherical", exact=True)
    expect(spherical).to_have_attribute("aria-pressed", "true")
    expect(alone.locator("h1")).to_have_text("Two of them")
    expect(alone.locator("[data-role=picture]").nth(1)).to_have_attribute("aria-label", re.compile("z"))
    expect(alone.locator(".still")).to_have_count(0)

    reading = alone.locator(".lp-reading")
    alone.locator("body").press("f")
    talk = alone.get_by_role("region", name="Presenter’s view")
    expect(talk).to_contain_text("Two of them")
    expect(talk.locator("p").first).to_have_text("First.")
    expect(reading).to_contain_text("Frame 1 of 24")
    alone.keyboard.press("ArrowRight")
    expect(reading).to_contain_text("Frame 24 of 24")
    alone.keyboard.press("PageUp")
    expect(reading).to_contain_text("Frame 1 of 24")
    alone.get_by_role("button", name=re.compile("^Anchor 2")).last.click()
    expect(reading).to_contain_text("Frame 24 of 24")
    assert alone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    alone.keyboard.press("Escape")
    expect(talk).to_be_hidden()
    assert wrong == []
    context.close()

    context = chromium.new_context(java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    picture = still.get_by_role("img", name=re.compile("12 decoded pictures"))
    expect(picture).to_be_visible()
    assert picture.bounding_box()["width"] > 600
    context.close()
