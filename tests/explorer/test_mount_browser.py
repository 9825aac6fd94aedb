"""The explorer under hands, keys and odd bundles, in headless Chromium."""

import base64
from typing import Any

import pytest
from mounting import Stage, sample
from playwright.sync_api import expect

from vae_core.explorer import bundle

pytestmark = pytest.mark.browser

HOSTILE = (
    '<img src=x onerror="window.hacked = 1">',
    "</script><script>window.hacked = 1</script>",
    "",
    "مرحبا بالعالم",
    "x" * 500,
)


@pytest.fixture
def stage(browser_page: Any) -> Stage:
    return Stage(browser_page, sample())


def test_hover_peeks_and_leaving_returns_to_the_pin(stage: Stage):
    pinned, start = stage.pixels(), stage.state
    stage.hover(0.8, 0.3)
    assert stage.pixels() != pinned
    assert stage.state == start
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.pixels() == pinned
    assert stage.sent == []


def test_dragging_on_the_map_draws_every_frame_and_tells_once_on_release(stage: Stage):
    stage.watch()
    stage.drag(stage.at(0.2, 0.2), stage.at(0.8, 0.7))
    stage.rest()
    assert stage.seen >= 30
    assert stage.sent == []
    stage.page.mouse.up()
    stage.page.wait_for_function("sent.length")
    assert stage.sent == [stage.state]
    stage.rest()
    assert len(stage.sent) == 1


def test_the_pin_stays_where_it_was_put(stage: Stage):
    stage.page.mouse.click(*stage.at(0.3, 0.6))
    put = stage.state["z"]
    stage.hover(0.9, 0.1)
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.state["z"] == put
    assert all(value == round(value, 4) for value in put)


def test_dragging_a_slider_draws_every_frame_and_tells_on_release(stage: Stage):
    box = stage.find("input[type=range]").nth(1).bounding_box()
    before = stage.state["z"]
    y = box["y"] + box["height"] / 2
    stage.watch()
    stage.drag((box["x"] + 10, y), (box["x"] + box["width"] - 10, y))
    stage.rest()
    assert stage.seen >= 30
    assert stage.sent == []
    stage.page.mouse.up()
    stage.page.wait_for_function("sent.length")
    assert len(stage.sent) == 1
    assert stage.state["z"][0] == before[0]
    assert stage.state["z"][1] == pytest.approx(5.7, abs=0.3)


def test_double_click_resets_one_slider(stage: Stage):
    slider = stage.find("input[type=range]").first
    stage.page.mouse.click(*stage.at(0.3, 0.6))
    kept = stage.state["z"][1]
    slider.dblclick(position={"x": 20, "y": 10})
    assert stage.state["z"] == [0, kept]
    stage.rest()
    assert stage.sent[-1]["z"] == [0, kept]


def test_zero_stands_in_the_middle_of_a_slider_where_its_fill_begins_and_a_reset_ends(browser_page: Any):
    meta, tensors = bundle.read(sample())
    stage = Stage(
        browser_page,
        bundle.write(meta | {"range": [[-2, 5], [1, 3]], "center": [1, 2]}, tensors),
        state={"z": [2.5, 4]},
    )
    for d, (reach, end) in enumerate([("5", 0.75), ("4", 1)]):  # the pin is within reach, too
        slider = stage.find("input[type=range]").nth(d)
        assert [slider.get_attribute("min"), slider.get_attribute("max")] == [f"-{reach}", reach]
        fill = [
            slider.evaluate(f"node => Number(node.style.getPropertyValue('--ls-{edge}'))")
            for edge in ("from", "to")
        ]
        assert fill == [0.5, end]
        expect(slider).to_have_attribute("title", "Double-click: back to 0, the middle of the prior")
        slider.dblclick(position={"x": 20, "y": 10})
    assert stage.state["z"] == [0, 0]


