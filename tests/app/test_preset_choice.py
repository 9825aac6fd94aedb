"""How much training on the Train form: what follows from the choice, and what a person set besides."""

import pytest
from streamlit.testing.v1 import AppTest

from app import state, training_state
from vae_core.config import RunConfig
from vae_core.recipes import recommended, with_changes

ME = {"owner": "a" * 32}


def widget(app, path):
    return next(
        found
        for kind in ("number_input", "selectbox", "segmented_control", "select_slider")
        for found in getattr(app, kind)
        if found.key == state.widget_key(path)
    )


def choice(app):
    return next(found for found in app.segmented_control if found.key == training_state.PRESET_KEY)


def captions(app):
    return " ".join(each.value for each in app.caption)


def started(app, store):
    next(button for button in app.button if button.label == "Start training").click().run()
    assert not app.exception
    return store.get(app.query_params["run"]).config


def test_it_begins_with_a_good_training(visit, store):
    app = visit("train")
    assert choice(app).value == "good"
    assert [option.partition(" · ")[0] for option in choice(app).options] == ["Sketch", "Good", "Best"]
    assert started(app, store) == recommended("digits")


def test_settings_follow_the_choice_and_others_stay(visit, store):
    app = visit("train", session=ME)
    widget(app, "model.latent").set_value(5).run()
    widget(app, "training.epochs").set_value(7.0).run()
    choice(app).set_value("sketch").run()
    sketch = recommended("digits", "sketch")
    assert widget(app, "training.epochs").value == sketch.training.epochs
    assert started(app, store) == sketch.override({"model.latent": 5})


def test_own_epochs_say_how_long_they_take(visit):
    app = visit("train", session=ME)
    assert " · about" not in captions(app)
    widget(app, "training.epochs").set_value(3000.0).run()
    assert "min of training" in captions(app)
    widget(app, "model.kind").set_value("ae").run()
    assert "min of training · a plain autoencoder" in captions(app)


def test_another_net_brings_its_own_epochs_and_counts_as_a_change(visit, store):
    app = visit("train", session={**ME, "source": "shapes", "preset": "best"})
    assert widget(app, "training.epochs").value == recommended("shapes", "best").training.epochs
    widget(app, "model.net").set_value("conv").run()
    conv = recommended("shapes", "best", "conv")
    assert widget(app, "training.epochs").value == conv.training.epochs
    assert "(1 changed)" in " ".join(button.label for button in app.button)
    widget(app, "model.latent").set_value(4).run()
    assert started(app, store) == conv.override({"model.latent": 4})


def test_times_follow_the_net_and_the_pictures(visit):
    digits, shapes = (visit("train", session={"source": source}) for source in ("digits", "shapes"))
    wide = visit("train", session={"source": "shapes", "changes": {"model.hidden": (4096, 1024)}})
    assert len({choice(app).options[1] for app in (digits, shapes, wide)}) == 3
    bad = visit("train", session={"changes": {"model.hidden": ("x",)}})
    assert choice(bad).options == ["Sketch", "Good", "Best"]


def test_the_choice_is_kept_while_the_page_is_left(visit):
    app = visit("train")
    choice(app).set_value("best").run()
    assert choice(visit("train", session={"preset": app.session_state["preset"]})).value == "best"


def set_up(wanted):
    """A form that stood for something else is set up like a run; what it then says."""
    import streamlit as st

    from app import controls, preset_choice
    from vae_core.config import RunConfig

    preset_choice.load(RunConfig.from_json(wanted))
    st.text(controls.config(preset_choice.recipe()).to_json())


@pytest.mark.parametrize(
    "changes", [{}, {"model.net": "conv"}, {"model.kind": "multirate", "model.latent": 7}]
)
@pytest.mark.parametrize("epochs", [33.0, recommended("digits").training.epochs])
def test_a_form_like_a_run_is_that_run(store, changes, epochs):
    """Also of a net and a kind that are not the usual ones, from which other settings follow."""
    for wanted in (
        with_changes("digits", changes),
        with_changes("digits", {**changes, "training.epochs": epochs}),
    ):
        app = AppTest.from_function(set_up, args=(wanted.to_json(),))
        app.session_state["preset"] = "best"
        app.session_state["source"] = "shapes"
        app.session_state["changes"] = {"training.epochs": 2.0}
        app.run()
        assert not app.exception
        assert RunConfig.from_json(app.text[0].value) == wanted
