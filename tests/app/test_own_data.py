"""A training set up on imported pictures: the form takes them, and does without once they are gone."""

import numpy as np
from test_train_page import buttons, started, widget

from vae_core.data.imports import Preparation, read
from vae_core.data.library import Library


def imported(tmp_path):
    np.savez(tmp_path / "x.npz", np.random.default_rng(0).random((30, 8, 8)))
    return Library().add(read(tmp_path / "x.npz", Preparation(size=8)), "My faces").source


def test_the_form_takes_imported_pictures(visit, store, tmp_path):
    source = imported(tmp_path)
    app = visit("train", session={"source": source})
    assert not app.exception
    assert widget(app, "data.source").value == source
    assert "My faces · 30" in widget(app, "data.source").options
    assert not buttons(app)["Start training"].disabled
    assert started(app, store).config.data.source == source


def test_pictures_that_are_gone_give_way_to_others(visit, tmp_path):
    source = imported(tmp_path)
    Library().delete(source)
    app = visit("train", session={"source": source})
    assert not app.exception
    assert widget(app, "data.source").value == "digits"
