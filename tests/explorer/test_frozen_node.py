"""The runtime draws a frozen run as it draws the run it came from at that beta."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from decoding import codes
from multirate_runs import conditioned, trained

from vae_core.explorer.build import WEB
from vae_core.freezing import freeze
from vae_core.runs import RunStore

PAIR = Path(__file__).parent / "js" / "frozen_pair.mjs"
VARIANTS = {
    "mlp": {},
    "conv": {"model__net": "conv", "model__channels": (6, 8), "data__source": "shapes", "model__latent": 3},
}


@pytest.fixture(scope="module", params=VARIANTS)
def run(request, tmp_path_factory):
    return trained(tmp_path_factory.mktemp(request.param), **VARIANTS[request.param])


@pytest.mark.parametrize("beta", [0.02, 0.55, 5.0])
def test_pictures_and_cloud_of_a_frozen_run_are_those_of_the_dial(run, beta, node, tmp_path):
    made = freeze(run, beta, RunStore(tmp_path / "home"))
    z = 1.5 * codes(20, run.config.model.latent)
    found = together(node, run.bundle(), made.bundle(), beta, z)
    turned, folded = found["turned"], found["folded"]
    assert np.abs(turned - folded).max() < 2e-5
    pictures, mu, _ = conditioned(run, beta, z)
    assert np.abs(turned - pictures.ravel()).max() < 2e-5
    np.testing.assert_allclose(found["points"], mu.ravel(), atol=2e-4, rtol=1e-4)
    # The ladder stands between exact rungs: below 2 % of the cloud's spread.
    spread = np.sqrt(((mu - mu.mean(0)) ** 2).sum(1).mean())
    distance = np.sqrt(((found["cloud"].reshape(mu.shape) - mu) ** 2).sum(1).mean())
    assert distance < 0.02 * spread


def together(node, whole, frozen, beta, z):
    text = {name: base64.b64encode(data).decode() for name, data in (("whole", whole), ("frozen", frozen))}
    asked = json.dumps({"web": str(WEB), "beta": beta, "z": z.tolist(), **text})
    done = subprocess.run([node, str(PAIR)], input=asked, capture_output=True, text=True, check=True)
    return {name: np.array(values) for name, values in json.loads(done.stdout).items()}