def test_dead_dimensions_are_folded_and_many_wait_behind_more(browser_page: Any):
    stage = Stage(browser_page, sample(latent=128, dead=80))
    names = stage.find(".ls-name")
    expect(names).to_have_count(128)
    assert [names.nth(k).is_visible() for k in range(9)] == [True] * 7 + [False] * 2
    more, dead = stage.find("summary").all()
    expect(more).to_have_text("41 more dimensions")
    expect(dead).to_have_text("80 dead dimensions")
    more.click()
    assert sum(name.is_visible() for name in names.all()) == 48
    stage.find("input[type=range]").nth(20).fill("-2")
    stage.frame()
    expect(more).to_have_text("41 more dimensions · 1 moved")
    expect(stage.find(".ls-nats").first).to_have_text("3.0 nats")


def test_axes_are_any_two_dimensions_and_the_rest_stays_at_the_pin(browser_page: Any):
    stage = Stage(browser_page, sample(latent=5))
    assert stage.state["axes"] == [0, 1]
    expect(stage.find(".ls-hint")).to_contain_text("z1 and z2; the other 3 dimensions stay at the pin")
    across = stage.find(".ls-axis select").first
    expect(across.locator("option").first).to_have_text("z1 · 3.0 nats")
    across.select_option("3")
    before = stage.state["z"]
    stage.rest()
    stage.page.mouse.click(*stage.at(0.3, 0.3))
    after = stage.state
    assert after["axes"] == [3, 1]
    assert [a == b for a, b in zip(after["z"], before)] == [True, False, True, False, True]


def test_classes_are_switched_off_and_on(stage: Stage):
    chips = stage.find(".ls-chip")
    everything = stage.inked()
    chips.nth(1).click()
    stage.frame()
    assert stage.state["hidden"] == [1]
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "false")
    assert stage.inked() < everything
    chips.nth(1).click()
    assert stage.state["hidden"] == []
    stage.page.wait_for_timeout(600)  # or the next clicks would count as one with this
    chips.nth(0).dblclick()
    assert stage.state["hidden"] == [1, 2]
    chips.nth(0).dblclick()
    assert stage.state["hidden"] == []
    chips.nth(2).click(modifiers=["Shift"])
    assert stage.state["hidden"] == [0, 1]
    stage.rest()
    assert stage.sent[-1]["hidden"] == [0, 1]


def test_the_nearest_example_is_one_that_is_shown(stage: Stage):
    name = stage.find(".ls-near bdi").first
    first = name.text_content()
    stage.find(f".ls-chip:has-text('{first}')").click()
    stage.rest()
    second = name.text_content()
    assert second in {"a", "b", "c"} - {first}
    stage.page.evaluate("explorer.update({state: {hidden: [0, 1, 2]}})")
    stage.rest()
    expect(name).to_have_text("none")


def test_zoom_pan_and_back(stage: Stage):
    z = stage.state["z"]
    stage.hover(0.25, 0.5)
    stage.page.mouse.wheel(0, -400)
    stage.frame()
    span = stage.state["view"][2]
    stage.page.mouse.wheel(0, -400)
    stage.frame()
    assert stage.state["view"][2] < span
    near = stage.state["view"]
    for start in ("right", "shift"):
        if start == "shift":
            stage.page.keyboard.down("Shift")
        stage.page.mouse.down(button="right" if start == "right" else "left")
        stage.page.mouse.move(*stage.at(0.35, 0.6))
        stage.page.mouse.up(button="right" if start == "right" else "left")
        stage.hover(0.25, 0.5)
    stage.page.keyboard.up("Shift")
    assert stage.state["view"][:2] != near[:2]
    assert stage.state["z"] == z
    stage.find("text=Show all").click()
    stage.rest()
    assert stage.state["view"] is None
    assert stage.sent[-1]["view"] is None


def test_a_page_scroll_goes_on_across_the_map(stage: Stage):
    scroll = """targets => targets.map(target => {
      const options = {deltaY: 60, bubbles: true, cancelable: true};
      return document.querySelector(target).dispatchEvent(new WheelEvent('wheel', options));
    })"""
    assert stage.page.evaluate(scroll, ["#head", "[data-role=map]"]) == [True, True]
    assert stage.state["view"] is None
    stage.rest()
    assert stage.page.evaluate(scroll, ["[data-role=map]"]) == [False]  # the map took it
    assert stage.state["view"] is not None


