"""The lines to copy do what they say, in a process of their own."""

import ast
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from taken import titled, trained

from vae_core import latent, ways
from vae_core.models import at_beta, stored_model
from vae_core.runs import RunStore
from vae_core.taking import code


def drawn(text, home, tmp_path, name="picture.png"):
    environment = {**os.environ, "LATENTSCAPE_HOME": str(home)}
    subprocess.run([sys.executable, "-c", text], check=True, cwd=tmp_path, env=environment)
    with Image.open(tmp_path / name) as picture:
        return np.asarray(picture).astype(int)


@pytest.mark.parametrize("beta", [None, 3.5])
def test_they_draw_the_picture_that_one_looks_at(beta, home, tmp_path):
    run = RunStore(home).get("digits" if beta is None else "shapes-every-beta")
    z = np.random.default_rng(0).standard_normal(run.config.model.latent)
    text = code.python(run, z.tolist(), beta)
    assert len([line for line in text.splitlines() if line and not line.startswith("#")]) <= 10
    model = at_beta(stored_model(run), beta) if beta else stored_model(run)
    expected = latent.to_bytes(latent.decode(model, z[None]))[0, 0]
    assert np.abs(drawn(text, home, tmp_path) - expected).max() <= 1


def test_in_colour_and_a_title_is_never_code(home, tmp_path):
    changes = {"data.source": "colour-shapes", "data.limit": 60, "training.epochs": 1}
    run = trained(RunStore(home), **changes)
    evil = titled(run, 'x"\nimport os\r\x0b\x0c\u2028os.remove("a") # ”')
    text = code.python(evil, [0.5, -1, 1e-9])
    names = {
        name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert "os" not in names
    assert drawn(text, home, tmp_path).ndim == 3


def test_they_draw_the_path_that_one_looks_at(home, tmp_path):
    run = RunStore(home).get("digits")
    text = code.path(run, ways.read("12~87~z0.5,-1.25", more="loop"))
    assert len([line for line in text.splitlines() if line and not line.startswith("#")]) <= 10
    mu = run.latents()[0].astype(float)
    stops = np.array([mu[12], mu[87], [0.5, -1.25], mu[12]])
    shares = np.linspace(0, 3, 24)
    codes = np.stack([np.interp(shares, range(4), column) for column in stops.T], axis=1)
    expected = latent.to_bytes(latent.decode(stored_model(run), codes))
    found = drawn(text, home, tmp_path, "path.png")
    assert np.abs(found - np.concatenate(expected[:, 0], axis=1)).max() <= 1


def test_of_a_dial_they_ask_for_its_beta_and_a_stroke_travels(home):
    run = RunStore(home).get("shapes-every-beta")
    stroke = "0,0.5,0~0.5,1,-1~1,0,0"
    text = code.path(run, ways.read("1~2", "drawn", "change", "beyond", stroke, "0,3"), 2.5, 12)
    assert "ways.read('1~2', way='drawn', steps='change', more='beyond'" in text
    assert f"stroke={stroke!r}, axes='0,3')" in text
    assert text.count("beta=2.5") == 2
    ast.parse(text)
