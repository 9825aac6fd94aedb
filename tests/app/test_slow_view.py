"""A step in slow motion on Train: nothing is done before it is opened; words and formulas for any model."""

import json
import re
from itertools import product
from typing import ClassVar

import pytest
from conftest import seen
from pages_world import make_run

from app import slow, training_state
from app.slow_words import stages
from vae_core.errors import RunError
from vae_core.likelihoods import LIKELIHOODS
from vae_core.slow_lines import STAGES

LATENT = 3
ROLES = {"x", "z", "d", "r", "b", "sub", "sup"}
MODELS = [("vae", kl) for kl in ("linear", "free_bits", "capacity", "controlled")]
MODELS += [("ae", "constant"), ("multirate", "linear")]


class StillJob:
    """Stands in for the process that works a step out."""

    asked: ClassVar[list] = []

    def __init__(self, run: str, at: str) -> None:
        self.run, self.at = run, at
        self.share, self.running, self.error, self.made = 0.4, True, "", {}
        StillJob.asked.append((run, at))


def report(**changes) -> dict:
    """As much of a step's report as its words are made from."""
    made = {
        "batch": 16,
        "parts": 1,
        "shape": [1, 4, 4],
        "mu": [[0.0] * LATENT],
        "net": "mlp",
        "kind": "vae",
        "kl": "linear",
        "likelihood": "bernoulli",
        "free_bits": [0.5, 1],
        "means": {"loss": 2.0},
        "after": {"loss": 1.0},
        "notes": ["Nothing of note."],
        "step": 7,
    }
    return {**made, **changes}


@pytest.fixture
def jobs(visit, monkeypatch) -> dict:
    steps: dict = {}
    monkeypatch.setattr(slow, "_steps", lambda: steps)
    monkeypatch.setattr(slow, "SlowJob", StillJob)
    monkeypatch.setattr(StillJob, "asked", [])
    return steps


def buttons(app):
    return {button.label: button for button in app.button}


def opened(visit, run):
    return visit("train", session={f"slow-open/{run.id}": True}, run=run.id)


def test_nothing_is_done_before_it_is_opened(visit, store, jobs):
    run = make_run(store)
    app = visit("train", run=run.id)
    assert not StillJob.asked
    buttons(app)["A step in slow motion"].click().run()
    assert StillJob.asked == [(run.id, "now")]
    assert "Working the step out" in app.get("progress")[-1].proto.text
    app.run()
    assert len(StillJob.asked) == 1


def test_a_link_opens_it_and_closing_leaves_the_address(visit, store, jobs):
    run = make_run(store)
    app = visit("train", run=run.id)
    buttons(app)["A step in slow motion"].click().run()
    assert "1" in app.query_params["slow"]
    app = visit("train", run=run.id, slow="1")
    buttons(app)["Close"].click().run()
    assert "slow" not in app.query_params
    assert "A step in slow motion" in buttons(app)


def test_the_moment_is_chosen_where_there_are_two(visit, store, jobs):
    run = make_run(store)
    app = opened(visit, run)
    app.button_group(key=training_state.slow_key(run.id)).set_value("start").run()
    assert StillJob.asked == [(run.id, "now"), (run.id, "start")]
    never = store.create(run.config)
    jobs.clear()
    opened(visit, never)
    assert StillJob.asked[2:] == [(never.id, "start")]


def test_what_was_worked_out_is_shown_with_its_remarks(visit, store, jobs):
    run = make_run(store)
    app = opened(visit, run)
    job = jobs[run.id, "now"].job
    job.running, job.made = False, report()
    app.run()
    told = [e.proto for e in app.get("bidi_component") if e.proto.component_name == "latentscape_slow"]
    assert len(told) == 1
    assert "Nothing of note." in seen(app)
    buttons(app)["Close"].click().run()
    assert "A step in slow motion" in buttons(app)
    assert not [e for e in app.get("bidi_component") if e.proto.component_name == "latentscape_slow"]


def test_what_failed_says_why_and_can_be_tried_again(visit, store, jobs):
    run = make_run(store)
    app = opened(visit, run)
    job = jobs[run.id, "now"].job
    job.running, job.error = False, "The pictures are gone."
    app.run()
    assert "The pictures are gone." in seen(app)
    buttons(app)["Try again"].click().run()
    assert StillJob.asked == [(run.id, "now")] * 2


def test_two_are_worked_out_at_a_time_and_one_that_cannot_begin_is_a_sentence(
    visit, store, jobs, monkeypatch
):
    for k in range(2):
        jobs[f"run {k}", "now"] = slow.Step(StillJob(f"run {k}", "now"), 0)
    run = make_run(store)
    app = opened(visit, run)
    assert "Other steps" in seen(app)
    assert (run.id, "now") not in StillJob.asked
    jobs.clear()

    def refuse(run, at):
        raise RunError("No process can be begun.")

    monkeypatch.setattr(slow, "SlowJob", refuse)
    app.run()
    assert "No process" in seen(app)


def test_the_browser_gets_the_report_with_its_words():
    sent = json.loads(slow.pack(report()))
    assert sent["report"]["step"] == 7
    assert len(sent["stages"]) == 11


@pytest.mark.parametrize(("kind", "kl"), MODELS)
def test_each_stage_has_a_title_two_short_sentences_and_a_formula(kind, kl):
    for likelihood, net in product(LIKELIHOODS, ("mlp", "conv")):
        told = stages(report(kind=kind, kl=kl, likelihood=likelihood, net=net))
        assert tuple(stage["id"] for stage in told) == STAGES
        for stage in told:
            assert all(stage.values())
            assert len(stage["text"]) < 260
            assert len(re.findall(r"[.?](?= |$)", stage["text"])) <= 3
            marks = re.findall(r"\{(\w+):[^{}]+\}", stage["text"] + stage["formula"])
            assert set(marks) <= ROLES
            assert "{" not in re.sub(r"\{\w+:[^{}]+\}", "", stage["text"] + stage["formula"])


def test_a_plain_autoencoder_is_told_what_it_lacks():
    told = {stage["id"]: stage["text"] for stage in stages(report(kind="ae", kl="constant"))}
    assert "draws none" in told["noise"]
    assert "one point" in told["spread"]
    assert "β is 0" in told["loss"]


def test_a_batch_that_costs_more_afterwards_is_explained():
    calm = stages(report())[-1]["text"]
    more = stages(report(after={"loss": 3.0}))[-1]["text"]
    assert "costs less" in calm
    assert "costs more" in more
