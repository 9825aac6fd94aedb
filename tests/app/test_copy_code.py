"""Explore: where a place is shared stand the lines of Python that draw its picture."""

import ast

import numpy as np
from taken import trained

from vae_core.first_way import first_way


def opened(visit, run, view=None):
    app = visit("explore", run=run.id)
    app.session_state["share"] = True
    if view:
        app.session_state[f"view/{run.id}"] = view
    app.run()
    assert not app.error
    return "\n".join(block.value for block in app.code)


def test_they_are_of_the_place_that_one_looks_at(visit, store):
    run = trained(store)
    text = opened(visit, run, {"z": [0.25, -1.5, 0.0]})
    assert f"load(RunStore().get({run.id!r}).path)" in text
    assert "z = [[0.25, -1.5, 0]]" in text
    assert "at_beta" not in text
    assert str(run.path) not in text


def test_before_the_first_move_they_are_of_the_first_example(visit, store):
    run = trained(store)
    (line,) = [line for line in opened(visit, run).splitlines() if line.startswith("z = ")]
    np.testing.assert_allclose(ast.literal_eval(line[4:])[0], run.latents()[0][0], rtol=1e-5)


def test_of_a_path_they_are_of_the_one_that_the_address_names(visit, store):
    run = trained(store)
    app = visit("interpolate", run=run.id, through="1~z0.5,-1,2", way="spherical", more="loop")
    assert not app.code
    app.session_state[f"path/code/{run.id}"] = True
    app.run()
    (block,) = app.code
    assert "ways.read('1~z0.5,-1,2', way='spherical', steps='parameter', more='loop')" in block.value
    assert f"RunStore().get({run.id!r})" in block.value


def test_of_a_path_before_the_first_move_they_are_of_the_one_that_the_page_opens_with(visit, store):
    run = trained(store)
    app = visit("interpolate", run=run.id)
    app.session_state[f"path/code/{run.id}"] = True
    app.run()
    (block,) = app.code
    ends = "~".join(map(str, first_way(run).anchors))
    assert f"ways.read({ends!r}, way='linear'" in block.value
