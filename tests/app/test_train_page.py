"""Train: the form and what it refuses, a training watched by its owner and by others, all its ends."""

import pytest
from conftest import seen
from pages_world import make_run

from app import controls, state
from vae_core.checks import parameter_count
from vae_core.config import options
from vae_core.progress import Progress
from vae_core.recipes import multirate, recommended
from vae_core.recorder import Recorder

ME = {"owner": "a" * 32}
SLOW = "A step in slow motion"


def buttons(app):
    return {button.label: button for button in app.button}


def widget(app, path):
    key = state.widget_key(path)
    for found in widgets(app):
        if found.key == key:
            return found
    raise AssertionError(f"no widget for {path}")


def widgets(place):
    kinds = ("number_input", "selectbox", "select_slider", "segmented_control", "text_input", "toggle")
    return [found for kind in kinds for found in getattr(place, kind)]


def shown(app):
    """Paths of the settings on the page."""
    keys = {found.key for found in widgets(app)}
    return {path for path in options() if state.widget_key(path) in keys}


def started(app, store):
    buttons(app)["Start training"].click().run()
    return store.get(app.query_params["run"])


def test_every_setting_has_a_widget_with_its_help_and_bounds(visit):
    mlp = visit("train", session={"changes": {"model.likelihood": "laplace"}})
    other = {"model.net": "conv", "model.kind": "multirate"}
    conv = visit("train", session={"source": "shapes", "changes": other})
    ways = [{"objective.kl": kl} for kl in ("cyclical", "free_bits", "capacity", "controlled")]
    ways[0]["training.lr_schedule"] = "plateau"
    apps = [mlp, conv, *(visit("train", session={"changes": changes}) for changes in ways)]
    for path, option in options().items():
        found = widget(next(app for app in apps if path in shown(app)), path)
        assert found.proto.help == option.help
        if option.kind in (int, float) and path not in ("objective.beta", *controls.RANGE):
            assert found.proto.max == option.high
            assert found.proto.min == option.low


def test_few_settings_are_in_sight(visit):
    app = visit("train")
    more = app.expander[0]
    behind = {found.key for found in widgets(more)}
    in_sight = [found for found in widgets(app) if found.key not in behind]
    assert len(in_sight) <= 8
    primary = [button.label for button in app.button if button.proto.type == "primary"]
    assert primary == ["Start training"]


def test_start_trains_what_the_form_says(visit, store, service):
    app = visit("train", session=ME)
    widget(app, "model.latent").set_value(5).run()
    widget(app, "objective.beta").set_value(4.0).run()
    widget(app, "training.seed").set_value(7).run()
    run = started(app, store)
    assert run.owner == ME["owner"]
    expected = {"model.latent": 5, "objective.beta": 4.0, "training.seed": 7}
    assert run.config == recommended("digits").override(expected)
    assert ("warm", "") in service.asked


def test_untouched_the_form_is_the_recipe(visit, store):
    assert started(visit("train"), store).config == recommended("digits")


def test_another_data_set_brings_its_recipe_and_keeps_what_was_changed(visit, store):
    app = visit("train")
    widget(app, "objective.beta").set_value(2.0).run()
    widget(app, "data.source").set_value("shapes").run()
    recipe = recommended("shapes")
    assert widget(app, "training.epochs").value == recipe.training.epochs
    assert "1 changed" in seen(app) + " ".join(buttons(app))
    assert started(app, store).config == recipe.override({"objective.beta": 2.0})


def test_back_to_the_recommended_settings(visit, store):
    app = visit("train")
    widget(app, "model.latent").set_value(9).run()
    next(button for label, button in buttons(app).items() if "recommended" in label).click().run()
    assert widget(app, "model.latent").value == recommended("digits").model.latent
    assert started(app, store).config == recommended("digits")


