"""Home as a person meets it: with starters, with runs of their own, with nothing at all."""

import base64
import shutil
from xml.etree import ElementTree

import pytest
from multirate_runs import trained
from pages_world import make_run, make_starter

from app import services
from vae_core.config import RunConfig


def labels(app):
    return [button.label for button in app.button]


def test_with_starters_there_are_two_ways_on_and_one_is_primary(visit, store):
    make_starter(store, "digits-2d", name="Digits")
    make_starter(store, "fashion-8d", name="Fashion", model__latent=8)
    app = visit()
    assert not app.error
    assert labels(app) == ["Explore this map", "Train your own", "Use your own pictures"]
    assert [button.proto.type for button in app.button] == ["primary", "secondary", "tertiary"]
    labelled = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert labelled == {
        "Go from picture to picture": "run=digits-2d",
        "Digits": "run=digits-2d",
        "Fashion": "run=fashion-8d",
    }


def test_without_starters_training_is_the_way_on(visit):
    app = visit()
    assert not app.error
    assert labels(app) == ["Train your own", "Use your own pictures"]
    assert app.button[0].proto.type == "primary"


def test_own_runs_are_listed_and_those_of_others_are_not(visit, store):
    make_run(store, owner="a" * 32, name="Mine *and* <b>bold</b>")
    make_run(store, owner="b" * 32, name="Theirs")
    app = visit(session={"owner": "a" * 32})
    links = [link.proto.label for link in app.get("page_link")]
    assert len(links) == 1
    assert "Mine" in links[0]
    assert "\\*and\\*" in links[0]  # text, not markup


def test_own_runs_have_pictures_of_each_class_once_there_are_any(visit, store):
    run = make_run(store, owner="a" * 32)
    assert services.pictures(run, 3).tolist() == run.examples().images[[0, 1, 2]].tolist()  # classes 0 1 2
    bare = store.create(RunConfig(name="Bare"), "a" * 32)
    assert len(services.pictures(bare, 3)) == 0
    app = visit(session={"owner": "a" * 32})
    assert not app.error
    assert sum('class="strip' in str(html.value) for html in app.html) == 1
    assert len(app.get("page_link")) == 2


def test_a_damaged_starter_does_not_take_the_page_down(visit, store):
    starter = make_starter(store, "digits-2d")
    (starter.path / "explorer.bundle").write_bytes(b"half a bundle")
    make_starter(store, "good")
    app = visit()
    assert not app.exception
    assert "Train your own" in labels(app)
    assert [link.proto.query_string for link in app.get("page_link")] == ["run=good"] * 2


def test_a_run_with_a_dial_has_a_card_that_leads_to_the_lab(visit, store, tmp_path):
    made = trained(tmp_path / "made")
    store.starters.mkdir(parents=True)
    shutil.copytree(made.path, store.starters / "dialled")
    make_starter(store, "plain", name="Plain")
    app = visit()
    assert not app.error
    assert "Choose a β by eye" in labels(app)
    card = next(link for link in app.get("page_link") if link.proto.label == "Turn β by hand")
    assert card.proto.query_string == "run=dialled"
    (drawn,) = [str(html.value) for html in app.html if '<img class="dial-card"' in str(html.value)]
    svg = ElementTree.fromstring(base64.b64decode(drawn.split("base64,")[1].partition('"')[0]))
    texts = [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert (texts[0], texts[-1], len(texts)) == ("β 0.02", "β 5", 5)
    next(found for found in app.button if found.label == "Choose a β by eye").click().run()
    assert app.query_params["run"] == "dialled"


@pytest.mark.parametrize("damage", ["half a bundle", "no dial"])
def test_a_run_whose_dial_is_damaged_does_not_take_the_page_down(visit, store, damage):
    run = make_run(store, owner="a" * 32, name="Mine", model__kind="multirate")  # its map has no dial
    if damage == "half a bundle":
        (run.path / "explorer.bundle").write_bytes(damage.encode())
    app = visit(session={"owner": "a" * 32})
    assert not app.error
    assert "Choose a β by eye" not in labels(app)
    assert "Mine" in [link.proto.label for link in app.get("page_link")]


def test_nobody_elses_run_with_a_dial_is_on_home(visit, store, tmp_path):
    made = trained(tmp_path / "made")
    shutil.copytree(made.path, store.folder / made.id)
    assert "Choose a β by eye" not in labels(visit(session={"owner": "a" * 32}))
