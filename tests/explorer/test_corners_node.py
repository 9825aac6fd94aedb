"""Blends of four codes in the browser against vae_core's own."""

import json
import subprocess

import numpy as np
import pytest

from vae_core import blends
from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

SCRIPT = f"""
const {{blendOf, firstCorners}} = await import('file://{WEB}/corners_blend.js');
const given = JSON.parse(await new Response(process.stdin).text());
const does = {{
  blend({{corners, kind, places}}) {{
    const {{at, isMeant}} = blendOf(corners, kind);
    return {{codes: places.map(at), isMeant}};
  }},
  first({{mu, label}}) {{
    return firstCorners({{mu: Float32Array.from(mu.flat()), latent: 3, count: mu.length, label}});
  }},
}};
console.log(JSON.stringify(given.map(([name, value]) => does[name](value))));
"""


@pytest.fixture
def ask(node):
    def run(*questions):
        sent = json.dumps(questions, default=lambda value: value.tolist())
        command = [node, "--input-type=module", "-e", SCRIPT]
        done = subprocess.run(command, input=sent, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_blends_are_those_of_the_library(ask):
    places = blends.lattice(7)
    cases = []
    for latent in (1, 2, 3, 16):
        for seed in range(4):
            random = np.random.default_rng(seed)
            four = random.normal(size=(4, latent)) + (seed > 1) * np.eye(latent)[0] * 2
            cases += [(four, kind) for kind in blends.BLENDS]
    cases += [(np.eye(4)[:4], "spherical"), (np.repeat(np.eye(4)[:1], 4, 0), "spherical")]
    cases += [(np.array([[1.0, 0], [0, 1], [0, 0], [1, 1]]), "spherical")]
    asked = [("blend", {"corners": four, "kind": kind, "places": places}) for four, kind in cases]
    meant = set()
    for (four, kind), found in zip(cases, ask(*asked)):
        assert np.allclose(found["codes"], blends.between(four, places, kind), atol=2e-6)
        assert found["isMeant"] == (kind == "bilinear" or blends.is_spherical(four))
        meant.add(found["isMeant"])
    assert meant == {True, False}


def test_both_begin_with_the_same_examples(ask):
    random = np.random.default_rng(3)
    mu = random.normal(size=(80, 3)).astype(np.float32)
    labels = [random.integers(-1, 6, 80), np.full(80, -1), np.zeros(80, int)]
    sets = [*((mu, label) for label in labels), (mu[:0], labels[0][:0]), (mu[:2], labels[0][:2])]
    for (codes, label), found in zip(sets, ask(*(("first", {"mu": m, "label": k}) for m, k in sets))):
        assert found == blends.first_corners(codes, label)