MLP = {"model.hidden", "model.tied"}
CONV = {"model.channels", "model.dense", "model.blocks", "model.up"}
SIGMA = {"model.sigma"}
RANGE = {"objective.beta_low", "objective.beta_high"}
OBJECTIVE = {path for path in options() if path.startswith("objective.")}
CYCLES = {"objective.rise", "objective.cycles"}
FREE = {"objective.free_bits", "objective.free_group"}
CAPACITY = {"objective.kl", "objective.rise", "objective.target_rate", "objective.pull"}
LINEAR = {"objective.beta", "objective.kl", "objective.warmup"}
PLATEAU = {"training.plateau_patience", "training.plateau_factor"}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, CONV | SIGMA | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.net": "conv"}, MLP | SIGMA | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.likelihood": "laplace"}, CONV | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.likelihood": "continuous_bernoulli"}, CONV | SIGMA | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.likelihood": "gaussian_shared"}, CONV | SIGMA | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.likelihood": "gaussian_pixel"}, CONV | SIGMA | PLATEAU | (OBJECTIVE - LINEAR)),
        ({"model.kind": "ae"}, CONV | SIGMA | PLATEAU | OBJECTIVE),
        (
            {"model.kind": "multirate"},
            CONV | SIGMA | PLATEAU | {"model.tied"} | (OBJECTIVE - LINEAR - RANGE),
        ),
        ({"training.lr_schedule": "plateau"}, CONV | SIGMA | (OBJECTIVE - LINEAR)),
        (
            {"objective.kl": "constant"},
            CONV | SIGMA | PLATEAU | (OBJECTIVE - {"objective.beta", "objective.kl"}),
        ),
        (
            {"objective.kl": "controlled"},
            CONV | SIGMA | PLATEAU | CYCLES | FREE | {"objective.warmup", "objective.pull"},
        ),
        (
            {"objective.kl": "capacity"},
            CONV | SIGMA | PLATEAU | FREE | (OBJECTIVE - CAPACITY),
        ),
    ],
)
def test_settings_show_only_where_they_matter(visit, changes, missing):
    app = visit("train", session={"source": "shapes", "changes": changes})
    assert not app.exception
    assert set(options()) - shown(app) == missing


def test_a_setting_that_is_not_in_use_is_not_counted(visit):
    app = visit("train", session={"changes": {"model.tied": True, "model.net": "conv"}})
    assert "(1 changed)" in " ".join(buttons(app))
    widget(app, "model.net").set_value("mlp").run()
    assert widget(app, "model.tied").value is True
    assert "(1 changed)" in " ".join(buttons(app))


def test_the_size_follows_the_settings(visit):
    app = visit("train", session={"source": "shapes"})
    for path, value in {"model.net": "conv", "model.channels": "32, 64", "model.kind": "ae"}.items():
        before = seen(app)
        widget(app, path).set_value(value).run()
        config = recommended("shapes").override(app.session_state["changes"])
        assert f"{parameter_count(config.model, (1, 32, 32)):,} parameters" in seen(app) != before


def test_advice_on_grey_pixels_is_quiet_and_given_once(visit, store):
    app = visit("train")
    assert "Bernoulli reads grey pixels as probabilities" in seen(app)
    assert not app.warning
    assert not app.info
    buttons(app)["Got it"].click().run()
    assert "grey pixels" not in seen(app)
    widget(app, "data.source").set_value("colour-shapes").run()
    widget(app, "model.likelihood").set_value("bernoulli").run()
    assert "grey pixels" in seen(app)  # of another data set it is said again
    widget(app, "model.likelihood").set_value("gaussian_shared").run()
    assert "grey pixels" not in seen(app)
    assert "grey pixels" not in seen(visit("train", session={"source": "shapes"}))  # drawn in black and white


def test_advice_was_read_once_a_training_was_started(visit, store):
    app = visit("train", session=ME)
    buttons(app)["Start training"].click().run()
    buttons(app)["New training"].click().run()
    assert "grey pixels" not in seen(app)


def test_sigma_is_taken(visit, store):
    app = visit("train")
    widget(app, "model.likelihood").set_value("gaussian").run()
    widget(app, "model.sigma").set_value(0.25).run()
    model = started(app, store).config.model
    assert (model.likelihood, model.sigma) == ("gaussian", 0.25)


