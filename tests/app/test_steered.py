"""A run that was steered says so wherever it is listed, compared or shown: its settings do not tell it."""

from pages_world import make_run

from app import steered
from vae_core.runs import Recorder

ME = {"owner": "a" * 32}


def steer(run, *changes):
    for step, beta, lr in changes:
        Recorder(run).note("steered", step=step, beta=beta, lr=lr)


def texts(app):
    return " ".join(each.value for each in (*app.markdown, *app.subheader)).replace("\\", "")


def test_what_was_set_last_is_what_is_said(store):
    plain, run = make_run(store, owner="a" * 32), make_run(store, owner="a" * 32)
    steer(run, (1, 0.4, None), (2, None, 0.8), (3, 1.5, None))
    assert steered.said(plain) == ""
    assert steered.named(plain) == plain.title
    assert steered.said(run) == "β 1.5, learning rate ×0.8"
    assert steered.named(run) == f"{run.title} · steered"
    steer(run, (4, None, "much"))
    assert steered.said(run) == ""  # the run says by itself that it is damaged


def test_its_training_lists_and_comparison_say_it(visit, store):
    plain = make_run(store, owner="a" * 32, name="plain")
    run = make_run(store, owner="a" * 32, name="turned")
    steer(run, (1, 1.5, None))
    app = visit("train", session=ME, run=run.id)
    assert "turned · steered" in texts(app)
    assert "steered to β 1.5" in texts(app)
    (chooser,) = app.selectbox
    assert any(option.startswith("plain ·") for option in chooser.options)
    (chooser,) = visit("train", session=ME, run=plain.id).selectbox
    assert any(option.startswith("turned · steered ·") for option in chooser.options)
    assert "steered to β 1.5" in texts(visit("runs", session=ME, run=run.id))
    pair = visit("runs", session=ME, run=plain.id, **{"with": run.id})
    assert "- Steered to: β 1.5 → **nothing**" in texts(pair)
    assert not pair.exception
