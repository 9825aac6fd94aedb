"""Interpolate: its path becomes a film, a strip and a table, as its player and dial stand."""

import shutil

import pytest
from conftest import seen

from app import path_state, take_along
from vae_core import carry_jobs, cli, cli_export, settings
from vae_core.first_way import first_way
from vae_core.runs import RunStore
from vae_core.taking.kind import Choices
from vae_core.taking.kinds import KINDS
from vae_core.ways import Way

STARTERS = settings.STARTERS
THROUGH = {"through": "3~11", "way": "spherical"}


@pytest.fixture
def opened(store, visit):
    """The page of a starter with the choices of a kind open: opened("digits", "gif", place={...})."""

    def go(starter, kind, place=None, **query):
        shutil.copytree(STARTERS / starter, store.folder / starter)
        session = {f"path-place/{starter}": path_state.checked(place)} if place else {}
        app = visit("interpolate", session, run=starter, **query)
        app.session_state[f"path/take/{starter}"] = True
        app.run()
        next(found for found in app.selectbox if found.label == "As").set_value(kind).run()
        assert not app.exception
        assert not app.error, seen(app)
        return app

    return go


def asked(app, monkeypatch):
    """What is asked for once the button is pressed."""
    given = []
    monkeypatch.setattr(take_along, "begin", lambda *words: given.append(words))
    next(found for found in app.button if found.label == "Make the file").click().run()
    ((_, kind, choices),) = given
    words = cli.parser().parse_args(
        ["export", f"--{kind.name}", *carry_jobs._said(kind, choices), "--", "it"]
    )
    assert cli_export._choices(words) == choices
    return choices


def test_a_film_goes_as_the_player_does(opened, monkeypatch):
    way = Way((3, 11), "spherical")
    place = {**way.place(), "speed": 2, "ease": "pauses", "repeat": "loop"}
    app = opened("digits", "gif", place)
    assert "About " in seen(app)
    found = asked(app, monkeypatch)
    assert found == Choices(way=way, speed=2.0, ease="pauses", repeat="loop", pixels=336)


def test_a_film_can_be_chosen_otherwise(opened, monkeypatch):
    app = opened("digits", "webp", **THROUGH)
    next(found for found in app.toggle if "anchors" in found.label).set_value(True).run()
    for label, value in (("Size", "Small"), ("At the end", "once"), ("Speed", 4.0), ("Pace", "even")):
        group = next(found for found in app.button_group if found.label == label)
        group.set_value(value).run()
    found = asked(app, monkeypatch)
    assert found == Choices(
        way=Way((3, 11), "spherical"),
        labels=True,
        pixels=224,
        repeat="once",
        speed=4.0,
        ease="even",
    )


@pytest.mark.parametrize("kind", ["strip", "codes"])
def test_a_strip_and_codes_follow_the_path(opened, monkeypatch, kind):
    found = asked(opened("digits", kind, **THROUGH), monkeypatch)
    assert found == Choices(way=Way((3, 11), "spherical"))


def test_a_path_at_a_beta_is_taken_along_at_it(opened, monkeypatch):
    place = {**Way((3, 11)).place(), "beta": 1.25}
    app = opened("shapes-every-beta", "apng", place)
    (beta,) = app.number_input
    assert beta.value == 1.25
    assert asked(app, monkeypatch).beta == 1.25


def test_an_address_that_fits_another_run_takes_along_what_the_page_shows(opened, monkeypatch):
    through = {"through": "3~99999", "way": "spherical", "beta": "3"}
    found = asked(opened("digits", "codes", **through), monkeypatch)
    anchors = first_way(RunStore().get("digits")).anchors
    assert found == Choices(way=Way(anchors, "spherical"))


def test_a_beta_beyond_the_dial_is_its_end(opened, monkeypatch):
    app = opened("shapes-every-beta", "codes", {**Way((3, 11)).place(), "beta": 1e6})
    assert asked(app, monkeypatch).beta == RunStore().get("shapes-every-beta").config.objective.beta_high
    app.session_state["path/code/shapes-every-beta"] = True
    app.run()
    assert "beta=1e+06" not in app.code[0].value


def test_what_cannot_be_made_is_said_on_the_page(opened):
    through = "~".join(str(k) for k in range(8))
    app = opened("digits", "gif", through=through, more="loop")
    next(found for found in app.toggle if "anchors" in found.label).set_value(True).run()
    for label, value in (("Size", "Large"), ("Speed", 0.5)):
        group = next(found for found in app.button_group if found.label == label)
        group.set_value(value).run()
    assert "too much for one film" in " ".join(str(found.value) for found in app.error)


def test_other_pages_offer_no_film_without_a_path(store, visit):
    shutil.copytree(STARTERS / "digits", store.folder / "digits")
    app = visit("explore", run="digits")
    app.session_state["explore/take/digits"] = True
    app.run()
    boxes = [found for found in app.selectbox if found.label == "As"]
    assert boxes
    titles = {kind.title for kind in KINDS.values() if kind.follows}
    assert not titles & set(boxes[0].options)
    assert RunStore().get("digits").state == "finished"
