"""Beta lab in a real browser: cold links with a beta, the dial, freezing, links for others, bad addresses."""

import re
import shutil

import pytest
from e2e.hands import Wire, picture, pixels, watch, watched
from e2e.server import ROOT, serve
from multirate_runs import trained
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms for a page that a busy machine draws
STARTER = ROOT / "assets" / "starters" / "fashion-mnist-every-beta"
LEAST, MOST = 0.02, 5.0  # of the run's range


@pytest.fixture(scope="module")
def run(shared_home, tmp_path_factory):
    """The id of a multi-rate run in the server's home, on its way since no browser test came before."""
    made = trained(tmp_path_factory.mktemp("made"))
    shared_home.joinpath("runs").mkdir(parents=True, exist_ok=True)
    shutil.copytree(made.path, shared_home / "runs" / made.id)
    return made.id


def dial(page):
    found = page.get_by_role("slider", name="β").first
    found.wait_for(timeout=PATIENCE)
    return found


def shown(page) -> float:
    """The beta that the dial says."""
    return float(dial(page).get_attribute("aria-valuenow"))


def freeze_button(page):
    return page.get_by_role("button", name="Freeze at β")


def ready(page) -> None:
    picture(page)
    freeze_button(page).wait_for(timeout=PATIENCE)


def turn(page, key: str, times: int) -> None:
    dial(page).focus()
    for _ in range(times):
        page.keyboard.press(key)


def shared_link(page) -> str:
    page.get_by_role("button", name="Share").click()
    code = page.locator("code").filter(has_text="run=").first
    code.wait_for(timeout=PATIENCE)
    return code.inner_text()


def test_a_cold_link_with_a_beta_is_the_first_request_of_a_fresh_server(
    browser_page, run, shared_home, tmp_path
):
    shutil.copytree(shared_home / "runs" / run, tmp_path / "home" / "runs" / run)
    with serve(tmp_path / "home", tmp_path / "log") as server:
        browser_page.goto(f"{server.address}/beta?run={run}&beta=0.32")
        ready(browser_page)
        expect(freeze_button(browser_page)).to_have_text(re.compile(r"β 0\.32$"))
        assert len(set(pixels(browser_page))) > 2


def test_turning_the_dial_draws_and_sends_nothing_until_it_rests(server, browser_page, run):
    page = browser_page
    wire = Wire(page)
    page.goto(f"{server.address}/beta?run={run}")
    ready(page)
    box = dial(page).bounding_box()
    page.wait_for_timeout(1500)
    sent = wire.sent
    watch(page)
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for k in range(40):
        page.mouse.move(box["x"] + (0.4 + 0.01 * k) * box["width"], box["y"] + box["height"] / 2)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    different = watched(page)
    assert wire.sent == sent
    page.mouse.up()
    expect(freeze_button(page)).not_to_have_text(re.compile(r"β 1$"), timeout=PATIENCE)
    assert different >= 30


def test_the_keyboard_turns_the_dial_and_the_buttons_follow(server, browser_page, run):
    page = browser_page
    page.goto(f"{server.address}/beta?run={run}")
    ready(page)
    turn(page, "End", 1)
    expect(freeze_button(page)).to_have_text(re.compile(rf"β {MOST:g}$"), timeout=PATIENCE)
    turn(page, "Home", 1)
    expect(freeze_button(page)).to_have_text(re.compile(rf"β {LEAST:g}$"), timeout=PATIENCE)


def test_a_shared_link_shows_the_same_in_a_fresh_browser(server, browser_page, chromium, run):
    page = browser_page
    page.goto(f"{server.address}/beta?run={run}&beta=0.1")
    ready(page)
    turn(page, "ArrowRight", 5)
    expect(freeze_button(page)).not_to_have_text(re.compile(r"β 0\.1$"), timeout=PATIENCE)
    link = shared_link(page)
    assert "beta=" in link
    other = chromium.new_context().new_page()
    other.goto(link)
    ready(other)
    assert shown(other) == pytest.approx(shown(page), rel=1e-3)
    assert max(abs(a - b) for a, b in zip(pixels(other), pixels(page), strict=True)) <= 2
    other.context.close()


def test_a_reload_finds_the_dial_where_it_was_left(server, browser_page, run):
    page = browser_page
    page.goto(f"{server.address}/beta?run={run}&beta=0.5&axes=2,1")
    ready(page)
    steps = page.evaluate("history.length")
    for key, beta in (("End", MOST), ("Home", LEAST)):
        turn(page, key, 1)
        expect(freeze_button(page)).to_have_text(re.compile(rf"β {beta:g}$"), timeout=PATIENCE)
        expect(page).to_have_url(f"{server.address}/beta?run={run}&beta={beta:g}")
    assert page.evaluate("history.length") == steps
    page.reload()
    ready(page)
    assert shown(page) == pytest.approx(LEAST, rel=1e-3)


