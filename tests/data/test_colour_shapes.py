"""Colour shapes: factors recomputed from the pixels, hues that people who see few colours tell apart."""

import numpy as np
import pytest

from vae_core import data
from vae_core.config import DataConfig
from vae_core.data import colour_shapes, shapes

# What people without one kind of cone see, on linear RGB: Machado, Oliveira and Fernandes (2009), severity 1.
LACKING = {
    "red": "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998",
    "green": "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881",
    "blue": "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900",
    "none": "1 0 0 0 1 0 0 0 1",
}
TO_XYZ = "0.4124564 0.3575761 0.1804375 0.2126729 0.7151522 0.0721750 0.0193339 0.1191920 0.9503041"


@pytest.fixture(scope="module", params=[32, 64])
def drawn(request):
    return colour_shapes.draw(640, request.param, seed=3)


def shares(images, factors):
    """How much of each pixel is covered, (n, W, W), solved from the colours' mixture by least squares."""
    colours = np.array(list(colour_shapes.HUES.values()), float)[factors["hue"]][:, :, None, None]
    behind = np.rint(255 * factors["ground"])[:, None, None, None]
    span = colours - behind
    return ((images - behind) * span).sum(1) / (span**2).sum(1)


def test_area_and_centroid_are_those_of_the_factors(drawn):
    images, factors = drawn
    width = images.shape[-1]
    share = shares(images, factors)
    pixel = 32 / width
    mass = share.sum((1, 2))
    np.testing.assert_allclose(mass * pixel**2, factors["size"] ** 2, rtol=0.04)
    centres = (np.arange(width) + 0.5) * pixel
    np.testing.assert_allclose((share.sum(1) * centres).sum(1) / mass, factors["x"], atol=0.15)
    np.testing.assert_allclose((share.sum(2) * centres).sum(1) / mass, factors["y"], atol=0.15)


def test_hue_and_ground_are_seen_in_the_pixels(drawn):
    images, factors = drawn
    rows = np.arange(len(images))
    np.testing.assert_allclose(images[:, :, 0, 0] / 255, factors["ground"][:, None].repeat(3, 1), atol=0.002)
    x, y = (np.round(factors[name] / 32 * images.shape[-1] - 0.5).astype(int) for name in "xy")
    nearest = images[rows, :, y, x][:, None] - np.array(list(colour_shapes.HUES.values()), float)
    assert (np.abs(nearest).sum(2).argmin(1) == factors["hue"]).all()


def test_without_colour_they_are_the_shapes():
    """Grey on black is what `shapes` draws, scaled."""
    factors = shapes.draw(20, seed=1)[1]
    grey = np.full(20, list(colour_shapes.HUES).index("grey"))
    images = colour_shapes.render(**factors, hue=grey, ground=np.zeros(20), width=32)
    plain = shapes.render(**factors)
    np.testing.assert_allclose(images, plain.repeat(3, 1) * (225 / 255), atol=1)


def test_twice_the_pixels_show_the_same_scene():
    small, factors = colour_shapes.draw(50, 32, seed=4)
    large, again = colour_shapes.draw(50, 64, seed=4)
    assert all(np.array_equal(factors[name], again[name]) for name in factors)
    pooled = large.reshape(50, 3, 32, 2, 32, 2).mean((3, 5))
    assert np.abs(pooled - small).mean() < 0.5


def matrix(numbers):
    return np.array(numbers.split(), float).reshape(3, 3)


def lab(colours, seen):
    """CIELAB of sRGB colours (n, 3) as someone sees them."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ matrix(seen).T, 0, 1)
    ratio = linear @ matrix(TO_XYZ).T / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@pytest.mark.parametrize("missing", LACKING)
def test_hues_differ_for_everybody(missing):
    """A difference of 2.3 is just noticeable (Mahy et al., 1994)."""
    found = lab(np.array(list(colour_shapes.HUES.values())) / 255, LACKING[missing])
    apart = np.linalg.norm(found[:, None] - found, axis=2) + 1e3 * np.eye(len(found))
    assert apart.min() > 8


def test_factors_are_independent(drawn):
    _, factors = drawn
    pairs = np.bincount(factors["shape"] * 8 + factors["hue"])
    assert pairs.tolist() == [20] * 32
    table = np.corrcoef(np.array(list(factors.values())))
    assert np.abs(table - np.eye(7)).max() < 5 / np.sqrt(640)


@pytest.mark.parametrize(("source", "width"), [("colour-shapes", 32), ("colour-shapes-64", 64)])
def test_loading(source, width):
    loaded = data.load(DataConfig(source=source))
    assert (loaded.images.shape, loaded.images.dtype) == ((8000, 3, width, width), np.uint8)
    assert list(loaded.factors) == ["shape", "hue", "size", "x", "y", "angle", "ground"]
    np.testing.assert_array_equal(loaded.labels, loaded.factors["shape"])
    again = data.load(DataConfig(source=source, limit=100))
    assert again.checksum == loaded.checksum
    assert again.images is loaded.images  # drawn once
    assert (len(again.train), len(again.test)) == (80, 20)
