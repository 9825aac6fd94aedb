"""Clouds aligned in the browser's code equal scipy's Procrustes analysis."""

import json
import subprocess

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes

from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

ALIGN = """
import {readFileSync} from 'node:fs';
const {alignClouds, matchRows} = await import(process.env.PAIR);
const {a, b, first, second} = JSON.parse(readFileSync(0, 'utf8'));
const cloud = rows => ({count: rows.length, latent: rows[0].length, mu: Float32Array.from(rows.flat())});
const {agreement, forth, back} = alignClouds(cloud(a), cloud(b), matchRows(first, second));
console.log(JSON.stringify({agreement, forth: b.map(forth), back: a.map(back)}));
"""


def align(node: str, a: np.ndarray, b: np.ndarray, order: np.ndarray) -> dict[str, np.ndarray]:
    """What pair.js makes of clouds a and b, whose rows are the examples `order` of a."""
    request = {"a": a.tolist(), "b": b.tolist(), "first": list(range(len(a))), "second": order.tolist()}
    done = subprocess.run(
        [node, "--input-type=module", "-e", ALIGN],
        env={"PAIR": (WEB / "pair.js").as_uri()},
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return {name: np.array(value) for name, value in json.loads(done.stdout).items()}


def padded(cloud: np.ndarray, size: int) -> np.ndarray:
    return np.pad(cloud.astype(float), ((0, 0), (0, size - cloud.shape[1])))


@pytest.mark.parametrize(("own", "other"), [(1, 1), (2, 2), (2, 5), (5, 2), (8, 8), (32, 32)])
def test_alignment_equals_scipy(node: str, own: int, other: int):
    random = np.random.default_rng(own * 100 + other)
    size, count = max(own, other), 300
    hidden = random.normal(size=(count, size))
    a = (hidden @ random.normal(size=(size, own)) - 1).astype(np.float32)
    b = (hidden @ random.normal(size=(size, other)) + random.normal(size=(count, other))).astype(np.float32)
    order = random.permutation(count)
    found = align(node, a, b[order], order)

    wide_a, wide_b = padded(a, size), padded(b, size)
    assert found["agreement"] == pytest.approx(1 - procrustes(wide_a, wide_b)[2], abs=1e-6)
    near_a, near_b = wide_a - wide_a.mean(0), wide_b - wide_b.mean(0)
    turn, trace = orthogonal_procrustes(near_b, near_a)
    scale = trace / (near_b**2).sum()
    forth = near_b @ turn * scale + wide_a.mean(0)
    np.testing.assert_allclose(found["forth"], forth[order][:, :own], atol=1e-4)
    if own == other:
        back = near_a @ turn.T / scale + wide_b.mean(0)
        np.testing.assert_allclose(found["back"], back, atol=1e-4)