@pytest.mark.parametrize(("text", "widths"), [("none (linear)", ()), ("1024, 512", (1024, 512))])
def test_widths_are_chosen(visit, store, text, widths):
    app = visit("train")
    widget(app, "model.hidden").set_value(text).run()
    assert started(app, store).config.model.hidden == widths


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model.hidden": ("51a",)}, "Hidden layers"),
        ({"model.hidden": (5000,)}, "Hidden layers"),
        ({"model.hidden": (4096, 4096, 4096)}, "parameters"),
        ({"training.epochs": 0.0}, "Epochs"),
        ({"training.batch": 1, "training.epochs": 10000.0}, "steps"),
        ({"data.limit": 1}, "pictures"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_the_start(visit, changes, word):
    app = visit("train", session={"changes": changes})
    assert not app.exception
    if changes == {"data.limit": 1}:
        return  # known only once the pictures are split
    assert word in app.error[0].value
    assert buttons(app)["Start training"].disabled


def test_settings_survive_a_visit_elsewhere(visit):
    app = visit("train")
    widget(app, "model.latent").set_value(11).run()
    widget(app, "data.source").set_value("shapes").run()
    app.switch_page("../pages/about.py").run()
    app.switch_page("../pages/train.py").run()
    assert widget(app, "data.source").value == "shapes"
    assert widget(app, "model.latent").value == 11


def test_a_data_set_that_is_not_here_can_be_downloaded(visit, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENTSCAPE_DATA", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: str(tmp_path / "cache"))
    app = visit("train", session={"source": "fashion-mnist"})
    assert not app.error
    assert "Download Fashion-MNIST (31 MB)" in buttons(app)
    assert "MIT" in seen(app)
    assert buttons(app)["Start training"].disabled


def test_the_owner_steers(visit, service):
    app = visit("train", session=ME)
    buttons(app)["Start training"].click().run()
    assert list(buttons(app)) == ["New training", "Pause", "Finish now", "Cancel", "Snapshot now", SLOW]
    assert "epoch 11 of 45" in app.get("progress")[0].proto.text.replace("\\", "")
    for label, request in {"Pause": "pause", "Finish now": "finish", "Cancel": "stop"}.items():
        buttons(app)[label].click().run()
        assert request in {what for what, *_ in service.asked}
    service.states = dict.fromkeys(service.states, "paused")
    app.run()
    buttons(app)["Go on"].click().run()
    assert "unpause" in {what for what, *_ in service.asked}


def test_a_reload_finds_ones_run_again_and_others_only_watch(visit, store, service):
    run = make_run(store, owner="a" * 32, until=10)
    service.states[run.id] = "running"
    assert "Cancel" in buttons(visit("train", session=ME, run=run.id))
    app = visit("train", session={"owner": "b" * 32}, run=run.id)
    assert list(buttons(app)) == ["New training", "Replay", SLOW]
    assert "someone else" in seen(app)


def test_a_finished_run_is_one_click_from_explore(visit, store):
    run = make_run(store, owner="a" * 32)
    app = visit("train", session=ME, run=run.id)
    primary = [label for label, button in buttons(app).items() if button.proto.type == "primary"]
    assert primary == ["Explore it"]
    app.session_state[f"train/take/{run.id}"] = True
    app.run()
    assert next(box for box in app.selectbox if box.label == "As").value == "html"
    assert "Make the file" in buttons(app)
    buttons(app)["Explore it"].click().run()
    assert app.selectbox[0].value == run.id


def test_an_interrupted_run_goes_on(visit, store, service):
    run = make_run(store, owner="a" * 32, until=10)
    app = visit("train", session=ME, run=run.id)
    assert "Interrupted" in app.get("progress")[0].proto.text
    assert list(buttons(app)) == ["New training", "Replay", "Resume", "Set up another like it", SLOW]
    buttons(app)["Resume"].click().run()
    assert ("resume", run.id) in service.asked


def test_a_run_that_was_stopped_is_not_called_interrupted(visit, store):
    run = make_run(store, owner="a" * 32, until=10, training__epochs=3)
    Recorder(run).note("stopped", step=10)
    app = visit("train", session=ME, run=run.id)
    text = app.get("progress")[0].proto.text.replace("\\", "")
    assert text == "Stopped at epoch 1.5 of 3; it can go on"
    assert "stopped · just now" in seen(visit("home", session=ME))
    Recorder(run).note("started", step=10)
    assert "Interrupted" in visit("train", session=ME, run=run.id).get("progress")[0].proto.text


def test_new_training_leads_back_to_the_form_as_it_was_left(visit, store):
    run = make_run(store, owner="a" * 32)
    app = visit("train", session={**ME, "changes": {"model.latent": 9}}, run=run.id)
    buttons(app)["New training"].click().run()
    assert "run" not in app.query_params
    assert widget(app, "model.latent").value == 9
    assert started(app, store).config == recommended("digits").override({"model.latent": 9})


def test_a_failed_run_says_why(visit, store, service, monkeypatch):
    run = make_run(store, owner="a" * 32, until=10)
    failed = Progress(run.id, "failed", 10, 20, error="The disk is full. Free some space.")
    monkeypatch.setattr(service, "progress", lambda run, since=0: failed, raising=False)
    app = visit("train", session=ME, run=run.id)
    assert "The disk is full" in app.error[0].value
    assert "Resume" in buttons(app)


def test_another_like_it_fills_the_form(visit, store):
    run = make_run(store, owner="a" * 32, model__latent=7, data__source="shapes", objective__beta=3.7)
    app = visit("train", session=ME, run=run.id)
    buttons(app)["Set up another like it"].click().run()
    assert widget(app, "data.source").value == "shapes"
    assert widget(app, "model.latent").value == 7
    assert widget(app, "objective.beta").value == 3.7
    assert started(app, store).config == run.config


@pytest.mark.parametrize("name", ["nothing", "../x", "<script>"])
def test_a_run_that_is_not_there_is_a_sentence_with_a_way_on(visit, name):
    app = visit("train", run=name)
    assert not app.exception
    assert len(app.error) == 1
    assert "Set up a new training, or choose a run on Explore" in seen(app)
    assert "Start training" not in buttons(app)
    buttons(app)["New training"].click().run()
    assert "Start training" in buttons(app)


def test_a_damaged_run_says_what_is_wrong(visit, store):
    run = make_run(store, owner="a" * 32)
    (run.path / "config.json").write_text("{")
    app = visit("train", session=ME, run=run.id)
    assert not app.exception
    assert "config" in seen(app)


def test_a_run_begun_on_the_command_line_is_watched_while_it_trains_and_anyones_to_resume(
    visit, store, service
):
    run = make_run(store, owner="", until=10)
    service.states[run.id] = "running"
    app = visit("train", session=ME, run=run.id)
    assert list(buttons(app)) == ["New training", "Replay", SLOW]
    assert "command line" in seen(app)
    service.states[run.id] = "interrupted"
    assert "Resume" in buttons(visit("train", session=ME, run=run.id))


def test_a_multi_rate_model_is_given_its_time_and_a_range(visit, store):
    app = visit("train")
    widget(app, "model.kind").set_value("multirate").run()
    assert widget(app, "objective.beta").label == "Opens at β"
    assert "normalised β 0.00031 to 0.31" in seen(app)
    assert "in the time of about 1.5 trainings of one β" in seen(app)
    widget(app, "model.latent").set_value(8).run()
    assert "in the time of about 2.5 trainings of one β" in seen(app)
    widget(app, "training.epochs").set_value(7.0).run()
    assert "trainings of one β" not in seen(app)
    app = visit("train")
    widget(app, "model.kind").set_value("multirate").run()
    config = started(app, store).config
    assert config == multirate(recommended("digits"))
    assert (config.objective.beta_low, config.objective.beta_high) == (0.01, 10)


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        ("objective.beta_low", 20.0, "reversed"),
        ("objective.beta_high", 0.01, "single value"),
        ("objective.beta_low", 0.0, "allowed is"),
        ("objective.beta_low", -1.0, "allowed is"),
    ],
)
def test_a_bad_range_is_refused_in_place(visit, path, value, word):
    app = visit("train", session={"changes": {"model.kind": "multirate"}})
    widget(app, path).set_value(value).run()
    assert word in app.error[0].value
    assert "objective." not in app.error[0].value
    assert buttons(app)["Start training"].disabled


def test_a_beta_beyond_the_range_is_remarked_on(visit):
    changes = {"model.kind": "multirate", "objective.beta": 50.0}
    app = visit("train", session={"changes": changes})
    assert "the run opens at β 10" in seen(app).replace("\\", "")
    assert not buttons(app)["Start training"].disabled


def test_a_finished_multi_rate_run_opens_in_the_lab(visit, store):
    app = visit("train", session=ME, run=make_run(store, owner=ME["owner"], model__kind="multirate").id)
    primary = [label for label, button in buttons(app).items() if button.proto.type == "primary"]
    assert primary == ["Open in the Beta lab"]
    assert "Explore it" in buttons(app)
    app = visit("train", session=ME, run=make_run(store, owner=ME["owner"]).id)
    assert "Open in the Beta lab" not in buttons(app)
