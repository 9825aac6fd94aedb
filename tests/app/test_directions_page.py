"""Attributes without a browser: groups are chosen and said, directions kept, renamed, deleted, brought back;
what an address or a browser makes up is passed over."""

import json

import numpy as np
import pytest
import streamlit as st
from conftest import seen
from pages_world import make_run

from app import directions, directions_saved, directions_state, directions_take, features, state
from vae_core.directions import Direction, DirectionStore
from vae_core.explorer import bundle
from vae_core.tags import TagStore

ANNA = "a" * 32


@pytest.fixture
def run(store):
    """Twelve examples, four of each class: too few; tags of six make groups."""
    made = make_run(store)
    TagStore().save(made, ANNA, "early", list(range(6)), 12)
    return made


def at(visit, run, **query):
    """The page of a visitor named Anna."""
    return visit("interpolate", {"owner": ANNA}, run=run.id, mode="attributes", **query)


EARLY = {"having": "tag=early"}


def test_two_groups_are_said_with_their_figures(visit, run):
    page = at(visit, run, **EARLY)
    assert not page.exception
    assert "early** (6) − **all others** (6) · effect" in seen(page)
    lists = {each.label: each for each in page.selectbox}
    assert lists["Examples having it"].value == "tag=early"
    assert lists["Examples without it"].value == "rest"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "at least 5 examples, found 4"),  # the first class
        ({"having": "class=nobody"}, "no class 'nobody'"),
        ({"having": "rest"}, "All others than which"),
        ({"having": "rows=0-5", "without": "rows=3-9"}, "in both groups"),
        ({"having": "<script>"}, "names no group"),
    ],
)
def test_what_gives_no_direction_is_a_sentence(visit, run, query, said):
    page = at(visit, run, **query)
    assert not page.exception
    assert said in seen(page)


def test_without_labels_it_says_how_groups_come_about(visit, store):
    made = make_run(store)
    meta, tensors = bundle.read(made.bundle())
    tensors["points.label"] = np.full(12, -1, np.int16)
    (made.path / "explorer.bundle").write_bytes(bundle.write(meta | {"labels": []}, tensors))
    page = at(visit, made)
    assert not page.exception
    assert "Draw around two groups" in seen(page)
    page = at(visit, made, having="rows=0-5")
    assert "6 drawn examples** (6) − **all others** (6)" in seen(page)


def test_choosing_another_group_is_remembered_over_a_change_of_page(visit, run):
    page = at(visit, run, **EARLY)
    page.selectbox(key=directions_state.key(run.id, "pick-vector")).select("lda").run()
    assert page.session_state[directions_state.key(run.id, "chosen")]["vector"] == "lda"
    assert not page.exception


def test_kept_added_renamed_deleted_and_brought_back(visit, run):
    page = at(visit, run, **EARLY)
    page.text_input(key=directions_state.key(run.id, "name")).input("first ones")
    next(each for each in page.button if each.label == "Keep").click().run()
    assert not page.exception
    (kept,) = DirectionStore().list(run, ANNA)
    assert (kept.name, kept.having, kept.without) == ("first ones", "early", "all others")
    page.multiselect(key=directions_state.key(run.id, "pick-added")).select("first ones").run()
    page.text_input(key=directions_state.key(run.id, "rename0/first ones")).input("begin").run()
    assert [each.name for each in DirectionStore().list(run, ANNA)] == ["begin"]
    assert page.session_state[directions_state.key(run.id, "chosen")]["added"] == ["begin"]
    next(each for each in page.button if each.label == "Delete").click().run()
    assert DirectionStore().list(run, ANNA) == ()
    assert "Deleted: begin" in seen(page)
    next(each for each in page.button if each.label == "Undo").click().run()
    assert [each.name for each in DirectionStore().list(run, ANNA)] == ["begin"]
    assert not page.exception


def test_orthogonal_to_itself_is_a_sentence(visit, run):
    page = at(visit, run, **EARLY)
    next(each for each in page.button if each.label == "Keep").click().run()
    page.selectbox(key=directions_state.key(run.id, "pick-apart")).select("early").run()
    assert "nothing is left" in seen(page)


def test_a_damaged_file_costs_the_kept_ones_and_not_the_page(visit, run, home, monkeypatch):
    DirectionStore().save(run, ANNA, Direction("a", (1.0, 0.0), 0.0, "x", "y", "mean", 1.0, 0.9))
    (path,) = (home / "directions").rglob("*.json")
    path.write_bytes(b"{")
    page = at(visit, run, **EARLY)
    assert "cannot be read" in seen(page)
    assert "early** (6)" in seen(page)
    monkeypatch.setattr(state, "owner", lambda: ANNA)
    assert features.news(run)["directions"] == []