def test_keyboard_alone(stage: Stage):
    press = stage.page.keyboard.press
    stage.map.focus()
    assert stage.map.evaluate("node => node.matches(':focus-visible')")
    assert stage.map.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    z = stage.state["z"]
    press("ArrowRight")
    press("Shift+ArrowUp")
    moved = stage.state["z"]
    assert moved[0] > z[0]
    assert moved[1] - z[1] == pytest.approx(8 * (moved[0] - z[0]), abs=2e-3)
    stage.rest()
    assert stage.sent[-1]["z"] == moved
    expect(stage.find(".ls-live")).to_contain_text("Nearest example")
    press("+")
    assert stage.state["view"]
    press("0")
    assert stage.state["view"] is None
    press("g")
    assert stage.state["grid"]
    press("g")
    assert not stage.state["grid"]
    for _ in range(30):
        press("Tab")
        if stage.page.evaluate("document.activeElement.type") == "range":
            break
    press("ArrowRight")
    assert stage.state["z"][0] == pytest.approx(moved[0] + 0.12, abs=0.02)
    press("Delete")
    assert stage.state["z"][0] == 0


def test_hostile_labels_stay_text(browser_page: Any):
    stage = Stage(browser_page, sample(labels=HOSTILE))
    stage.rest()
    assert stage.page.evaluate("window.hacked") is None
    expect(stage.find("#explorer img, #explorer script")).to_have_count(0)
    names = stage.find(".ls-chip bdi").all_text_contents()
    assert names[0].startswith("<img src=x")
    assert names[2:4] == ["class 2", HOSTILE[3]]
    assert all(0 < len(name) < 40 for name in names)
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("data", [b"", b"nonsense" * 9, sample()[:-7]], ids=["empty", "nonsense", "cut"])
def test_a_broken_bundle_becomes_a_sentence(browser_page: Any, data: bytes):
    stage = Stage(browser_page, data)
    assert stage.ready is False
    assert stage.state is None
    text = stage.find("[role=alert]").inner_text()
    assert "cannot be opened" in text
    assert "Export or download it again" in text


def test_one_dimension_is_a_heap_that_moves_sideways(browser_page: Any):
    stage = Stage(browser_page, sample(latent=1))
    stage.watch()
    stage.drag(stage.at(0.2, 0.2), stage.at(0.8, 0.9), moves=10)
    stage.page.mouse.up()
    assert stage.seen >= 8
    assert stage.state["axes"] == [0]
    assert len(stage.state["z"]) == 1
    stage.page.keyboard.press("g")
    stage.rest()
    expect(stage.find(".ls-hint")).to_contain_text("One dimension: height only keeps points apart.")


@pytest.mark.parametrize("latent", [1, 2])
def test_sigmas_are_named_where_there_is_room(browser_page: Any, latent: int):
    stage = Stage(browser_page, sample(latent=latent))
    stage.page.evaluate(
        """() => {
          const {prototype} = OffscreenCanvasRenderingContext2D;
          const {fillText} = prototype;
          window.written = [];
          prototype.fillText = function (text, ...place) {
            if (text.includes('σ')) written.push(text);
            fillText.call(this, text, ...place);
          };
        }"""
    )
    for span, names in [(8, ["1σ", "2σ"]), (60, ["2σ"])]:
        stage.page.evaluate(f"written.length = 0; explorer.update({{state: {{view: [0, 0, {span}]}}}})")
        stage.frame()
        assert stage.page.evaluate("written") == names


def test_where_nothing_gets_through_a_sentence_says_so(browser_page: Any):
    stage = Stage(browser_page, sample(dead=2))
    hint = "Nothing gets through: every picture is encoded alike. A smaller β lets more through."
    expect(stage.find(".ls-hint")).to_have_text(hint)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 13), (3, 5, 4)], ids=str)
def test_any_picture_size(browser_page: Any, shape: tuple[int, int, int]):
    stage = Stage(browser_page, sample(shape=shape), state={"grid": True})
    assert len(stage.pixels()) == 4 * shape[1] * shape[2]
    box = stage.find("[data-role=picture]").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(shape[2] / shape[1], rel=0.01)
    assert max(box["width"], box["height"]) >= 250
    stage.rest()


