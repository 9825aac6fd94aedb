"""Beta lab: which run is under the dial, links with a beta, freezing, training it alone, points beside."""

import json
import shutil
from types import SimpleNamespace

import multirate_runs
import pytest
from conftest import seen
from pages_world import make_run
from test_explore_page import explorer

from app import beta_actions, beta_singles, services
from vae_core.freezing import alone
from vae_core.runs import RunStore

ME = "a" * 32


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return multirate_runs.trained(tmp_path_factory.mktemp("made"))


@pytest.fixture
def dialled(store: RunStore, made):
    """A finished multi-rate run of the store, beta 0.02 to 5."""
    store.folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made.path, store.folder / made.id)
    return store.get(made.id)


@pytest.fixture
def jobs(monkeypatch):
    """Stands in for freezing in a process: what was asked for."""
    asked: list[SimpleNamespace] = []

    def begin(run, beta, owner):
        job = SimpleNamespace(run=run, beta=beta, owner=owner, share=0.4, running=True, made="", error="")
        job.cancelled = False
        job.cancel = lambda: vars(job).update(cancelled=True, running=False)
        asked.append(job)
        return job

    monkeypatch.setattr(beta_actions, "FreezeJob", begin)
    return asked


def labels(app):
    return [button.label for button in app.button]


def button(app, label):
    return next(found for found in app.button if found.label.startswith(label))


def bars(app):
    return [bar.proto.text for bar in app.get("progress")]


def links_to(app):
    return [link.proto.query_string for link in app.get("page_link")]


def test_without_a_run_the_page_leads_to_training_one(visit, store):
    app = visit("beta")
    assert not app.error
    assert labels(app) == ["Train a multi-rate model", "Ladder of models"]
    app.button[0].click().run()
    assert app.session_state["changes"] == {"model.kind": "multirate"}


def test_only_runs_with_a_dial_are_offered(visit, store, dialled):
    make_run(store, name="single")
    app = visit("beta")
    assert not app.error
    assert not app.exception
    assert [option.split(" · 2")[0] for option in app.selectbox[0].options] == ["digits"]
    assert app.selectbox[0].value == dialled.id
    data = explorer(app)
    assert data["lab"] is True
    assert data["news"]["singles"] == []
    assert data["news"]["conventions"][0]["key"] == "sum"
    assert labels(app)[:2] == ["Freeze at β 1", "Train β 1 alone"]


def test_explore_shows_the_dial_of_that_run_and_both_lead_to_each_other(visit, store, dialled):
    app = visit("explore", run=dialled.id)
    assert not app.error
    assert explorer(app)["lab"] is False
    assert "Beta lab" in [link.proto.label for link in app.get("page_link")]
    app = visit("beta", run=dialled.id)
    assert links_to(app) == [f"run={dialled.id}"]


def test_a_link_carries_beta_and_both_pages_share_the_place(visit, store, dialled):
    app = visit("beta", run=dialled.id, beta="0.32", z="0.5,-1")
    assert not app.info
    assert explorer(app)["state"] == {"z": [0.5, -1.0], "beta": 0.32}
    assert "Freeze at β 0.32" in labels(app)
    app.session_state["share"] = True
    app.run()
    assert f"run={dialled.id}" in app.code[0].value
    assert "beta=0.32" in app.code[0].value
    app.switch_page("../pages/explore.py").run()
    assert explorer(app)["state"] == {"z": [0.5, -1.0], "beta": 0.32}


def test_a_link_with_an_example_leads_to_its_code_at_that_beta(visit, store, dialled):
    model = services.model(dialled)
    number = int(model.index[3])
    app = visit("beta", run=dialled.id, beta="0.1", example=str(number))
    assert explorer(app)["state"]["selected"] == 3
    assert explorer(app)["state"]["z"] == pytest.approx(model.at(0.1).mu[3].tolist(), abs=1e-6)
    assert explorer(app)["state"]["z"] != pytest.approx(model.mu[3].tolist(), abs=1e-3)


@pytest.mark.parametrize(("text", "shown"), [("500", "5"), ("0.0001", "0.02")])
def test_a_beta_outside_the_range_is_clamped_and_said(visit, store, dialled, text, shown):
    app = visit("beta", run=dialled.id, beta=text)
    assert f"Showing β {shown}" in app.info[0].value.replace("\\", "")
    assert explorer(app)["state"]["beta"] == float(shown)
    assert f"Freeze at β {shown}" in labels(app)


@pytest.mark.parametrize("text", ["x", "0", "-3", "nan", "<b>"])
def test_what_is_no_beta_is_said_and_the_lab_opens(visit, store, dialled, text):
    app = visit("beta", run=dialled.id, beta=text)
    assert "no number above 0" in app.info[0].value.replace("\\", "")
    assert explorer(app)["state"] is None
    assert "Freeze at β 1" in labels(app)


def test_a_run_of_one_beta_leads_to_a_multi_rate_training_like_it(visit, store):
    run = make_run(store, name="single", model__latent=3)
    app = visit("beta", run=run.id)
    assert not app.error
    assert explorer(app) is None
    assert labels(app) == ["Train it for every β", "Explore this run", "Ladder of models"]
    app.button[0].click().run()
    assert app.session_state["changes"]["model.kind"] == "multirate"
    assert app.session_state["changes"]["model.latent"] == 3


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "<b>x</b>", ""])
def test_a_run_that_is_not_there_is_a_sentence_beside_the_list(visit, store, dialled, name):
    app = visit("beta", run=name)
    assert not app.exception
    assert len(app.error) == 1
    assert app.selectbox[0].value is None


def test_an_unfinished_run_leads_to_its_training(visit, store):
    run = make_run(store, until=10, model__kind="multirate")
    app = visit("beta", run=run.id)
    assert "interrupted" in seen(app)
    assert labels(app) == ["Go to its training"]


