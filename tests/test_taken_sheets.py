"""Sheets to print, read back by Pillow: every picture stands there in whole dots."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import norm
from taken import trained

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.errors import ExportError
from vae_core.models import build, stored_model
from vae_core.runs import RunStore
from vae_core.taking import sheets


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")), **{"training.epochs": 10})


def picture(sheet, row, column, shape):
    """What stands at that place, one value for each pixel; it must be squares of one colour."""
    height, width = shape[1] * sheet.zoom, shape[2] * sheet.zoom
    x, y = (start + n * step for start, n, step in zip(sheet.origin, (column, row), sheet.step))
    dots = np.asarray(sheet.image)[y : y + height, x : x + width]
    squares = dots.reshape(shape[1], sheet.zoom, shape[2], sheet.zoom, 3)
    assert (squares == squares[:, :1, :, :1]).all()
    return squares[:, 0, :, 0].transpose(2, 0, 1)


def test_a_traversal_moves_one_telling_dimension_a_row(run):
    model = stored_model(run)
    codes = sheets.codes_of(model, run.examples().images)
    sheet = sheets.traversal(model, codes, "about")
    mu, log_var = run.latents()
    kl = latent.kl_per_dimension(mu, log_var)
    rows = [k for k in np.argsort(-kl) if kl[k] > latent.ACTIVE]
    assert list(codes.active) == rows
    low, centre, high = latent.quantiles(mu, log_var, (0.005, 0.5, 0.995))
    for row, dimension in enumerate(rows):
        values = np.linspace(low[dimension], high[dimension], sheets.STEPS)
        expected = latent.to_bytes(latent.traverse(model, centre, dimension, values))
        for column in (0, 5, sheets.STEPS - 1):
            shown = picture(sheet, row, column, model.shape).astype(int)
            assert np.abs(shown - expected[column]).max() <= 1
    assert sheet.image.width == sheets.WIDTH
    assert sheet.zoom > 10  # 8 x 8 digits on a page


def test_a_manifold_is_spaced_by_quantiles(run):
    model = stored_model(run)
    codes = sheets.codes_of(model, run.examples().images)
    sheet = sheets.manifold(model, codes, "about", side=5)
    first, second = codes.active[:2]
    (z,) = latent.quantiles(codes.mu, codes.log_var, [0.5])
    for row, column in ((0, 0), (4, 0), (1, 3)):
        across, up = (column + 0.5) / 5, (4 - row + 0.5) / 5
        code = z.copy()
        code[first], code[second] = quantile(codes, first, across), quantile(codes, second, up)
        expected = latent.to_bytes(latent.decode(model, code[None]))[0]
        assert np.abs(picture(sheet, row, column, model.shape).astype(int) - expected).max() <= 1


def quantile(codes, dimension, share):
    """Of the mixture, by halving: SciPy's distribution function."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        sigma = np.exp(0.5 * codes.log_var[:, dimension])
        is_short = norm.cdf(middle, codes.mu[:, dimension], sigma).mean() < share
        low, high = (middle, high) if is_short else (low, middle)
    return low


@pytest.mark.parametrize("sheet", ["traversal", "manifold"])
def test_the_file_says_its_size_in_print_and_what_it_is(run, sheet, tmp_path):
    shares = []
    sheets.save(run, tmp_path / "it.png", sheet, tell=shares.append)
    found = Image.open(tmp_path / "it.png")
    found.load()
    assert found.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert found.info["Title"] == f"taken along, β = 1: {sheet}"
    assert found.width / 300 * 25.4 == pytest.approx(210, abs=0.1)  # millimetres, A4
    assert (shares[0], shares[-1]) == (0, 1)


def test_colour_one_dimension_and_one_that_stands_out():
    config = ModelConfig(latent=1, hidden=(8,))
    model = build(config, (3, 16, 24))
    with torch.no_grad():
        model.encoder[-1].weight[0] = 1.0
    codes = sheets.codes_of(model, np.random.default_rng(0).random((50, 3, 16, 24), np.float32))
    sheet = sheets.manifold(model, codes, "about", side=4)
    assert picture(sheet, 0, 3, model.shape).shape == (3, 16, 24)
    assert sheet.step[0] > sheet.step[1]


def test_where_nothing_says_anything_a_sentence_does():
    codes = sheets.Codes(np.zeros((5, 2), np.float32), np.zeros((5, 2), np.float32), np.zeros(2))
    with pytest.raises(ExportError, match="No dimension"):
        sheets.traversal(build(ModelConfig(latent=2), (1, 8, 8)), codes, "about")
    large = build(ModelConfig(net="conv", channels=(4,), latent=2), (3, 128, 128))
    with pytest.raises(ExportError, match="larger than a printer"):
        sheets.decoded(large, np.zeros((64, 64, 2), np.float32))
