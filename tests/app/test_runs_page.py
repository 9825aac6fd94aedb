"""The page Runs: what it lists and hides, finding, comparing, naming, starting again, deleting."""

import shutil

import numpy as np
import pytest
from conftest import seen
from multirate_runs import trained
from pages_world import make_run, make_starter

from app import beta_card, runs_pair, runs_pictures, runs_table, words
from vae_core.config import RunConfig
from vae_core.marks import FILE, write
from vae_core.run_bin import RunBin

ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def runs_page(visit):
    """Opens it as ME; runs in `query` are chosen."""
    return lambda **query: visit("runs", session={"owner": ME}, **query)


def titles(app):
    return [] if not app.dataframe else app.dataframe[0].value["title"].tolist()


def button(app, label):
    return next(found for found in app.button if found.label == label)


def labels(app):
    return [found.label for found in app.button]


def test_empty_there_is_one_way_on(runs_page):
    app = runs_page()
    assert not app.error
    assert "No runs yet" in seen(app)
    button(app, "Train a model").click().run()
    assert "Start training" in labels(app)


def test_ones_own_runs_stand_first_and_starters_apart(runs_page, store):
    make_starter(store, "digits-2d", name="A starter")
    make_run(store, OTHER, name="Theirs")
    mine = [make_run(store, ME, name=f"Mine {k}") for k in range(2)]
    app = runs_page()
    assert not app.error
    assert sorted(titles(app)) == ["Mine 0", "Mine 1"]
    whose = app.segmented_control[0] if hasattr(app, "segmented_control") else app.get("button_group")[0]
    assert "2 of 4 runs" in seen(app)
    whose.set_value("Starters").run()
    assert titles(app) == ["A starter"]
    whose.set_value("All").run()
    assert titles(app)[2:] == ["Theirs", "A starter"]
    assert {run.owner for run in mine} == {ME}


def test_runs_on_pictures_that_are_not_shared_are_nobody_elses(runs_page, store):
    make_run(store, OTHER, data__source="own:" + "0" * 16, name="Private")
    make_run(store, OTHER, name="Public")
    assert titles(runs_page()) == ["Public"]


def test_what_the_table_says(runs_page, store):
    run = make_run(store, ME, name="Mine <b>")
    write(run, ME, words=["good"])
    make_run(store, ME, name="Half", until=10)
    app = runs_page()
    table = app.dataframe[0].value.set_index("title")
    row = table.loc["Mine <b>"]
    assert (row["rate"], row["distortion"], row["elbo"], row["seconds"]) == (2.5, 10.25, -12.75, 0.2)
    assert (row["state"], row["data"], list(row["tags"])) == ("finished", "Made up", ["good"])
    assert row["map"].startswith("data:image/png;base64,")
    half = table.loc["Half"]
    assert half["state"] == "interrupted"
    assert half[["rate", "distortion", "elbo", "seconds"]].isna().all()
    assert half["map"] is None or half["map"] != half["map"]


def test_a_search_and_filters_narrow_it_down(runs_page, store):
    for name, note in (("One", "round"), ("Two", "flat"), ("Three", "")):
        write(make_run(store, ME, name=name), ME, words=["good"] if name != "Two" else [], note=note)
    make_run(store, ME, name="Half", until=10)
    app = runs_page()
    app.text_input[0].set_value("ROUND").run()
    assert titles(app) == ["One"]
    app.text_input[0].set_value("nothing like it").run()
    assert titles(app) == []
    assert "No run fits" in seen(app)
    app.text_input[0].set_value("").run()
    app.multiselect[0].set_value(["good"]).run()
    assert sorted(titles(app)) == ["One", "Three"]
    app.multiselect[0].set_value([]).run()
    app.multiselect[2].set_value(["interrupted"]).run()
    assert titles(app) == ["Half"]


def test_damaged_runs_are_listed_with_their_reason_and_can_go(runs_page, store):
    run = make_run(store, ME, name="Broken")
    (run.path / "explorer.bundle").unlink()
    (run.path / FILE).write_text("junk")
    worse = make_run(store, ME)
    (worse.path / "config.json").write_text("junk")
    app = runs_page(run=run.id)
    assert sorted(titles(app)) == sorted(["Broken", worse.id])
    assert "explorer.bundle is missing" in seen(app)
    assert "Explore" not in labels(app)
    button(app, "Move to the bin").click().run()
    assert [found.run.id for found in RunBin(store).list()] == [run.id]
    assert titles(app) == [worse.id]


