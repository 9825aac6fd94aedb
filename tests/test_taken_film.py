"""Films of a path, read back by Pillow and PyAV: every picture is what the decoder makes of its place."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageSequence
from taken import trained

from vae_core import latent, ways
from vae_core.errors import ConfigError, ExportError
from vae_core.models import stored_model
from vae_core.paths import arc, line
from vae_core.runs import RunStore
from vae_core.taking import film, film_clock, film_files, film_make, journey
from vae_core.taking.film_kinds import FILMS, KINDS
from vae_core.taking.kind import Choices

WAY = ways.read("3~11", "spherical")
COUNT, SECONDS = 8, 2.6


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(RunStore(tmp_path_factory.mktemp("from")), **{"training.epochs": 10})


@pytest.fixture(scope="module")
def decode(run):
    model = stored_model(run)
    return lambda codes: latent.to_bytes(latent.decode(model, codes))


@pytest.fixture
def make(run, tmp_path):
    def go(kind, **changes):
        path = tmp_path / f"it.{kind}"
        film_make.save(kind, run, path, Choices(**{"way": WAY, "count": COUNT, "pixels": 64, **changes}))
        return path

    return go


def shown(path):
    """(T, H, W, 3) pictures of the file and how long each stands, ms."""
    with Image.open(path) as found:
        each = ImageSequence.Iterator(found)
        read = [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in each]
    pictures, pauses = zip(*read, strict=True)
    return np.stack(pictures), np.array(pauses)


def small(pictures):
    """Pixels (T, h, w, 3) of squares (T, 8 h, 8 w, 3), which must be of one colour each."""
    count, height, width, _ = pictures.shape
    squares = pictures.reshape(count, height // 8, 8, width // 8, 8, 3)
    assert (squares == squares[:, :, :1, :, :1]).all()
    return squares[:, :, 0, :, 0].astype(int)


def expected(run, decode, shares, curve=arc):
    """What the decoder makes of that way between the two examples."""
    mu, _ = run.latents()
    pixels = decode(curve(mu[3], mu[11])(np.asarray(shares)).astype(np.float32))
    return np.repeat(pixels.transpose(0, 2, 3, 1), 3, -1).astype(int)


@pytest.mark.parametrize(("kind", "off"), [("gif", 1), ("webp", 0), ("apng", 0)])
@pytest.mark.parametrize("repeat", film_clock.REPEATS)
def test_every_picture_is_of_its_place_and_stands_its_time(run, decode, make, kind, off, repeat):
    pictures, pauses = shown(make(kind, repeat=repeat, ease="even"))
    there = np.linspace(0, 1, COUNT)
    shares = np.concatenate([there, there[-2:0:-1]]) if repeat == "swing" else there
    assert len(pictures) == len(shares)
    at = np.array([run.latents()[0][3], run.latents()[0][11]])
    fine = arc(*at)(np.linspace(0, 1, ways.COUNT))  # a film goes straight between frames
    codes = np.stack([np.interp(shares, np.linspace(0, 1, ways.COUNT), column) for column in fine.T], 1)
    wanted = np.repeat(decode(codes.astype(np.float32)).transpose(0, 2, 3, 1), 3, -1).astype(int)
    assert np.abs(small(pictures) - wanted).max() <= off + 1  # float32 may round a grey the other way
    assert np.abs(small(pictures) - expected(run, decode, shares)).max() <= off + 3
    whole = SECONDS / (COUNT - 1) * len(shares) * 1000
    assert pauses.sum() == pytest.approx(whole, abs=10)
    assert np.ptp(pauses) <= 10


@pytest.mark.parametrize(("repeat", "loops"), [("once", 1), ("loop", 0), ("swing", 0)])
def test_it_repeats_for_ever_unless_asked_not_to(make, repeat, loops):
    for kind in ("webp", "apng"):
        assert Image.open(make(kind, repeat=repeat)).info["loop"] == loops
    assert Image.open(make("gif", repeat=repeat)).info.get("loop", 1) == loops  # without a word it plays once


@pytest.mark.parametrize(("speed", "seconds"), [(0.5, 5.2), (4.0, 0.65)])
def test_speed_is_the_players(make, speed, seconds):
    _, pauses = shown(make("apng", speed=speed, repeat="once", count=0))
    assert pauses.sum() == pytest.approx(1000 * seconds * len(pauses) / (len(pauses) - 1), abs=10)
    assert len(pauses) == round(seconds * 25) + 1


def test_a_closed_way_that_loops_shows_its_beginning_once(make):
    way = ways.read("3~11~20", "linear", more="loop")
    pictures, pauses = shown(make("apng", way=way, repeat="loop", ease="even", count=13))
    assert len(pictures) == 12
    assert pauses.sum() == pytest.approx(3 * 2600, abs=10)
    steps = np.abs(np.diff(np.concatenate([pictures, pictures[:1]]).astype(int), axis=0)).max((1, 2, 3))
    assert (steps > 0).all()


def test_past_the_ends_pictures_go_into_the_paper(run, decode, make):
    pictures, _ = shown(
        make("apng", way=ways.read("3~11", more="beyond"), repeat="once", ease="even", count=24)
    )
    step = 1 / 17
    shares = np.concatenate([-step * np.arange(3, 0, -1), np.linspace(0, 1, 18), 1 + step * np.arange(1, 4)])
    plain = expected(run, decode, shares, line)
    paler = np.rint(255 + 0.35 * (plain - 255.0))
    is_past = (shares < -1e-9) | (shares > 1 + 1e-9)
    wanted = np.where(is_past[:, None, None, None], paler, plain)
    assert np.abs(small(pictures) - wanted).max() <= 1


def test_a_video_has_every_picture(make):
    av = pytest.importorskip("av")
    path = make("mp4", ease="even")
    with av.open(path) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (64, 64, "h264")
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in video.decode(stream)])
        assert float(stream.average_rate) == pytest.approx((COUNT - 1) / SECONDS, abs=0.01)
    drawn, _ = shown(make("apng", ease="even"))
    assert frames.shape == drawn.shape
    assert np.abs(frames.astype(int) - drawn).mean() < 4


def test_without_an_h264_encoder_it_is_vp9_and_said(make, monkeypatch):
    av = pytest.importorskip("av")
    monkeypatch.setattr(film_files, "_codec", lambda: "libvpx-vp9")
    (kind,) = (kind for kind in KINDS if kind.name == "mp4")
    assert (kind.endings(), kind.obstacle()) == (".webm", "")
    assert "VP9" in kind.remark()
    with av.open(make("mp4")) as video:
        stream = video.streams.video[0]
        assert (stream.codec_context.name, "webm" in video.format.name) == ("vp9", True)
        assert sum(1 for _ in video.decode(stream)) == 2 * COUNT - 2


@pytest.mark.parametrize(("codec", "said"), [("", "neither"), (None, "pip install av")])
def test_where_no_video_can_be_made_it_says_what_to_do(make, monkeypatch, tmp_path, codec, said):
    if codec is None:
        monkeypatch.setattr(film_files, "find_spec", lambda name: None)
    monkeypatch.setattr(film_files, "_codec", lambda: "")
    with pytest.raises(ExportError, match=said):
        make("mp4")
    assert list(tmp_path.iterdir()) == []
    (kind,) = (kind for kind in KINDS if kind.name == "mp4")
    assert said in kind.obstacle()


def test_words_leave_the_picture_alone_and_the_band_is_the_support(run, make):
    plain, _ = shown(make("apng", ease="even", repeat="once"))
    labelled, _ = shown(make("apng", ease="even", repeat="once", labels=True, pixels=400))
    found = film_make.film_of(
        "apng", journey.travelled(run, WAY, 24), Choices(count=8, pixels=400, labels=True)
    )
    zoom, (left, top) = found.zoom, found._at
    size = [side // 8 * zoom for side in plain.shape[1:3]]
    inner = labelled[:, top : top + size[0], left : left + size[1]]
    assert (inner[:, ::zoom, ::zoom] == plain[:, ::8, ::8]).all()
    support = ways.frames(run, WAY).support
    band, (high, deep) = labelled[0], found._band
    for share, place in ((0.5, 11.5), (1.0, 23)):
        x = min(labelled.shape[2] - 1, round(found._x(place)) - 1)
        seen = band[high + deep // 2, x]
        near = [film.colour(float(support[k])) for k in (int(place), min(23, int(place) + 1))]
        colours = [[int(text[n : n + 2], 16) for n in (1, 3, 5)] for text in near]
        assert min(np.abs(seen.astype(int) - one).max() for one in colours) <= 3, share
    assert len(np.unique(labelled[:, high + deep + 8 :].reshape(8, -1), axis=0)) == 8  # words follow


@pytest.mark.parametrize("kind", FILMS)
@pytest.mark.parametrize("labels", [False, True])
def test_its_size_is_told_before_within_a_factor_of_two(run, make, kind, labels):
    choices = Choices(way=WAY, pixels=160, labels=labels, count=30)
    path = make(kind, pixels=160, labels=labels, count=30)
    assert path.stat().st_size / 2 < film_make.size(kind, run, choices) < path.stat().st_size * 2


def test_what_is_said_before_needs_no_torch(run):
    script = f"""
