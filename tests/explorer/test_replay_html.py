"""The replay inside the one-file HTML: only on request, under the same policy, alive from disk."""

import re

import moving_clouds
import pytest
from mounting import sample
from playwright.sync_api import expect

from vae_core import replay
from vae_core.commands import main
from vae_core.explorer import page_pack
from vae_core.explorer.page import html
from vae_core.explorer.page_parts import Inside
from vae_core.runs import RunStore


@pytest.fixture
def packed(tmp_path):
    return replay.pack(replay.moments(moving_clouds.run(RunStore(tmp_path))))


def test_it_is_there_on_request_alone(packed):
    assert 'id="moments"' not in html(sample())
    assert "How it formed" not in html(sample())
    page = html(sample(), inside=Inside(moments=packed))
    found = re.search(r'id="moments" data-length="(\d+)" data-parts="(\d)">([^<]*)<', page)
    assert page_pack.unpack(found[3], int(found[1]), found[2]) == packed


@pytest.mark.browser
def test_it_opens_from_disk_below_the_map(packed, browser_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(html(sample(), inside=Inside(moments=packed)))
    page = browser_page
    page.goto(path.as_uri())
    expect(page.locator("[data-role=map]")).to_be_visible()
    expect(page.locator(".lr-epoch-now")).to_have_text("10.0")
    page.get_by_role("slider", name="Moment of the training").fill("5000")
    expect(page.locator(".lr-epoch-now")).to_have_text("2.5")


def test_the_command_puts_it_in(home, tmp_path, capsys):
    store = RunStore()
    run = moving_clouds.run(store)
    (run.path / "explorer.bundle").write_bytes(sample())
    plain, full = tmp_path / "plain.html", tmp_path / "full.html"
    assert main(["export", run.id, "--html", "-o", str(plain)]) == 0
    assert main(["export", run.id, "--html", "--replay", "-o", str(full)]) == 0
    assert 'id="moments"' not in plain.read_text()
    assert 'id="moments"' in full.read_text()
    assert main(["export", "fashion-mnist", "--html", "--replay", "-o", str(full)]) == 1
    assert "came without" in capsys.readouterr().err
