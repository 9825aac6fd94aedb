"""Films keep the time of the page's player, begin where the page does and colour support as it does."""

import json
import subprocess

import numpy as np
import pytest

from vae_core.explorer import bundle
from vae_core.explorer.build import WEB
from vae_core.first_way import first_way
from vae_core.taking import film, film_clock

pytestmark = pytest.mark.node

SCRIPT = f"""
const player = await import('file://{WEB}/path_player.js');
const state = await import('file://{WEB}/path_state.js');
const colours = await import('file://{WEB}/path_colours.js');
const given = JSON.parse(await new Response(process.stdin).text());
const does = {{
  clock: ({{clocks, ...how}}) => clocks.map(share => player.atOfClock(share, how)),
  colour: ({{shares}}) => shares.map(colours.cividis),
  anchors({{mu, label}}) {{
    const size = {{latent: mu[0].length, count: mu.length}};
    const points = {{mu: Float32Array.from(mu.flat()), label: Int16Array.from(label), ...size}};
    return state.firstAnchors(points, row => mu[row]).map(({{row}}) => row);
  }},
}};
console.log(JSON.stringify(given.map(([name, value]) => does[name](value))));
"""


@pytest.fixture
def ask(node):
    def run(*questions):
        command = [node, "--input-type=module", "-e", SCRIPT]
        sent = json.dumps(questions, default=lambda value: value.tolist())
        done = subprocess.run(command, input=sent, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("marks", [[0, 23], [3, 11.5, 20], [0, 0, 23]])
@pytest.mark.parametrize("ease", film_clock.EASES)
def test_places_are_where_the_player_is_at_that_time(ask, ease, marks):
    clocks = np.linspace(0, 1, 41)
    (expected,) = ask(("clock", {"clocks": clocks, "ease": ease, "marks": marks, "last": 23}))
    found = film_clock.places_at(clocks, ease, np.array(marks, float), 23)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_support_has_the_pages_colours(ask):
    shares = np.linspace(-0.1, 1.1, 97)
    (expected,) = ask(("colour", {"shares": shares}))
    for share, text in zip(shares, expected):
        found = film.colour(float(share))
        numbers = [int(found[k : k + 2], 16) for k in (1, 3, 5)]
        assert np.abs(np.array(numbers) - [int(part) for part in text[4:-1].split()]).max() <= 1
    assert film.colour(float("nan")) == ""


@pytest.mark.parametrize("classes", [5, 1, 0])
def test_without_a_path_one_begins_as_on_the_page(ask, meta, tensors, classes):
    random = np.random.default_rng(classes)
    label = random.integers(0, max(1, classes), 60) if classes else np.full(60, -1)
    tensors |= {
        "points.mu": random.normal(size=(60, 2)).astype(np.float32),
        "points.log_var": np.zeros((60, 2), np.float32),
        "points.label": label.astype(np.int16),
        "points.index": np.arange(60, dtype=np.int32),
    }
    del tensors["thumbs"]
    (expected,) = ask(("anchors", {"mu": tensors["points.mu"], "label": label}))
    assert list(first_way(Packed({**meta, "labels": list("abcde")}, tensors)).anchors) == expected


def test_without_examples_it_goes_along_the_first_dimension(meta, tensors):
    empty = {
        name: array[:0] if name.startswith(("points", "thumbs")) else array for name, array in tensors.items()
    }
    assert first_way(Packed(meta, empty)).anchors == ((-1.0, 0.0), (1.0, 0.0))


class Packed:
    """Of a run only its bundle."""

    def __init__(self, meta, tensors):
        self.bundle = lambda: bundle.write(meta, tensors)