import sys
from pathlib import Path
from vae_core.run import Run
from vae_core.taking.film_kinds import KINDS
from vae_core.taking.kind import Choices
assert all(kind.size(Run(Path({str(run.path)!r})), Choices(count=9)) > 100 for kind in KINDS)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("kind", FILMS)
def test_called_off_nothing_is_left(run, kind, tmp_path):
    class Enough(Exception):
        pass

    def tell(share):
        if share > 0.6:
            raise Enough

    with pytest.raises(Enough):
        film_make.save(kind, run, tmp_path / "it", Choices(way=WAY, pixels=64, count=40), tell)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"count": 1}, "from 2 to 131"),
        ({"count": 200}, "from 2 to 131"),
        ({"pixels": 5}, "from 16 to 2000"),
        ({"pixels": 2000, "count": 130}, "too much for one film"),
    ],
)
def test_what_cannot_be_made_is_said(make, run, changes, said):
    with pytest.raises(ExportError, match=said):
        make("gif", **changes)
    with pytest.raises(ExportError, match=said):
        film_make.size("gif", run, Choices(way=WAY, **changes))


def test_a_beta_that_the_run_does_not_have_is_said(make):
    with pytest.raises(ConfigError, match="one beta alone"):
        make("gif", beta=7.0)


def test_colour_pictures_keep_their_colours_in_a_gif():
    random = np.random.default_rng(0)
    start, end = random.integers(0, 256, (2, 3, 8, 8)) / 255
    examples = journey.Examples(np.zeros((1, 3, 8, 8), np.uint8), np.array([-1]), np.array([5]), (), {})
    codes = np.linspace(0, 1, 24, dtype=np.float32)[:, None]
    found = journey.Journey(
        about="colours",
        names=("one", "Übergröße"),
        marks=np.array([0.0, 23.0]),
        shares=codes[:, 0].astype(float),
        support=np.full(24, np.nan),
        nearest=np.full(24, -1),
        codes=codes,
        stops=codes[[0, -1]],
        examples=examples,
        closed=False,
        decode=lambda z: start + z[:, :, None, None] * (end - start),
    )
    made = film_make.film_of("gif", found, Choices(count=6, repeat="once", ease="even", labels=True))
    palette = film_files._palette(made)
    for number in (0, 3):
        drawn = made.draw(number)
        kept = drawn.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
        assert np.abs(np.asarray(kept).astype(int) - np.asarray(drawn)).mean() < 12
