"""Ways as an address names them, and what `latentscape interpolate` says of them."""

import argparse
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vae_core import __main__ as command_line
from vae_core import cli_ways, paths, ways
from vae_core.errors import ConfigError, LatentscapeError, PathError
from vae_core.explorer import bundle
from vae_core.run import Run
from vae_core.support import Support
from vae_core.way_cloud import cloud_of

STARTERS = Path(__file__).parents[1] / "assets" / "starters"


@pytest.fixture(scope="module")
def digits():
    return Run(STARTERS / "digits", starter=True)


@pytest.fixture(scope="module")
def every_beta():
    return Run(STARTERS / "fashion-mnist-every-beta", starter=True)


def test_an_address_says_a_whole_way():
    found = ways.read("12~z0.5,-1.3", "drawn", "change", "beyond", "0,0,0~1,0.5,2", "3,0")
    assert found.anchors == (12, (0.5, -1.3))
    assert (found.kind, found.by, found.loop, found.beyond) == ("drawn", "change", False, True)
    assert found.stroke == ((0, 0, 0), (1, 0.5, 2))
    assert found.axes == (3, 0)
    place = {"anchors": [{"row": 12}, {"row": -1, "z": [0.5, -1.3]}], "kind": "drawn", "by": "change"}
    place |= {"isLoop": False, "hasBeyond": True, "axes": [3, 0], "stroke": [[0, 0, 0], [1, 0.5, 2]]}
    assert found.place() == place


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"through": "12"}, "2 to 8 anchors, found 1"),
        ({"through": "1~" * 8 + "1"}, "found 9"),
        ({"through": "1~-2"}, "found '-2'"),
        ({"through": "1~z0.5,x"}, "found '0.5,x'"),
        ({"through": "1~znan"}, "found 'nan'"),
        ({"through": "1~2", "way": "zigzag"}, "no kind of path called 'zigzag'"),
        ({"through": "1~2", "steps": "big"}, "no spacing of frames called 'big'"),
        ({"through": "1~2", "more": "loop,twice"}, "no 'twice'"),
        ({"through": "1~2", "way": "drawn"}, "needs its stroke"),
        ({"through": "1~2~3", "way": "drawn", "stroke": "0,0,0~1,0,0"}, "to one other"),
        ({"through": "1~2", "way": "drawn", "stroke": "0,0~1,0"}, "three numbers"),
        ({"through": "1~2", "way": "drawn", "stroke": "0,0,0~1,0,0", "axes": "1"}, "two dimensions"),
    ],
)
def test_what_names_no_way_is_said_in_a_sentence(words, said):
    with pytest.raises(PathError, match=said):
        ways.read(**words)


def test_words_of_the_command_line_name_the_same_way_again():
    given = ways.read("12~z0.5,-1.3", "drawn", "change", "beyond", "0,0,0~1,0.5,2", "3,0")
    words = argparse.ArgumentParser()
    cli_ways.add_grammar(words)
    assert cli_ways.way(words.parse_args(cli_ways.spoken(given))) == given


@pytest.mark.parametrize("kind", ["linear", "spherical", "data", "geodesic"])
def test_frames_go_through_the_anchors_and_say_how_far_data_supports_them(digits, kind):
    _, tensors = bundle.read(digits.bundle())
    mu = tensors["points.mu"].astype(np.float32)
    way = ways.read("1~5~z0.25,-0.5", kind, more="loop,beyond")
    frames = ways.frames(digits, way, 34)
    assert frames.codes.shape == (34, 2)
    assert frames.codes.dtype == np.float32
    assert frames.shares[[4, 29]] == pytest.approx([0, 1])  # four frames past each end
    assert frames.marks == pytest.approx([4, 4 + 25 / 3, 4 + 50 / 3, 29])
    fine = ways.frames(digits, replace(way, beyond=False), 31)
    assert fine.codes[[0, 10, 20, 30]] == pytest.approx(
        np.array([mu[1], mu[5], [0.25, -0.5], mu[1]]), abs=1e-5
    )
    standing = Support(mu).of(fine.codes)
    assert np.array_equal(fine.support, standing.support)
    assert np.array_equal(fine.nearest, standing.nearest)


