"""Directions in the browser against numpy; places that a browser or an address made up."""

import json
import subprocess
from typing import Any

import numpy as np
import pytest

from vae_core import attributes
from vae_core.explorer.build import WEB

pytestmark = pytest.mark.node

SCRIPT = f"""
const s = await import('file://{WEB}/direction_state.js');
const given = JSON.parse(await new Response(process.stdin).text());
const model = {{latent: 3, count: 10, codeOf: row => [row, 0, 0]}};
const does = {{
  add({{z, directions, amounts, except}}) {{
    return s.addDirections(z, directions, new Map(amounts), directions[except] ?? null);
  }},
  stand: ({{direction, z}}) => s.standingAlong(direction, z),
  analogy: ({{a, b, c}}) => s.analogyOf(a, b, c),
  frames: () => [s.frameAmounts, s.frameAmounts.map(s.frameOfAmount)],
  place: given => s.roundPlace(s.acceptPlace(given, model)),
  read: given => s.readDirections(given, 3),
  kinds: text => {{ const read = s.readKinds(text, 4); return read && [...read]; }},
}};
console.log(JSON.stringify(given.map(([name, value]) => does[name](value) ?? null)));
"""


@pytest.fixture
def ask(node):
    def run(*questions: tuple[str, Any]) -> list[Any]:
        done = subprocess.run(
            [node, "--input-type=module", "-e", SCRIPT],
            input=json.dumps(questions),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return run


def test_sums_standings_and_analogies_are_numpys(ask):
    random = np.random.default_rng(0)
    z, a, b, c = random.normal(size=(4, 5))
    directions = [{"name": n, "z": random.normal(size=5).tolist(), "zero": 0.3} for n in ("x", "y", "z")]
    amounts = {"x": 0.5, "z": -2.0, "gone": 1.0}
    added, left_out, stands, analogy, frames = ask(
        ("add", {"z": z.tolist(), "directions": directions, "amounts": list(amounts.items())}),
        ("add", {"z": z.tolist(), "directions": directions, "amounts": list(amounts.items()), "except": 2}),
        ("stand", {"direction": directions[1], "z": z.tolist()}),
        ("analogy", {"a": a.tolist(), "b": b.tolist(), "c": c.tolist()}),
        ("frames", None),
    )
    x, y, last = (np.array(each["z"]) for each in directions)
    assert added == pytest.approx((z + 0.5 * x - 2 * last).tolist())
    assert left_out == pytest.approx((z + 0.5 * x).tolist())
    assert stands == pytest.approx(z @ y / (y @ y) - 0.3)
    assert analogy == pytest.approx(attributes.analogy(a, b, c).tolist(), abs=1e-6)
    assert frames == [np.linspace(-2, 2, 17).tolist(), list(range(17))]


def test_of_a_place_only_what_fits_the_run_is_taken(ask):
    whole = {"start": {"row": 3}, "amounts": [["", 0.5], ["smile", -2]], "analogy": [0, 1, 9]}
    code = {"start": {"row": -1, "z": [0.5, 1, -1]}, "amounts": [], "analogy": None}
    nothing = {"start": None, "amounts": [], "analogy": None}
    wrong = [
        None,
        5,
        {"start": {"row": 10}, "analogy": [0, 1, 10]},
        {"start": {"row": -1, "z": [1, 2]}, "amounts": {"a": 1}},
        {"start": {"z": [None, 1, 2]}, "amounts": [["a", None], [5, 1], "x", ["b", "1"]], "analogy": [0, 1]},
        {"start": "3", "amounts": "smile", "analogy": "0~1~2"},
    ]
    far = {"amounts": [["a", 1e9], ["__proto__", 1]]}
    found = ask(*(("place", given) for given in (whole, code, *wrong, far)))
    assert found[:2] == [whole, code]
    assert found[2:-1] == [nothing] * len(wrong)
    assert found[-1] == nothing | {"amounts": [["a", 2], ["__proto__", 1]]}


def test_directions_and_groups_that_do_not_fit_are_left_out(ask):
    sound = {"name": "a", "z": [0, 1, 0], "zero": 0}
    wrong = [
        sound,
        {**sound, "name": "b", "z": [0, 1]},
        {**sound, "name": "c", "z": [0, 0, 0]},
        {**sound, "name": "d", "zero": None},
        {**sound, "name": 5},
        None,
    ]
    assert ask(
        ("read", [sound, *wrong]),
        ("read", "x"),
        ("read", None),
        ("kinds", "AAECAA=="),
        ("kinds", "AAEC"),
        ("kinds", None),
    ) == [[sound], [], [], [0, 1, 2, 0], None, None]
