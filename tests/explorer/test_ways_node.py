"""Frames of a way in Python are those that the browser shows, for starters, kinds and a dial."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vae_core import ways
from vae_core.explorer.build import WEB
from vae_core.run import Run
from vae_core.way_cloud import cloud_of

pytestmark = pytest.mark.node

STARTERS = Path(__file__).parents[2] / "assets" / "starters"
SCRIPT = f"""
import {{readFileSync}} from 'node:fs';
const module = name => import(`file://{WEB}/${{name}}.js`);
const [b, p, m, a] = await Promise.all(['bundle', 'points', 'moving', 'path_axes'].map(module));
const [s, e, r, n] = await Promise.all(['path_state', 'examples', 'path_rows', 'path_near'].map(module));
const [c, o] = await Promise.all(['path_roads', 'path_shortest'].map(module));
const {{rankDimensions}} = await module('state');
const given = JSON.parse(await new Response(process.stdin).text());
const whole = part => {{ part.work(Infinity); return part; }};
console.log(JSON.stringify(given.map(({{file, place, news}}) => {{
  const bundle = b.parseBundle(readFileSync(file));
  const points = p.readPoints(bundle);
  const chartOf = a.createPathCharts(points);
  const moving = m.createMoving(bundle, points);
  const {{latent, dial}} = bundle.meta;
  const beta = s.acceptDial(dial, place.beta);
  if (beta !== null) moving.turn(beta);
  const {{codeOf}} = e.createExamples(bundle, points, []);
  const first = {{...s.firstPath(s.firstAnchors(points, codeOf)), ...(beta === null ? {{}} : {{beta}})}};
  const state = s.acceptPath(first, place, {{latent, count: points.count, codeOf}});
  const {{live}} = rankDimensions(moving.peak);
  const shortest = o.createShortest(null, latent);
  shortest.take(news);
  const roads = state.kind === 'data' ? whole(c.createRoads(points, live)) : null;
  const chart = chartOf(state.axes);
  const made = r.pathCurve(state.kind, state, chart, roads, shortest.legs(state));
  const row = new r.PathRow(state.kind);
  row.follow(made.curve, made.isMeant, state);
  const support = whole(n.createSupport(points, live));
  const standing = row.codes.map(z => support.of(z));
  return {{kind: state.kind, isMeant: made.isMeant, codes: row.codes, shares: row.shares,
    support: standing.map(found => found.support), nearest: standing.map(found => found.row)}};
}})));
"""
STROKE = "0,0,0~0.3,0.4,-0.2~0.7,-0.3,0.5~1,0,0"


def cases():
    """(starter, way, beta)"""
    for kind in ("linear", "spherical", "data", "geodesic"):
        yield "digits", ways.read("12~87~z0.5,-1.3", kind, more="loop"), None
        yield "fashion-mnist", ways.read("12~87~30", kind, more="beyond"), None
        yield "fashion-mnist-every-beta", ways.read("12~87~z0.5,-1.3", kind), 6.3
    yield "fashion-mnist", ways.read("12~87", "drawn", stroke=STROKE), None
    yield "fashion-mnist", ways.read("12~87", "drawn", stroke=STROKE, axes="5,2"), None
    for beta in (0.3, 6.3, 28.0):
        yield "shapes-every-beta", ways.read("12~87", "drawn", stroke=STROKE), beta


def test_they_are_the_same_frames(node):
    asked, found = [], []
    for name, way, beta in cases():
        run = Run(STARTERS / name, starter=True)
        place = way.place() | ({"beta": beta} if beta else {})
        news = None
        if way.kind == "geodesic":
            cloud = cloud_of(run, beta)
            curve = ways.curve_of(run, way, cloud, beta, lambda share: None)
            news = {"way": way.place(), "beta": beta, "legs": [leg.tolist() for leg in ways.legs(way, curve)]}
        asked.append({"file": str(run.path / "explorer.bundle"), "place": place, "news": news})
        found.append(ways.frames(run, way, beta=beta))
    command = [node, "--input-type=module", "-e", SCRIPT]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert len(shown) == len(found)
    for (name, way, _), there, here in zip(cases(), shown, found):
        assert (there["kind"], there["isMeant"]) == (way.kind, True)
        assert np.allclose(there["codes"], here.codes, rtol=1e-6, atol=2e-6), (name, way.kind)
        assert there["shares"] == pytest.approx(here.shares, abs=1e-9)
        assert there["support"] == pytest.approx(here.support, abs=2e-3)  # one rank of a thousand
        assert (np.array(there["nearest"]) == here.nearest).mean() > 0.9  # two may be equally near
