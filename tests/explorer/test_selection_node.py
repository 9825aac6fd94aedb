"""Neighbours, the sign of support, ellipses of q(z | x) and small pictures, against numpy."""

import json
import subprocess
from typing import Any

import numpy as np
import pytest

from vae_core.explorer.build import WEB
from vae_core.explorer.extras import pooled
from vae_core.latent import nearest

pytestmark = pytest.mark.node

SCRIPT = """
const load = name => import('file://{web}/' + name);
const [{{readPoints}}, near, ellipse, {{poolPixels}}] =
  await Promise.all(['points.js', 'nearest.js', 'ellipse.js', 'difference.js'].map(load));
const given = JSON.parse(await new Response(process.stdin).text());
const does = {{
  near({{mu, logVar, count, latent, kl, codes}}) {{
    const tensor = values => ({{data: Float32Array.from(values), shape: [count, latent]}});
    const label = {{data: new Int16Array(count)}};
    const tensors = {{'points.mu': tensor(mu), 'points.log_var': tensor(logVar), 'points.label': label}};
    const points = readPoints({{meta: {{latent, kl}}, tensors}});
    const metric = near.readMetric(points, kl);
    const search = near.createNearest(points, metric, 3);
    const usual = near.createUsual(points, metric);
    while (!usual.work(-Infinity)) {{}}
    const found = codes.map(z => {{
      search.begin(z, []);
      while (!search.work(-Infinity)) {{}}
      return search.result;
    }});
    return {{spread: [...points.spread], usual: usual.value, found}};
  }},
  ellipse({{jacobian, variance}}) {{
    const covariance = ellipse.covarianceOnMap(jacobian, variance);
    return {{covariance, ...ellipse.ellipseOf(covariance)}};
  }},
  pool: ({{values, shape, factor}}) => [...poolPixels(Float32Array.from(values), shape, factor)],
}};
console.log(JSON.stringify(given.map(([what, task]) => does[what](task))));
"""


def asked(node: str, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
    command = [node, "--input-type=module", "-e", SCRIPT.format(web=WEB)]
    text = json.dumps(tasks)
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("count", "latent", "dead"), [(40, 1, 0), (700, 2, 0), (2500, 7, 3)])
def test_the_nearest_and_where_no_data_encode(node: str, count: int, latent: int, dead: int):
    random = np.random.default_rng(count)
    scale = np.linspace(0.05, 2, latent) * (np.arange(latent) < latent - dead)
    mu = (random.normal(size=(count, latent)) * scale + 0.01 * random.normal(size=(count, latent))).astype(
        "f4"
    )
    log_var = random.normal(-1, 0.5, (count, latent)).astype("f4")
    kl = np.where(np.arange(latent) < latent - dead, 1 + random.random(latent), 0.004)
    codes = random.normal(size=(20, latent)) * 2
    task = {
        "mu": mu.ravel().tolist(),
        "logVar": log_var.ravel().tolist(),
        "count": count,
        "latent": latent,
        "kl": kl.tolist(),
        "codes": codes.tolist(),
    }
    (answer,) = asked(node, ("near", task))

    wide = mu.astype("f8")
    spread = np.sqrt(wide.var(0) + np.exp(log_var.astype("f8")).mean(0))
    np.testing.assert_allclose(answer["spread"], spread, rtol=1e-6)
    live = kl >= 0.01
    scaled = wide[:, live] / spread[live]
    for z, found in zip(codes, answer["found"], strict=True):
        rows, distances = nearest(z, wide, 3, spread)
        assert found["rows"] == rows.tolist()
        np.testing.assert_allclose(found["distances"], distances, rtol=1e-6)
        away = np.linalg.norm(scaled - z[live] / spread[live], axis=1).min()
        assert found["away"] == pytest.approx(away, rel=1e-6)

    among = min(300, count)
    own = np.arange(among) * count // among
    gaps = np.linalg.norm(scaled[own, None] - scaled[None], axis=2)
    gaps[np.arange(among), own] = np.inf
    usual = np.quantile(gaps.min(1), 0.99, method="nearest")
    assert answer["usual"] == pytest.approx(usual, rel=1e-6)


def test_held_out_codes_are_where_data_encode_and_others_are_not(node: str):
    """99 of 100 codes of the data's own distribution are within what is usual, codes far away are not."""
    random = np.random.default_rng(1)
    mu, others = random.normal(size=(2000, 4)).astype("f4"), random.normal(size=(1000, 4))
    codes = np.concatenate([others, others + 12])
    task = {
        "mu": mu.ravel().tolist(),
        "logVar": [-6.0] * mu.size,
        "count": 2000,
        "latent": 4,
        "kl": [1.0] * 4,
        "codes": codes.tolist(),
    }
    (answer,) = asked(node, ("near", task))
    far = np.array([found["away"] for found in answer["found"]]) > answer["usual"]
    assert far[:1000].mean() < 0.03
    assert far[1000:].all()


def test_ellipses_are_the_covariance_on_the_map(node: str):
    random = np.random.default_rng(2)
    cases = [(random.normal(size=(2, z)), random.random(z) * 3) for z in (1, 2, 3, 16, 128)]
    cases.append((np.eye(2, 5), np.array([4, 0.25, 1, 1, 1])))
    tasks = [("ellipse", {"jacobian": j.tolist(), "variance": v.tolist()}) for j, v in cases]
    for (jacobian, variance), answer in zip(cases, asked(node, *tasks), strict=True):
        covariance = jacobian @ np.diag(variance) @ jacobian.T
        xx, xy, yy = answer["covariance"]
        np.testing.assert_allclose([[xx, xy], [xy, yy]], covariance, rtol=1e-9, atol=1e-12)
        values, vectors = np.linalg.eigh(covariance)
        half_axes = np.sqrt(values.clip(0))
        np.testing.assert_allclose([answer["minor"], answer["major"]], half_axes, rtol=1e-6, atol=1e-6)
        direction = [np.cos(answer["angle"]), np.sin(answer["angle"])]
        assert abs(vectors[:, 1] @ direction) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("shape", "factor"), [((1, 8, 8), 2), ((3, 7, 13), 3), ((1, 5, 4), 8), ((3, 2, 2), 1)]
)
def test_small_pictures_are_made_as_those_of_the_extras(node: str, shape: tuple[int, ...], factor: int):
    picture = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    task = {"values": picture.ravel().tolist(), "shape": shape, "factor": factor}
    (answer,) = asked(node, ("pool", task))
    expected = pooled(picture[None], factor)[0]
    assert np.abs(np.array(answer) - expected.ravel()).max() <= 0.5