def test_a_map_without_its_dial_is_damage_and_said(visit, store):
    app = visit("beta", run=make_run(store, model__kind="multirate").id)
    assert not app.exception
    assert "has no dial" in app.error[0].value.replace("\\", "")


def test_freezing_says_how_far_it_is_and_leads_to_the_run(visit, store, dialled, jobs):
    app = visit("beta", session={"owner": ME}, run=dialled.id, beta="0.3217")
    button(app, "Freeze").click().run()
    (job,) = jobs
    assert (job.run, job.beta, job.owner) == (dialled.id, 0.322, ME)
    assert bars(app) == ["Freezing at β 0.322"]
    button(app, "Freeze").click().run()
    assert len(jobs) == 1  # one at a time
    other = visit("beta", session={"owner": "b" * 32}, run=dialled.id)
    assert bars(other) == []


def test_a_frozen_run_is_reached_by_a_link(visit, store, dialled, jobs):
    app = visit("beta", session={"owner": ME}, run=dialled.id)
    button(app, "Freeze").click().run()
    vars(jobs[0]).update(running=False, made="the-new-one")
    app.run()
    assert "run=the-new-one" in links_to(app)
    button(app, "Close").click().run()
    assert "run=the-new-one" not in links_to(app)


def test_why_freezing_failed_is_said(visit, store, dialled, jobs):
    app = visit("beta", session={"owner": ME}, run=dialled.id)
    button(app, "Freeze").click().run()
    vars(jobs[0]).update(running=False, error="The disk is <b>full</b>.")
    app.run()
    assert "The disk is <b>full</b>." in seen(app)


def test_one_beta_is_trained_alone_with_the_settings_of_the_run(visit, store, service, dialled):
    app = visit("beta", session={"owner": ME}, run=dialled.id, beta="0.32")
    button(app, "Train").click().run()
    ((_, name),) = [asked for asked in service.asked if asked[0] == "submit"]
    trained = store.get(name)
    assert trained.owner == ME
    assert trained.config == alone(dialled.config, 0.32)


def test_a_training_under_way_shows_how_far_it_is(visit, store, dialled):
    run = store.create(alone(dialled.config, 0.32), ME)
    with run.lock():
        app = visit("beta", session={"owner": ME}, run=dialled.id)
        assert bars(app) == ["Training β 0.32 alone, 0%"]
        assert f"run={run.id}" in links_to(app)
    assert bars(visit("beta", session={"owner": ME}, run=dialled.id)) == []
    app = visit("beta", session={"owner": ME, f"alone/{dialled.id}": [run.id]}, run=dialled.id)
    assert "interrupted" in seen(app)


def test_data_that_is_not_here_is_said_with_how_to_get_it(visit, store, service, dialled, monkeypatch):
    monkeypatch.delenv("LATENTSCAPE_DATA", raising=False)
    changed = dialled.config.override({"data.source": "fashion-mnist"})
    (dialled.path / "config.json").write_text(changed.to_json())
    app = visit("beta", run=dialled.id)
    button(app, "Train β").click().run()
    assert not app.exception
    assert [asked for asked in service.asked if asked[0] == "submit"] == []
    assert "Training needs Fashion-MNIST" in seen(app)
    assert any(label.startswith("Download Fashion-MNIST") for label in labels(app))


def singles(store: RunStore, dialled, **changes) -> list[dict]:
    """What is told of one more finished run whose settings differ from the multi-rate run's in `changes`."""
    settings = {"model.kind": "vae"} | {key.replace("__", "."): value for key, value in changes.items()}
    single = make_run(store)
    (single.path / "config.json").write_text(dialled.config.override(settings).to_json())
    about = json.loads((dialled.path / "run.json").read_text())
    (single.path / "run.json").write_text(json.dumps(about | changes.pop("about", {})))
    return beta_singles.singles(dialled)


def test_separate_runs_on_the_same_data_and_likelihood_are_points(visit, store, dialled):
    visit("home")
    (point,) = singles(store, dialled, objective__beta=4.0)
    assert (point["beta"], point["distortion"], point["rate"], point["note"]) == (4.0, 10.25, 2.5, "")


def test_a_point_says_in_what_else_it_differs(visit, store, dialled):
    visit("home")
    (point,) = singles(store, dialled, model__hidden=(8,), training__epochs=2)
    assert point["note"] == "another network, 2 epochs"


@pytest.mark.parametrize(
    "changes",
    [
        {"data__source": "shapes"},
        {"data__limit": 0},
        {"model__likelihood": "laplace"},
        {"model__latent": 8},
        {"model__kind": "ae"},
        {"model__kind": "multirate"},
    ],
)
def test_other_runs_are_no_points(visit, store, dialled, changes):
    visit("home")
    assert singles(store, dialled, **changes) == []


def test_a_frozen_run_is_no_point(visit, store, dialled):
    visit("home")
    single = make_run(store)
    (single.path / "config.json").write_text(dialled.config.override({"model.kind": "vae"}).to_json())
    about = {"frozen": {"run": dialled.id, "beta": 1.0}, "owner": ""}
    (single.path / "run.json").write_text(json.dumps(about))
    assert beta_singles.singles(dialled) == []


@pytest.mark.parametrize(
    "report", ['{"distortion": "much"}', '{"distortion": NaN, "rate": 1}', '{"distortion": true, "rate": 1}']
)
def test_a_report_without_figures_is_no_point(visit, store, dialled, report):
    visit("home")
    single = make_run(store)
    (single.path / "config.json").write_text(dialled.config.override({"model.kind": "vae"}).to_json())
    (single.path / "report.json").write_text(report)
    assert beta_singles.singles(dialled) == []
