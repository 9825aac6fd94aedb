"""Films of a path in Chromium, whose own readers of pictures and videos know nothing of Pillow or PyAV."""

import base64

import numpy as np
import pytest
from PIL import Image
from taken import trained

from vae_core import ways
from vae_core.runs import RunStore
from vae_core.taking import film_make
from vae_core.taking.kind import Choices

pytestmark = pytest.mark.browser

COUNT = 6
TYPES = {"gif": "image/gif", "webp": "image/webp", "apng": "image/png"}
PICTURES = """
async ([text, type]) => {
  const data = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const decoder = new ImageDecoder({data, type});
  await decoder.tracks.ready;
  await decoder.completed;
  const {frameCount, repetitionCount} = decoder.tracks.selectedTrack;
  const {image} = await decoder.decode({frameIndex: frameCount - 1});
  const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = [...context.getImageData(0, 0, canvas.width, canvas.height).data];
  return {count: frameCount, again: repetitionCount, pause: image.duration, width: canvas.width, pixels};
}
"""
VIDEO = """
async text => {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const video = document.body.appendChild(document.createElement('video'));
  video.muted = true;
  const ready = new Promise((done, fail) => {
    video.onloadeddata = done;
    video.onerror = () => fail(new Error(video.error.message));
  });
  video.src = URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'}));
  await ready;
  return [video.videoWidth, video.videoHeight, video.duration];
}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


@pytest.fixture
def page(browser_page):
    """A page on which decoders may be asked."""
    browser_page.route("https://films.test/", lambda route: route.fulfill(body="<body></body>"))
    browser_page.goto("https://films.test/")
    return browser_page


def text_of(run, kind, path, **changes):
    choices = Choices(way=ways.read("3~11"), count=COUNT, pixels=64, **changes)
    film_make.save(kind, run, path, choices)
    return base64.b64encode(path.read_bytes()).decode()


@pytest.mark.parametrize("kind", TYPES)
def test_chromium_reads_every_picture(page, run, kind, tmp_path):
    text = text_of(run, kind, tmp_path / "it", ease="even")
    found = page.evaluate(PICTURES, [text, TYPES[kind]])
    assert found["count"] == 2 * COUNT - 2
    assert found["again"] is None or found["again"] > 1e9  # for ever
    assert found["pause"] / 1e6 == pytest.approx(2.6 / (COUNT - 1), abs=0.011)
    with Image.open(tmp_path / "it") as read:
        read.seek(read.n_frames - 1)
        expected = np.asarray(read.convert("RGB"))
    seen = np.array(found["pixels"]).reshape(64, found["width"], 4)
    assert np.abs(seen[..., :3] - expected.astype(int)).max() <= 1
    once = page.evaluate(PICTURES, [text_of(run, kind, tmp_path / "one", repeat="once"), TYPES[kind]])
    assert (once["count"], once["again"]) in {(COUNT, 0), (COUNT, 1)}


def test_chromium_plays_the_video(page, run, tmp_path):
    pytest.importorskip("av")
    width, height, seconds = page.evaluate(VIDEO, text_of(run, "mp4", tmp_path / "it", labels=True))
    assert (width, height) > (64, 64)
    assert seconds == pytest.approx((2 * COUNT - 2) * 2.6 / (COUNT - 1), abs=0.1)
