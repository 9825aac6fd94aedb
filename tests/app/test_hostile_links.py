"""Addresses that somebody made up: each reader passes over what makes no sense, or says so in a sentence."""

import json
import random
from contextlib import suppress
from unittest.mock import patch

import numpy as np
import pytest
import streamlit as st
from conftest import seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from taken import trained

from app import (
    corners_state,
    directions_state,
    interpolate_modes,
    links,
    messages,
    path_state,
    replay_view,
    state,
    training_state,
)
from app.link_model import LinkError
from vae_core import ways
from vae_core.errors import PathError
from vae_core.way_cloud import Cloud

RANDOM = np.random.default_rng(0)
POINTS, LATENT, CLASSES = 9, 4, 3
MODEL = links.Model(LATENT, CLASSES, RANDOM.normal(size=(POINTS, LATENT)), np.arange(POINTS) * 3)
CLOUD = Cloud(MODEL.mu.astype(np.float32), np.ones(LATENT))

# What pages understand, and what looks like it.
NUMBERS = ("0", "1", "2", "5", "-1", "0.5", "-2.25", "1e3", "12", "8")
ODD = (
    *(
        "nan",
        "inf",
        "-inf",
        "1e999",
        "1e308",
        "-0",
        "+1",
        " 1",
        "1_0",
        "٣",
        "²",
        "0x10",
        "9" * 5000,
        "1e-400",
    ),
    *(
        "",
        "z",
        "zz1",
        "z,",
        ",",
        "~",
        "~~~",
        "\x00",
        "\u202e",
        "<script>alert(1)</script>",
        "../../etc/passwd",
    ),
    *("'", '"', "%00", "{}", "[]", "null", "True", "𝟙", "z" + "1," * 3000, "1~" * 4000, "a" * 30_000),
)
WORDS = {
    "v": ("1", "2"),
    "run": ("digits", "a" * 101),
    "with": ("digits",),
    "ladder": ("ladder-x",),
    "hide": ("map", "map,sliders"),
    "mode": ("path", "corners", "attributes"),
    "way": ways.KINDS,
    "steps": ways.SPACINGS,
    "more": ("loop", "beyond", "loop,beyond,compare"),
    "blend": ("bilinear", "spherical"),
    "show": ("support",),
    "vector": ("mean", "lda"),
    "having": ("class=1", "rows=1,3-5", "tag=x"),
    "without": ("rest", "class=2"),
    "chart": links.CHARTS,
    "colour": ("class", "error", "z3"),
    "pair": ("z", "z,aligned"),
    "saved": ("0" * 16,),
}
LISTS = (
    *(
        "through",
        "corners",
        "stroke",
        "route",
        "amounts",
        "analogy",
        "added",
        "puck",
        "at",
        "axes",
        "start",
        "z",
    ),
    *(
        "beta",
        "beta2",
        "example",
        "tint",
        "zoom",
        "grid",
        "off",
        "step",
        "view",
        "speed",
        "selected",
        "apart",
    ),
)

numbers = some.sampled_from(NUMBERS * 3 + ODD) | some.floats().map(str) | some.integers().map(str)
codes = some.lists(numbers, min_size=1, max_size=6).map(",".join)
anchors = codes | codes.map("z{}".format) | numbers
plain = some.sampled_from(NUMBERS)


def codes_of(count):
    return some.lists(plain, min_size=count, max_size=count).map(",".join)


stops = plain.filter(str.isdigit) | codes_of(LATENT).map("z{}".format)
places = some.lists(codes_of(3), min_size=2, max_size=5) | some.lists(codes_of(2), min_size=1, max_size=5)
sound = some.lists(stops, min_size=2, max_size=4) | places
mixed = some.lists(anchors, min_size=1, max_size=9)
texts = (sound | sound | mixed).map("~".join) | some.text(max_size=20) | some.sampled_from(ODD)
more = {name: some.sampled_from(words + ODD) | some.text(max_size=10) for name, words in WORDS.items()}
more |= dict.fromkeys(LISTS, texts)
proper = {  # so that what goes with a path is looked at as well
    "through": some.lists(stops, min_size=2, max_size=8).map("~".join),
    "corners": some.lists(stops, min_size=4, max_size=4).map("~".join),
}
queries = some.fixed_dictionaries({}, optional=more) | some.fixed_dictionaries(
    proper, optional={name: kind for name, kind in more.items() if name not in proper}
)


