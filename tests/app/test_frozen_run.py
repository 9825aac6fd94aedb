"""A frozen run on the pages: it opens on Explore, beside the run it came from, and on Train."""

import shutil

from multirate_runs import trained
from test_compare import carried, listed
from test_explore_page import explorer

from app import state
from vae_core.freezing import freeze


def test_a_frozen_run_is_a_run_for_the_pages(visit, store, tmp_path):
    template = trained(tmp_path / "trained", name="Digits")
    shutil.copytree(template.path, store.folder / template.id)
    made = freeze(store.get(template.id), 2.0, store, "visitor")
    app = visit("explore", run=made.id, **{"with": template.id, "pair": "example"})
    assert not app.exception
    assert not app.error
    assert listed(app).value == template.id
    assert carried(app)[explorer(app)["beside"]] == template.bundle()
    app.session_state[state.SHARE_KEY] = True
    app.run()
    assert f"run={made.id}&with={template.id}" in app.code[0].value
    assert not visit("train", run=made.id).exception
    assert not visit("home").exception
