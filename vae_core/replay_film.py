"""A replay as pictures that follow each other: frames, a GIF, an MP4. Needs no torch and no browser.

Drawn by Pillow, as `web/replay_cloud.js` draws it. MP4 needs PyAV, which is an extra ("video").
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from vae_core.errors import ReplayError
from vae_core.film_parts import Look, Sheet, curve_layers, dot_masks, strip, write
from vae_core.replay import Replay, View

SECONDS, HELD = 12.0, 1.5  # of motion, and of the last frame
SIZES = {"gif": (800, 450), "mp4": (1280, 720)}  # pixels, both even
RATES = {"gif": 15, "mp4": 30}  # frames a second; a GIF counts in hundredths
TONES = 96  # colours of a GIF, fewer than it may have: half the bytes
ALIKE = 10  # of 255, below which two of them pass for the same
KEY_FRAMES = 6  # that its colours are chosen from
NO_VIDEO = "An MP4 needs PyAV, which is not installed here. Install it with `pip install av`, or make a GIF."
NO_H264 = "The PyAV of this machine has no encoder for H.264, which an MP4 needs; make a GIF."

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Film:
    """What is drawn and how."""

    replay: Replay
    size: tuple[int, int] = SIZES["mp4"]  # width, height in pixels
    seconds: float = SECONDS
    rate: int = RATES["mp4"]  # frames a second
    dark: bool = False

    @property
    def times(self) -> np.ndarray:
        """Of each frame, shares of the square root of the steps, from 0 to that of the last moment."""
        moving = max(2, round(self.seconds * self.rate))
        last = times_of(self.replay)[-1]
        return np.concatenate([np.linspace(0, last, moving), np.full(round(HELD * self.rate), last)])


def gif(
    replay: Replay, seconds: float = SECONDS, dark: bool = False, tell: Tell = lambda share: None
) -> bytes:
    """An animated GIF that repeats; `tell` hears the share done."""
    film = Film(replay, SIZES["gif"], seconds, RATES["gif"], dark)
    palette = _palette(film)
    shown = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in _drawn(film, tell)]
    held = io.BytesIO()
    pause = 1000 // film.rate // 10 * 10  # ms
    shown[0].save(held, "GIF", save_all=True, append_images=shown[1:], duration=pause, loop=0, optimize=False)
    return held.getvalue()


def _palette(film: Film) -> Image.Image:
    """The colours that mean something, and those that a few frames need besides."""
    times, (width, height) = film.times, film.size
    keys = np.linspace(0, len(times) - 1, KEY_FRAMES).round().astype(int)
    wall = Image.new("RGB", (width, height * len(keys)))
    for k, number in enumerate(keys):
        wall.paste(draw(film, times[number]), (0, k * height))
    own = np.array([ImageColor.getrgb(colour) for colour in Look(film.dark, 1).all_colours()])
    chosen = wall.quantize(TONES - len(own), dither=Image.Dither.NONE).getpalette() or []
    rest = np.array(chosen).reshape(-1, 3)
    apart = np.abs(rest[:, None] - own).max(2).min(1) >= ALIKE  # else Pillow might take one for the other
    palette = Image.new("P", (1, 1))
    palette.putpalette([*own.ravel().tolist(), *rest[apart].ravel().tolist()])
    return palette


def mp4(
    replay: Replay, seconds: float = SECONDS, dark: bool = False, tell: Tell = lambda share: None
) -> bytes:
    """An H.264 video. Raises ReplayError where PyAV or its encoder is missing."""
    if not has_video():
        raise ReplayError(NO_VIDEO)
    import av

    if "libx264" not in av.codecs_available:
        raise ReplayError(NO_H264)
    film = Film(replay, SIZES["mp4"], seconds, RATES["mp4"], dark)
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=film.rate, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height = film.size
        stream.pix_fmt = "yuv420p"
        for frame in _drawn(film, tell):
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode())
    return held.getvalue()


def has_video() -> bool:
    """Whether an MP4 can be made here."""
    return find_spec("av") is not None


def _drawn(film: Film, tell: Tell) -> Iterator[Image.Image]:
    times = film.times
    last: tuple[float, Image.Image] | None = None
    for k, time in enumerate(times):
        if last is None or last[0] != time:
            last = (time, draw(film, time))
        tell((k + 1) / len(times))
        yield last[1]


def times_of(replay: Replay) -> np.ndarray:
    """Shares of the square root of the steps, (T,): the time of each moment, as the browser counts it."""
    return np.sqrt(np.minimum(1, replay.steps / replay.total))


def moment_at(times: np.ndarray, time: float) -> tuple[int, float]:
    """Between moments k and k + 1, and the share of the way."""
    if len(times) < 2:
        return 0, 0.0
    k = int(np.clip(np.searchsorted(times, time, "right") - 1, 0, len(times) - 2))
    gap = times[k + 1] - times[k]
    return k, float(np.clip((time - times[k]) / gap, 0, 1)) if gap > 0 else 1.0


def places_at(view: View, k: int, part: float) -> np.ndarray:
    """Places (N, 2) between moments k and k + 1, along the curve of Catmull and Rom (1974)."""
    last = len(view.places) - 1
    before, start, end, after = (view.places[int(np.clip(k + n, 0, last))] for n in (-1, 0, 1, 2))
    t = part
    return (
        before * (t * (t * (2 - t) - 1) / 2)
        + start * ((t * t * (3 * t - 5) + 2) / 2)
        + end * (t * (t * (4 - 3 * t) + 1) / 2)
        + after * (t * t * (t - 1) / 2)
    )


def draw(film: Film, time: float) -> Image.Image:
    """The frame at a time from 0 to 1, RGB of the film's size."""
    replay, look = film.replay, Look(film.dark, film.size[1] / 720)
    sheet = Sheet(film.size, look)
    frame = Image.new("RGB", film.size, look.paper)
    k, part = moment_at(times_of(replay), time)
    _cloud(frame, film, sheet, k, part)
    epoch = time**2 * replay.epochs
    shown = (
        f"{math.floor(epoch + 1e-6)}" if replay.epochs >= 20 else f"{epoch:.{2 if replay.epochs < 4 else 1}f}"
    )
    write(frame, sheet.clock, shown, look.ink, look.size(44), bold=True)
    write(frame, sheet.title, replay.title, look.ink, look.size(22), width=sheet.width, bold=True)
    write(frame, sheet.below_title, f"epoch {shown} of {replay.epochs:g}", look.quiet, look.size(18))
    for number, kind in enumerate(("distortion", "rate")):
        _curve(frame, film, sheet, kind, number, time)
    nearest = k + round(part) if len(replay.steps) > 1 else 0
    strip(frame, sheet, replay.examples.images, replay.reconstructions[nearest])
    return frame


