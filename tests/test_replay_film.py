"""Films of a replay, read back by Pillow and PyAV; the command that makes them."""

import io

import moving_clouds
import numpy as np
import pytest
from moving_clouds import STEPS
from PIL import Image
from scipy.interpolate import CubicHermiteSpline

from vae_core import film_parts, replay, replay_film
from vae_core.commands import main
from vae_core.errors import ReplayError
from vae_core.runs import RunStore


@pytest.fixture
def run(home):
    return moving_clouds.run(RunStore(), changes=[(25, 4.0, None)])


@pytest.fixture
def made(run):
    return replay.moments(run)


def colour_of(text):
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)])


def test_points_move_along_the_same_curve_as_in_the_browser(made):
    view = made.views[0]
    padded = np.pad(view.places, ((1, 1), (0, 0), (0, 0)), mode="edge")
    curve = CubicHermiteSpline(np.arange(len(STEPS)), view.places, (padded[2:] - padded[:-2]) / 2)
    for k, part in ((0, 0.0), (0, 0.4), (4, 0.9), (9, 0.5), (9, 1.0)):
        np.testing.assert_allclose(replay_film.places_at(view, k, part), curve(k + part), atol=1e-5)


def test_a_time_lies_between_the_moments_that_it_lies_between():
    times = np.array([0, 0.1, 0.3, 0.6])
    found = [sum(replay_film.moment_at(times, time)) for time in (0, 0.05, 0.1, 0.29, 0.6, 0.9)]
    np.testing.assert_allclose(found, np.interp([0, 0.05, 0.1, 0.29, 0.6, 0.9], times, range(4)))
    assert replay_film.moment_at(np.array([0.5]), 0.7) == (0, 0.0)


def test_a_dot_stands_where_its_example_does(made):
    film = replay_film.Film(made, dark=True)
    frame = np.asarray(replay_film.draw(film, 1.0))
    x, y = moving_clouds.final()[0]
    middle, scale = 360, (720 - 2 * 32) / 2 / made.views[0].spans[-1]
    at = frame[round(middle - y * scale), round(middle + x * scale)]
    paper, own = colour_of("#14171C"), colour_of("#E07F90")
    assert np.abs(at - (paper + film_parts.OPACITY * (own - paper))).max() < 60
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 50


def test_a_gif_repeats_and_moves(made):
    shares = []
    film = Image.open(io.BytesIO(replay_film.gif(made, 1.0, tell=shares.append)))
    assert film.size == replay_film.SIZES["gif"]
    assert film.info["loop"] == 0
    assert film.n_frames >= 14  # the end may be one long frame
    first = np.asarray(film.convert("RGB")).astype(int)
    assert first[0, 0].tolist() == [255, 255, 255]
    film.seek(film.n_frames - 1)
    assert np.abs(np.asarray(film.convert("RGB")) - first).max() > 100
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_an_mp4_has_every_frame(made):
    av = pytest.importorskip("av")
    with av.open(io.BytesIO(replay_film.mp4(made, 1.0))) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
    assert (stream.width, stream.height) == replay_film.SIZES["mp4"]
    assert len(frames) == 30 + 45
    expected = np.asarray(replay_film.draw(replay_film.Film(made), 1.0)).astype(int)
    assert np.abs(frames[-1] - expected).mean() < 3
    assert np.abs(frames[-1].astype(int) - frames[0]).mean() > 0.3


def test_without_pyav_it_says_what_to_do(made, run, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(replay_film, "has_video", lambda: False)
    with pytest.raises(ReplayError, match="pip install av"):
        replay_film.mp4(made)
    assert main(["replay", run.id, "--mp4"]) == 1
    assert "make a GIF" in capsys.readouterr().err


def test_without_an_h264_encoder_it_says_so(made, monkeypatch):
    av = pytest.importorskip("av")
    monkeypatch.setattr(av, "codecs_available", {"libvpx-vp9"})
    with pytest.raises(ReplayError, match="make a GIF"):
        replay_film.mp4(made)


def test_names_of_all_kinds_can_be_drawn(home):
    clouds = moving_clouds.growing(1)
    run = moving_clouds.run(RunStore(), clouds, names=("Übergröße", "数字", ""))
    assert replay_film.draw(replay_film.Film(replay.moments(run), (320, 180)), 0.9).size == (320, 180)


def test_the_command_writes_a_file_and_prints_its_path(run, capsys, tmp_path):
    path = tmp_path / "film.gif"
    assert main(["replay", run.id, "--gif", "--seconds", "1", "-o", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert Image.open(path).n_frames > 5


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere", "--gif"], 2, "There is no run"),
        (["digits"], 2, "required"),
        (["digits", "--gif", "--seconds", "0"], 2, "from 1 to 120"),
    ],
)
def test_what_cannot_be_is_said(home, arguments, code, said, capsys):
    assert main(["replay", *arguments]) == code
    assert said in capsys.readouterr().err
