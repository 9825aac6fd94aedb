"""What the replay reckons in the browser, against numpy and scipy."""

import json
import subprocess
from typing import Any

import moving_clouds
import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from vae_core import replay
from vae_core.explorer.build import WEB
from vae_core.runs import RunStore

pytestmark = pytest.mark.node

SCRIPT = f"""
const r = await import('file://{WEB}/replay_data.js');
const given = JSON.parse(await new Response(process.stdin).text());
const does = {{
  places({{frames, moments}}) {{
    const view = {{scale: 0.5, frames: frames.map(values => Int16Array.from(values))}};
    return moments.map(([k, part]) => [...r.placesAt(view, {{k, part}}, new Float32Array(frames[0].length))]);
  }},
  moment: ({{times, at}}) => at.map(time => r.momentAt(times, time)),
  nearest: ({{places, n, wanted}}) => r.nearestTo(places, n, wanted),
  middles: ({{places, labels, names}}) => r.classMiddles(places, labels, names),
  value: ({{time, values, at}}) => at.map(place => r.valueAt({{time}}, values, place)),
  ticks: ({{epochs, room}}) => r.epochTicks(epochs, room),
  parse({{bytes}}) {{
    const found = r.parseReplay(Uint8Array.from(Buffer.from(bytes, 'base64')));
    const view = found.views[0];
    const last = r.placesAt(view, {{k: 10, part: 0}}, new Float32Array(2 * found.count));
    const curve = [0.2, 1].map(time => r.figureAt(found.curves, 'distortion', time));
    return {{...found, views: found.views.map(({{name}}) => name), times: [...found.times], originals: 0,
      reconstructions: found.reconstructions.shape, last: [...last], curve}};
  }},
  refuse({{bytes}}) {{
    try {{
      r.parseReplay(Uint8Array.from(Buffer.from(bytes, 'base64')));
    }} catch (error) {{
      return error.message;
    }}
  }},
}};
console.log(JSON.stringify(given.map(([name, value]) => does[name](value) ?? null)));
"""


@pytest.fixture
def ask(node):
    def run(*questions: tuple[str, dict[str, Any]]) -> list[Any]:
        command = [node, "--input-type=module", "-e", SCRIPT]
        done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_points_are_exact_at_moments_and_smooth_between(ask):
    frames = np.random.default_rng(0).integers(-1000, 1000, (5, 6))
    moments = [(k, part) for k in range(4) for part in (0.0, 0.25, 0.8)] + [(4, 0.0)]
    (found,) = ask(("places", {"frames": frames.tolist(), "moments": moments}))
    padded = np.pad(frames / 2, ((1, 1), (0, 0)), mode="edge")
    slopes = (padded[2:] - padded[:-2]) / 2  # Catmull and Rom's
    curve = CubicHermiteSpline(np.arange(5), frames / 2, slopes)
    np.testing.assert_allclose(found, [curve(k + part) for k, part in moments], atol=1e-3)
    np.testing.assert_array_equal(found[0], frames[0] / 2)


def test_where_a_time_lies_and_what_a_curve_says_there(ask):
    times = [0, 0.1, 0.3, 0.6]
    values = [4, 2, 8, 1]
    at = [0, 0.05, 0.1, 0.29, 0.45, 0.6]
    moments, found, late = ask(
        ("moment", {"times": times, "at": [*at, 0.9]}),
        ("value", {"time": times, "values": values, "at": at}),
        ("value", {"time": [0.2], "values": [7], "at": [0.1, 0.2, 0.9]}),
    )
    where = [min(3, moment["k"] + moment["part"]) for moment in moments]
    np.testing.assert_allclose(where, [*np.interp(at, times, range(4)), 3])
    np.testing.assert_allclose(found, np.interp(at, times, values))
    assert late == [None, 7, 7]


def test_neighbours_and_middles(ask):
    random = np.random.default_rng(1)
    places, labels = random.normal(size=(40, 2)), np.arange(40) % 3
    labels[5] = -1
    near, middles = ask(
        ("nearest", {"places": places.ravel().tolist(), "n": 7, "wanted": 6}),
        ("middles", {"places": places.ravel().tolist(), "labels": labels.tolist(), "names": 4}),
    )
    order = np.argsort(((places - places[7]) ** 2).sum(1))
    assert near == order[1:7].tolist()
    known = labels >= 0
    whole = places[known].var(0).sum()
    means = np.array([places[labels == k].mean(0) for k in range(3)])
    between = means[labels[known]].var(0).sum()
    assert middles["share"] == pytest.approx(between / whole)
    np.testing.assert_allclose([[m["x"], m["y"]] for m in middles["middles"]], means)


@pytest.mark.parametrize("epochs", [0.3, 1, 2, 45, 1500])
def test_epochs_on_the_axis_have_room_and_stand_where_they_belong(ask, epochs):
    (found,) = ask(("ticks", {"epochs": epochs, "room": 0.08}))
    assert [found[0]["epoch"], found[-1]["epoch"]] == [0, epochs]
    assert 4 <= len(found) <= 13
    times = [tick["time"] for tick in found]
    np.testing.assert_allclose(times, np.sqrt([tick["epoch"] / epochs for tick in found]), atol=1e-9)
    assert min(np.diff(times)) >= 0.08


def test_what_python_packs_the_browser_reads(ask, tmp_path):
    import base64

    run = moving_clouds.run(RunStore(tmp_path), changes=[(25, 4.0, None)])
    made = replay.moments(run)
    packed = replay.pack(made)
    found, refused, cut = ask(
        ("parse", {"bytes": base64.b64encode(packed).decode()}),
        ("refuse", {"bytes": base64.b64encode(packed.replace(b'"replay', b'"reploy')).decode()}),
        ("refuse", {"bytes": base64.b64encode(packed[:-9]).decode()}),
    )
    assert found["views"] == ["turned", "axes"]
    np.testing.assert_allclose(found["times"], np.sqrt(np.array(moving_clouds.STEPS) / 100), atol=1e-6)
    np.testing.assert_allclose(found["last"], moving_clouds.final().ravel(), atol=1e-3)
    np.testing.assert_allclose(found["curve"], [31 - 0.4, 31 - 10], atol=1e-5)
    assert found["changes"] == [{"step": 25, "beta": 4, "lr": None, "time": 0.5}]
    assert "cannot be opened" in refused
    assert "cut short" in cut
