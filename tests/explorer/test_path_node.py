"""Paths, support and roads of the browser against vae_core's own."""

import json
import subprocess
from typing import Any

import numpy as np
import pytest

from vae_core import paths
from vae_core.data_paths import Roads
from vae_core.explorer.build import WEB
from vae_core.support import Support

pytestmark = pytest.mark.node

SCRIPT = f"""
const c = await import('file://{WEB}/path_curves.js');
const n = await import('file://{WEB}/path_near.js');
const r = await import('file://{WEB}/path_roads.js');
const given = JSON.parse(await new Response(process.stdin).text());
const pointsOf = mu => ({{mu: Float32Array.from(mu.flat()), latent: mu[0].length, count: mu.length}});
const whole = part => {{ part.work(Infinity); return part; }};
const picture = ([x, y]) => [x, x * x + y, 3 * Math.sin(2 * x) * y];
const does = {{
  through({{anchors, loop, kind, t}}) {{
    const between = {{linear: c.lineCurve, spherical: c.arcCurve}}[kind];
    const curve = c.joinCurves(c.legsOf(anchors, loop).map(([a, b]) => between(a, b)));
    return t.map(curve);
  }},
  poly: ({{points, t}}) => t.map(c.polyCurve(points)),
  drawn: ({{stroke, smoothing, t}}) => t.map(c.drawnCurve(stroke, smoothing)),
  alike({{anchors, count, fine}}) {{
    const curve = c.joinCurves(c.legsOf(anchors, false).map(([a, b]) => c.arcCurve(a, b)));
    const search = c.alikeShares(count, fine);
    let step = search.next();
    while (!step.done) step = search.next(c.changedUpTo(step.value.map(t => picture(curve(t)))));
    return step.value;
  }},
  shape: ({{frames}}) => c.shapeOf(frames),
  fade: ({{pictures, count}}) => c.evenShares(count).map(share => [...c.crossFade(pictures, share)]),
  support({{mu, dims, codes}}) {{
    const support = whole(n.createSupport(pointsOf(mu), dims));
    return codes.map(code => support.of(code));
  }},
  roads({{mu, dims, ends}}) {{
    const roads = whole(r.createRoads(pointsOf(mu), dims));
    const t = c.evenShares(24);
    return ends.map(([a, b]) => ({{route: roads.route(a, b), codes: t.map(roads.curve(a, b))}}));
  }},
}};
console.log(JSON.stringify(given.map(([name, value]) => does[name](value) ?? null)));
"""

T = np.linspace(-0.25, 1.25, 31)


