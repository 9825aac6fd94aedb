"""The one-file HTML: small, closed by its own policy, alive from disk without a network."""

import base64
import hashlib
import json
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decoding import describe
from dial_bundle import dial_bundle
from mounting import sample
from playwright.sync_api import expect

from vae_core.config import RunConfig
from vae_core.errors import BundleError, PackError
from vae_core.explorer import bundle, page_pack
from vae_core.explorer.build import runtime_js
from vae_core.explorer.page import html, size

HOSTILE = '</title><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">'


class Reader(HTMLParser):
    """The elements of a page as a browser would see them, and the text inside scripts and styles."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self.held: dict[str, bytes] = {}  # what the script unpacks, by the elements' names
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        if tag in ("script", "style") and data.strip():
            self.inside.append((attributes.get("type") or tag, data))
        if tag == "script" and "data-length" in attributes and data.strip():
            length, parts = int(attributes["data-length"] or 0), str(attributes["data-parts"])
            self.held[str(attributes["id"])] = page_pack.unpack(data, length, parts)
        self.text += data


def policy(page: Reader) -> dict[str, list[str]]:
    found = [a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(found) == 1
    return {name: values for name, *values in (part.split() for part in str(found[0]).split(";"))}


def changed(data: bytes, /, **changes: Any) -> bytes:
    meta, tensors = bundle.read(data)
    return bundle.write(meta | changes, tensors)


def mlp_28(latent: int = 8, hidden: int = 512) -> bytes:
    """0.67 million parameters for 28x28 pictures, 2,000 points, thumbnails."""
    random = np.random.default_rng(0)
    widths = [latent, hidden, hidden, 784]
    ops: list[dict[str, Any]] = []
    tensors = {}
    for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
        names = {"weight": f"decoder.{k}.weight", "bias": f"decoder.{k}.bias"}
        ops += [{"op": "linear", **names}, {"op": "silu"}]
        tensors[names["weight"]] = random.normal(size=(fan_out, fan_in)).astype(np.float32)
        tensors[names["bias"]] = np.zeros(fan_out, np.float32)
    assert 660_000 < sum(tensor.size for tensor in tensors.values()) < 680_000
    tensors |= {
        "points.mu": random.normal(size=(2000, latent)).astype(np.float32),
        "points.log_var": random.normal(size=(2000, latent)).astype(np.float32),
        "points.label": np.zeros(2000, np.int16),
        "points.index": np.arange(2000, dtype=np.int32),
        "thumbs": random.integers(0, 255, (2000, 1, 28, 28)).astype(np.uint8),
    }
    return bundle.write(describe(latent, (1, 28, 28), [*ops[:-1], {"op": "sigmoid"}]), tensors)


def test_at_most_two_megabytes():
    assert len(html(mlp_28()).encode()) < 2_000_000


def test_the_policy_names_exactly_what_is_inside():
    page = Reader(html(sample()))
    inside = dict(page.inside)
    assert set(inside) == {"style", "module", "text/plain"}
    rules = policy(page)

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == [digest(inside["module"]), "blob:", "'wasm-unsafe-eval'"]
    assert rules["style-src"] == [digest(inside["style"])]
    assert not [a for _, a in page.tags if {"src", "href", "style"} & set(a) or any(n[:2] == "on" for n in a)]


def test_the_bundle_inside_is_the_model_in_half_precision():
    data = sample()
    held = Reader(html(data)).held
    assert set(held) == {"bundle", "runtime", "sheet"}
    assert held["bundle"] == bundle.to_half(data)
    assert len(held["runtime"]) < 0.6 * len(runtime_js())
    assert "export function mount(" in held["runtime"].decode()


def test_names_from_files_become_text():
    data = {"title": HOSTILE, "licence": HOSTILE, "source": HOSTILE}
    page = Reader(html(changed(sample(labels=(HOSTILE,)), title=HOSTILE, data=data, likelihood=HOSTILE)))
    assert [tag for tag, _ in page.tags if tag == "script"] == ["script"] * 4
    assert [tag for tag, _ in page.tags if tag == "img"] == []
    assert page.text.count(HOSTILE) == 5  # twice the title, the data, its licence, the likelihood
    assert "A <b>title</b>" in Reader(html(sample(), "A <b>title</b>")).text


def test_the_footer_says_what_it_is_and_how_well_it_does():
    report = {"distortion": 81.26, "rate": 12.34, "elbo": -93.6}
    data = {"title": "Fashion-MNIST", "licence": "MIT", "source": ""}
    text = Reader(html(changed(sample(), data=data, beta=0.5, report=report, likelihood="bernoulli"))).text
    for fact in ("Fashion-MNIST, licence: MIT", "108 parameters, 2 latent dimensions, Bernoulli pixels"):
        assert fact in text
    for fact in ("distortion 81.3 nats", "rate 12.3 nats", "β = 0.5", "made with Latentscape"):
        assert fact in text
    assert "distortion much" not in Reader(html(changed(sample(), report={"distortion": "much"}))).text


def test_what_cannot_be_exported_is_refused_in_a_sentence():
    with pytest.raises(BundleError):
        html(b"nonsense" * 9)
    meta, tensors = bundle.read(sample())
    with pytest.raises(PackError, match=r"decoder\.0\.bias"):
        html(bundle.write(meta, tensors | {"decoder.0.bias": np.full(36, 1e6, np.float32)}))


def test_it_needs_neither_torch_nor_scikit_learn():
    code = (
        "import sys, vae_core.explorer.page\n"
        "print([name for name in ('torch', 'sklearn', 'streamlit') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.fixture
def opened(chromium: Any, tmp_path: Path):
    """Opens a bundle's page from disk, network blocked; complains about any error or request."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: requests.append(request.url))

    def open_page(data: bytes) -> Any:
        path = tmp_path / "model.html"
        path.write_text(html(data), "utf-8")
        page.goto(path.as_uri())
        page.wait_for_selector("[data-role=picture][aria-label*=z]")
        return page

    yield open_page
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file://", "blob:"))] == []
    context.close()


