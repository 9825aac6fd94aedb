"""The PCA plane and the tint as the browser computes them, beside scikit-learn and torch."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from decoding import describe, points
from sklearn.decomposition import PCA
from torch import nn

from vae_core.explorer import bundle
from vae_core.explorer.build import WEB
from vae_core.explorer.pack import decoder_ops

pytestmark = pytest.mark.node

SCRIPT = Path(__file__).parent / "js" / "maps_values.mjs"


def computed(node: str, decoder: nn.Module, mu: np.ndarray, z: np.ndarray, d: int = 0) -> dict[str, Any]:
    """Of codes mu (N, Z), at z (Z,) along dimension d."""
    latent = mu.shape[1]
    ops, tensors = decoder_ops(decoder)
    shape = (1, 1, len(decoder(torch.zeros(1, latent))[0]))
    tensors |= points(len(mu), latent) | {"points.mu": mu.astype(np.float32)}
    data = base64.b64encode(bundle.write(describe(latent, shape, ops), tensors)).decode()
    request = json.dumps({"bundle": data, "z": z.tolist(), "d": d})
    command = [node, str(SCRIPT), str(WEB)]
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def cloud(count: int, latent: int) -> np.ndarray:
    """Codes (N, Z) with a different spread in every direction, none along an axis."""
    random = np.random.default_rng(latent)
    turn, _ = np.linalg.qr(random.normal(size=(latent, latent)))
    return random.normal(size=(count, latent)) * np.linspace(2, 0.1, latent) @ turn + random.normal(
        size=latent
    )


@pytest.mark.parametrize("latent", [3, 8, 128])
def test_the_plane_is_that_of_scikit_learn(node: str, latent: int):
    mu = cloud(500, latent).astype(np.float32)
    found = computed(node, nn.Sequential(nn.Linear(latent, 4)), mu, np.zeros(latent))
    known = PCA(2, svd_solver="full").fit(mu.astype(np.float64))
    np.testing.assert_allclose(found["rows"], known.components_, atol=1e-6)
    np.testing.assert_allclose(found["mean"], known.mean_, atol=1e-6)
    shares = np.linalg.eigvalsh(np.cov(mu.T.astype(np.float64)))[::-1]
    np.testing.assert_allclose(found["shares"], (shares / shares.sum())[:2], atol=1e-9)
    places = known.transform(mu.astype(np.float64))
    np.testing.assert_allclose(np.column_stack([found["x"], found["y"]]), places, atol=1e-4)
    np.testing.assert_allclose(found["origin"], known.transform(np.zeros((1, latent)))[0], atol=1e-6)


@pytest.mark.parametrize("d", [0, 3])
@pytest.mark.parametrize("activation", [nn.Tanh(), nn.SiLU(), nn.GELU()])
def test_the_tint_is_the_jacobian_of_autograd(node: str, activation: nn.Module, d: int):
    torch.manual_seed(d)
    decoder = nn.Sequential(nn.Linear(5, 32), activation, nn.Linear(32, 20), nn.Sigmoid())
    z = torch.randn(5)
    jacobian = torch.autograd.functional.jacobian(lambda code: decoder(code[None])[0], z)
    found = computed(node, decoder, cloud(20, 5), z.numpy(), d)["slope"]
    np.testing.assert_allclose(found, jacobian[:, d], atol=2e-4)


def test_the_tint_of_a_convolution_is_the_jacobian_of_autograd(node: str):
    torch.manual_seed(1)
    layers = [nn.Linear(4, 36), nn.Unflatten(1, (4, 3, 3)), nn.Upsample(scale_factor=2), nn.SiLU()]
    decoder = nn.Sequential(*layers, nn.Conv2d(4, 3, 3, padding=1), nn.Flatten(), nn.Sigmoid())
    z = torch.randn(4)
    jacobian = torch.autograd.functional.jacobian(lambda code: decoder(code[None])[0], z)
    found = computed(node, decoder, cloud(20, 4), z.numpy(), 2)["slope"]
    np.testing.assert_allclose(found, jacobian[:, 2], atol=2e-4)
