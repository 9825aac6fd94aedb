"""A path's strip to print, read back by Pillow, and its codes, read back by pandas."""

import dataclasses

import numpy as np
import pandas
import pytest
from PIL import Image
from taken import trained

from vae_core import latent, paths, ways
from vae_core.errors import ExportError, PathError
from vae_core.models import stored_model
from vae_core.runs import RunStore
from vae_core.taking import film, journey, path_table, strip
from vae_core.taking.kind import Choices

WAY = ways.read("3~11~z0.5,-1,2", "spherical")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")), **{"training.epochs": 10})


def row(made, number, shape, count):
    """Pictures (count, C, H, W) of a row; each must be squares of one colour."""
    height, width = shape[1] * made.zoom, shape[2] * made.zoom
    found = []
    for k in range(count):
        x, y = made.left + k * made.step, made.tops[number]
        dots = np.asarray(made.image)[y : y + height, x : x + width]
        squares = dots.reshape(shape[1], made.zoom, shape[2], made.zoom, 3)
        assert (squares == squares[:, :1, :, :1]).all()
        found.append(squares[:, 0, :, 0, :1].transpose(2, 0, 1))
    return np.stack(found).astype(int)


def test_rows_are_the_path_the_nearest_examples_and_the_cross_fade(run):
    found = journey.travelled(run, WAY, 9)
    made = strip.drawn(found, has_nearest=True)
    model = stored_model(run)
    frames = ways.frames(run, WAY, 9)
    shape = run.examples().images.shape[1:]
    drawn = latent.to_bytes(latent.decode(model, frames.codes)).astype(int)
    assert np.abs(row(made, 0, shape, 9) - drawn).max() <= 1
    real = run.examples().images[frames.nearest]
    assert (row(made, 1, shape, 9) == real).all()
    mu, _ = run.latents()
    ends = latent.decode(model, np.stack([mu[3], mu[11], [0.5, -1, 2]]).astype(np.float32))
    first, second = paths.cross_fade(ends[0], ends[1], 5), paths.cross_fade(ends[1], ends[2], 5)
    fade = latent.to_bytes(np.concatenate([first, second[1:]])).astype(int)
    assert np.abs(row(made, 2, shape, 9) - fade).max() <= 1
    assert len(strip.drawn(found, has_nearest=False).tops) == 2


def test_the_band_is_the_support(run):
    found = journey.travelled(run, WAY, 9)
    made = strip.drawn(found, has_nearest=False)
    below = made.tops[0] + run.examples().images.shape[2] * made.zoom + 12 + strip.BAND // 2
    for k, support in enumerate(ways.frames(run, WAY, 9).support):
        seen = made.image.getpixel((made.left + k * made.step + 10, below))
        assert "#{:02X}{:02X}{:02X}".format(*seen) == film.colour(float(support))


@pytest.mark.parametrize("more", ["", "loop", "beyond", "loop,beyond"])
def test_by_itself_anchors_fall_on_pictures(run, more):
    for anchors in range(2, 9):
        way = ways.read("~".join(str(k) for k in range(anchors)), more=more)
        marks = ways.frames(run, way, strip.usual(way)).marks
        np.testing.assert_allclose(marks, np.round(marks), atol=1e-9)


def test_the_file_says_its_size_in_print_and_what_it_is(run, tmp_path):
    shares = []
    strip.save(run, tmp_path / "it.png", Choices(way=WAY), shares.append)
    found = Image.open(tmp_path / "it.png")
    found.load()
    assert found.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert found.width / 300 * 25.4 == pytest.approx(297, abs=0.1)  # millimetres, A4 on its side
    assert found.info["Title"] == "taken along, β = 1: spherical"
    assert shares == sorted(shares)
    assert shares[-1] == 1
    about = strip.size(run, Choices(way=WAY))
    assert about / 2 < (tmp_path / "it.png").stat().st_size < about * 2


def test_any_length_of_names_and_many_anchors_can_be_drawn(run):
    way = ways.read("~".join(str(k) for k in range(8)), "linear", more="loop,beyond")
    found = journey.travelled(run, way, 24)
    names = tuple(["Übergröße " * 20, ""] * 4 + ["x"])
    made = strip.drawn(dataclasses.replace(found, names=names), has_nearest=True)
    assert made.image.width >= strip.WIDTH


def test_too_many_pictures_are_refused(run):
    with pytest.raises(ExportError, match="2 to 120"):
        strip.size(run, Choices(way=WAY, count=500))


@pytest.mark.parametrize("more", ["", "loop", "beyond"])
def test_codes_are_those_of_the_frames(run, tmp_path, more):
    way = ways.read("3~11", "spherical", more=more)
    path_table.save(run, tmp_path / "it.csv", Choices(way=way))
    found = pandas.read_csv(tmp_path / "it.csv")
    frames = ways.frames(run, way)
    np.testing.assert_array_equal(found[["z1", "z2", "z3"]].to_numpy(np.float32), frames.codes)
    np.testing.assert_allclose(found["share"], frames.shares, atol=1e-12)
    np.testing.assert_allclose(found["support"], frames.support, atol=1e-12)
    examples = run.examples()
    assert (found["nearest_number"] == examples.index[frames.nearest]).all()
    names = np.array(examples.label_names)[examples.labels[frames.nearest]]
    assert (found["nearest_label_name"].astype(str) == names).all()
    assert list(found["frame"]) == list(range(1, 25))
    stands = found["anchor"].dropna()
    assert stands.iloc[0] == journey.name_of(examples, 3)
    about = path_table.size(run, Choices(way=way))
    assert about / 2 < (tmp_path / "it.csv").stat().st_size < about * 2


def test_what_makes_no_path_is_said(run, tmp_path):
    with pytest.raises(PathError, match="asks for 5000"):
        strip.size(run, Choices(way=ways.read("3~5000")))
    with pytest.raises(PathError, match="asks for 5000"):
        path_table.save(run, tmp_path / "it.csv", Choices(way=ways.read("3~5000")))
    assert list(tmp_path.iterdir()) == []
