"""Interpolate in Chromium: a dial of beta, a map of other dimensions, shortest ways that a host works out."""

import base64
import math

import numpy as np
import pytest
from dial_bundle import HIGH, cloud, dial_bundle
from mounting import sample
from playwright.sync_api import expect

from vae_core.explorer.build import runtime_css, runtime_js

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><style>{css}</style>
<div id="place" style="width: 1200px"></div>
<script type="module">{js}
Object.assign(window, {{told: [], wanted: []}});
window.start = (bundle, place, isAsked) => {{
  const data = Uint8Array.from(atob(bundle), letter => letter.charCodeAt(0));
  const onAsk = isAsked ? way => wanted.push(way) : null;
  const options = {{place, onChange: state => told.push(state), onAsk}};
  window.handle = mountPath(document.getElementById('place'), data, null, options);
  return handle.ready;
}};
window.started = true;
</script>"""
NOTE = ".lp-line .lp-note"


@pytest.fixture
def opened(browser_page):
    def open_with(data, place=None, is_asked=True):
        browser_page.set_content(PAGE.format(css=runtime_css(), js=runtime_js()))
        browser_page.wait_for_function("window.started")
        assert browser_page.evaluate(
            "parts => start(...parts)", [base64.b64encode(data).decode(), place, is_asked]
        )
        return browser_page

    return open_with


def state(page):
    return page.evaluate("handle.getState()")


def length_in_z(page, kind="Straight"):
    """Of the path, and of the straight way from end to end."""
    row = page.locator(".lp-figures tbody tr").filter(has_text=kind)
    text = row.locator("td").nth(1).inner_text()
    return tuple(float(part) for part in text.removesuffix(")").split(" ("))


def test_the_dial_takes_anchors_on_examples_along(opened):
    page = opened(dial_bundle(), {"anchors": [{"row": 3}, {"row": 5}]})
    dial = page.get_by_role("slider", name="β, the weight of the rate")
    for press, beta in (("End", HIGH), ("Home", 0.01)):
        dial.focus()
        page.keyboard.press(press)
        mu, _ = cloud(math.log(beta))
        expected = np.linalg.norm(mu[3] - mu[5])
        page.wait_for_function("beta => told.at(-1)?.beta === beta", arg=beta)
        expect(page.locator(".lp-figures tbody tr td").nth(1)).to_have_text(
            f"{expected:.2f} ({expected:.2f})"
        )
        expect(page.locator(".lp-figures tbody")).not_to_contain_text("…")
    assert state(page)["anchors"] == [{"row": 3}, {"row": 5}]
    page.keyboard.press("ArrowRight")
    page.wait_for_function("told.at(-1)?.beta > 0.01")
    assert state(page)["at"] == 0  # keys of the dial are its own


def test_the_plane_of_the_map_waits_until_the_dial_is_let_go(opened):
    page = opened(dial_bundle(latent=5), {"beta": 0.01})

    def spread(beta):
        mu, _ = cloud(math.log(beta), latent=5)
        shares = 100 * np.linalg.eigvalsh(np.cov(mu.T))[::-1] / np.var(mu, axis=0, ddof=1).sum()
        return f"Principal plane, {shares[0]:.0f} % and {shares[1]:.0f} % of the spread"

    hint = page.locator(".lp-hint")
    expect(hint).to_contain_text(spread(0.01))
    box = page.get_by_role("slider", name="β, the weight of the rate").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 9, box["y"] + box["height"] / 2, steps=3)
    page.wait_for_function("beta => handle.getState().beta === beta", arg=HIGH)
    expect(hint).to_contain_text(spread(0.01))
    page.mouse.up()
    assert spread(HIGH) != spread(0.01)
    expect(hint).to_contain_text(spread(HIGH))


def test_a_place_says_where_the_dial_stands_within_its_range(opened):
    page = opened(dial_bundle(), {"anchors": [{"row": 3}, {"z": [1, 0]}], "beta": 1e9})
    assert state(page)["beta"] == HIGH
    mu, _ = cloud(math.log(HIGH))
    assert length_in_z(page)[0] == pytest.approx(np.linalg.norm(mu[3] - [1, 0]), abs=0.01)


def test_the_map_shows_any_two_dimensions(opened):
    page = opened(sample(latent=5), {"anchors": [{"row": 3}, {"row": 5}], "axes": [4, 1]})
    assert state(page)["axes"] == [4, 1]
    page.get_by_label("Axis to the right").select_option("2")
    page.wait_for_function("String(told.at(-1)?.axes) === '2,1'")
    page.get_by_label("Axis to the right").select_option("1")  # the other one's: they swap
    page.wait_for_function("String(told.at(-1)?.axes) === '1,2'")
    page.get_by_label("What the map shows").select_option("plane")
    page.wait_for_function("told.at(-1).axes === null")
    expect(page.get_by_label("Upward axis")).to_be_hidden()
    expect(page.locator(".lp-hint")).to_contain_text("Principal plane")


def test_a_plane_that_the_model_does_not_have_is_passed_over(opened):
    for axes in ([1, 1], [0, 9], [0], "01", [0.5, 1]):
        assert state(opened(sample(latent=3), {"axes": axes}))["axes"] is None


def test_the_straight_way_stands_in_until_the_shortest_has_come(opened):
    page = opened(sample(), {"anchors": [{"z": [0, 0]}, {"z": [4, 0]}, {"z": [4, 3]}]})
    page.get_by_role("button", name="Shortest", exact=True).click()
    expect(page.locator(NOTE).first).to_have_text("on its way")
    page.wait_for_function("wanted.length === 1")
    way = page.evaluate("wanted[0]")
    assert [anchor["z"] for anchor in way["anchors"]] == [[0, 0], [4, 0], [4, 3]]
    legs = [[[0, 0], [2, 2], [4, 0]], [[4, 0], [4, 3]]]
    assert length_in_z(page, "Shortest")[0] == pytest.approx(7, abs=0.15)
    page.evaluate("told => handle.inform(told)", {"way": way, "beta": None, "legs": legs})
    expect(page.locator(NOTE).first).to_have_text("")
    expect(page.locator(".lp-figures tbody tr td").nth(1)).to_contain_text("8.")
    assert length_in_z(page, "Shortest")[0] == pytest.approx(2 * math.sqrt(8) + 3, abs=0.4)
    # Frames cut the corners. Legs are kept by their anchors: without the last one nothing is asked anew.
    page.locator(".lp-anchor").nth(2).hover()
    page.get_by_role("button", name="Remove anchor 3").click()
    expect(page.locator(".lp-figures tbody tr td").nth(1)).to_contain_text("5.58")
    expect(page.locator(NOTE).first).to_have_text("")
    assert page.evaluate("wanted.length") == 1


@pytest.mark.parametrize("legs", [None, [], [[[0, 0]]], [[[0, 0], [1]]], [[[0, 0], ["x", 1]]], "legs"])
def test_an_answer_that_is_no_way_leaves_the_straight_one_and_says_why(opened, legs):
    page = opened(sample(), {"anchors": [{"row": 3}, {"row": 5}], "kind": "geodesic"})
    page.wait_for_function("wanted.length === 1")
    told = {"way": page.evaluate("wanted[0]"), "beta": None, "legs": legs, "error": "It was called off."}
    page.evaluate("told => handle.inform(told)", told)
    expect(page.locator(NOTE).first).to_have_text("straight instead")
    expect(page.locator(NOTE).first).to_have_attribute("title", "It was called off.")
    page.get_by_role("button", name="Shortest", exact=True).click()  # asked for once more
    page.wait_for_function("wanted.length === 2")
    expect(page.locator(NOTE).first).to_have_text("on its way")


def test_where_nobody_can_be_asked_that_is_said(opened):
    page = opened(sample(), {"anchors": [{"row": 3}, {"row": 5}], "kind": "geodesic"}, is_asked=False)
    shortest = page.get_by_role("button", name="Shortest", exact=True)
    expect(shortest).to_be_disabled()
    expect(shortest).to_have_attribute(
        "title", "Shortest ways are worked out by Latentscape itself; a page by itself has none."
    )
    expect(page.locator(NOTE).first).to_have_text("straight instead")
