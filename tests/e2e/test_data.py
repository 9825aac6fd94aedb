"""Data in a real browser: from a zip to pictures that are kept, chosen for training, and deleted again."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def archive(tmp_path):
    """Forty pictures in two folders, and things that are none."""
    path = tmp_path / "my shapes.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(40):
            pixels = np.full((30, 40, 3), 20, np.uint8)
            left = number % 20
            pixels[8:22, left : left + 14 + number // 20] = (240, 160, 40) if number % 2 else (60, 160, 230)
            stream = io.BytesIO()
            Image.fromarray(pixels).save(stream, "PNG")
            packed.writestr(f"{'orange' if number % 2 else 'blue'}/{number}.png", stream.getvalue())
        packed.writestr("../../evil.png", b"x")
        packed.writestr("<img src=x onerror=alert(1)>.png", b"x")
    return path


def test_from_a_zip_to_a_kept_set(server, browser_page, archive):
    page = browser_page
    page.goto(server.address)
    page.get_by_role("button", name="Use your own pictures").click()
    page.wait_for_url("**/data", timeout=30_000)
    page.locator("input[type=file]").set_input_files(archive)
    keep = page.get_by_role("button", name="Keep these pictures")
    keep.wait_for(timeout=60_000)
    page.get_by_text("40 pictures").wait_for()
    expect(page.locator(".st-key-intake .strip img")).to_have_count(20, timeout=30_000)
    coloured = strip(page)
    page.get_by_text("2 left out").click()
    page.get_by_text("leads out of the archive").wait_for()
    page.get_by_text("<img src=x onerror=alert(1)>.png").wait_for()  # as text

    page.get_by_text("Grey", exact=True).click()
    page.wait_for_function(
        "(before) => document.querySelector('.st-key-intake .strip img')?.src !== before", arg=coloured
    )
    page.get_by_role("link", name="About").first.click()
    page.get_by_text("LATENTSCAPE_HOME").first.wait_for(timeout=30_000)
    page.get_by_role("link", name="Data").first.click()
    keep.wait_for(timeout=60_000)  # the upload is still there, as it was prepared
    assert strip(page) != coloured

    keep.click()
    page.get_by_text("is kept:").wait_for(timeout=30_000)
    page.locator(".st-key-just-kept").get_by_role("button", name="Train on it").click()
    start = page.get_by_role("button", name="Start training")
    start.wait_for(timeout=60_000)
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("my shapes · 40", timeout=30_000)
    expect(start).to_be_enabled(timeout=30_000)

    page.get_by_role("link", name="Data").first.click()
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_role("button", name="Change").wait_for(state="detached", timeout=30_000)


def strip(page):
    """The first picture as it is shown."""
    return page.locator(".st-key-intake .strip img").first.get_attribute("src")


def test_others_see_it_only_when_it_is_shared(server, chromium, archive):
    mine, theirs = chromium.new_context(), chromium.new_context()
    page, other = mine.new_page(), theirs.new_page()
    page.goto(f"{server.address}/data")
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_role("button", name="Keep these pictures").click(timeout=60_000)
    page.get_by_text("is kept:").wait_for(timeout=30_000)

    other.goto(f"{server.address}/data")
    other.get_by_text("Ready to use").wait_for(timeout=60_000)
    expect(other.get_by_text("my shapes")).to_have_count(0, timeout=30_000)

    page.get_by_role("button", name="Change").click()
    page.get_by_text("Let other visitors see and use it").click()
    page.locator(".st-key-data").get_by_text("Shared").first.wait_for(timeout=30_000)
    other.reload()
    other.get_by_text("my shapes").first.wait_for(timeout=60_000)
    expect(other.get_by_role("button", name="Change")).to_have_count(0, timeout=30_000)

    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_role("button", name="Change").wait_for(state="detached", timeout=30_000)
    mine.close()
    theirs.close()