def test_one_visitors_dial_does_not_move_anothers(server, chromium, run):
    contexts = [chromium.new_context(), chromium.new_context()]
    mine, theirs = (context.new_page() for context in contexts)
    for page in (mine, theirs):
        page.goto(f"{server.address}/beta?run={run}&beta=0.5")
        ready(page)
    turn(mine, "End", 1)
    expect(freeze_button(mine)).to_have_text(re.compile(rf"β {MOST:g}$"), timeout=PATIENCE)
    theirs.wait_for_timeout(1000)
    assert shown(theirs) == pytest.approx(0.5, rel=1e-3)
    theirs.reload()
    ready(theirs)
    assert shown(theirs) == pytest.approx(0.5, rel=1e-3)
    for context in contexts:
        context.close()


def test_explore_and_the_lab_share_the_place(server, browser_page, run):
    page = browser_page
    page.goto(f"{server.address}/beta?run={run}&beta=0.2")
    ready(page)
    page.get_by_test_id("stPageLink").get_by_role("link", name="Explore").first.click()
    page.wait_for_url("**/explore?run=*", timeout=PATIENCE)
    expect(dial(page)).to_have_attribute("aria-valuenow", re.compile(r"^0\.2"), timeout=PATIENCE)
    page.get_by_test_id("stPageLink").get_by_role("link", name="Beta lab").first.click()
    page.wait_for_url("**/beta?run=*", timeout=PATIENCE)
    ready(page)
    assert shown(page) == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize(
    ("beta", "sentence", "stands"),
    [("900", "Showing β 5", 5.0), ("1e-9", "Showing β 0.02", 0.02), ("nan", "no number above 0", 1.0)],
)
def test_a_beta_that_does_not_fit_is_said(server, browser_page, run, beta, sentence, stands):
    page = browser_page
    page.goto(f"{server.address}/beta?run={run}&beta={beta}")
    expect(page.get_by_test_id("stAlert").first).to_contain_text(sentence, timeout=PATIENCE)
    ready(page)
    assert shown(page) == pytest.approx(stands, rel=1e-3)


@pytest.mark.parametrize("query", ["run=no-such-run", "run=../../etc&beta=1", "run=%3Cscript%3E", "ladder=x"])
def test_addresses_that_name_nothing_get_a_sentence(server, browser_page, run, query):
    browser_page.goto(f"{server.address}/beta?{query}")
    expect(browser_page.get_by_test_id("stAlert").first).to_contain_text(
        re.compile(r".{20}"), timeout=PATIENCE
    )
    assert "Traceback" not in browser_page.content()


def test_a_run_of_one_beta_leads_on(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/beta?run=digits&beta=1")
    page.get_by_role("button", name="Train it for every β").click(timeout=PATIENCE)
    page.get_by_role("spinbutton", name="β from").wait_for(timeout=PATIENCE)


def test_a_range_that_is_none_is_refused_in_place(server, browser_page):
    page = browser_page
    page.goto(f"{server.address}/train")
    page.get_by_role("combobox", name="Model").click(timeout=PATIENCE)
    page.get_by_role("option", name="Multi-rate").click()
    high = page.get_by_role("spinbutton", name="β to")
    high.wait_for(timeout=PATIENCE)
    start = page.get_by_role("button", name="Start training")
    for text, word in (("0.001", "reversed"), ("0.01", "single value"), ("0", "allowed"), ("-3", "allowed")):
        high.fill(text)
        high.press("Enter")
        expect(page.get_by_test_id("stAlert").first).to_contain_text(word, timeout=PATIENCE)
        expect(start).to_be_disabled(timeout=PATIENCE)
    high.fill("10")
    high.press("Enter")
    expect(start).to_be_enabled(timeout=PATIENCE)


def freeze_and_share(page, chromium) -> None:
    """As a new user, who reads nothing: choose a beta, freeze it, share what comes of it."""
    ready(page)
    opened = freeze_button(page).inner_text()
    turn(page, "PageDown", 3)
    expect(freeze_button(page)).not_to_have_text(opened, use_inner_text=True, timeout=PATIENCE)
    page.wait_for_timeout(1000)
    chosen = freeze_button(page).inner_text().split("β ")[-1]
    freeze_button(page).click()
    page.get_by_role("link", name="Explore it").click(timeout=120_000)
    page.wait_for_url("**/explore?run=*", timeout=PATIENCE)
    picture(page)
    expect(page.get_by_text(f"β {chosen}").first).to_be_visible(timeout=PATIENCE)
    link = shared_link(page)
    other = chromium.new_context().new_page()
    other.goto(link)
    assert len(set(pixels(other))) > 2
    expect(other.get_by_text(f"β {chosen}").first).to_be_visible(timeout=PATIENCE)
    other.context.close()


def test_a_beta_is_frozen_and_the_run_opens_in_another_browser(server, browser_page, chromium, run):
    browser_page.goto(f"{server.address}/beta?run={run}")
    freeze_and_share(browser_page, chromium)


@pytest.mark.skipif(not STARTER.is_dir(), reason="the starter with a dial is not here")
def test_a_new_user_comes_from_home_to_a_link_for_others(server, browser_page, chromium):
    browser_page.goto(server.address)
    browser_page.get_by_role("button", name="Choose a β by eye").click(timeout=PATIENCE)
    browser_page.wait_for_url("**/beta?run=*", timeout=PATIENCE)
    freeze_and_share(browser_page, chromium)