def test_a_report_of_nonsense_is_no_figure(runs_page, store):
    run = make_run(store, ME)
    (run.path / "report.json").write_text('{"rate": "much", "distortion": true, "elbo": null, "seconds": []}')
    row = runs_page().dataframe[0].value.iloc[0]
    assert row[["rate", "distortion", "elbo", "seconds"]].isna().all()


def test_renamed_tagged_and_noted(runs_page, store):
    run = make_run(store, ME, name="Before")
    write(make_run(store, ME, name="Other"), ME, words=["known"])
    app = runs_page(run=run.id)
    form = {found.label: found for found in (*app.text_input, *app.text_area, *app.multiselect)}
    names = [found for found in app.text_input if found.label == "Name"]
    names[0].set_value("After *all*")
    tags = [found for found in app.multiselect if "known" in found.options and found.label == "Tags"]
    tags[-1].set_value(["known"])
    form["Note"].set_value("Looks good.")
    button(app, "Save").click().run()
    assert not app.error
    marks = store.get(run.id).marks
    assert (marks.name, marks.words, marks.note) == ("After *all*", ("known",), "Looks good.")
    assert "After *all*" in titles(app)
    assert "Looks good." in [found.value for found in app.get("text")]


def test_nobody_changes_what_somebody_else_began(runs_page, store):
    theirs = make_run(store, OTHER, name="Theirs")
    app = runs_page(run=theirs.id)
    assert "Started by someone else" in seen(app)
    assert {"Explore", "Start again with changes"} <= set(labels(app))
    assert not {"Save", "Move to the bin"} & set(labels(app))


def test_starters_are_never_changed(runs_page, store):
    make_starter(store, "digits-2d")
    app = runs_page(run="digits-2d")
    assert "Explore" in labels(app)
    assert not {"Save", "Move to the bin", "Its training"} & set(labels(app))


def test_to_the_bin_undone_restored_and_emptied(runs_page, store):
    run = make_run(store, ME, name="Mine")
    make_run(store, ME, name="Stays")
    app = runs_page(run=run.id)
    button(app, "Move to the bin").click().run()
    assert titles(app) == ["Stays"]
    assert "“Mine” is in the bin" in seen(app)
    button(app, "Undo").click().run()
    assert sorted(titles(app)) == ["Mine", "Stays"]
    assert "Undo" not in labels(app)
    RunBin(store).put(run.id, ME)
    theirs = make_run(store, OTHER)
    RunBin(store).put(theirs.id, OTHER)
    app = runs_page()
    app.session_state["runs/bin"] = True
    app.run()
    assert labels(app).count("Restore") == 1  # nobody else's
    button(app, "Restore").click().run()
    assert sorted(titles(app)) == ["Mine", "Stays"]
    RunBin(store).put(run.id, ME)
    app = runs_page()
    app.session_state["runs/bin"] = True
    app.run()
    button(app, "Remove for good").click().run()
    assert [found.run.id for found in RunBin(store).list()] == [theirs.id]


def test_a_run_in_training_is_watched_and_not_deleted(runs_page, store):
    run = make_run(store, ME, until=10)
    with run.lock():
        app = runs_page(run=run.id)
        assert "Watch it train" in labels(app)
        assert app.dataframe[0].value["state"].tolist() == ["training"]
        button(app, "Move to the bin").click().run()  # behind a button that is greyed out
        assert not app.error
        assert RunBin(store).list() == []
        assert store.get(run.id).state == "running"


def test_an_interrupted_run_is_resumed_through_the_service(runs_page, store, service):
    run = make_run(store, ME, until=10)
    app = runs_page(run=run.id)
    button(app, "Resume").click().run()
    assert ("resume", run.id) in service.asked


def test_a_fork_fills_the_form_of_train(runs_page, store):
    run = make_run(store, ME, name="First", objective__beta=4.0, model__latent=3)
    app = runs_page(run=run.id)
    button(app, "Start again with changes").click().run()
    assert not app.error
    assert "Start training" in labels(app)
    assert app.session_state["changes"]["objective.beta"] == 4.0
    assert app.session_state["changes"]["model.latent"] == 3


def test_two_runs_say_how_they_differ_and_lead_to_explore(runs_page, store):
    first = make_run(store, ME, name="First")
    second = make_run(store, ME, name="Second", objective__beta=4.0, model__hidden=(64, 32))
    app = runs_page(run=first.id, **{"with": second.id})
    text = seen(app)
    assert "Beta β: 4 → 1" in text.replace("**", "") or "Beta β: 1 → 4" in text.replace("**", "")
    assert "64 × 32" in text
    (link,) = [found for found in app.get("page_link") if "Compare" in found.proto.label]
    assert set(link.proto.query_string.replace("with=", "").replace("run=", "").split("&")) == {
        first.id,
        second.id,
    }