class Asked(dict):
    """The parameters of an address, as Streamlit hands them out."""

    def to_dict(self):
        return dict(self)

    def get_all(self, name):
        return [self[name]] if name in self else []


def read_all(query):
    """By every page that reads addresses."""
    with patch.object(st, "query_params", Asked(query)):
        of_a_view(query)
        of_a_path()
        of_corners()
        of_directions(query)
        of_a_replay()
        assert interpolate_modes._begun(("path", "corners")) in ("path", "corners")
        assert set(state.hidden_panels()) <= set(links.PANELS)
        assert training_state.slow_open("x") in (True, False)
        for read in (state.run_in_url, state.ladder_in_url, state.beside_in_url):
            found = said(read)
            assert found is None or (len(found) <= 100 and found.isascii() and "/" not in found)
        assert set(state.beside_query()) <= {"with"}


def said(read, *given, errors=LinkError):
    """What a reader makes of it; None where it says in a sentence that it cannot."""
    try:
        return read(*given)
    except errors as error:
        is_sentence(str(error))
        return None


def is_sentence(text):
    assert text.endswith(".")
    assert len(text) < 300
    assert "Traceback" not in text


def of_a_view(query):
    view, complaints = links.read({name: query[name] for name in links.KEYS if name in query}, MODEL)
    for complaint in complaints:
        is_sentence(complaint)
    kept = links.checked({"z": [0.0] * LATENT, **view}, MODEL)
    assert kept == {"z": [0.0] * LATENT, **view}  # nothing in it that does not fit
    json.dumps(kept, allow_nan=False)


def of_a_path():
    place = path_state.in_url()
    assert path_state.checked(place) == place
    json.dumps(place, allow_nan=False)
    if place:
        way = path_state.way_of(place)
        said(ways.stops, way, CLOUD, errors=PathError)


def of_corners():
    place = corners_state.in_url()
    assert corners_state.checked(place) == place
    json.dumps(place, allow_nan=False)


def of_directions(query):
    place = directions_state.read_place(query)
    assert directions_state.checked(place) == place
    json.dumps([place, directions_state._chosen(query)], allow_nan=False)


def of_a_replay():
    place = replay_view._asked()
    assert replay_view._checked(place) == place
    json.dumps(place, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(queries)
def test_a_hundred_addresses(query):
    read_all(query)


@pytest.mark.soak
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries)
def test_two_thousand_addresses(query):
    read_all(query)


@settings(max_examples=100, deadline=None)
@given(texts, *(some.sampled_from(WORDS[name] + ODD) for name in ("way", "steps", "more")), texts, texts)
def test_the_command_lines_words_of_a_path(through, way, steps, more, stroke, axes):
    with suppress(PathError):
        found = ways.read(through, way, steps, more, stroke, axes)
        json.dumps(found.place(), allow_nan=False)
        said(ways.stops, found, CLOUD, errors=PathError)


def made_up(seed):
    """A query by chance alone, for the pages themselves."""
    chance = random.Random(seed)
    part = lambda: chance.choice(NUMBERS + ODD)  # noqa: E731
    query = {name: chance.choice([*words, chance.choice(ODD)]) for name, words in WORDS.items()}
    query |= {name: "~".join(part() for _ in range(chance.randrange(1, 5))) for name in LISTS}
    return {name: query[name][:5000] for name in chance.sample(sorted(query), 8)}


def on_pages(visit, run, pages, seeds):
    for seed in seeds:
        for page in pages:
            query = {**made_up(seed), "run": run.id}
            app = visit(page, **query)
            assert not app.exception, (page, query)
            assert messages.UNEXPECTED not in seen(app), (page, query)


@pytest.mark.parametrize("page", ["explore", "interpolate", "beta", "replay"])
def test_pages_open_all_the_same(page, visit, store):
    on_pages(visit, trained(store), [page], range(2))


@pytest.mark.soak
def test_pages_open_for_a_hundred_addresses(visit, store):
    on_pages(visit, trained(store), ["explore", "interpolate", "beta", "replay"], range(100))
