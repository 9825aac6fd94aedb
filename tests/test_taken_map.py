"""The map as SVG, read by an XML parser and drawn by Chromium."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from taken import rewritten, titled, trained

from vae_core.explorer import bundle
from vae_core.runs import RunStore
from vae_core.taking import svg_map

SVG = "{http://www.w3.org/2000/svg}"
ODD = ("<script>alert(1)</script>", 'a "b" & c', "x\x00\x08y\ud7ff", "]]>", "plain")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")), **{"model.latent": 2, "training.epochs": 40})


def dots(root):
    """By the title of their group: places (N, 2)."""
    return {
        group.findtext(f"{SVG}title"): np.array(
            [[float(dot.get("cx")), float(dot.get("cy"))] for dot in group.iter(f"{SVG}circle")]
        )
        for group in root.iter(f"{SVG}g")
    }


def test_every_example_stands_in_its_place_and_class(run, tmp_path):
    svg_map.write(run, tmp_path / "it.svg")
    root = ElementTree.parse(tmp_path / "it.svg").getroot()
    meta, tensors = bundle.read(run.bundle())
    mu, labels = tensors["points.mu"], tensors["points.label"]
    rings = [float(ring.get("r")) for ring in root.findall(f"{SVG}circle") if ring.get("fill") == "none"]
    scale = rings[0]  # user units of one standard deviation of the prior
    if len(rings) > 1:
        assert rings[1] == pytest.approx(2 * scale, abs=0.02)
    kl = 0.5 * (mu**2 + np.exp(tensors["points.log_var"]) - tensors["points.log_var"] - 1).mean(0)
    order = np.argsort(-kl) if "z2" in axis(root)[0] else [0, 1]
    seen = dots(root)
    count = 0
    for k, name in enumerate(meta["labels"]):
        codes = mu[labels == k][:, order]
        expected = np.column_stack([460 + codes[:, 0] * scale, 490 - codes[:, 1] * scale])
        inside = (np.abs(expected - [460, 490]) <= 400).all(1)
        np.testing.assert_allclose(seen[name], expected[inside], atol=0.06)
        count += inside.sum()
    assert count >= 0.9 * len(mu)
    assert {"0", "9"} <= {text.text for text in root.iter(f"{SVG}text")}  # the legend


def axis(root):
    return [text.text for text in root.iter(f"{SVG}text") if text.text.startswith("z")]


def test_names_and_titles_are_text_and_nothing_else(run, tmp_path):
    other = titled(rewritten(trained(RunStore(tmp_path)), labels=list(ODD)), '<b onload="x">&title')
    text = svg_map.drawn(other)
    root = ElementTree.fromstring(text.encode())
    names = {group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g")}
    assert {"<script>alert(1)</script>", 'a "b" & c', "]]>", "without a class"} <= names
    assert root.findtext(f"{SVG}title").startswith('<b onload="x">&title')
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "rect", "circle", "g", "text"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_one_dimension_and_no_classes(tmp_path):
    run = rewritten(trained(RunStore(tmp_path), **{"model.latent": 1}), labels=[])
    root = ElementTree.fromstring(svg_map.drawn(run).encode())
    assert sum(map(len, dots(root).values())) > 0
    assert not [ring for ring in root.findall(f"{SVG}circle") if ring.get("fill") == "none"]


@pytest.mark.browser
def test_a_browser_draws_it(run, tmp_path, browser_page):
    svg_map.write(run, tmp_path / "it.svg")
    browser_page.goto((tmp_path / "it.svg").as_uri())
    shot = np.asarray(Image.open(io.BytesIO(browser_page.screenshot())).convert("RGB")).astype(int)
    assert len(np.unique(shot.reshape(-1, 3), axis=0)) > 50  # dots of ten classes
    assert shot[2, 2].tolist() == [255, 255, 255]
