"""The Replay page in a browser: scrub, play, keyboard, reload, and a training that goes on meanwhile."""

import re

import moving_clouds
import numpy as np
import pytest
from e2e.server import serve
from moving_clouds import STEPS
from playwright.sync_api import expect

from vae_core.events import Finished, Snapshot
from vae_core.recorder import Recorder
from vae_core.runs import RunStore

pytestmark = pytest.mark.browser

SOON = 60_000  # ms


@pytest.fixture
def own_server(home, tmp_path):
    store = RunStore(home)
    finished = moving_clouds.run(store, changes=[(25, 4.0, None)])
    going = moving_clouds.run(store, moving_clouds.growing()[:5], STEPS[:5], end=False)
    with going.lock(), serve(home, tmp_path / "server.log") as server:
        yield server, finished, going


def epoch(page, text):
    expect(page.locator(".lr-epoch-now")).to_have_text(text, timeout=SOON)


def test_scrub_play_keyboard_reload_and_a_training_that_goes_on(own_server, browser_page):
    server, finished, going = own_server
    page = browser_page
    page.goto(f"{server.address}/replay?run={finished.id}")
    epoch(page, "10.0")
    scrubber = page.get_by_role("slider", name="Moment of the training")
    scrubber.fill("6000")
    epoch(page, "3.6")
    page.keyboard.press("ArrowLeft")  # the scrubber has the focus: one moment, not a ten thousandth
    epoch(page, "2.5")
    expect(page.locator(".lr-key .lr-value")).to_have_text("Here: β → 4")
    page.get_by_role("button", name="Select example 2, flat").first.click()
    page.wait_for_url(re.compile("at=25&example=1"), timeout=SOON)

    page.reload()
    epoch(page, "2.5")
    expect(page.locator(".lr-selected-name")).to_have_text("Example 2, flat")
    page.get_by_role("link", name="About").click()
    expect(page.get_by_text("licence").first).to_be_visible(timeout=SOON)
    page.get_by_role("link", name="Replay").click()
    epoch(page, "2.5")  # also without what stood in the address
    page.get_by_role("button", name="Speed 4×").click()
    page.get_by_role("button", name="Play").click()
    epoch(page, "10.0")

    page.goto(f"{server.address}/replay?run={going.id}")
    epoch(page, "1.6")
    expect(page.get_by_text("still training")).to_be_visible()
    recorder = Recorder(going)
    for k in (5, 6):
        cloud = moving_clouds.growing()[k]
        recorder.write(Snapshot(STEPS[k], cloud, np.zeros_like(cloud), moving_clouds.drawn(k)))
    epoch(page, "3.6")
    recorder.write(Finished(STEPS[6], {"w": np.zeros(1)}, cloud, np.zeros_like(cloud), {}, b""))
    expect(page.get_by_text("still training")).to_be_hidden(timeout=SOON)
