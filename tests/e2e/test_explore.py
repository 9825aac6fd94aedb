"""Explore in a real browser: cold links, drags without messages, the way of z, keyboard, sizes."""

import re

import pytest
from e2e.hands import Wire, drag, picture, pixels, stride, watch, watched
from e2e.server import serve
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def settle(page) -> None:
    """Wait until the page has drawn and nothing more is on its way to the server."""
    picture(page)
    page.wait_for_timeout(1500)


def test_a_cold_deep_link_is_the_first_request_of_a_fresh_server(browser_page, tmp_path):
    with serve(tmp_path / "home", tmp_path / "log") as server:
        browser_page.goto(f"{server.address}/explore?run=digits")
        assert len(set(pixels(browser_page))) > 2
        expect(browser_page.get_by_text("Page not found")).to_have_count(0, timeout=30_000)


@pytest.mark.parametrize("run", ["digits", "fashion-mnist"])
@pytest.mark.parametrize(
    ("role", "start", "end"), [("map", (0.25, 0.3), (0.75, 0.7)), ("slider", (0.1, 0.5), (0.9, 0.5))]
)
def test_dragging_draws_a_picture_a_move_and_sends_nothing(server, browser_page, run, role, start, end):
    page = browser_page
    wire = Wire(page)
    page.goto(f"{server.address}/explore?run={run}")
    settle(page)
    target = page.locator("canvas[data-role=map]" if role == "map" else "input[type=range]").first
    sent = wire.sent
    watch(page)
    stride(page, target, start, end)
    different = watched(page)
    assert wire.sent == sent
    page.mouse.up()
    page.wait_for_timeout(1000)
    assert wire.sent > sent  # z goes back on release
    assert different >= 30


def test_the_pin_survives_a_page_switch_and_travels_by_link(server, browser_page, chromium):
    page = browser_page
    page.goto(f"{server.address}/explore?run=digits")
    settle(page)
    drag(page, page.locator("canvas[data-role=map]").first, (0.4, 0.4), (0.6, 0.3), seconds=0.3)
    page.mouse.up()
    page.mouse.move(5, 5)
    settle(page)
    pinned = pixels(page)
    page.get_by_role("link", name="About").first.click()
    page.get_by_text("LATENTSCAPE_HOME").first.wait_for()
    page.get_by_role("link", name="Explore").first.click()
    settle(page)
    # Python keeps z with four decimals: a grey level may round the other way.
    assert max(abs(a - b) for a, b in zip(pixels(page), pinned, strict=True)) <= 1

    page.get_by_role("button", name="Share").click()
    link = page.locator("code").filter(has_text="run=digits").first.inner_text()
    assert re.search(r"z=-?\d", link)
    other = chromium.new_context().new_page()
    other.goto(link)
    settle(other)
    shown = pixels(other)
    other.context.close()
    # The link rounds z to three decimals.
    assert max(abs(a - b) for a, b in zip(shown, pinned, strict=True)) <= 2


def tab_to_and_move(page, role: str) -> None:
    """Tab until the element of that role or type has the focus, then press the right arrow."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == role:
            break
    assert page.evaluate(FOCUSED) == role
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)


def test_keyboard_only(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/explore?run=digits")
    settle(page)
    before = pixels(page)
    tab_to_and_move(page, "map")
    moved = pixels(page)
    assert moved != before
    tab_to_and_move(page, "range")
    assert pixels(page) != moved


# The focused element, also inside a component's shadow root: its data-role or type.
FOCUSED = """
() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.dataset?.role ?? element?.type ?? '';
}
"""


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_map_and_picture_are_visible_without_scrolling(server, chromium, size, scheme):
    width, height = size
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server.address}/explore?run=fashion-mnist")
    settle(page)
    for role in ("picture", "map"):
        box = page.locator(f"canvas[data-role={role}]").first.bounding_box()
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    light = sum(int(part) for part in re.findall(r"\d+", background)[:3]) > 380
    assert light == (scheme == "light")
    context.close()


@pytest.mark.parametrize(
    "query", ["run=no-such-run", "run=../../etc", "run=%3Cscript%3E", "run=digits&z=nan,1"]
)
def test_addresses_that_name_nothing_get_a_sentence(server, browser_page, query):
    alert = browser_page.get_by_test_id("stAlert").first
    for _ in range(2):  # a browser that was here before reruns the page at once; the sentence must stay
        browser_page.goto(f"{server.address}/explore?{query}")
        alert.wait_for(timeout=60_000)
        browser_page.wait_for_timeout(2000)
        assert len(alert.inner_text()) > 20
    assert "Traceback" not in browser_page.content()


def test_a_damaged_run_gets_a_sentence(server, shared_home, browser_page):
    folder = shared_home / "runs" / "damaged-run"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "report.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\x00" * 4)
    (folder / "explorer.bundle").write_bytes(b"\xff" * 64)
    browser_page.goto(f"{server.address}/explore?run=damaged-run")
    browser_page.get_by_text("damaged").first.wait_for(timeout=60_000)
    assert "Traceback" not in browser_page.content()
