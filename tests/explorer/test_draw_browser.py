"""Drawing, dropping and pasting pictures on the explorer, in headless Chromium."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from any_net import lively, packed_encoder, packed_model
from mounting import Stage, sample
from PIL import Image
from playwright.sync_api import expect
from safetensors.numpy import load, save
from sklearn.datasets import load_digits

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.explorer import bundle
from vae_core.models import VAE

pytestmark = pytest.mark.browser


# Whatever a finger could miss: controls in sight that are less than 32 pixels wide or high.
SMALL = """() => Array.from(document.querySelectorAll('.ls :is(button, select, input:not([type=range]))'))
  .filter(node => node.checkVisibility()).map(node => [node.outerHTML, node.getBoundingClientRect()])
  .filter(([, {width, height}]) => Math.min(width, height) < 31.5).map(([text]) => text)"""


def digits(count: int = 200) -> np.ndarray:
    """(N, 1, 8, 8) uint8"""
    return np.rint(load_digits().images[:count, None] * 255 / 16).astype(np.uint8)


def world(images: np.ndarray | None = None, **settings: Any) -> tuple[VAE, bytes, bytes]:
    """A model of pictures, its bundle with their codes on the map, its extras with the pictures."""
    images = digits() if images is None else images
    shape = (images.shape[1], images.shape[2], images.shape[3])
    net = lively(ModelConfig(**{"latent": 2, "hidden": (32,), **settings}), shape)
    mu, log_var = latent.encode(net, images.astype(np.float32) / 255)
    meta, tensors = bundle.read(packed_model(net))
    tensors |= {
        "points.mu": mu,
        "points.log_var": log_var,
        "points.label": np.full(len(mu), -1, np.int16),
        "points.index": np.arange(len(mu), dtype=np.int32),
        "points.error": np.full(len(mu), 0.02, np.float32),
    }
    meta |= {"labels": [], "range": [[-6.0, 6.0]] * net.latent}
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    extras = load(packed_encoder(net)) | {"thumbs": images}
    return net, bundle.write(meta, tensors), save(extras, {"latentscape": json.dumps(note)})


def extend(stage: Stage, extras: bytes) -> None:
    text = base64.b64encode(extras).decode()
    stage.page.evaluate(f"explorer.extend(Uint8Array.from(atob('{text}'), c => c.charCodeAt(0)))")


def open_pad(page: Any, made: tuple[VAE, bytes, bytes] | None = None, **options: Any) -> tuple[VAE, Stage]:
    net, data, extras = made or world()
    stage = Stage(page, data, head=20, **options)
    extend(stage, extras)
    page.get_by_role("button", name="Draw").click()
    stage.rest()
    return net, stage


def on_pad(stage: Stage, x: float, y: float) -> tuple[float, float]:
    box = stage.find(".ls-pad").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def seen(stage: Stage) -> np.ndarray:
    """What the model is shown, (H, W) in [0, 1]."""
    values = stage.page.evaluate("""() => {
      const canvas = document.querySelector('.ls-seen canvas');
      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return [canvas.height, canvas.width, ...data.filter((_, i) => i % 4 === 0)];
    }""")
    return np.array(values[2:]).reshape(values[:2]) / 255


def png(image: np.ndarray) -> bytes:
    """(C, H, W) uint8 as a file."""
    file = io.BytesIO()
    Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(file, "PNG")
    return file.getvalue()


def give(stage: Stage, contents: bytes, name: str, way: str) -> None:
    """Drops or pastes a file."""
    stage.page.evaluate(
        """([text, name, way]) => {
          const carried = new DataTransfer();
          const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
          carried.items.add(new File([bytes], name, {type: 'image/png'}));
          const options = {bubbles: true, cancelable: true, composed: true};
          const event = way === 'drop' ? new DragEvent('drop', {...options, dataTransfer: carried})
            : new ClipboardEvent('paste', {...options, clipboardData: carried});
          document.querySelector(way === 'drop' ? '.ls' : 'body').dispatchEvent(event);
        }""",
        [base64.b64encode(contents).decode(), name, way],
    )
    stage.page.wait_for_timeout(400)


def test_a_drawing_moves_the_pin_in_every_frame_and_is_told_once(browser_page: Any):
    net, stage = open_pad(browser_page)
    stage.watch()
    stage.page.mouse.move(*on_pad(stage, 0.8, 0.5))
    stage.page.mouse.down()
    for angle in np.linspace(0, 5, 40):  # most of a circle
        stage.page.mouse.move(*on_pad(stage, 0.5 + 0.3 * np.cos(angle), 0.5 + 0.3 * np.sin(angle)))
        stage.frame()
    assert stage.seen >= 20
    assert stage.sent == []
    stage.page.mouse.up()
    stage.page.wait_for_function("sent.length")
    assert len(stage.sent) == 1
    shown = seen(stage)
    assert shown.shape == (8, 8)
    assert shown[0].max() > 0.2  # as long as the digits are: the whole frame
    assert shown[-1].max() > 0.2
    expected, _ = latent.encode(net, shown[None, None].astype(np.float32))
    np.testing.assert_allclose(stage.state["z"], expected[0], atol=0.02 * np.abs(expected).max())
    expect(stage.find(".ls-draw .ls-note")).to_contain_text("Drawn again with an error of")


def test_its_ellipse_stands_on_the_map_until_the_pin_moves_on(browser_page: Any):
    _, stage = open_pad(browser_page)
    counted = """() => {
      const {prototype} = CanvasRenderingContext2D;
      const {ellipse} = prototype;
      window.ellipses = 0;
      prototype.ellipse = function (...given) { window.ellipses++; return ellipse.apply(this, given); };
    }"""
    stage.page.evaluate(counted)
    stage.drag(on_pad(stage, 0.3, 0.2), on_pad(stage, 0.7, 0.8), moves=4)
    stage.page.mouse.up()
    stage.frame()
    assert stage.page.evaluate("ellipses") > 0
    stage.page.evaluate("explorer.update({state: {z: [0, 0]}})")
    stage.frame()
    stage.page.evaluate("ellipses = 0")
    stage.hover(0.5, 0.5)
    assert stage.page.evaluate("ellipses") == 0


def test_strokes_are_taken_back_one_by_one(browser_page: Any):
    _, stage = open_pad(browser_page)
    undo, clear = (
        stage.page.get_by_role("button", name=name, exact=True) for name in ("Undo stroke", "Clear")
    )
    expect(undo).to_be_disabled()
    stage.drag(on_pad(stage, 0.5, 0.1), on_pad(stage, 0.5, 0.9), moves=5)
    stage.page.mouse.up()
    first = seen(stage)
    stage.drag(on_pad(stage, 0.1, 0.5), on_pad(stage, 0.9, 0.5), moves=5)
    stage.page.mouse.up()
    assert not np.allclose(seen(stage), first)
    undo.click()
    np.testing.assert_allclose(seen(stage), first)
    stage.drag(on_pad(stage, 0.1, 0.5), on_pad(stage, 0.9, 0.5), moves=5)
    stage.page.mouse.up()
    stage.page.keyboard.press("Control+z")
    np.testing.assert_allclose(seen(stage), first)
    clear.click()
    expect(undo).to_be_disabled()
    assert stage.state is not None


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_of_the_data_set_comes_out_as_it_went_in(browser_page: Any, way: str):
    net, stage = open_pad(browser_page)
    for row in (3, 40):
        give(stage, png(digits()[row]), "three.png", way)
        np.testing.assert_allclose(seen(stage), digits()[row, 0] / 255, atol=1e-6)
        expected, _ = latent.encode(net, digits()[row : row + 1].astype(np.float32) / 255)
        np.testing.assert_allclose(stage.state["z"], expected[0], atol=1e-3)


def test_ink_on_paper_becomes_light_on_dark_of_the_right_size(browser_page: Any):
    _, stage = open_pad(browser_page)
    paper = np.full((1, 300, 400), 230, np.uint8)
    paper[0, 100:220, 180:200] = 20  # a stroke
    give(stage, png(paper), "scan.png", "drop")
    shown = seen(stage)
    assert shown[0].max() > 0.5
    assert shown[-1].max() > 0.5
    assert shown[:, 0].max() == shown[:, -1].max() == 0
    note = stage.find(".ls-draw .ls-note").text_content()
    assert note.startswith("Cropped to its middle. Its ground and ink turned into those of these pictures.")


@pytest.mark.parametrize(
    "contents", [b"", b"no picture at all", png(digits()[0])[:60]], ids=["empty", "text", "cut"]
)
def test_a_broken_file_is_a_sentence(browser_page: Any, contents: bytes):
    _, stage = open_pad(browser_page)
    before = stage.state
    give(stage, contents, "<b>holiday</b>.png", "drop")
    sentence = "<b>holiday</b>.png could not be read as a picture. PNG, JPEG, WebP, GIF and BMP can."
    expect(stage.find(".ls-draw .ls-note")).to_have_text(sentence)
    assert stage.state == before


def test_colours_of_a_colour_set_and_a_start_from_the_picture_shown(browser_page: Any):
    random = np.random.default_rng(0)
    images = np.zeros((60, 3, 10, 12), np.uint8)
    for n in range(60):
        images[n, n % 2, 2:6, 2 + n % 5 : 6 + n % 5] = 200 + random.integers(0, 30)
    _, stage = open_pad(browser_page, world(images, latent=3))
    expect(stage.find(".ls-swatch")).to_have_count(3)  # red, green and the ground
    stage.page.get_by_role("button", name="From picture").click()
    stage.rest()
    start = stage.page.evaluate("document.querySelector('.ls-seen canvas').width")
    assert start == 12
    before = stage.state["z"]
    stage.drag(on_pad(stage, 0.1, 0.1), on_pad(stage, 0.9, 0.9), moves=4)
    stage.page.mouse.up()
    assert stage.state["z"] != before
    box = stage.find(".ls-pad").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(1.2, rel=0.02)


def test_d_opens_and_closes_the_pad(browser_page: Any):
    _, data, extras = world()
    stage = Stage(browser_page, data)
    stage.map.focus()
    stage.page.keyboard.press("d")
    expect(stage.find(".ls-draw")).to_have_count(0)  # the encoder has not come yet
    extend(stage, extras)
    stage.map.focus()
    stage.page.keyboard.press("d")
    expect(stage.find(".ls-draw")).to_have_count(1)
    stage.page.mouse.click(*on_pad(stage, 0.5, 0.5))
    stage.page.keyboard.press("d")  # the pad has the focus now
    expect(stage.find(".ls-draw")).to_have_count(0)


def test_without_an_encoder_or_hidden_there_is_no_pad(browser_page: Any):
    _, data, extras = world()
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    bare = save({"thumbs": digits()}, {"latentscape": json.dumps(note)})
    for bundle_bytes, extra, options in [
        (data, bare, {}),
        (sample(shape=(1, 8, 8)), bare, {}),
        (data, extras, {"hide": ["draw"]}),
    ]:
        stage = Stage(browser_page, bundle_bytes, **options)
        extend(stage, extra)
        expect(stage.page.get_by_role("button", name="Draw")).to_have_count(0)
        give(stage, png(digits()[0]), "a.png", "drop")
        expect(stage.find(".ls-draw")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_pad_fits_the_screen_and_a_finger_draws_without_scrolling(chromium: Any, width: int, height: int):
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True)
    page = context.new_page()
    _, stage = open_pad(page)
    pad = stage.find(".ls-pad")
    pad.scroll_into_view_if_needed()
    assert pad.bounding_box()["width"] >= 180
    assert stage.page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert pad.evaluate("node => getComputedStyle(node).touchAction") == "none"
    before = stage.state["z"]
    page.touchscreen.tap(*on_pad(stage, 0.5, 0.5))
    assert stage.state["z"] != before
    context.close()