def _cloud(frame: Image.Image, film: Film, sheet: Sheet, k: int, part: float) -> None:
    view, look, (left, top, side) = film.replay.views[0], sheet.look, sheet.square
    spans = view.spans
    eased = part * part * (3 - 2 * part)
    span = spans[k] + (spans[min(k + 1, len(spans) - 1)] - spans[k]) * eased
    scale, middle = side / 2 / span, np.array([left + side / 2, top + side / 2])
    pen = ImageDraw.Draw(frame)
    for sigma in (1, 2) if len(view.axes) > 1 else ():
        reach = sigma * scale
        if reach < side / 2:
            box = [*(middle - reach), *(middle + reach)]
            pen.ellipse(box, outline=look.line)
    radius = look.size(2.8 if len(view.places[0]) > 800 else 3.8)
    masks = dot_masks(radius)
    at = middle + places_at(view, k, part) * [scale, -scale]  # (N, 2) pixels
    cells = np.floor(at).astype(int)
    phases = np.floor((at - cells) * 4).astype(int)
    reach = masks[0].width // 2
    inside = ((at > [left + reach, top + reach]) & (at < [left + side - reach, top + side - reach])).all(1)
    labels = film.replay.examples.labels
    for n in np.flatnonzero(inside):
        mask = masks[4 * phases[n, 1] + phases[n, 0]]
        frame.paste(look.classes[labels[n] % 10 if labels[n] >= 0 else 9], tuple(cells[n] - reach), mask)
    _names(frame, film, sheet, at)
    pen.rectangle([left, top, left + side, top + side], outline=look.line)


def _names(frame: Image.Image, film: Film, sheet: Sheet, at: np.ndarray) -> None:
    """Each class's name at the middle of its points, once classes part; the larger classes first."""
    labels, names = film.replay.examples.labels, film.replay.examples.label_names
    known = [k for k in range(len(names)) if (labels == k).any()]
    spread = at[labels >= 0].var(0).sum() if known else 0
    if not spread:
        return
    middles = {k: at[labels == k].mean(0) for k in known}
    between = np.array([middles[k] for k in labels if k in middles]).var(0).sum()
    if between / spread < 0.25:
        return
    taken: list[np.ndarray] = []
    for k in sorted(known, key=lambda k: (-(labels == k).sum(), k)):
        if all((np.abs(middles[k] - other) > sheet.look.size(np.array([64, 18]))).any() for other in taken):
            taken.append(middles[k])
            name = " ".join(names[k].split())[:16] or f"class {k}"
            write(
                frame, middles[k], name, sheet.look.ink, sheet.look.size(14), halo=sheet.look.paper, bold=True
            )


def _curve(frame: Image.Image, film: Film, sheet: Sheet, kind: str, number: int, time: float) -> None:
    """Pale all over, strong up to now, with its value."""
    curves, total = film.replay.curves, film.replay.total
    pale, strong, place_of = curve_layers(sheet, curves, total, kind, film.replay.changes)
    left, top, width, _ = sheet.curve(number)
    frame.paste(pale, (left, top))
    until = max(1, round(time * width))
    frame.paste(strong.crop((0, 0, until, strong.height)), (left, top))
    values = {name: curves[f"{name}.{kind}"] for name in ("epoch", "step")}
    when = {name: np.sqrt(np.minimum(1, curves[f"{name}.step"] / total)) for name in values}
    source = next((name for name in values if len(when[name]) and time >= when[name][0] - 1e-6), None)
    colour = sheet.look.colours[kind]
    write(frame, (left, top - sheet.look.size(30)), kind, colour, sheet.look.size(18), bold=True)
    if source is None:
        return
    value = float(np.interp(time, when[source], values[source]))
    words = f"{value:.1f} nats"
    write(
        frame,
        (left + width, top - sheet.look.size(30)),
        words,
        colour,
        sheet.look.size(20),
        right=True,
        bold=True,
    )
    x, y, reach = left + time * width, top + place_of(value), sheet.look.size(5)
    ImageDraw.Draw(frame).ellipse([x - reach, y - reach, x + reach, y + reach], fill=colour)
