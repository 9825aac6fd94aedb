"""Ladders of separate models on the Beta lab page: opening, watching and starting one; what is refused."""

import json

import pytest
from conftest import seen
from pages_world import make_run
from streamlit.testing.v1 import AppTest

from app import beta_ladder
from vae_core.config import RunConfig
from vae_core.errors import ConfigError
from vae_core.sweeps import LadderStore

BETAS = (0.1, 1.0, 10.0)


class StillSweeps:
    """Remembers what it was asked."""

    def __init__(self, store):
        self.store, self.asked = LadderStore(store), []

    def start(self, *words):
        self.asked.append(words)
        return self.store.create(*words[:4], words[4]).id

    def resume(self, name):
        self.asked.append(("resume", name))

    def cancel(self, name):
        self.asked.append(("cancel", name))


@pytest.fixture
def sweeps(store, monkeypatch):
    still = StillSweeps(store)
    monkeypatch.setattr(beta_ladder, "sweeps", lambda: still)
    return still


def made(store, until=(20, 20, 20), reasons=("", "", ""), owner="", betas=BETAS):
    """A ladder whose members came as far as `until` says; 0 is not begun."""
    ladders = LadderStore(store)
    ladder = ladders.create(RunConfig(), betas, [0], owner=owner)
    for place, (steps, reason) in enumerate(zip(until, reasons)):
        if steps:
            run = make_run(store, owner, steps, objective__beta=betas[place])
            ladder = ladder.changed(place, run.id, reason=reason)
    ladders.save(ladder)
    return ladders, ladder


def test_a_finished_ladder_opens_in_the_lab_and_says_what_it_is(visit, store):
    _, ladder = made(store)
    app = visit("beta", ladder=ladder.id)
    assert not app.exception
    assert "Separate models, each trained at its own β; pictures are those of the nearest one." in seen(app)
    assert "is missing" not in seen(app)
    assert app.selectbox[0].value == ladder.id
    assert not [button for button in app.button if button.label == "Resume"]


def test_a_failed_member_is_listed_with_its_reason(visit, store, sweeps):
    _, ladder = made(store, (20, 10, 20), ("", "Memory *ran* out.", ""))
    app = visit("beta", ladder=ladder.id)
    assert "β 1 is missing: Memory *ran* out." in seen(app)
    next(button for button in app.button if button.label == "Try the failed ones again").click().run()
    assert sweeps.asked == [("resume", ladder.id)]


def test_an_interrupted_ladder_shows_its_members_and_can_go_on(visit, store, sweeps):
    _, ladder = made(store, (20, 10, 0))
    app = visit("beta", ladder=ladder.id)
    words = seen(app)
    assert "interrupted · 1 of 3 models" in words
    for chip in ("β 0.1 <i>finished", "β 1 <i>interrupted", "β 10 <i>waiting"):
        assert chip in words
    next(button for button in app.button if button.label == "Resume").click().run()
    assert sweeps.asked == [("resume", ladder.id)]


def test_a_ladder_under_way_can_be_cancelled_by_its_owner_alone(visit, store, sweeps):
    for owner, labels in (("a" * 32, ["Cancel"]), ("b" * 32, []), ("", [])):
        ladders, ladder = made(store, (20, 10, 0), owner=owner)
        with ladders.lock(ladder.id):
            app = visit("beta", session={"owner": "a" * 32}, ladder=ladder.id)
            assert "training · 1 of 3 models" in seen(app)
            assert [b.label for b in app.button if b.label in ("Cancel", "Resume")] == labels
            if labels:
                next(button for button in app.button if button.label == "Cancel").click().run()
    assert [action for action, _ in sweeps.asked] == ["cancel"]


def test_two_models_are_needed(visit, store):
    _, ladder = made(store, (20, 10, 10), ("", "It failed.", "It failed."))
    app = visit("beta", ladder=ladder.id)
    assert "failed · 1 of 3 models. A dial needs two finished models" in seen(app)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ladder-nothing", "There is no ladder"),
        ("../secret", "The address does not name a ladder"),
        ("digits-1", "The address does not name a ladder"),
    ],
)
def test_addresses_that_lead_nowhere_are_answered_in_a_sentence(visit, store, name, sentence):
    app = visit("beta", ladder=name)
    assert not app.exception
    assert sentence in seen(app)


def test_a_damaged_record_is_answered_in_a_sentence_and_not_listed(visit, store):
    ladders, ladder = made(store)
    path = ladders.folder / f"{ladder.id}.json"
    path.write_text(json.dumps({**ladder.value(), "betas": [10, 1, 0.1]}))
    app = visit("beta", ladder=ladder.id)
    assert not app.exception
    assert "is damaged. The betas 10, 1, 0.1 are not in order" in seen(app)


def test_ladders_on_pictures_that_are_not_shared_are_not_listed(visit, store):
    ladders, ladder = made(store, owner="b" * 32)
    secret = ladder.config.override({"data.source": "own:" + "0" * 16})
    value = {**ladder.value(), "config": secret.model_dump(mode="json")}
    (ladders.folder / f"{ladder.id}.json").write_text(json.dumps(value))
    app = visit("beta", session={"owner": "a" * 32})
    assert not app.exception
    assert not [box for box in app.selectbox if ladder.id in box.options]
    assert "Ladder" not in str([box.options for box in app.selectbox])


def form():
    """The form by itself: a dialog does not outlive the tester's rerun."""

    def page():
        from app import ladder_setup

        ladder_setup.form(None)

    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["owner"] = "a" * 32
    return app.run()


def test_the_button_opens_the_form(visit, store):
    app = visit("beta")
    next(button for button in app.button if button.label == "Ladder of models").click().run()
    assert not app.exception
    assert "Trains a model of its own at each β." in seen(app)


def test_starting_a_ladder(store, sweeps):
    app = form()
    assert not app.exception
    assert "5 trainings of 45 epochs each" in seen(app)
    next(box for box in app.text_input if box.label == "Values of β").set_value("0.1; 1, 4").run()
    next(button for button in app.button if button.label == "Train the ladder").click().run()
    assert not app.exception
    (asked,) = sweeps.asked
    config, betas, seeds, warm, owner, _ = asked
    assert (betas, seeds, warm, owner) == ((0.1, 1, 4), [0], True, "a" * 32)
    assert (config.data.source, config.model.kind) == ("digits", "vae")
    assert app.query_params["ladder"] == sweeps.store.list()[0].id


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1", "at least two betas"),
        ("10, 1", "not in order"),
        ("0, 1", "A beta is 0"),
        ("-1, 1", "A beta is -1"),
        ("1, 1", "hold one twice"),
        ("a, b", "should be numbers"),
        ("", "at least two betas"),
    ],
)
def test_bad_betas_are_said_and_start_nothing(store, sweeps, text, sentence):
    app = form()
    next(box for box in app.text_input if box.label == "Values of β").set_value(text).run()
    assert not app.exception
    assert sentence in seen(app)
    button = next(button for button in app.button if button.label == "Train the ladder")
    assert button.disabled
    assert sweeps.asked == []


def test_what_the_service_refuses_is_said(store, sweeps, monkeypatch):
    def refuse(*words):
        raise ConfigError("This training needs too much memory.")

    monkeypatch.setattr(sweeps, "start", refuse)
    app = form()
    next(button for button in app.button if button.label == "Train the ladder").click().run()
    assert "This training needs too much memory." in seen(app)
