"""Every kind of file to take along, made as pages make it and opened by somebody else's program."""

import io
import zipfile
from html.parser import HTMLParser
from importlib.util import find_spec
from xml.etree import ElementTree

import pandas
import pytest
from PIL import Image
from safetensors import safe_open
from taken import trained

from vae_core.runs import RunStore
from vae_core.taking import kinds


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


def picture(path, run):
    with Image.open(path) as opened:
        opened.load()
        return opened.size


def film(path, run):
    with Image.open(path) as opened:
        assert opened.is_animated
        for number in range(opened.n_frames):
            opened.seek(number)
            opened.load()


def video(path, run):
    import av

    with av.open(str(path)) as opened:
        frames = [frame.to_ndarray(format="gray").shape for frame in opened.decode(video=0)]
    assert len(frames) > 10
    assert len(set(frames)) == 1


class Page(HTMLParser):
    """What a page fetches from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.elsewhere = [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href", "srcset", "data", "action") and not value.startswith(("data:", "#")):
                self.elsewhere.append((tag, name, value[:80]))


def page(path, run):
    text = path.read_text("utf-8")
    parser = Page()
    parser.feed(text)
    parser.close()
    assert parser.elsewhere == []
    assert text.lstrip().lower().startswith("<!doctype html>")


def rows(path, run):
    assert len(pandas.read_csv(path)) == len(run.latents()[0])


def packed(path, run):
    """Each part of an archive by its own reader."""
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        parts = {name: opened.read(name) for name in opened.namelist()}
    for name, content in parts.items():
        if name.endswith(".onnx"):
            from onnxruntime import InferenceSession

            assert InferenceSession(content).get_inputs()
        elif name.endswith(".tsv"):
            assert len(pandas.read_csv(io.BytesIO(content), sep="\t", header=None)) >= len(run.latents()[0])
        elif name.endswith(".safetensors"):
            (path.parent / "tensors").write_bytes(content)
            with safe_open(path.parent / "tensors", "np") as opened:
                assert list(opened.keys())


READERS = {
    "html": page,
    "csv": rows,
    "parquet": lambda path, run: pandas.read_parquet(path),
    "projector": packed,
    "png": picture,
    "palette": picture,
    "svg": lambda path, run: ElementTree.parse(path),
    "onnx": packed,
    "torch": packed,
    "zip": packed,
    "gif": film,
    "webp": film,
    "apng": film,
    "mp4": video,
    "strip": picture,
    "codes": lambda path, run: pandas.read_csv(path),
}


@pytest.mark.parametrize("name", kinds.KINDS)
def test_somebody_elses_program_opens_it(name, run, tmp_path):
    kind = kinds.KINDS[name]
    if kind.obstacle() and find_spec({"mp4": "av"}.get(name, "onnxruntime")) is None:
        pytest.skip(kind.obstacle())
    shares = []
    path = tmp_path / kinds.file_name(run, kind)
    kind.write(run, path, kinds.Choices(), shares.append)
    READERS[name](path, run)
    assert [found for found in tmp_path.iterdir() if found.name not in (path.name, "tensors")] == []
    assert shares == sorted(shares)
    assert shares[-1] == 1
    told = kind.size(run, kinds.Choices())
    assert told / 3 < path.stat().st_size < told * 3 + 10_000, told