def test_a_geodesic_is_shorter_in_pictures_than_the_straight_way(digits):
    lengths = {}
    for kind in ("linear", "geodesic"):
        frames = ways.frames(digits, ways.read("1~200", kind), 60)
        lengths[kind] = paths.shape(ways.pictures(digits, frames.codes)).length
    assert lengths["geodesic"] < lengths["linear"]


def test_steps_of_equal_change_are_equal(digits):
    frames = ways.frames(digits, ways.read("1~7~30", "spherical", "change"), 40)
    pictures = ways.pictures(digits, frames.codes)
    assert 0 <= pictures.min() <= pictures.max() <= 1
    assert 1 / paths.shape(pictures).evenness < 1.05
    assert list(frames.marks) == sorted(frames.marks)


def test_a_model_for_every_beta_is_asked_at_one(every_beta):
    meta, tensors = bundle.read(every_beta.bundle())
    log_betas = meta["ladder"]["log_betas"]
    rung = 14
    at = np.exp(log_betas[rung])
    frames = ways.frames(every_beta, ways.read("3~9"), 5, beta=at)
    expected = tensors["ladder.mu"][rung][[3, 9]].astype(np.float32)
    assert frames.codes[[0, -1]] == pytest.approx(expected, abs=1e-5)
    own = ways.frames(every_beta, ways.read("3~9"), 5).codes
    assert np.abs(own - frames.codes).max() > 1e-3
    with pytest.raises(ConfigError, match="was trained for"):
        ways.frames(every_beta, ways.read("3~9"), beta=1e6)


def test_a_run_with_one_beta_has_no_other(digits):
    with pytest.raises(ConfigError, match="one beta alone"):
        ways.frames(digits, ways.read("3~9"), beta=77.0)


@pytest.mark.parametrize("through", ["1~99999", "1~z1,2,3"])
def test_anchors_that_do_not_fit_the_run_are_said(digits, through):
    with pytest.raises(PathError, match="run"):
        ways.frames(digits, ways.read(through))


def test_the_plane_of_a_map_is_that_of_the_principal_components():
    run = Run(STARTERS / "fashion-mnist", starter=True)
    cloud = cloud_of(run)
    plane = cloud.plane()
    centred = cloud.mu.astype(np.float64) - cloud.mu.mean(0, dtype=np.float64)
    _, _, rows = np.linalg.svd(centred, full_matrices=False)
    assert np.abs((plane * rows[:2]).sum(1)) == pytest.approx([1, 1], abs=1e-9)


def said(capsys, *words):
    code = command_line.main([*words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_command_says_codes_support_nearest_and_legs(capsys, tmp_path, monkeypatch, digits):
    monkeypatch.setenv("LATENTSCAPE_HOME", str(tmp_path))
    words = ["interpolate", "digits", "--through", "1~200~7", "--way", "geodesic", "--frames", "9", "--json"]
    code, out, _ = said(capsys, *words)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row.get("share") for row in rows[:-1]] == sorted(row["share"] for row in rows[:-1])
    found = ways.frames(digits, ways.read("1~200~7", "geodesic"), 9)
    assert rows[-1]["codes"] == pytest.approx(found.codes, abs=1e-4)
    assert rows[-1]["nearest"] == found.nearest.tolist()
    legs = np.array(rows[-1]["legs"])
    assert legs.shape == (2, ways.LEG, 2)
    for leg, (start, end) in zip(legs, pairwise(ways.stops(ways.read("1~200~7"), cloud_of(digits)))):
        assert leg[[0, -1]] == pytest.approx(np.stack([start, end]), abs=1e-5)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ([], "needs --through"),
        (["--way", "data"], "goes with --through"),
        (["--through", "1~9", "--frames", "1"], "allowed is a whole number from 2"),
        (["--through", "1~99999"], "asks for 99999"),
    ],
)
def test_the_command_says_what_is_wrong(capsys, tmp_path, monkeypatch, more, problem):
    monkeypatch.setenv("LATENTSCAPE_HOME", str(tmp_path))
    code, _, err = said(capsys, "interpolate", "digits", *more)
    assert code != 0
    assert problem in err
    assert issubclass(PathError, LatentscapeError)