def test_differences_name_every_setting_that_differs():
    first = RunConfig()
    second = first.override({"training.lr": 0.01, "model.likelihood": "gaussian", "model.tied": True})
    assert [label for label, _, _ in runs_pair.differences(first, second)] == [
        "Tied weights",
        "Likelihood",
        "Learning rate",
    ]
    assert runs_pair.differences(first, first.override({"name": "other"})) == []
    said = {label: (one, two) for label, one, two in runs_pair.differences(first, second)}
    assert said["Tied weights"] == ("no", "yes")
    assert said["Learning rate"][1] == "0.01"


def test_a_run_with_a_dial_leads_to_the_lab(runs_page, store, tmp_path):
    made = trained(tmp_path / "made")
    store.folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made.path, store.folder / made.id)
    assert "Beta lab" in labels(runs_page(run=made.id))


def test_an_address_that_names_no_run_chooses_none(runs_page, store):
    make_run(store, ME)
    for asked in ("no-such-run", "../etc", "a" * 500):
        app = runs_page(run=asked)
        assert not app.error
        assert "Explore" not in labels(app)


def test_a_quota_that_is_passed_is_said(runs_page, store, monkeypatch):
    run = make_run(store, ME)
    (run.path / "large").write_bytes(b"x" * 2_000_000)
    monkeypatch.setenv("LATENTSCAPE_QUOTA", "1 MB")
    assert "more than they should" in seen(runs_page())


def test_pictures_show_points_in_the_colours_of_their_classes():
    mu = np.array([[0, 9, -1], [0, -9, 1], [0, 0, 0], [0, 9, 1]], np.float32)
    pixels = runs_pictures.draw(mu, np.array([0, 1, -1, 12]), [0.0, 2.0, 1.0], beta_card.LIGHT)
    inks = {tuple(bytes.fromhex(beta_card.LIGHT[k][1:])) for k in (0, 1, 9, 2)}
    drawn = {tuple(int(part) for part in pixel[:3]) for pixel in pixels[pixels[..., 3] > 0]}
    assert drawn == inks
    rows, columns = np.nonzero(pixels[..., 3])
    assert np.ptp(columns) > 4 * np.ptp(rows)  # one scale: 18 across, 2 up
    assert pixels[pixels[..., 3] == 0].sum() == 0


@pytest.mark.parametrize("count", [0, 1, 5_000])
@pytest.mark.parametrize("latent", [1, 2, 16])
def test_pictures_of_any_cloud(count, latent):
    mu = np.random.default_rng(0).normal(size=(count, latent)).astype(np.float16)
    pixels = runs_pictures.draw(mu, np.zeros(count, np.int16), [1.0] * latent, beta_card.DARK)
    assert pixels.shape == (runs_pictures.SIDE, runs_pictures.SIDE, 4)
    assert (pixels[..., 3] > 0).any() == (count > 0)


@pytest.mark.parametrize("latent", [1, 2])
def test_a_collapsed_map_is_one_dot(latent):
    """Drawn large, its rounding would look like a map."""
    mu = 1e-4 * np.random.default_rng(0).normal(size=(50, latent))
    pixels = runs_pictures.draw(mu, np.zeros(50, np.int16), [1e-6] * latent, beta_card.LIGHT)
    assert all(np.ptp(places) <= 5 for places in np.nonzero(pixels[..., 3]))


def test_a_map_is_drawn_once(runs_page, store, monkeypatch):
    make_run(store, ME, name="Mine")
    app = runs_page()
    drawn = app.dataframe[0].value["map"].tolist()

    def again(*given):
        raise AssertionError("drawn twice")

    monkeypatch.setattr(runs_pictures, "draw", again)
    assert app.run().dataframe[0].value["map"].tolist() == drawn


def test_maps_that_take_too_long_come_afterwards(runs_page, store, monkeypatch):
    for k in range(3):
        make_run(store, ME, name=f"Mine {k}")
    monkeypatch.setattr(runs_table, "AT_ONCE", -1.0)
    app = runs_page()
    assert not app.error
    assert [picture[:15] for picture in app.dataframe[0].value["map"]] == ["data:image/png;"] * 3


def test_sizes_in_words():
    sizes = [words.size(count) for count in (2_000, 3_000_000, 1_490_000, 9_960_000, 20_000_000_000)]
    assert sizes == ["2 kB", "3 MB", "1.5 MB", "10 MB", "20 GB"]
