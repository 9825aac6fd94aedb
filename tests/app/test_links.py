"""Addresses: a view survives the way into one and back, and nothing in one is believed unchecked."""

import json
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import links
from vae_core.errors import ViewNotFoundError
from vae_core.views import LIMIT, ViewStore

RANDOM = np.random.default_rng(0)
MODEL = links.Model(4, 3, RANDOM.normal(size=(5, 4)).astype(np.float32), np.array([10, 3, 7, 22, 5]))

number = st.floats(-99, 99, allow_nan=False).map(lambda value: round(value, 3))
views = st.fixed_dictionaries(
    {"z": st.lists(number, min_size=4, max_size=4)},
    optional={
        "axes": st.permutations(range(4)).map(lambda order: list(order[:2])),
        "hidden": st.sets(st.integers(0, 2)).map(sorted),
        "view": st.tuples(number, number, st.just(2.5)).map(list),
        "chart": st.sampled_from(links.CHARTS),
        "selected": st.integers(-1, 4),
        "colour": st.sampled_from(["class", "error", "density", "z3", "factor:size & shape=1"]),
        "tint": st.integers(-1, 3),
        "grid": st.booleans(),
    },
)
AS_USUAL = {"axes": None, "hidden": [], "chart": "axes", "selected": -1, "colour": "class", "tint": -1}


def there_and_back(view):
    text = urlencode(links.query(links.checked(view, MODEL), MODEL), safe=",")
    return links.read(dict(parse_qsl(text)), MODEL)


@given(views)
def test_a_view_survives_an_address(view):
    found, complaints = there_and_back(view)
    assert complaints == []
    assert np.allclose(found.pop("z"), view.pop("z"), atol=1e-3)
    told = {k: v for k, v in view.items() if v != AS_USUAL.get(k, False)}
    assert found == told


def test_an_example_stands_in_the_address_by_its_number_in_the_data_set():
    view = {"z": [round(float(value), 4) for value in MODEL.mu[3]], "selected": 3}
    assert links.query(view, MODEL) == {"v": "1", "example": "22"}
    found, _ = links.read({"v": "1", "example": "22"}, MODEL)
    assert found["selected"] == 3
    assert np.array_equal(np.float32(found["z"]), MODEL.mu[3])


def test_an_example_that_was_moved_keeps_its_z():
    view = {"z": [0.5, 0.0, 0.0, 0.0], "selected": 3}
    assert links.query(view, MODEL) == {"v": "1", "example": "22", "z": "0.500,0.000,0.000,0.000"}


@pytest.mark.parametrize(
    "asked",
    [
        {"z": "1,2,3"},
        {"z": "1,2,3,nan"},
        {"z": "1,2,3,1e99"},
        {"example": "11"},
        {"example": "-1"},
        {"example": "9" * 40},
        {"axes": "1,1"},
        {"axes": "1,9"},
        {"axes": "1,²"},
        {"chart": "<script>"},
        {"off": "3"},
        {"off": "-1"},
        {"colour": "x" * 101},
        {"colour": "a\nb"},
        {"tint": "5"},
        {"tint": "1,2"},
        {"zoom": "1,2,0"},
        {"zoom": "1,2"},
    ],
)
def test_what_does_not_fit_is_a_sentence_and_the_rest_is_followed(asked):
    view, complaints = links.read({**asked, "grid": "1"}, MODEL)
    assert view == {"grid": True}
    assert len(complaints) == 1
    assert complaints[0].endswith(".")
    assert len(complaints[0]) < 200


def test_another_version_is_said_and_followed_as_far_as_it_goes():
    view, complaints = links.read({"v": "9", "grid": "1"}, MODEL)
    assert view == {"grid": True}
    assert "another version" in complaints[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from([*links.KEYS, "hidden", "view", "selected", "x"]), json_values)
    | json_values
)
def test_whatever_a_browser_reports_is_either_refused_or_fits(value):
    found = links.checked(value, MODEL)
    if found is not None:
        assert links.checked(found, MODEL) == found
        json.dumps(found, allow_nan=False)
        links.query(found, MODEL)


def test_no_address_of_the_largest_model_is_too_long():
    mu = np.full((1, 128), -123.456, np.float32)
    model = links.Model(128, 10, mu, np.array([999_999]))
    view = {"z": [-123.4564] * 128, "axes": [126, 127], "hidden": list(range(10)), "chart": "tsne"}
    view |= {"view": [-123.456] * 3, "colour": "factor:orientation", "tint": 127, "grid": True, "selected": 0}
    assert len(urlencode(links.query(view, model), safe=",")) < links.LONGEST - 200


def test_a_view_too_long_for_an_address_is_kept_by_its_checksum(tmp_path):
    store = ViewStore(tmp_path)
    query = {"v": "1", "z": "1,2", "off": ",".join(map(str, range(900)))}
    name = store.put("run", query)
    assert store.put("run", query) == name
    assert store.get("run", name) == query
    for run, wrong in [("other", name), ("run", "0" * 16), ("run", "../../etc/passwd"), ("run", "")]:
        with pytest.raises(ViewNotFoundError):
            store.get(run, wrong)
    (tmp_path / "views" / f"{name}.json").write_text("{}")
    with pytest.raises(ViewNotFoundError):
        store.get("run", name)
    longest = {"z": "1" * (LIMIT - len(json.dumps({"run": "run", "query": {"z": ""}})))}
    assert store.get("run", store.put("run", longest)) == longest
    with pytest.raises(ValueError, match="64,000"):
        store.put("run", {"z": longest["z"] + "1"})