def test_no_labels_and_no_points(browser_page: Any):
    stage = Stage(browser_page, sample(labels=()))
    expect(stage.find(".ls-legend")).to_be_hidden()
    stage.find(".ls-near bdi:has-text('example ')").first.wait_for()
    stage = Stage(browser_page, sample(labels=(), count=0))
    assert stage.state["z"] == [0, 0]
    stage.hover(0.3, 0.3)
    stage.rest()
    expect(stage.find(".ls-near bdi").first).to_have_text("none")


def test_pictures_appear_behind_the_points_while_the_hand_rests(stage: Stage):
    bare = stage.inked()
    stage.find("text=Pictures").click()
    stage.page.wait_for_timeout(1500)
    assert stage.inked() > 4 * bare
    stage.find("text=Pictures").click()
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.inked() == pytest.approx(bare, rel=0.05)


def test_moved_from_outside_without_an_echo(stage: Stage):
    stage.page.evaluate("explorer.update({state: {z: [1.5, -1], hidden: [2], nonsense: 1}})")
    stage.rest()
    assert stage.state["z"] == [1.5, -1]
    assert stage.state["hidden"] == [2]
    assert stage.sent == []
    stage.page.evaluate("explorer.destroy()")
    assert stage.page.evaluate("document.querySelector('#explorer').childElementCount") == 0
    assert stage.state is None


def test_a_hand_at_work_wins_over_the_outside(stage: Stage):
    stage.drag(stage.at(0.2, 0.2), stage.at(0.5, 0.5), moves=3)
    held = stage.state
    stage.page.evaluate("explorer.update({state: {z: [9, 9]}})")
    assert stage.state == held
    stage.page.mouse.up()


def test_the_state_given_at_the_start_is_taken(browser_page: Any):
    given = {"z": [0.5, 1.25], "axes": [1, 0], "hidden": [1], "grid": False, "view": [0.5, 1, 2]}
    stage = Stage(browser_page, sample(), state=given)
    assert given.items() <= stage.state.items()
    stage.rest()
    assert stage.sent == []


def test_two_on_a_page_one_of_them_in_a_shadow_tree(stage: Stage):
    stage.page.evaluate("window.first = explorer")
    stage.mount("document.querySelector('#second').attachShadow({mode: 'open'})", sample(latent=3))
    stage.page.evaluate("explorer.update({state: {z: [1, 2, 3]}})")
    assert stage.state["z"] == [1, 2, 3]
    assert len(stage.page.evaluate("first.getState().z")) == 2
    stage.page.evaluate("explorer.destroy()")
    assert stage.page.evaluate("first.getState() !== null")


@pytest.mark.parametrize(("width", "height", "head"), [(1280, 900, 150), (390, 844, 130)])
@pytest.mark.parametrize("labels", [("a", "b"), tuple(f"a long class name {k}" for k in range(10))], ids=len)
def test_map_and_picture_are_visible_at_once(
    browser_page: Any, width: int, height: int, head: int, labels: tuple[str, ...]
):
    browser_page.set_viewport_size({"width": width, "height": height})
    stage = Stage(browser_page, sample(latent=8, labels=labels), head=head)
    for role in ("map", "picture"):
        box = stage.find(f"[data-role={role}]").bounding_box()
        assert box["y"] + box["height"] <= height
        assert box["width"] >= 180
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_jumps_when_the_decoder_is_ready(stage: Stage):
    data = base64.b64encode(sample(latent=3)).decode()
    first, later = stage.page.evaluate(
        """async data => {
          const boxes = () => JSON.stringify([...document.querySelectorAll('#second *')]
            .filter(node => node.matches('.ls-stage, .ls-frame, .ls-row, .ls-hint'))
            .map(node => node.getBoundingClientRect().toJSON()));
          const ready = start(document.querySelector('#second'), data);
          const first = boxes();
          await ready;
          await new Promise(requestAnimationFrame);
          return [first, boxes()];
        }""",
        data,
    )
    assert first == later
    assert first != "[]"


def test_theme_variables_of_an_ancestor_are_followed(stage: Stage):
    def names_are_light() -> bool:
        return stage.page.evaluate(
            "getComputedStyle(document.querySelector('[data-role=map]')).backgroundColor"
        ).startswith("rgb(10,")

    before = stage.map_sum()
    stage.page.evaluate(
        """() => {
          document.body.style.setProperty('--st-background-color', '#0a0a0a');
          document.body.style.setProperty('--st-text-color', '#fafafa');
        }"""
    )
    stage.rest()
    assert names_are_light()
    assert stage.map_sum() != before


