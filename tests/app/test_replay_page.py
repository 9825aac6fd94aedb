"""Replay without a browser: which run it shows, and what it says where there is nothing to show."""

import json

import moving_clouds
import pytest
from conftest import seen

from app import replay_view


def test_without_any_moments_it_says_where_they_come_from(visit):
    page = visit("replay")
    assert not page.exception
    assert page.subheader[0].value == "Nothing to watch again yet"
    assert [button.label for button in page.button] == ["Train a model"]


def test_what_cannot_be_shown_is_said(visit, store):
    begun = store.create(moving_clouds.RunConfig())
    assert "has not begun to train" in seen(visit("replay", run=begun.id))
    assert "There is no run" in seen(visit("replay", run="nowhere"))
    assert "does not name a run" in seen(visit("replay", run="../x"))


def test_it_opens_the_newest_run_that_kept_moments(visit, store):
    run = moving_clouds.run(store)
    page = visit("replay")
    assert not page.error
    assert page.selectbox[0].value == run.id
    assert run.id in page.query_params["run"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"step": 25, "selected": 1, "view": 0, "speed": 0.5},
            {"step": 25, "selected": 1, "view": 0, "speed": 0.5},
        ),
        ({"step": -1, "selected": 1.5, "view": True, "speed": 3}, {}),
        ({"step": "25", "more": 1}, {}),
        ([1], {}),
    ],
)
def test_of_a_place_only_what_can_be_one_is_kept(given, kept):
    assert replay_view._checked(json.loads(json.dumps(given))) == kept
