"""Embedding Projector files, read by pandas, Pillow and TensorBoard's own parser."""

import io
import json
import zipfile

import numpy as np
import pandas
import pytest
from google.protobuf import text_format
from PIL import Image
from taken import FORMULAS, rewritten, titled, trained

from vae_core.explorer import bundle
from vae_core.runs import RunStore
from vae_core.taking import projector


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


def unpacked(run, tmp_path):
    shares = []
    projector.write(run, tmp_path / "it.zip", shares.append)
    assert (shares == sorted(shares), shares[-1]) == (True, 1)
    with zipfile.ZipFile(tmp_path / "it.zip") as packed:
        assert packed.testzip() is None
        return {name.removeprefix("projector/"): packed.read(name) for name in packed.namelist()}


def config(files):
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    (found,) = text_format.Parse(files["projector_config.pbtxt"].decode(), ProjectorConfig()).embeddings
    return found


def test_tensorboard_reads_what_the_run_holds(run, tmp_path):
    files = unpacked(run, tmp_path)
    meta, tensors = bundle.read(run.bundle())
    about = config(files)
    assert {about.tensor_path, about.metadata_path, about.sprite.image_path} <= set(files)
    codes = pandas.read_csv(io.BytesIO(files["tensors.tsv"]), sep="\t", header=None)
    np.testing.assert_array_equal(codes.to_numpy(np.float32), tensors["points.mu"])
    labels = pandas.read_csv(io.BytesIO(files["metadata.tsv"]), sep="\t")
    assert labels["number"].tolist() == tensors["points.index"].tolist()
    assert [str(name) for name in labels["label"]] == [meta["labels"][k] for k in tensors["points.label"]]
    assert json.loads(files["config.json"])["embeddings"][0]["tensorShape"] == list(codes.shape)


def test_each_picture_stands_where_the_projector_looks_for_it(run, tmp_path):
    files = unpacked(run, tmp_path)
    picture = Image.open(io.BytesIO(files["sprite.png"]))
    examples, (width, height) = run.examples(), config(files).sprite.single_image_dim
    columns = picture.width // width
    assert columns == picture.height // height == int(np.ceil(np.sqrt(len(examples.images))))
    for k in (0, 7, len(examples.images) - 1):
        x, y = k % columns * width, k // columns * height
        shown = np.asarray(picture.crop((x, y, x + width, y + height)))
        np.testing.assert_array_equal(shown, examples.images[k, 0])


def test_many_large_pictures_in_colour_become_smaller():
    images = np.random.default_rng(0).integers(0, 255, (260, 3, 64, 1000), np.uint8)
    picture, (width, height) = projector.sprite(images)
    assert max(picture.size) <= projector.SPRITE_SIDE
    assert picture.size == (17 * width, 17 * height)
    first = np.asarray(picture)[:height, :width].transpose(2, 0, 1)
    np.testing.assert_allclose(first[:, 0, 0], images[0, :, :3, :3].mean((1, 2)), atol=0.5)


def test_names_that_would_break_a_line_or_run(tmp_path):
    run = rewritten(trained(RunStore(tmp_path)), labels=list(FORMULAS), title='a "quoted"\n\\ name')
    files = unpacked(titled(run, "x"), tmp_path)
    lines = files["metadata.tsv"].decode().splitlines()
    _, tensors = bundle.read(run.bundle())
    assert len(lines) == len(tensors["points.index"]) + 1
    assert all(line.count("\t") == 1 and line.split("\t")[1][0] not in "=+-@" for line in lines)
    assert config(files).tensor_name.startswith("a  quoted")


def test_without_pictures_there_is_no_sprite(tmp_path):
    run = trained(RunStore(tmp_path))
    (run.path / "examples.safetensors").unlink()
    files = unpacked(run, tmp_path)
    assert "sprite.png" not in files
    assert not config(files).HasField("sprite")
