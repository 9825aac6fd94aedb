"""Runs: a run becomes a file to take along, and a file a run, by processes of their own."""

import io
import shutil
import time
import zipfile
from pathlib import Path

import pandas
import pytest
from conftest import seen
from taken import trained

from app import bring_in, take_along
from vae_core import carry_jobs, carrying, cli, cli_export
from vae_core.errors import CarryError, ExportError
from vae_core.runs import RunStore
from vae_core.storage import write_json
from vae_core.taking import kinds
from vae_core.ways import Way

STARTERS = Path(__file__).resolve().parents[2] / "assets" / "starters"
ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def runs_page(visit):
    return lambda **query: visit("runs", session={"owner": ME}, **query)


@pytest.fixture
def run(store):
    return trained(store, ME)


def button(app, label):
    return next(found for found in app.button if found.label == label)


def opened(app, run, kind):
    """The page with the choices open."""
    app.session_state[f"runs/take/{run.id}"] = True
    app.run()
    box = next(found for found in app.selectbox if found.label == "As")
    box.set_value(kind).run()
    assert not app.error
    return app


def awaited(app, jobs):
    """The page once this visitor's job has ended."""
    until = time.monotonic() + 120
    while jobs()[ME].job.running and time.monotonic() < until:
        time.sleep(0.1)
    return app.run()


def test_a_table_is_made_and_can_be_saved(runs_page, run):
    app = opened(runs_page(run=run.id), run, "csv")
    assert "About " in seen(app)
    button(app, "Make the file").click().run()
    taken = take_along._taken()[ME]
    app = awaited(app, take_along._taken)
    assert not app.error
    job = taken.job
    assert (job.error, job.path.name) == ("", "taken along.csv")
    assert len(pandas.read_csv(job.path)) == len(run.latents()[0])
    (save,) = app.get("download_button")
    assert save.proto.label.startswith("Save taken along.csv (")
    folder = job.path.parent
    button(app, "Close").click().run()
    del taken, job
    assert not folder.exists() or not list(folder.iterdir())
    assert not app.get("download_button")


def test_what_is_chosen_besides_and_what_is_missing_is_said(runs_page, run, monkeypatch):
    app = opened(runs_page(run=run.id), run, "png")
    assert "300 dots an inch" in seen(app)
    assert opened(app, run, "zip").toggle[-1].value is True
    monkeypatch.setattr(kinds, "find_spec", lambda name: None)
    app = opened(app, run, "onnx")
    assert "pip install onnx onnxruntime" in "".join(info.value for info in app.info)
    assert button(app, "Make the file").disabled


def test_a_dial_is_taken_along_at_a_beta_of_ones_choice(runs_page, store, monkeypatch):
    starter = RunStore(store.folder.parent, STARTERS).get("shapes-every-beta")
    shutil.copytree(starter.path, store.folder / "dial")
    run = store.get("dial")
    write_json(run.path / "run.json", {**run.about, "owner": ME})
    asked = []
    monkeypatch.setattr(take_along, "begin", lambda *words: asked.append(words))
    app = opened(runs_page(run=run.id), run, "torch")
    (beta,) = app.number_input
    assert beta.value == run.config.beta
    beta.set_value(2.5).run()
    button(app, "Make the file").click().run()
    ((_, kind, choices),) = asked
    assert (kind.name, choices) == ("torch", kinds.Choices(beta=2.5))
    assert carry_jobs._said(kind, choices) == ["--beta=2.5"]
    assert not opened(app, run, "csv").number_input


def test_the_choices_are_said_as_the_command_takes_them():
    way = Way((12, (0.5, -1.25)), "spherical", "change", beyond=True)
    for name, choices in (
        ("html", kinds.Choices(replay=True)),
        ("html", kinds.Choices(title="A", notes="-b\n\nc", view="z=1,2&grid=1", way=way, encoder=True)),
        ("html", kinds.Choices(without=("thumbs", "player"))),
        ("zip", kinds.Choices(checkpoint=False)),
        ("png", kinds.Choices(beta=0.5, sheet="manifold")),
        ("csv", kinds.Choices()),
    ):
        said = carry_jobs._said(kinds.KINDS[name], choices)
        words = cli.parser().parse_args(["export", f"--{name}", *said, "--", "run"])
        assert cli_export._choices(words) == choices
    said = carry_jobs._said(kinds.KINDS["html"], kinds.Choices(notes="a\0b"))
    assert said == ["--notes=a b"]  # a process cannot be told the letter in between