PIXELS = """() => {
  const canvas = document.querySelector('[data-role=picture]');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).filter((_, i) => i % 4 === 0);
}"""


@pytest.mark.browser
def test_from_disk_it_decodes_as_numpy_does(opened: Any):
    data = sample()
    page = opened(data)
    _, tensors = bundle.read(data)
    z = tensors["points.mu"][0]
    logits = tensors["decoder.0.weight"] @ z + tensors["decoder.0.bias"]
    assert page.evaluate(PIXELS) == pytest.approx(255 / (1 + np.exp(-logits)), abs=1.5)


@pytest.mark.browser
def test_from_disk_it_moves_under_the_hand(opened: Any):
    page = opened(mlp_28(hidden=512))
    before = page.evaluate(PIXELS)
    box = page.locator("[data-role=map]").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 300, steps=5)
    page.mouse.up()
    page.wait_for_timeout(100)
    moved = page.evaluate(PIXELS)
    assert moved != before
    page.locator("input[type=range]").first.fill("1")
    page.wait_for_timeout(100)
    assert page.evaluate(PIXELS) != moved
    assert "Test" in page.title()


@pytest.mark.browser
def test_it_grows_with_the_screen(opened: Any):
    page = opened(mlp_28())

    def sizes() -> list[int]:
        page.wait_for_timeout(100)
        boxes = [page.locator(f"[data-role={role}]").bounding_box() for role in ("picture", "map")]
        return [round(length) for box in boxes for length in (box["width"], box["height"])]

    fits = """['Width', 'Height'].every(
      side => document.documentElement['scroll' + side] <= window['inner' + side])"""
    assert sizes() == [336, 336, 852, 628]
    assert page.evaluate(fits)
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert sizes() == [504, 504, 1228, 808]
    assert page.evaluate(fits)


@pytest.mark.browser
def test_hostile_names_do_nothing_in_a_browser(opened: Any):
    names = {"title": HOSTILE, "data": {"title": HOSTILE, "licence": HOSTILE, "source": HOSTILE}}
    page = opened(changed(sample(labels=(HOSTILE, "b", "c")), **names))
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0
    assert page.title() == HOSTILE


def test_a_bundle_with_a_dial_has_the_lab_and_the_conventions_in_its_page():
    data = dial_bundle()
    page = Reader(html(data, config=RunConfig().override({"model.kind": "multirate"})))
    ((_, attributes),) = [found for found in page.tags if found[0] == "main"]
    assert attributes["data-lab"] == "true"
    (news,) = json.loads(page.held["news"]).values()
    assert {"sum", "mean", "beta_norm"} <= {row["key"] for row in news}
    assert "dial from 0.01 to 10" in page.text
    assert len(html(data, config=RunConfig())) == pytest.approx(size(data, RunConfig()), abs=1_500)
    plain = Reader(html(sample(), config=RunConfig()))
    assert [attributes["data-lab"] for tag, attributes in plain.tags if tag == "main"] == ["false"]
    assert "news" not in plain.held


@pytest.mark.browser
def test_the_dial_turns_and_the_converter_works_without_a_network(chromium, tmp_path):
    path = tmp_path / "lab.html"
    path.write_text(html(dial_bundle(), config=RunConfig()), "utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    dial = page.get_by_role("slider", name="β").first
    expect(dial).to_be_visible()
    before = page.evaluate(PIXELS)
    dial.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    page.wait_for_function(f"(before) => JSON.stringify(({PIXELS})()) !== before", arg=json.dumps(before))
    page.get_by_text("What does this β mean elsewhere?").click()
    expect(page.get_by_text("Normalised beta of Higgins et al. (2017)").first).to_be_visible()
    assert wrong == []
    context.close()


@pytest.mark.browser
def test_the_page_opens_at_the_view_it_is_given(chromium, tmp_path):
    path = tmp_path / "there.html"
    data = dial_bundle()
    z = [0.5] * bundle.read(data)[0]["latent"]
    path.write_text(html(data, view={"z": z, "beta": 4.0, "selected": -1, "chart": "umap"}), "utf-8")
    (attributes,) = [found for tag, found in Reader(path.read_text("utf-8")).tags if tag == "main"]
    assert json.loads(str(attributes["data-view"])) == {"z": z, "beta": 4.0, "selected": -1}
    page = chromium.new_context(offline=True).new_page()
    page.goto(path.as_uri())
    expect(page.get_by_role("slider", name="β").first).to_have_attribute("aria-valuenow", "4")
    page.context.close()
