"""The palette as a file, read back by Pillow: every picture is what torch decodes there."""

import numpy as np
import pytest
import torch
from PIL import Image
from taken import trained

from vae_core import blends, ways
from vae_core.errors import ExportError, PathError
from vae_core.explorer import bundle
from vae_core.models import stored_model
from vae_core.runs import RunStore
from vae_core.taking import palette, sheets
from vae_core.taking.palette_kind import first_palette


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


def pictures(path, side, shape):
    """(side, side, H, W) grey levels, from the middle of each pixel's square of dots."""
    image = np.asarray(Image.open(path))
    ink = np.argwhere((image != image[-1, -1]).any(-1))
    room = sheets.WIDTH - 2 * sheets.EDGE
    zoom = (room - (side - 1) * sheets.GAP) // (side * shape[2])
    step = zoom * shape[1] + sheets.GAP
    top = sheets.EDGE + round(5.5 * sheets.LINE)
    assert ink[:, 0].max() < image.shape[0]
    found = np.empty((side, side, *shape[1:]))
    for row in range(side):
        for column in range(side):
            y, x = top + row * step, sheets.EDGE + column * step
            part = image[y : y + zoom * shape[1], x : x + zoom * shape[2], 0]
            found[row, column] = part[zoom // 2 :: zoom, zoom // 2 :: zoom]
    return found


@pytest.mark.parametrize(("way", "blend"), [("linear", "bilinear"), ("spherical", "spherical")])
def test_each_picture_is_the_blend_of_its_corners(run, way, blend, tmp_path):
    shares = []
    palette.save(run, tmp_path / "it.png", ways.read("3~17~z0.5,1.5,-1~8", way), 5, tell=shares.append)
    model = stored_model(run)
    mu = bundle.read(run.bundle())[1]["points.mu"]
    corners = np.stack([mu[3], mu[17], [0.5, 1.5, -1], mu[8]])
    found = pictures(tmp_path / "it.png", 5, model.shape)
    for row, column in ((0, 0), (0, 4), (4, 0), (4, 4), (1, 3)):
        code = blends.between(corners, np.array([[column / 4, row / 4]]), blend)
        with torch.no_grad():
            wanted = 255 * model.decode(torch.from_numpy(code.astype(np.float32))).mean[0, 0].numpy()
        assert np.abs(found[row, column] - wanted).max() <= 1
    assert (shares[0], shares[-1]) == (0, 1)
    file = Image.open(tmp_path / "it.png")
    assert file.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert file.info["Title"] == "taken along, β = 1: palette"


def test_without_corners_it_is_of_those_the_page_begins_with(run):
    tensors = bundle.read(run.bundle())[1]
    rows = blends.first_corners(tensors["points.mu"], tensors["points.label"])
    assert first_palette(run).anchors == tuple(rows)


@pytest.mark.parametrize(
    ("through", "way", "side", "kind", "sentence"),
    [
        ("1~2", "linear", 5, PathError, "four corners, found 2"),
        ("1~2~3~4", "data", 5, PathError, "straight or spherically"),
        ("1~2~3~9999", "linear", 5, PathError, "examples 0 to"),
        ("1~2~3~z1", "linear", 5, PathError, "has 3 numbers"),
        ("1~2~3~4", "linear", 1, ExportError, "2 to 40 pictures"),
        ("1~2~3~4", "linear", 41, ExportError, "2 to 40 pictures"),
    ],
)
def test_what_makes_no_palette_is_said(run, through, way, side, kind, sentence, tmp_path):
    with pytest.raises(kind, match=sentence):
        palette.save(run, tmp_path / "it.png", ways.read(through, way), side)
    assert not list(tmp_path.iterdir())