def test_explore_is_told_of_those_that_fit_the_model(run, monkeypatch):
    monkeypatch.setattr(state, "owner", lambda: ANNA)
    for name, z in (("fits", (1.0, 0.5)), ("does not", (1.0, 0.5, 0.0))):
        DirectionStore().save(run, ANNA, Direction(name, z, 0.25, "x", "y", "mean", 1.0, 0.9))
    (told,) = features.news(run)["directions"]
    assert json.loads(json.dumps(told)) | {} == {
        "name": "fits",
        "title": "fits: x − y",
        "note": "x − y",
        "z": [1.0, 0.5],
        "zero": 0.25,
    }
    assert directions_saved.told(DirectionStore().list(run, ANNA)[0], "")["name"] == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"start": {"row": 3}, "amounts": [["", 0.5]], "analogy": [0, 1, 2]}, "all of it"),
        ({"start": {"row": -1, "z": [0.5, -1.0]}, "amounts": []}, "all of it"),
        (
            {"start": {"row": True}, "amounts": [["a"], [5, 1], ["a", "1"], "x"], "analogy": [0, 1]},
            {"amounts": []},
        ),
        ({"start": {"z": []}, "amounts": [["x" * 41, 1], ["a", float("nan")]]}, {"amounts": []}),
        ({"amounts": [["a", 50]]}, {"amounts": [["a", 2.0]]}),
        ({"amounts": [["a", 1]] * 7, "analogy": [0, 1, -1]}, {}),
        ({}, {}),
        ([1], None),
        (None, None),
    ],
)
def test_of_a_place_only_what_can_be_one_is_kept(given, kept):
    given = json.loads(json.dumps(given))
    assert directions_state.checked(given) == (given if kept == "all of it" else kept)


def test_an_address_names_a_place():
    asked = {"start": "z0.5,-1", "amounts": "0.5:~-1:smile", "analogy": "3~1~2"}
    assert directions_state.read_place(asked) == {
        "start": {"row": -1, "z": [0.5, -1.0]},
        "amounts": [["", 0.5], ["smile", -1.0]],
        "analogy": [3, 1, 2],
    }
    for wrong in ("", "~~", "z", "zx", "²", "9" * 30, ":::", "nan:a~inf:b", "0.5"):
        found = directions_state.read_place({"start": wrong, "amounts": wrong, "analogy": wrong})
        assert "analogy" not in found
        assert all(abs(amount) <= 2 for _, amount in found.get("amounts", []))


@pytest.mark.parametrize(
    ("event", "drawn"),
    [
        ({"name": "drawn", "value": {"group": "having", "rows": [3, 1]}}, ("having", [3, 1])),
        ({"name": "drawn", "value": {"group": "others", "rows": [3]}}, None),
        ({"name": "drawn", "value": {"group": "having", "rows": [True]}}, None),
        ({"name": "drawn", "value": {"group": "having", "rows": "1"}}, None),
        ({"name": "else", "value": {}}, None),
        ({"name": "drawn"}, None),
        (None, None),
    ],
)
def test_a_drawn_group_is_believed_where_it_is_one(monkeypatch, event, drawn):
    monkeypatch.setattr(st, "session_state", {directions_state.key("run"): {"event": event}})
    assert directions_state.drawn("run") == drawn


def test_a_drawn_group_leaves_the_other_one_what_it_has(run, monkeypatch):
    examples = directions.groups.read(run.bundle()).tagged(TagStore().list(run, ANNA))
    session = {directions_state.key(run.id): {"event": {"name": "drawn", "value": {"group": "without"}}}}
    said: list[str] = []
    monkeypatch.setattr(st, "session_state", session)
    monkeypatch.setattr(directions.st, "toast", said.append)

    def draw(rows):
        session[directions_state.key(run.id)]["event"]["value"]["rows"] = rows
        directions._drawn(run, examples, {"having": "tag=early", "without": "rest"})
        return directions_state.chosen(run.id).get("without")

    assert draw([12]) is None  # there is no such example
    assert draw([4, 5, 6, 7, 9]) == "rows=6-7,9"
    assert said == ["2 of them are in the other group and stay there."]
    assert draw([1, 2]) == "rows=6-7,9"


def test_the_film_taken_along_is_what_the_page_shows(monkeypatch):
    session: dict = {}
    monkeypatch.setattr(st, "session_state", session)
    mu = np.random.default_rng(0).normal(size=(9, 3))
    shown = [{"name": "", "z": [1.0, 0.0, 0.5]}, {"name": "old", "z": [0.0, 2.0, 0.0]}]
    low, middle, high = directions_take.way("run", mu, 4, shown).anchors
    assert middle == 4
    assert low == pytest.approx(mu[4] - 2 * np.array(shown[0]["z"]))
    assert high == pytest.approx(mu[4] + 2 * np.array(shown[0]["z"]))
    place = {"start": {"row": 7}, "amounts": [["", 1.5], ["old", -0.5], ["gone", 1.0]]}
    session[directions_state.key("run", "place")] = place
    assert directions_take.way("run", mu, 4, shown).anchors[1] == pytest.approx(mu[7] - [0, 1, 0])
    place["start"] = {"row": -1, "z": [0.5, 0.5, 0.5]}
    assert directions_take.way("run", mu, 4, shown).anchors[1] == pytest.approx([0.5, -0.5, 0.5])
    place |= {"start": {"row": 90}, "amounts": []}
    assert directions_take.way("run", mu, 4, shown).anchors[1] == pytest.approx(mu[4])


def test_places_are_written_in_stretches():
    assert directions._ranges([3, 7, 8, 9, 12]) == "3,7-9,12"
    assert directions._ranges([5]) == "5"
    long = {"having": f"rows={directions._ranges(list(range(0, 4000, 2)))}", "without": "rest"}
    assert "having" not in directions_state.in_address(long)