def test_reduced_motion_returns_at_once(stage: Stage):
    stage.page.emulate_media(reduced_motion="reduce")
    pinned = stage.pixels()
    stage.hover(0.8, 0.3)
    stage.watch()
    stage.page.mouse.move(5, 5)
    stage.rest()
    assert stage.pixels() == pinned
    assert stage.seen <= 2


def touch(page: Any) -> Any:
    session = page.context.new_cdp_session(page)

    def send(kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def test_one_finger_moves_and_two_zoom(chromium: Any):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    stage = Stage(page, sample(), head=130)
    send = touch(page)
    start = stage.state["z"]
    send("touchStart", stage.at(0.5, 0.5))
    send("touchMove", stage.at(0.7, 0.3))
    send("touchEnd")
    moved = stage.state["z"]
    assert moved != start
    assert stage.sent[-1]["z"] == moved
    send("touchStart", stage.at(0.4, 0.5))
    send("touchStart", stage.at(0.4, 0.5), stage.at(0.6, 0.5))
    send("touchMove", stage.at(0.2, 0.5), stage.at(0.8, 0.5))
    send("touchEnd")
    stage.rest()
    assert stage.state["z"] == moved
    assert stage.sent[-1]["view"][2] < 10
    assert page.evaluate("scrollY") == 0
    context.close()


def test_only_fingers_that_come_down_on_the_map_move_the_pin(chromium: Any):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    stage = Stage(context.new_page(), sample(), head=130)
    send = touch(stage.page)
    start = stage.state
    x, y = stage.at(1, 0.5)
    send("touchStart", (x + 6, y))
    send("touchMove", (x - 60, y))
    send("touchEnd")
    stage.rest()
    assert stage.state == start
    context.close()


def test_a_pin_dragged_off_the_map_stays_in_sight(stage: Stage):
    stage.drag(stage.at(0.5, 0.5), stage.at(1.2, -0.2), moves=5)
    stage.page.mouse.up()
    corner = stage.state["z"]
    x, y = stage.at(1, 0)
    stage.page.mouse.click(x - 8, y + 8)
    assert stage.state["z"] == pytest.approx(corner, abs=0.02)


def test_on_a_phone_the_picture_stays_in_sight_of_the_sliders(browser_page: Any):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    stage = Stage(browser_page, sample(latent=8), head=130)
    stage.find(".ls-row").last.scroll_into_view_if_needed()
    picture = stage.find("[data-role=picture]").bounding_box()
    assert stage.page.evaluate("scrollY") > 150
    assert 0 <= picture["y"] < 10
    stage.page.set_viewport_size({"width": 390, "height": 400})  # too low to give half of it away
    stage.find(".ls-row").last.scroll_into_view_if_needed()
    assert stage.find("[data-role=picture]").bounding_box()["y"] < -100


def test_the_miniature_drifts_and_answers_a_pointer(browser_page: Any):
    stage = Stage(browser_page, sample(), mini=True)
    stage.watch()
    stage.page.wait_for_timeout(1000)
    assert stage.seen >= 5
    stage.hover(0.3, 0.4)
    held = stage.pixels()
    stage.rest()
    assert stage.pixels() == held
    stage.hover(0.6, 0.6)
    assert stage.pixels() != held


def test_the_miniature_is_still_under_reduced_motion(browser_page: Any):
    browser_page.emulate_media(reduced_motion="reduce")
    stage = Stage(browser_page, sample(), mini=True)
    stage.watch()
    stage.rest()
    assert stage.seen == 1


def test_the_tools_stand_on_one_line(browser_page):
    browser_page.set_viewport_size({"width": 1152, "height": 900})  # as wide as the app leaves it of 1280
    stage = Stage(browser_page, sample(latent=5))
    stage.find(".ls-maps select").select_option("pca")
    stage.find(".ls-colour").select_option("density")
    assert stage.find(".ls-bar").bounding_box()["height"] <= 32
    bottom = stage.find(".ls-bar").bounding_box()["y"] + stage.find(".ls-bar").bounding_box()["height"]
    assert stage.map.bounding_box()["y"] >= bottom