def test_an_unfinished_run_can_be_taken_along_as_a_whole_alone(runs_page, store):
    from pages_world import make_run

    run = make_run(store, ME, name="Half", until=10)
    app = opened(runs_page(run=run.id), run, "zip")
    box = next(found for found in app.selectbox if found.label == "As")
    assert box.options == ["The whole run"]


def test_a_zip_becomes_a_run_of_ones_own(runs_page, store, tmp_path):
    theirs = trained(store, OTHER)
    carrying.pack(theirs, tmp_path / "it.zip")
    store.delete(theirs.id)
    app = uploaded(runs_page(), "../it <b>.zip", (tmp_path / "it.zip").read_bytes())
    assert not app.error
    app = awaited(app, bring_in._brought)
    job = bring_in._brought()[ME].job
    assert job.error == ""
    made = store.get(job.made)
    assert (made.owner, made.state, made.about["imported"]["file"]) == (ME, "finished", "it <b>.zip")
    assert "“taken along” is a run of yours now." in seen(app)
    assert "taken along" in app.dataframe[0].value["title"].tolist()
    button(app, "Close").click().run()
    assert bring_in._brought() == {}


def uploaded(app, name, content):
    app.session_state["runs/import"] = True
    app.run()
    app.file_uploader[0].set_value([(name, content, "application/zip")]).run()
    return app


def test_what_is_no_run_is_said_in_a_sentence_and_leaves_nothing(runs_page, store):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("../../evil", "x")
    app = awaited(uploaded(runs_page(), "evil.zip", content.getvalue()), bring_in._brought)
    assert "Nothing was imported" in seen(app)
    assert "Traceback" not in seen(app)
    assert [found for found in store.list() if not found.starter] == []


def test_one_at_a_time_for_each_and_two_for_all(monkeypatch, run, tmp_path):
    class Busy:
        running = True

    for module, error, begin in (
        (take_along, ExportError, lambda: take_along.begin(run, kinds.KINDS["csv"], kinds.Choices())),
        (bring_in, CarryError, lambda: bring_in.begin(io.BytesIO())),
    ):
        jobs = {ME: type("Entry", (), {"job": Busy()})()}
        monkeypatch.setattr(module, "_taken" if module is take_along else "_brought", lambda jobs=jobs: jobs)
        monkeypatch.setattr(module.state, "owner", lambda: ME)
        with pytest.raises(error, match="already"):
            begin()
        jobs |= {OTHER: jobs[ME]}
        monkeypatch.setattr(module.state, "owner", lambda: "c" * 32)
        with pytest.raises(error, match="2 "):
            begin()


def test_files_that_nobody_comes_back_for_go_once_there_are_many(monkeypatch, run):
    class Made:
        running = False

        def __init__(self, run, kind, choices, folder):
            self.path = folder / "made"
            self.path.write_bytes(b"made")

    taken = {}
    monkeypatch.setattr(take_along, "ExportJob", Made)
    monkeypatch.setattr(take_along, "_taken", lambda: taken)
    monkeypatch.setattr(take_along, "KEPT", 3)
    paths = []
    for visitor in ("a", "b", "c", "a", "d", "e"):
        monkeypatch.setattr(take_along.state, "owner", lambda visitor=visitor: visitor)
        take_along.begin(run, kinds.KINDS["csv"], kinds.Choices())
        paths.append(taken[visitor].job.path)
    assert list(taken) == ["a", "d", "e"]
    assert [path.exists() for path in paths] == [False, False, False, True, True, True]
