"""ONNX files of encoder and decoder in onnxruntime, for every net, against torch."""

import io
import json
import zipfile

import numpy as np
import pytest
from any_net import CASES, lively, models
from hypothesis import given, settings
from taken import trained

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.errors import ExportError
from vae_core.models import stored_model
from vae_core.runs import RunStore
from vae_core.taking import kinds, onnx_files

onnxruntime = pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")))


def unpacked(run, tmp_path, **choices):
    onnx_files.write(run, tmp_path / "it.zip", **choices)
    with zipfile.ZipFile(tmp_path / "it.zip") as packed:
        return {name.removeprefix("onnx/"): packed.read(name) for name in packed.namelist()}


def session(content):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def test_onnxruntime_gives_what_torch_gives_for_any_number_of_rows(run, tmp_path):
    files = unpacked(run, tmp_path)
    model, examples = stored_model(run), run.examples()
    encoder, decoder = session(files["encoder.onnx"]), session(files["decoder.onnx"])
    for rows in (1, 2, 33):
        pictures = examples.images[:rows].astype(np.float32) / 255
        mean, log_var = encoder.run(["mean", "log_var"], {"pictures": pictures})
        expected = latent.encode(model, examples.images[:rows])
        np.testing.assert_allclose(mean, expected[0], atol=1e-5)
        np.testing.assert_allclose(log_var, expected[1], atol=1e-5)
        (pixels,) = decoder.run(["pixels"], {"z": mean})
        np.testing.assert_allclose(pixels, latent.decode(model, mean), atol=1e-5)
    assert decoder.get_inputs()[0].shape == ["N", 3]
    assert encoder.get_outputs()[0].shape == ["N", 3]


def test_it_says_what_it_is_and_other_tools_check_it(run, tmp_path):
    files = unpacked(run, tmp_path)
    for name in ("encoder.onnx", "decoder.onnx"):
        model = onnx.load(io.BytesIO(files[name]))
        onnx.checker.check_model(model, full_check=True)
        about = {prop.key: prop.value for prop in model.metadata_props}
        assert (about["title"], about["run"]) == ("taken along", run.id)
        assert str(run.path).encode() not in files[name]
    assert json.loads(files["config.json"])["shape"] == [1, 8, 8]


@pytest.mark.parametrize(("chosen", "shape"), CASES)
def test_nets_of_every_sort(chosen, shape):
    net = lively(ModelConfig.model_validate(chosen), shape)
    onnx_files.compare(net, *onnx_files.files(net, {}))


@settings(max_examples=25, deadline=None)
@given(case=models(24))
def test_any_net(case):
    net = lively(*case)
    onnx_files.compare(net, *onnx_files.files(net, {}))


def test_a_continuous_bernoulli_is_exact_around_one_half():
    """Against the mean in double precision, by numerical integration of its density."""
    from scipy.integrate import quad

    from vae_core.taking.onnx_graph import Graph, layer

    graph = Graph({})
    value = layer(graph, {"layer": "ContinuousBernoulliMean"}, "it", "x")
    file = graph.model(("x", []), {"y": (value, [])}, {}).SerializeToString()
    logits = np.array([-80, -3, -0.31, -0.29, -1e-4, 0, 1e-4, 0.29, 0.31, 3, 80], np.float32)
    (found,) = session(file).run(None, {"x": logits})
    for logit, mean in zip(logits.astype(float), found):
        shift = max(logit, 0)
        weight = quad(lambda x, low=logit, top=shift: np.exp(x * low - top), 0, 1, points=[0.01, 0.99])[0]
        moment = quad(lambda x, low=logit, top=shift: x * np.exp(x * low - top), 0, 1, points=[0.01, 0.99])[0]
        assert mean == pytest.approx(moment / weight, abs=2e-6)


def test_what_differs_from_torch_is_not_handed_out(run, tmp_path, monkeypatch):
    right = onnx_files.files

    def wrong(model, about):
        other = lively(run.config.model, model.shape)
        return right(model, about)[0], right(other, about)[1]

    monkeypatch.setattr(onnx_files, "files", wrong)
    with pytest.raises(ExportError, match="decoder gives other numbers"):
        onnx_files.write(run, tmp_path / "it.zip")
    assert list(tmp_path.glob("*.zip")) == []


def test_without_the_packages_a_sentence_says_which(run, tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda name: None)
    with pytest.raises(ExportError, match="pip install onnx onnxruntime"):
        onnx_files.write(run, tmp_path / "it.zip")
    assert list(tmp_path.glob("*.zip")) == []
