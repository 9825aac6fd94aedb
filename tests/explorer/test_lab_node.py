"""What the beta lab draws, against closed forms, numpy and scipy."""

import json
import math
import subprocess
from typing import Any

import numpy as np
import pytest
from dial_bundle import HIGH, LOW, figures
from scipy.interpolate import PchipInterpolator
from scipy.stats import norm

from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

SCRIPT = """
const load = name => import('file://{web}/' + name);
const names = ['lab_curve.js', 'lab_figures.js', 'lab_plot.js'];
const [curves, figures, plots] = await Promise.all(names.map(load));
const given = JSON.parse(await new Response(process.stdin).text());
const does = {{
  pchip({{x, y, at}}) {{
    const {{value, slope}} = curves.pchip(x, y);
    return at.map(place => [value(place), slope(place)]);
  }},
  curve({{rows, at}}) {{
    const curve = curves.readCurve(rows);
    if (!curve) return null;
    const along = at.map(Math.log).map(log => ({{...curve.at(log), slope: curve.slope(log)}}));
    const [recall, nothing] = ['recall', 'nothing'].map(key => curve.figure(key, 0));
    return {{betas: curve.rows.map(row => row.beta), recall, nothing, along}};
  }},
  seen({{rows, beta, slope, isLog}}) {{
    const curve = curves.readCurve(rows);
    const window = curves.planeWindow(curves.sampleCurve(curve, 100));
    if (isLog) window.left = 0.5;
    const plot = plots.planePlot(window, 500, 400, isLog);
    const {{rate, distortion}} = curve.at(Math.log(beta));
    const back = [plot.rate(plot.px(rate)), plot.distortion(plot.py(distortion))];
    return {{angle: plots.seenAngle(plot, rate, slope, -beta), rate, distortion, back}};
  }},
  nearest: ({{path, x, y}}) => curves.nearestOnPath(path, x, y),
  round: ({{low, high, step}}) => curves.roundValues(low, high, step),
  window: ({{points, near}}) => curves.planeWindow(points, near),
  errors: ({{rows}}) => curves.withErrors(rows).map(({{distortion}}) => distortion),
  rates({{mu, logVar, latent, rows}}) {{
    const [means, logs] = [mu, logVar].map(values => Float32Array.from(values));
    return [...figures.dimensionRates(means, logs, latent, rows)];
  }},
  density({{mu, logVar, latent, rows, d, low, step, count}}) {{
    const source = {{mu: Float32Array.from(mu), logVar: Float32Array.from(logVar), latent, rows, d}};
    const density = figures.mixtureDensity(new Float64Array(count), source, low, step);
    return {{density: [...density], distance: figures.distanceToPrior(density, low, step)}};
  }},
  choose: ({{label, wanted}}) => figures.chooseExamples(Int16Array.from(label), wanted),
  thin({{count, latent, most}}) {{
    const rows = Array.from({{length: count}}, (_, k) => k);
    return figures.thinRows(rows, latent, most).length;
  }},
  convert: ({{row, beta, sigma}}) => figures.convertBeta(row, beta, sigma),
  write: ({{values}}) => values.map(value => figures.formatSignificant(value)),
  share: ({{values}}) => values.map(figures.shareText),
  active: ({{pairs}}) => pairs.map(pair => figures.sayActive(...pair)),
}};
console.log(JSON.stringify(given.map(([what, task]) => does[what](task))));
"""


