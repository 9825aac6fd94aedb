"""A second run beside the first on Explore: which are offered, what the address may say, how it closes."""

import json

import pytest
from pages_world import make_run, make_starter
from test_explore_page import explorer

from app import features, links, state
from vae_core.storage import write_json


def listed(app):
    """The list of runs to put beside, None where there is nothing to choose."""
    return next((box for box in app.selectbox if box.label == "Beside this run"), None)


def carried(app) -> dict[str, bytes]:
    """Bundles handed to the browser, by their id."""
    parts = [
        element.proto.bytes.split(b"\n", 1) for element in app.get("bidi_component") if element.proto.bytes
    ]
    return {json.loads(head)["id"]: body for head, body in parts if json.loads(head)["role"] == "bundle"}


def test_only_finished_runs_on_the_same_pictures_are_offered(visit, store):
    run = make_run(store, name="first")
    second = make_run(store, name="second", objective__beta=4)
    make_run(store, name="half", until=10)
    make_run(store, name="elsewhere", data__source="shapes")
    starter = make_starter(store, "starter", name="S")
    app = visit("explore", run=run.id)
    assert [option.split(" · ")[0] for option in listed(app).options] == ["second", "Starter"]
    assert explorer(app)["beside"] is None
    assert starter.id == "starter"

    listed(app).select(second.id).run()
    assert app.query_params["with"] == second.id
    assert app.query_params["run"] == run.id
    assert carried(app)[explorer(app)["beside"]] == second.bundle()


def test_an_address_puts_a_run_beside_and_closing_takes_it_away(visit, store, monkeypatch):
    run, second = make_run(store, name="first"), make_run(store, name="second")
    app = visit("explore", run=run.id, **{"with": second.id, "pair": "z,aligned"})
    assert not app.info
    assert explorer(app)["beside"] in carried(app)
    assert listed(app).value == second.id
    assert explorer(app)["state"]["together"] == "z"
    assert explorer(app)["state"]["aligned"] is True
    app.session_state[state.SHARE_KEY] = True
    app.run()
    assert f"run={run.id}&with={second.id}&" in app.code[0].value
    assert "pair=z,aligned" in app.code[0].value

    address = {"run": run.id, "with": second.id, "z": "0,0"}
    monkeypatch.setattr(state.st, "query_params", address)
    features.heard(run, "beside", None)
    assert address == {"run": run.id, "z": "0,0"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("../../etc", "does not name a run to compare with"),
        ("nothing", "no run"),
        ("itself", "it is the same run"),
        ("half", "interrupted, not finished"),
        ("elsewhere", "other pictures"),
        ("changed", "other pictures"),
        ("broken", "explorer.bundle"),
    ],
)
def test_a_run_that_cannot_stand_beside_is_a_sentence(visit, store, name, word):
    run = make_run(store, name="first")
    others = {
        "itself": run,
        "half": make_run(store, name="half", until=10),
        "elsewhere": make_run(store, name="elsewhere", data__source="shapes"),
        "changed": make_run(store, name="changed"),
        "broken": make_run(store, name="broken"),
    }
    about = json.loads((others["changed"].path / "run.json").read_text())
    write_json(others["changed"].path / "run.json", about | {"data": about["data"] | {"checksum": "another"}})
    (others["broken"].path / "explorer.bundle").write_bytes(b"nonsense" * 9)
    app = visit("explore", run=run.id, **{"with": others[name].id if name in others else name})
    assert not app.exception
    assert word in " ".join(notice.value.replace("\\", "") for notice in app.info)
    assert explorer(app)["beside"] is None


def test_alone_it_leads_to_training_on_the_same_pictures(visit, store):
    run = make_run(store, data__source="shapes")
    app = visit("explore", run=run.id)
    assert listed(app) is None
    assert "No other finished run on Made up yet" in " ".join(caption.value for caption in app.caption)
    button = next(button for button in app.button if button.label == "Train one")
    button.click().run()
    assert app.session_state["source"] == "shapes"


def test_a_pair_in_an_address_is_checked(store):
    import numpy as np

    model = links.Model(2, 3, np.zeros((4, 2)), np.arange(4))
    assert links.read({"pair": "aligned"}, model) == ({"aligned": True}, [])
    view, complaints = links.read({"pair": "z,both"}, model)
    assert view == {}
    assert len(complaints) == 1
    assert links.checked({"z": [0, 0], "together": "z", "aligned": True}, model) == {
        "z": [0.0, 0.0],
        "together": "z",
        "aligned": True,
    }
    assert links.checked({"z": [0, 0], "together": 1, "aligned": "yes"}, model) == {"z": [0.0, 0.0]}