@pytest.fixture
def ask(node):
    def run(*questions: tuple[str, dict[str, Any]]) -> list[Any]:
        command = [node, "--input-type=module", "-e", SCRIPT]
        sent = json.dumps(questions, default=lambda value: value.tolist())
        done = subprocess.run(command, input=sent, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def random(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("dimensions", [1, 2, 16])
def test_paths_between_anchors_are_those_of_the_library(ask, dimensions):
    cases = [(kind, loop) for kind in ("linear", "spherical") for loop in (False, True)]
    anchors = random((4, dimensions), seed=dimensions)
    asked = [{"anchors": anchors, "loop": loop, "kind": kind, "t": T} for kind, loop in cases]
    for (kind, loop), found in zip(cases, ask(*(("through", case) for case in asked))):
        assert np.allclose(found, paths.through(anchors, kind, loop)(T), atol=2e-6)


def test_arcs_without_a_direction_go_straight_as_they_do_in_the_library(ask):
    start = np.array([0.6, 0.8, 0.0])
    ends = [np.zeros(3), -start, start * (1 + 1e-9), start + 1e-4, np.array([-0.6, -0.8, 1e-5])]
    how = {"loop": False, "kind": "spherical", "t": T}
    for end, found in zip(ends, ask(*(("through", {"anchors": [start, end], **how}) for end in ends))):
        assert np.allclose(found, paths.arc(start, end)(T), atol=2e-6)


def test_lines_through_points_and_strokes_are_those_of_the_library(ask):
    stroke = np.cumsum(random((40, 3)), axis=0)
    twice = np.repeat(stroke, 2, axis=0)  # a hand that rests
    found = ask(
        ("poly", {"points": twice, "t": T}),
        ("drawn", {"stroke": twice, "smoothing": 0.05, "t": T}),
        ("drawn", {"stroke": stroke[:2], "smoothing": 0.2, "t": T}),
        ("drawn", {"stroke": stroke, "smoothing": 0, "t": T}),
    )
    assert np.allclose(found[0], paths.polyline(twice)(T), atol=2e-6)
    assert np.allclose(found[1], paths.drawn(twice)(T), atol=2e-6)
    assert np.allclose(found[2], paths.drawn(stroke[:2], 0.2)(T), atol=2e-6)
    assert np.allclose(found[3], paths.drawn(stroke, 0)(T), atol=2e-6)


def test_steps_of_equal_change_are_those_of_the_library(ask):
    anchors = random((3, 2), seed=5)

    def decode(z):
        x, y = z.astype(np.float64).T
        return np.stack([x, x * x + y, 3 * np.sin(2 * x) * y], axis=1)

    [found] = ask(("alike", {"anchors": anchors, "count": 24, "fine": 256}))
    curve = paths.through(anchors, "spherical")
    assert np.allclose(found, paths.alike(curve, 24, decode), atol=1e-4)  # the library decodes float32 codes
    steps = np.linalg.norm(np.diff(decode(curve(np.array(found))), axis=0), axis=1)
    assert steps.max() / steps.mean() < 1.05


def test_shape_and_cross_fade_are_those_of_the_library(ask):
    frames, pictures = random((9, 12)), random((3, 6), seed=1).astype(np.float32)
    still = np.repeat(frames[:1], 4, axis=0)
    moving, resting, fade, turns = ask(
        ("shape", {"frames": frames}),
        ("shape", {"frames": still}),
        ("fade", {"pictures": pictures[:2], "count": 24}),
        ("fade", {"pictures": pictures, "count": 5}),
    )
    assert moving == pytest.approx(vars(paths.shape(frames)))
    assert resting == pytest.approx(vars(paths.shape(still)))
    assert np.allclose(fade, paths.cross_fade(pictures[0], pictures[1], 24), atol=2e-6)
    assert np.allclose(np.array(turns)[[0, 2, 4]], pictures, atol=2e-6)


@pytest.mark.parametrize(("count", "kept"), [(400, [0, 1]), (600, [2, 0, 5]), (7, [0, 1]), (5_501, [0])])
def test_support_of_a_code_is_that_of_the_library(ask, count, kept):
    mu = random((count, 6), seed=count).astype(np.float32)
    mu[: count // 2] *= 0.2
    codes = random((50, 6), seed=9) * 2
    scale = np.array([float(d in kept) for d in range(6)])
    standing = Support(mu, scale).of(codes)
    [found] = ask(("support", {"mu": mu, "dims": kept, "codes": codes}))
    assert [code["row"] for code in found] == standing.nearest.tolist()
    for name in ("support", "distance", "apart"):
        assert np.allclose([code[name] for code in found], getattr(standing, name), atol=1e-6)


def different(route):
    """A route without steps of no length."""
    route = np.array(route)
    return route[np.concatenate([[True], np.linalg.norm(np.diff(route, axis=0), axis=1) > 1e-6])]


def test_too_few_encodings_support_nothing(ask):
    assert ask(("support", {"mu": random((6, 2)), "dims": [0, 1], "codes": random((2, 2))})) == [[None, None]]


@pytest.mark.parametrize("kept", [[0, 1, 2], [1, 2]])
def test_ways_along_the_data_are_those_of_the_library(ask, kept):
    middles = np.array([[0, 0, 0], [6, 0, 1], [3, 7, 2]])  # three parts that no neighbours join
    mu = np.concatenate([middle + random((80, 3), seed=k) * 0.6 for k, middle in enumerate(middles)])
    mu = np.concatenate([mu, mu[:10]]).astype(np.float32)  # some places twice
    ends = [(mu[0], mu[100]), (mu[200], random(3) - 4), (random(3) + 9, mu[5])]
    roads = Roads(mu, np.array([float(d in kept) for d in range(3)]))
    [found] = ask(("roads", {"mu": mu, "dims": kept, "ends": ends}))
    for (start, end), way in zip(ends, found):
        # An anchor that is an encoding may be left as either of the two, at no cost.
        assert np.allclose(different(way["route"]), different(roads.route(start, end)), atol=2e-6)
        assert np.allclose(way["codes"], roads.curve(start, end)(np.linspace(0, 1, 24)), atol=2e-6)
