"""Each step of the preparation against pictures whose result is known by hand."""

import numpy as np
import pytest
from PIL import Image

from vae_core.config import fields
from vae_core.data.imports.preparation import Preparation, plain_picture, prepare
from vae_core.errors import ConfigError


def stripes(width, height):
    """Black left third, grey middle, white right third."""
    row = np.repeat([0, 100, 255], width // 3)
    return Image.fromarray(np.tile(row.astype(np.uint8), (height, 1)))


def prepared(image, **settings):
    preparation = Preparation(size=8, **settings)
    return prepare(plain_picture(image, preparation.colour == "colour"), preparation)


def test_a_picture_of_the_right_size_is_kept_to_the_bit():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    assert np.array_equal(prepared(Image.fromarray(pixels))[0], pixels)
    assert np.array_equal(prepared(Image.fromarray(pixels), fit="letterbox")[0], pixels)
    assert np.array_equal(prepared(Image.fromarray(pixels), invert=True)[0], 255 - pixels)
    assert np.array_equal(prepared(Image.fromarray(pixels), binarise=True)[0], (pixels > 127) * 255)
    both = prepared(Image.fromarray(pixels), binarise=True, invert=True)[0]
    assert np.array_equal(both, (255 - pixels > 127) * 255)


def test_crop_takes_the_middle():
    assert (prepared(stripes(24, 8)) == 100).all()


def test_letterbox_keeps_all_and_fills_with_the_edge():
    picture = np.zeros((8, 16), np.uint8)
    picture[2:6, 4:12] = 255
    wide = prepared(Image.fromarray(picture), fit="letterbox")[0]
    assert (wide[:2] == 0).all()
    assert (wide[6:] == 0).all()
    assert wide[3:5, 3:5].min() > 150
    paper = prepared(Image.fromarray(255 - picture), fit="letterbox")[0]
    assert (paper[:2] == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7, 9), (128, 3)])
@pytest.mark.parametrize("fit", ["crop", "letterbox"])
@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("colour", 3)])
def test_any_size_becomes_square(size, fit, colour, channels):
    made = prepared(Image.new("RGB", size, (10, 20, 30)), fit=fit, colour=colour)
    assert made.shape == (channels, 8, 8)
    assert made.dtype == np.uint8
    assert {*made[0].ravel()} == ({10} if colour == "colour" else {18})  # 0.299 R + 0.587 G + 0.114 B


def test_transparent_is_white_and_16_bits_are_scaled():
    assert (prepared(Image.new("RGBA", (8, 8), (0, 0, 0, 0))) == 255).all()
    assert (prepared(Image.new("LA", (8, 8), (0, 255))) == 0).all()
    deep = Image.fromarray(np.full((8, 8), 257 * 90, np.uint16))
    assert (prepared(deep) == 90).all()


def test_upright_as_the_camera_meant():
    image = stripes(24, 24)
    image.getexif()[0x0112] = 6  # turned by a quarter
    made = prepared(image)[0]
    assert (made[0] == 0).all()
    assert (made[-1] == 255).all()


def test_the_cap_is_a_fixed_choice():
    assert list(Preparation().chosen(5)) == [0, 1, 2, 3, 4]
    some = Preparation(cap=10).chosen(1000)
    assert list(some) == sorted(set(some))
    assert len(some) == 10
    assert np.array_equal(some, Preparation(cap=10).chosen(1000))


def test_settings_are_checked_in_words():
    for option in fields(Preparation).values():
        assert option.help.endswith(".")
    for value, words in [
        ({"size": 7}, "size is 7, allowed is a whole number from 8 to 128."),
        ({"fit": "stretch"}, "fit is 'stretch', allowed is one of crop, letterbox."),
        ({"invert": "maybe"}, "invert is 'maybe', allowed is true or false."),
        ({"colr": 1}, "There is no setting 'colr'"),
    ]:
        with pytest.raises(ConfigError) as caught:
            Preparation.parse(value)
        assert words in str(caught.value)
