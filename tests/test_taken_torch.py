"""The model without Latentscape: layers of torch alone, in a process that does not know the package."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from any_net import CASES, lively, models
from hypothesis import given, settings
from safetensors.numpy import save_file
from taken import trained

from vae_core import latent
from vae_core.config import ModelConfig
from vae_core.errors import ConfigError
from vae_core.models import Autoencoder, rebuild, stored_model
from vae_core.posteriors import bounded
from vae_core.runs import RunStore
from vae_core.taking import loader, portable

ELSEWHERE = """
import json, sys
sys.modules["vae_core"] = None  # cannot be imported
sys.path.insert(0, sys.argv[1])
import torch
from load import load
model = load(sys.argv[1])
z = torch.tensor(json.loads(sys.argv[2]))
with torch.no_grad():
    pixels = model["decoder"](z)
    print(json.dumps([pixels.tolist(), model["encoder"](pixels).tolist()]))
assert not [name for name in sys.modules if name.startswith("vae_core.")]
"""


def unpacked(run, tmp_path, **choices):
    portable.write(run, tmp_path / "it.zip", **choices)
    with zipfile.ZipFile(tmp_path / "it.zip") as packed:
        packed.extractall(tmp_path)
    return tmp_path / "model"


def elsewhere(folder, z):
    words = [sys.executable, "-c", ELSEWHERE, str(folder), json.dumps(z.tolist())]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=folder)
    return [np.array(part, np.float32) for part in json.loads(done.stdout)]


def test_it_runs_where_latentscape_cannot_be_imported(tmp_path):
    run = trained(RunStore(tmp_path / "from"))
    folder = unpacked(run, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "load.py", "model.safetensors"]
    z = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    pixels, raw = elsewhere(folder, z)
    expected = latent.decode(stored_model(run), z)
    np.testing.assert_allclose(pixels, expected, atol=1e-6)
    mu, log_var = latent.encode(stored_model(run), pixels)
    np.testing.assert_allclose(raw[:, :3], mu, atol=1e-5)
    np.testing.assert_allclose(bounded(torch.from_numpy(raw[:, 3:])), log_var, atol=1e-5)
    about = json.loads((folder / "config.json").read_text())
    assert (about["latent"], about["shape"], about["title"]) == (3, [1, 8, 8], "taken along")


def same_elsewhere(net, folder, seed=0):
    """The loader, as it stands, against our own model."""
    specs, arrays = portable.parts(net)
    save_file(arrays, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(specs))
    model = loader.load(folder)
    z = np.random.default_rng(seed).standard_normal((3, net.latent)).astype(np.float32)
    with torch.no_grad():
        pixels = model["decoder"](torch.from_numpy(z)).numpy()
        raw = model["encoder"](torch.from_numpy(pixels)).numpy()
    expected = latent.decode(net, z)
    np.testing.assert_allclose(pixels, expected, atol=2e-5 * max(1, np.abs(expected).max()))
    mu, log_var = latent.encode(net, pixels)
    scale = max(1, np.abs(mu).max(), np.abs(log_var).max())
    np.testing.assert_allclose(raw[:, : net.latent], mu, atol=2e-5 * scale)
    if not isinstance(net, Autoencoder):
        found = bounded(torch.from_numpy(raw[:, net.latent :])).numpy()
        np.testing.assert_allclose(found, log_var, atol=2e-5 * scale)


@pytest.mark.parametrize(("chosen", "shape"), CASES)
def test_the_loader_on_nets_of_every_sort(chosen, shape, tmp_path):
    same_elsewhere(lively(ModelConfig.model_validate(chosen), shape), tmp_path)


@settings(max_examples=25, deadline=None)
@given(case=models(24))
def test_the_loader_on_any_net(tmp_path_factory, case):
    same_elsewhere(lively(*case), tmp_path_factory.mktemp("net"))


def test_a_dial_is_taken_along_at_one_beta(tmp_path):
    run = RunStore(tmp_path).get("shapes-every-beta")
    assert run.starter
    z = np.random.default_rng(0).standard_normal((2, run.config.model.latent)).astype(np.float32)
    whole = rebuild(run.config.model, run.weights())
    pictures = []
    for number, beta in enumerate((None, 2.0)):
        (tmp_path / str(number)).mkdir()
        folder = unpacked(run, tmp_path / str(number), beta=beta)
        with torch.no_grad():
            pixels = loader.load(folder)["decoder"](torch.from_numpy(z)).numpy()
        np.testing.assert_allclose(pixels, latent.decode(whole.at(beta or run.config.beta), z), atol=1e-5)
        pictures.append(pixels)
    assert np.abs(pictures[0] - pictures[1]).max() > 0.01
    with pytest.raises(ConfigError, match="was trained for"):
        portable.write(run, tmp_path / "no.zip", beta=1e9)
    with pytest.raises(ConfigError, match="one beta alone"):
        portable.write(RunStore(tmp_path).get("digits"), tmp_path / "no.zip", beta=77.0)
    assert not (tmp_path / "no.zip").exists()


def test_the_loader_is_short_and_knows_nothing_of_us():
    text = Path(loader.__file__).read_text()
    assert "vae_core" not in text
    code = text.split('"""')[2]
    lines = [line for line in code.splitlines() if line.strip()]
    assert len([line for line in lines if not line.startswith(("import ", "from "))]) <= 20


def test_the_mean_of_the_continuous_bernoulli_is_exact_everywhere():
    magnitudes = np.concatenate([[0.0], np.logspace(-30, 2, 2000)])
    x = np.concatenate([-magnitudes, magnitudes, np.linspace(0.29, 0.31, 50)]).astype(np.float32)
    with np.errstate(invalid="ignore"):
        far = np.where(np.abs(x) > 1e-2, x, 1).astype(np.float64)
        expected = np.where(
            far == x, -1 / np.expm1(-far) - 1 / far, 0.5 + x / 12 - x.astype(np.float64) ** 3 / 720
        )
    found = loader.ContinuousBernoulliMean()(torch.from_numpy(x)).numpy()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=5e-7)
