import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vae_core import data
from vae_core.config import DataConfig
from vae_core.data import shapes

KINDS = list(enumerate(shapes.SHAPES))
FINE = 16  # sub-pixels along each axis of the drawn oracle


def picture(kind, size=10.0, x=16.0, y=16.0, angle=0.0):
    """(32, 32) floats in [0, 1]."""
    factors = [np.array([value]) for value in (kind, size, x, y, angle)]
    return shapes.render(*factors)[0, 0] / 255


@pytest.fixture(scope="module")
def drawn():
    return shapes.draw(2000, seed=5)


def test_every_area_is_the_size_squared(drawn):
    images, factors = drawn
    np.testing.assert_allclose(images.sum((1, 2, 3)) / 255, factors["size"] ** 2, rtol=0.03)


def test_every_centroid_is_at_x_y(drawn):
    images, factors = drawn
    centres, mass = np.arange(32) + 0.5, images.sum((1, 2, 3))
    np.testing.assert_allclose((images[:, 0] * centres).sum((1, 2)) / mass, factors["x"], atol=0.08)
    np.testing.assert_allclose((images[:, 0] * centres[:, None]).sum((1, 2)) / mass, factors["y"], atol=0.08)


@pytest.mark.parametrize(("kind", "name"), KINDS)
@pytest.mark.parametrize("angle", [-40, 0, 17, 40])
def test_they_look_as_pillow_draws_them(kind, name, angle):
    """Polygons and circles from school geometry, drawn 16 times finer and averaged down."""
    size, x, y = 9.5, 14.3, 17.6
    paper = Image.new("L", (32 * FINE, 32 * FINE))
    pen = ImageDraw.Draw(paper)
    for outline in _outlines(name):
        corners = [_place(point, size, x, y, angle) for point in outline]
        pen.polygon([(FINE * px - 0.5, FINE * py - 0.5) for px, py in corners], fill=1)
    share = np.asarray(paper, float).reshape(32, FINE, 32, FINE).mean((1, 3))
    found = picture(kind, size, x, y, angle)
    assert np.abs(found - share).mean() < 0.003
    assert np.abs(found - share).max() < 0.4  # at a tip, one pixel


def _place(point, size, x, y, angle):
    """Turned counter-clockwise as seen, scaled, and moved; the picture's y points down."""
    turned = complex(*point) * np.exp(1j * math.radians(angle)) * size
    return x + turned.real, y - turned.imag


def _outlines(name):
    """Corners of shapes of area 1, (right, up) of their centroid; several outlines make one shape."""
    turn = np.linspace(0, 2 * math.pi, 361)[:-1]
    if name == "square":
        return [[(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]]
    if name == "triangle":  # side a, area a² sqrt(3) / 4, centroid a third up
        a = 2 / 3**0.25
        height = a * math.sqrt(3) / 2
        return [[(-a / 2, -height / 3), (a / 2, -height / 3), (0, 2 * height / 3)]]
    if name == "ellipse":  # pi a b = 1, a = 1.6 b
        b = 1 / math.sqrt(1.6 * math.pi)
        return [list(zip(1.6 * b * np.cos(turn), b * np.sin(turn)))]
    assert name == "heart"
    a = 1 / math.sqrt(1 + math.pi / 4)
    tip = [(0, 0), (a / 2**0.5, a / 2**0.5), (0, a * 2**0.5), (-a / 2**0.5, a / 2**0.5)]
    lobes = [
        list(zip(s * a / 8**0.5 + a / 2 * np.cos(turn), 3 * a / 8**0.5 + a / 2 * np.sin(turn)))
        for s in (-1, 1)
    ]
    # The centroid above the tip, by fine vertical slices of the same outline.
    up = np.linspace(0, a * 1.6, 200_001)
    half = np.clip(np.minimum(up, a * 2**0.5 - up), 0, None)  # of the square
    bulge = (a / 2) ** 2 - (up - 3 * a / 8**0.5) ** 2
    half = np.maximum(half, np.where(bulge >= 0, a / 8**0.5 + np.sqrt(np.clip(bulge, 0, None)), 0))
    notch = np.where(bulge >= 0, np.clip(a / 8**0.5 - np.sqrt(np.clip(bulge, 0, None)), 0, None), 0)
    width = half - np.where(up > a * 2**0.5, notch, 0)
    centre = (up * width).sum() / width.sum()
    return [[(px, py - centre) for px, py in outline] for outline in [tip, *lobes]]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_no_two_angles_look_alike(kind, name):
    angles = np.linspace(*shapes.ANGLES, 9)
    pictures = [picture(kind, angle=angle) for angle in angles]
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert np.abs(first - second).sum() > 3  # of 100 lit pixels


def test_no_two_shapes_look_alike(drawn):
    for angle in (-40, 0, 40):
        for i, _ in KINDS:
            for j in range(i):
                assert np.abs(picture(i, angle=angle) - picture(j, angle=angle)).sum() > 10


def test_everything_fits_on_the_picture(drawn):
    images, _ = drawn
    rim = np.ones((32, 32), bool)
    rim[1:-1, 1:-1] = False
    for kind, _ in KINDS:
        for angle in np.arange(*shapes.ANGLES, 5):
            for x in shapes.POSITIONS:
                for y in shapes.POSITIONS:
                    assert picture(kind, shapes.SIZES[1], x, y, angle)[rim].max() < 0.4
    assert images.max() == 255
    assert images.min() == 0


def test_edges_are_smooth():
    """Sliding by a tenth of a pixel moves the grey of the edge, not whole pixels."""
    near, far = picture(0, x=16.0), picture(0, x=16.1)
    assert 0.05 < np.abs(near - far).max() < 0.15


def test_factors_are_uniform_and_independent(drawn):
    _, factors = drawn
    assert np.bincount(factors["shape"]).tolist() == [500] * 4
    for name, (low, high) in {
        "size": shapes.SIZES,
        "x": shapes.POSITIONS,
        "y": shapes.POSITIONS,
        "angle": shapes.ANGLES,
    }.items():
        values = factors[name]
        assert low <= values.min() <= values.max() <= high
        np.testing.assert_allclose(
            values.mean(), (low + high) / 2, atol=5 * (high - low) / math.sqrt(12 * 2000)
        )
    table = np.corrcoef(np.array(list(factors.values())))
    assert np.abs(table - np.eye(5)).max() < 5 / math.sqrt(2000)


def test_the_seed_decides():
    first, again, other = (shapes.draw(50, seed)[0].tobytes() for seed in (1, 1, 2))
    assert first == again != other


def test_loading_gives_pictures_labels_and_factors():
    loaded = data.load(DataConfig(source="shapes"))
    assert (loaded.images.shape, loaded.images.dtype) == ((6000, 1, 32, 32), np.uint8)
    assert loaded.label_names == shapes.SHAPES
    assert list(loaded.factors) == ["shape", "size", "x", "y", "angle"]
    np.testing.assert_array_equal(loaded.labels, loaded.factors["shape"])
    assert (len(loaded.train), len(loaded.test)) == (4800, 1200)
    assert loaded.checksum == data.load(DataConfig(source="shapes", split_seed=7)).checksum


def test_a_small_limit():
    loaded = data.load(DataConfig(source="shapes", limit=10))
    assert (len(loaded.train), len(loaded.test)) == (8, 2)
