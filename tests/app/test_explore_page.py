"""Explore: which run, links that fit and links that do not, runs without a map. Dragging needs a browser."""

import json

import numpy as np
import pytest
from conftest import seen
from pages_world import make_run, make_starter

from app import places, state
from app.links import Dial, Model
from vae_core.storage import write_json

ME = {"owner": "a" * 32}


def explorer(app):
    """What was handed to the browser: {bundle, state, rev, ...}; None where there is no explorer."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "latentscape_explorer" and element.proto.json:
            return json.loads(element.proto.json)
    return None


def picker(app):
    return app.selectbox[0]


def test_the_address_names_the_run(visit, store):
    make_run(store, name="first")
    second = make_run(store, name="second", objective__beta=4)
    app = visit("explore", run=second.id)
    assert not app.error
    assert picker(app).value == second.id
    assert explorer(app)["state"] is None
    assert "β **4**" in seen(app)
    assert "distortion **10.2** nats" in seen(app)
    assert "rate **2.5** nats" in seen(app)


def test_runs_are_grouped_own_first_starters_last(visit, store):
    make_starter(store, "starter", name="S")
    make_run(store, owner="b" * 32, name="other")
    make_run(store, owner="a" * 32, name="own")
    options = picker(visit("explore", session=ME)).options
    assert [option.split(" · ")[0] for option in options] == ["own", "other", "Starter"]


def test_choosing_a_run_puts_it_into_the_address(visit, store):
    first, second = make_run(store, name="first"), make_run(store, name="second")
    app = visit("explore", run=first.id)
    picker(app).select(second.id).run()
    assert app.query_params["run"] == second.id
    assert picker(app).value == second.id


def test_the_bundle_travels_apart_from_the_view(visit, store):
    run = make_run(store)
    app = visit("explore", run=run.id)
    carried = [element.proto.bytes for element in app.get("bidi_component") if element.proto.bytes]
    head, body = carried[0].split(b"\n", 1)
    assert json.loads(head) == {"role": "bundle", "id": explorer(app)["bundle"]}
    assert body == run.bundle()


def test_a_link_leads_to_a_place(visit, store):
    run = make_run(store, model__latent=3)
    app = visit("explore", run=run.id, z="0.5,-1,2", axes="3,1")
    assert not app.error
    assert explorer(app)["state"] == {"z": [0.5, -1.0, 2.0], "axes": [2, 0]}
    assert explorer(app)["rev"] == 1
    assert len(app.code) == 0  # nobody looks at the link yet
    app.session_state[state.SHARE_KEY] = True
    app.run()
    assert f"run={run.id}" in app.code[0].value
    assert "v=1&z=0.500,-1.000,2.000&axes=3,1" in app.code[0].value
    assert explorer(app)["rev"] == 1  # followed once


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"z": "1"}, "3 latent dimensions"),
        ({"z": "1,2,nan"}, "3 latent dimensions"),
        ({"z": "1,2,x"}, "3 latent dimensions"),
        ({"z": "1,2,1e9"}, "3 latent dimensions"),
        ({"axes": "1"}, "from 1 to 3"),
        ({"axes": "1,4"}, "from 1 to 3"),
        ({"axes": "2,2"}, "from 1 to 3"),
        ({"axes": "0,1"}, "from 1 to 3"),
    ],
)
def test_a_place_that_does_not_fit_is_a_sentence_and_the_map_is_there(visit, store, query, word):
    run = make_run(store, model__latent=3)
    app = visit("explore", run=run.id, **query)
    assert not app.exception
    assert word in app.info[0].value
    assert explorer(app)["state"] is None


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "<b>x</b>", "", "a" * 300])
def test_a_run_that_is_not_there_is_a_sentence_beside_the_list(visit, store, name):
    make_run(store)
    app = visit("explore", run=name)
    assert not app.exception
    assert len(app.error) == 1
    assert "<b>" not in app.error[0].value
    assert picker(app).value is None
    assert explorer(app) is None


def test_nothing_at_all_leads_to_training(visit):
    app = visit("explore")
    assert not app.error
    assert [button.label for button in app.button] == ["Train a model"]


@pytest.mark.parametrize(("until", "word"), [(15, "interrupted"), (0, "interrupted")])
def test_an_unfinished_run_leads_to_its_training(visit, store, until, word):
    run = make_run(store, until=until)
    app = visit("explore", run=run.id)
    assert word in seen(app)
    assert [button.label for button in app.button] == ["Go to its training"]
    assert explorer(app) is None


def test_a_running_run_leads_to_its_training(visit, store):
    run = make_run(store, until=10)
    with run.lock():
        app = visit("explore", run=run.id)
    assert "still being trained" in seen(app)


def test_a_diverged_run_says_so(visit, store):
    run = make_run(store, until=10)
    write_json(run.path / "diverged.json", {"step": 10, "reason": "The loss was not finite."})
    assert "lower learning rate" in seen(visit("explore", run=run.id))


@pytest.mark.parametrize("damage", ["missing", "half", "another"])
def test_a_damaged_bundle_is_a_sentence(visit, store, damage):
    run = make_run(store, name="broken")
    path = run.path / "explorer.bundle"
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "half" else b"not a bundle at all" * 9)
    app = visit("explore", run=run.id)
    assert not app.exception
    assert explorer(app) is None
    assert "explorer.bundle" in seen(app) or "explorer bundle" in seen(app)


def test_a_value_that_half_precision_cannot_hold_is_said_where_one_takes_along(visit, store, monkeypatch):
    from app import services
    from vae_core.errors import PackError

    run = make_run(store)

    def refuse(data):
        raise PackError("The tensor w holds 1e9, and half precision ends at 65504.")

    monkeypatch.setattr(services.bundles, "to_half", refuse)
    app = visit("explore", run=run.id)
    assert not app.error
    app.session_state[f"explore/take/{run.id}"] = True
    app.run()
    assert "half precision" in app.error[0].value
    assert "Make the file" not in [button.label for button in app.button]
    assert explorer(app) is not None


def test_a_view_survives_a_page_switch(visit, store):
    run = make_run(store)
    app = visit("explore", run=run.id, session={f"view/{run.id}": {"z": [1.0, 2.0], "axes": [0, 1]}})
    assert explorer(app)["state"] == {"z": [1.0, 2.0], "axes": [0, 1]}
    app.switch_page("../pages/home.py").run()
    app.switch_page("../pages/explore.py").run()
    assert picker(app).value == run.id  # the last one looked at
    assert explorer(app)["state"] == {"z": [1.0, 2.0], "axes": [0, 1]}


class Address(dict):
    """Stands in for st.query_params."""

    to_dict = dict.copy

    def from_dict(self, values):
        self.clear()
        self.update(values)


def test_what_the_browser_reports_is_checked(monkeypatch):
    kept: dict = {}
    model = Model(2, 4, np.zeros((0, 2), np.float32), np.zeros(0, np.int32))
    address = Address({"run": "r", "z": "0,0"})
    monkeypatch.setattr(places.st, "session_state", kept)
    monkeypatch.setattr(places.st, "query_params", address)
    for value in (None, [], {"z": [1.0]}, {"z": ["a", 0]}, {"z": [float("nan"), 0]}, {"z": "12"}):
        kept[places.key("r")] = {"state": value}
        places.take("r", model, places.key("r"))
        assert places.view("r") is None
    kept[places.key("r")] = {"state": {"z": [1, 2], "hidden": [3], "more": 1}}
    places.take("r", model, places.key("r"))
    assert places.view("r") == {"z": [1, 2], "hidden": [3]}
    assert address == {"run": "r"}  # the place that the link named is left behind
    places.move("r", {"z": [5.0, 6.0]})
    assert places.view("r") == {"z": [5.0, 6.0]}


def test_of_a_place_that_was_left_the_address_keeps_beta(monkeypatch):
    kept: dict = {}
    dial = Dial(0.1, 10, 1.0, np.log([0.1, 10]), np.zeros((2, 0, 2), np.float32))
    model = Model(2, 4, np.zeros((0, 2), np.float32), np.zeros(0, np.int32), dial)
    address = Address({"run": "r", "z": "0,0", "beta": "50"})
    monkeypatch.setattr(places.st, "session_state", kept)
    monkeypatch.setattr(places.st, "query_params", address)

    def report(beta):
        kept[places.key("r")] = {"state": {"z": [1, 2], "beta": beta}}
        places.take("r", model, places.key("r"))

    report(0.5)
    assert address == {"run": "r", "beta": "0.5"}
    assert places.followed("r") == {"beta": "0.5"}  # nothing to go to
    report(2)
    assert address == {"run": "r", "beta": "0.5"}  # the browser knows better, see explorer_adapter.js
    assert places.is_here("r", {"beta": "2"})
    assert not places.is_here("r", {"beta": "2", "z": "0,0"})
    assert not places.is_here("r", {"beta": "3"})
    address |= {"beta": "3", "axes": "1,2"}  # another link
    report(4)
    assert address == {"run": "r", "beta": "4"}


def test_an_address_leaves_panels_out(visit, store):
    run = make_run(store)
    app = visit("explore", run=run.id, hide="sliders,nothing,share")
    assert explorer(app)["hide"] == ["sliders", "share"]
    app = visit("explore", run=run.id)
    assert explorer(app)["hide"] == []
