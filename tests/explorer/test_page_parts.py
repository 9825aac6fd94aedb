"""What else the one-file page may hold: budgets, the author's words, a strip, a view, parts left out."""

import base64
import io
import json
import subprocess
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from mounting import sample
from PIL import Image
from safetensors.numpy import load, save
from test_page import HOSTILE, Reader, changed, mlp_28

from vae_core.explorer import bundle, page_pack, page_view, page_words
from vae_core.explorer import extras as explorer_extras
from vae_core.explorer.page import html, size
from vae_core.explorer.page_pack import UNPACK
from vae_core.explorer.page_parts import Inside
from vae_core.runs import RunStore


def with_encoder(data: bytes, hidden: int = 512) -> tuple[bytes, dict[str, np.ndarray]]:
    """A bundle that describes an encoder of 0.67 million parameters, and its tensors in half precision."""
    meta, _ = bundle.read(data)
    random, widths = np.random.default_rng(1), [784, hidden, hidden, 2 * meta["latent"]]
    ops, tensors = [], {}
    for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
        names = {"weight": f"encoder.{k}.weight", "bias": f"encoder.{k}.bias"}
        ops += [{"op": "linear", **names}, {"op": "silu"}]
        tensors[names["weight"]] = random.normal(size=(fan_out, fan_in)).astype(np.float16)
        tensors[names["bias"]] = np.zeros(fan_out, np.float16)
    return changed(data, encoder=ops[:-1], posterior={"ceiling": 10.0}), tensors


def extras(tensors: dict[str, np.ndarray]) -> bytes:
    note = {"format": 1, "kind": "extras", "factor": 1, "problems": []}
    return save(tensors, {"latentscape": json.dumps(note)})


def garments() -> np.ndarray:
    """(2000, 1, 28, 28) uint8, pictures of Fashion-MNIST."""
    return load(explorer_extras.extras(RunStore().get("fashion-mnist"), encoder=False))["thumbs"]


def test_it_keeps_to_its_budgets():
    """Half-precision weights of a normal distribution pack worse than trained ones do."""
    data = mlp_28()
    pictures = garments()
    strip = pictures[:12]
    alone = html(data, inside=Inside(place={}, strip=strip, said="Twelve"))
    assert len(alone.encode()) < 2_000_000
    pictured = Inside(place={}, strip=strip, extras=extras({"thumbs": pictures}))
    assert len(html(data, inside=pictured).encode()) < 3_200_000
    described, tensors = with_encoder(data)
    whole = Inside(place={}, strip=strip, extras=extras({"thumbs": pictures, **tensors}))
    made = len(html(described, inside=whole).encode())
    assert made < 5_000_000
    assert size(described, None, whole) == pytest.approx(made, rel=0.005, abs=30_000)  # but for the strip


@pytest.mark.node
def test_what_is_packed_is_unpacked_by_the_script(node: str):
    random = np.random.default_rng(3)
    for content in (b"", b"x", b"xyz", random.bytes(999), random.normal(size=501).astype("<f2").tobytes()):
        text = page_pack.element("it", content)
        ((_, attributes),) = [found for found in Reader(text).tags if found[0] == "script"]
        letters = text.partition(">")[2].partition("<")[0]
        assert not set(letters) & set("<\n \"'")
        length, parts = int(str(attributes["data-length"])), str(attributes["data-parts"])
        assert page_pack.unpack(letters, length, parts) == content
        assert -2_000 < page_pack.size(content) - len(text) < 2_000
        found = {"textContent": letters, "dataset": {"length": str(length), "parts": parts}}
        script = (
            f"globalThis.document = {{getElementById: () => ({json.dumps(found)})}};{UNPACK}"
            "console.log(Buffer.from(await unpacked('it')).toString('base64'));"
        )
        result = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True)
        assert base64.b64decode(result.stdout) == content, result.stderr


def test_weights_are_split_where_that_pays():
    weights = np.random.default_rng(0).normal(scale=0.02, size=20_000).astype("<f2").tobytes()
    assert 'data-parts="2"' in page_pack.element("it", weights)
    assert 'data-parts="1"' in page_pack.element("it", b"some words, and some more " * 100)
    assert page_pack.size(weights) < len(base64.b64encode(weights))


def test_notes_become_paragraphs_and_stay_text():
    text = "One\r\nline \u202eand\n\n \n" + HOSTILE
    written = page_words.paragraphs(text)
    assert written.startswith("<p>One<br>line  and</p><p>&lt;/title&gt;")
    assert page_words.paragraphs("\n \n") == ""
    assert len(page_words.paragraphs("x" * 10_000)) == page_words.NOTES_MOST + len("<p></p>")
    page = Reader(html(sample(), title=f"A\n{HOSTILE}", inside=Inside(notes=text)))
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert len([tag for tag, _ in page.tags if tag == "p"]) == 2


def test_a_strip_of_pictures_is_there_without_a_script():
    strip = np.random.default_rng(0).integers(0, 256, (5, 3, 6, 4)).astype(np.uint8)
    page = Reader(html(sample(), inside=Inside(strip=strip, said='Five "pictures"')))
    ((_, image),) = [found for found in page.tags if found[0] == "img"]
    assert image["alt"] == 'Five "pictures"'
    kind, _, content = str(image["src"]).partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as opened:
        pixels = np.asarray(opened)
    assert pixels.shape == (6, 20, 3)
    assert np.array_equal(pixels[:, 8:12], np.moveaxis(strip[2], 0, -1))
    assert not [tag for tag, _ in page.tags if tag == "noscript"]
    assert "noscript" in html(sample())


def test_parts_that_are_left_out_leave_their_modules_out():
    whole = Reader(html(sample(), inside=Inside(place={}))).held["runtime"].decode()
    alone = Reader(html(sample())).held["runtime"].decode()
    assert "class PathPage" in whole
    assert "class PathPage" not in alone
    assert "ReplayPlayer" not in whole
    assert "createDraw" not in whole  # it has no encoder
    described, tensors = with_encoder(mlp_28(), 8)
    drawn = Reader(html(described, inside=Inside(extras=extras(tensors)))).held["runtime"].decode()
    assert "createDraw" in drawn


@pytest.mark.parametrize(
    ("link", "view"),
    [
        ("z=1,-0.5&grid=1", {"z": [1, -0.5], "grid": True}),
        ("http://x/explore?run=a&example=7", {"selected": 1, "z": [2.0, 3.0]}),
        ("example=7&beta=0.5", {"selected": 1, "beta": 0.5}),
        ("axes=2,1&off=0,3&tint=2&zoom=0,1,2&colour=z2&chart=pca", {
            "axes": [1, 0], "hidden": [0, 3], "tint": 1, "view": [0, 1, 2], "colour": "z2", "chart": "pca"}),
        ("z=nan,1&axes=x&beta=1e999&example=-1&tint=1,2&chart=tsne&zoom=", {}),
        ("?" + "z=1," * 20_000, {}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_view_is_read_from_a_share_link(link: str, view: dict[str, Any]):
    found = page_view.read(link, np.array([5, 7]), np.array([[0, 1], [2, 3]], np.float32))
    assert found == view