def asked(node: str, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
    command = [node, "--input-type=module", "-e", SCRIPT.format(web=WEB)]
    done = subprocess.run(
        command, input=json.dumps(tasks), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def exact_rows(latent: int = 5) -> list[dict[str, Any]]:
    return [figures(float(beta), latent) for beta in np.geomspace(LOW, HIGH, 13)]


@pytest.mark.parametrize("count", [2, 3, 4, 13])
def test_the_line_between_measurements_is_pchip(node: str, count: int):
    random = np.random.default_rng(count)
    x = np.cumsum(0.2 + random.random(count))
    falling = 50 - np.cumsum(random.random(count) ** 3)
    for y in (falling, random.normal(size=count)):
        at = np.linspace(x[0], x[-1], 101)
        (found,) = asked(node, ("pchip", {"x": x.tolist(), "y": y.tolist(), "at": at.tolist()}))
        oracle = PchipInterpolator(x, y)
        np.testing.assert_allclose(
            np.array(found), np.stack([oracle(at), oracle(at, 1)], 1), atol=1e-9, rtol=1e-9
        )
        if y is falling:
            assert (np.diff(np.array(found)[:, 0]) <= 1e-12).all()


def test_one_measurement_is_a_constant(node: str):
    assert asked(node, ("pchip", {"x": [0.3], "y": [7], "at": [-5, 5]})) == [[[7, 0], [7, 0]]]


def test_a_curve_goes_through_its_measurements_and_has_slope_minus_beta(node: str):
    """Of Gaussian channels, whose rate and distortion are known at every beta."""
    betas = np.geomspace(0.02, 5, 40)
    (found,) = asked(node, ("curve", {"rows": exact_rows()[::-1], "at": betas.tolist()}))
    np.testing.assert_allclose(found["betas"], np.geomspace(LOW, HIGH, 13))
    for beta, place in zip(betas, found["along"]):
        exact = figures(float(beta), 5)
        assert place["rate"] == pytest.approx(exact["rate"], abs=0.02)
        assert place["distortion"] == pytest.approx(exact["distortion"], abs=0.02)
        assert place["slope"] == pytest.approx(-beta, rel=0.08)
    assert 0 < found["recall"] < 1
    assert found["nothing"] is None


def test_rows_that_are_not_measurements_are_left_out(node: str):
    sound = figures(1.0, 2)
    bad = [None, {}, sound | {"beta": 0}, sound | {"rate": None}, sound | {"beta": "1"}, sound]
    results = asked(
        node,
        ("curve", {"rows": [sound, *bad], "at": [0.1, 1]}),
        ("curve", {"rows": None, "at": []}),
        ("curve", {"rows": [], "at": []}),
    )
    assert results[0]["betas"] == [1]
    assert results[0]["along"][0]["slope"] is None  # a single point has none
    assert results[1:] == [None, None]


@pytest.mark.parametrize("is_log", [False, True])
def test_tangent_and_curve_are_seen_to_agree_at_an_optimum_and_not_elsewhere(node: str, is_log: bool):
    task = {"rows": exact_rows(), "beta": 1.0, "isLog": is_log}
    right, wrong = asked(node, ("seen", task | {"slope": -1.0}), ("seen", task | {"slope": -0.5}))
    assert right["angle"] == pytest.approx(0, abs=1e-9)
    assert wrong["angle"] > 6
    np.testing.assert_allclose(right["back"], [right["rate"], right["distortion"]])


def test_the_nearest_place_of_a_path(node: str):
    path = [{"x": x, "y": y, "logBeta": log} for x, y, log in [(0, 0, -1), (10, 0, 0), (10, 10, 2)]]
    tasks = [("nearest", {"path": path, "x": x, "y": y}) for x, y in [(4, 3), (-5, 0), (13, 5), (99, 99)]]
    found = asked(node, *tasks)
    assert [place["logBeta"] for place in found] == pytest.approx([-0.6, -1, 1, 2])
    assert [place["away"] for place in found[:3]] == pytest.approx([3, 5, 3])


def test_the_plane_shows_everything_at_round_numbers(node: str):
    points = [{"rate": 2, "distortion": 240}, {"rate": 22, "distortion": 300}]
    ticks, negative, window, near = asked(
        node,
        ("round", {"low": 0.9, "high": 3, "step": 0.5}),
        ("round", {"low": -0.3, "high": 0.1, "step": 0.1}),
        ("window", {"points": points}),
        ("window", {"points": points, "near": True}),
    )
    assert ticks == [1, 1.5, 2, 2.5, 3]
    np.testing.assert_allclose(negative, [-0.3, -0.2, -0.1, 0, 0.1], atol=1e-12)
    assert window["left"] < 0 < 22 < window["right"] < 25
    assert window["bottom"] < 240 < 300 < window["top"]
    assert 0 < near["left"] < 2


def test_rates_of_dimensions_are_those_of_gaussians(node: str):
    random = np.random.default_rng(0)
    mu, log_var = random.normal(size=(2, 50, 3)).astype("f4").astype("f8")
    rows = list(range(0, 50, 3))
    task = {"mu": mu.ravel().tolist(), "logVar": log_var.ravel().tolist(), "latent": 3, "rows": rows}
    found, none = asked(node, ("rates", task), ("rates", task | {"rows": []}))
    exact = 0.5 * (mu**2 + np.exp(log_var) - log_var - 1)[rows].mean(0)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    assert none == [0, 0, 0]


def test_the_aggregate_posterior_is_the_mean_of_its_gaussians(node: str):
    random = np.random.default_rng(1)
    mu = random.normal(0, 1.5, (80, 2)).astype("f4").astype("f8")
    log_var = random.normal(-2, 1, (80, 2)).astype("f4").astype("f8")
    mu[0, 1] = 400  # far outside of what is drawn
    low, step, count = -6, 0.1, 121
    task = {"mu": mu.ravel().tolist(), "logVar": log_var.ravel().tolist(), "latent": 2}
    task |= {"rows": list(range(80)), "d": 1, "low": low, "step": step, "count": count}
    (found,) = asked(node, ("density", task))
    z = low + step * np.arange(count)
    sigma = np.maximum(step, np.exp(log_var[:, 1] / 2))
    exact = norm.pdf(z[:, None], mu[:, 1], sigma).mean(1)
    np.testing.assert_allclose(found["density"], exact, atol=2e-7, rtol=1e-5)


@pytest.mark.parametrize(("mean", "sigma"), [(0.0, 1.0), (1.2, 0.4), (-0.5, 0.15)])
def test_the_distance_to_the_prior_is_the_divergence(node: str, mean: float, sigma: float):
    task = {"mu": [mean], "logVar": [2 * math.log(sigma)], "latent": 1, "rows": [0], "d": 0}
    (found,) = asked(node, ("density", task | {"low": -6, "step": 0.05, "count": 241}))
    exact = 0.5 * (mean**2 + sigma**2 - 1) - math.log(sigma)
    assert found["distance"] == pytest.approx(exact, abs=1e-4)


def test_a_strip_shows_one_of_each_class_first(node: str):
    found = asked(
        node,
        ("choose", {"label": [2, 2, 0, 1, 1], "wanted": 4}),
        ("choose", {"label": [-1, -1, -1], "wanted": 2}),
        ("choose", {"label": list(range(20)), "wanted": 8}),
    )
    assert found == [[2, 3, 0, 1], [0, 1], list(range(8))]


def test_as_many_rows_as_a_frame_has_time_for(node: str):
    sizes = [(2000, 64, 60_000), (2000, 2, 60_000), (10, 3, 29)]
    found = asked(node, *[("thin", {"count": n, "latent": z, "most": m}) for n, z, m in sizes])
    assert found == [667, 2000, 5]


def test_numbers_as_they_are_written(node: str):
    row = {"factor": 2.0, "sigma_power": 2}
    found = asked(
        node,
        ("convert", {"row": row, "beta": 3, "sigma": 0.1}),
        ("convert", {"row": {"factor": 0.5}, "beta": 3, "sigma": 7}),
        ("write", {"values": [0.0012755, 1, 123.4567, 2.691e-5, 0, None, 1e7]}),
        ("share", {"values": [0.714, 0, 0.004, -0.1, 1]}),
        ("active", {"pairs": [[3, 8], [1, 1], [1, 2]]}),
    )
    assert found[0] == pytest.approx(0.06)
    assert found[1] == 1.5
    assert found[2] == ["0.00128", "1", "123", "2.69e-5", "0", "–", "1.00e7"]
    assert found[3] == ["71%", "0%", "0.4%", "0%", "100%"]
    assert found[4] == [
        "3 of 8 dimensions carry information",
        "1 of 1 dimension carries information",
        "1 of 2 dimensions carries information",
    ]


def test_error_bars_take_at_most_a_quarter_of_the_curve_to_each_side(node: str):
    rows = [{"rate": 9, "distortion": 100, "distortion_se": 1}, {"rate": 5, "distortion": 140}]
    rows += [{"rate": 2, "distortion": 180, "distortion_se": 50}]
    assert asked(node, ("errors", {"rows": rows})) == [[98, 102, 140, 140, 160, 200]]
