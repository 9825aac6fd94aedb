"""Films written as GIF, WebP, APNG and video; each is whole or not there, and its size can be told before.

A GIF has 256 colours: 128 greys where all is grey, else those of words and lines and the most telling
ones. WebP and APNG lose nothing. Video needs PyAV, the extra "video": H.264 in MP4 where its encoder exists,
otherwise VP9 in WebM. A video does not repeat by itself; to and fro it holds one way there and back.
"""

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageColor

from vae_core.errors import ExportError
from vae_core.taking import film_apng, film_clock
from vae_core.taking.film import Film
from vae_core.taking.whole import whole

Tell = Callable[[float], None]
Encode = Callable[[Film, BinaryIO, str, Tell], None]

NO_VIDEO = "A video needs PyAV, which is not installed here. Install it with `pip install av`, or make a GIF."
NO_ENCODER = "The PyAV of this machine encodes neither H.264 nor VP9; make a GIF or WebP instead."
WEBM = "No H.264 encoder is here, so the video is VP9 in WebM: browsers and VLC play it, slides may not."
KEYS = 12  # pictures that a GIF's colours are chosen from
ALIKE = 6  # of 255, below which two colours pass for the same
GREYS = np.linspace(0, 255, 128).round().astype(int)  # of a GIF: half of all, and two thirds of the bytes
NEAREST = np.abs(GREYS - np.arange(256)[:, None]).argmin(1).tolist()  # grey of 256 -> its place among them
SAMPLE = 6  # pictures in a row by which the size of a film is told before
PLACES = 3  # of the way where such rows are looked at: not every leg changes as much
LEAST = 24  # bytes of a picture that is as the one before
DECODED = 0.3  # share of the time that decoding takes


def write(film: Film, path: Path, kind: str, repeat: str, tell: Tell = lambda share: None) -> None:
    """The film as "gif", "webp", "apng" or "mp4". Raises ExportError, StorageError.

    `tell` hears the share done and may raise to call it off.
    """
    tell(0.0)
    for start in range(0, film.course.forward, 50):
        film.decode(range(start, start + 50))
        tell(DECODED * min(1.0, (start + 50) / film.course.forward))
    with whole(path) as temporary, open(temporary, "xb") as file:
        ENCODE[kind](film, file, repeat, lambda share: tell(DECODED + (1 - DECODED) * share))


def size(film: Film, kind: str, repeat: str) -> int:
    """Bytes, about: from a few pictures here and there, without drawing all of it. Raises ExportError."""
    few = min(SAMPLE, film.count)
    last = max(0, min(film.course.forward, film.count) - few)
    parts = []
    for place in range(PLACES):
        first = round(last * (place + 0.5) / PLACES)
        parts.append([_encoded(film.part(first, count), kind, repeat) for count in (1, few)])
    one, several = np.mean(parts, axis=0)
    return round(one + max(LEAST, (several - one) / max(1, few - 1)) * (film.count - 1))


def _encoded(film: Film, kind: str, repeat: str) -> int:
    held = io.BytesIO()
    ENCODE[kind](film, held, repeat, lambda share: None)
    return len(held.getvalue())


def video_obstacle() -> str:
    """Why no video can be made here, or nothing."""
    return ("" if _codec() else NO_ENCODER) if find_spec("av") else NO_VIDEO


def video_ending() -> str:
    return ".webm" if _codec() == "libvpx-vp9" else ".mp4"


def video_remark() -> str:
    """What is to be known of a video made here, or nothing."""
    return WEBM if _codec() == "libvpx-vp9" else ""


@cache
def _codec() -> str:
    """The encoder that is there."""
    if not find_spec("av"):
        return ""
    import av

    return next((name for name in ("libx264", "libvpx-vp9") if name in av.codecs_available), "")


def _drawn(film: Film, tell: Tell) -> Iterator[Image.Image]:
    for number in range(film.count):
        yield film.draw(number)
        tell((number + 1) / film.count)


def _gif(film: Film, file: BinaryIO, repeat: str, tell: Tell) -> None:
    shown = (_toned(frame) for frame in _drawn(film, tell))
    if not film.is_grey:
        palette = _palette(film)
        shown = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in _drawn(film, tell))
    loop: dict[str, Any] = {} if repeat == "once" else {"loop": 0}
    pauses = [10 * pause for pause in film_clock.hundredths(film.course)]
    next(shown).save(file, "GIF", save_all=True, append_images=shown, duration=pauses, optimize=False, **loop)


def _webp(film: Film, file: BinaryIO, repeat: str, tell: Tell) -> None:
    shown = _drawn(film, tell)
    next(shown).save(
        file,
        "WEBP",
        save_all=True,
        append_images=shown,
        duration=_milliseconds(film),
        loop=1 if repeat == "once" else 0,
        lossless=True,
        quality=40,  # of a lossless file: how long to look for a smaller one
        method=2,
        allow_mixed=False,
    )


def _apng(film: Film, file: BinaryIO, repeat: str, tell: Tell) -> None:
    shown = (frame.convert("L") if film.is_grey else frame for frame in _drawn(film, tell))
    film_apng.write(shown, file, _milliseconds(film), 1 if repeat == "once" else 0)


def _video(film: Film, file: BinaryIO, repeat: str, tell: Tell) -> None:
    obstacle = video_obstacle()
    if obstacle:
        raise ExportError(obstacle)
    import av

    codec = _codec()
    options = {"crf": "18", "preset": "veryfast", "tune": "animation"}
    if codec != "libx264":
        options = {"crf": "30", "b:v": "0", "deadline": "good", "cpu-used": "5"}
    rate = Fraction(1 / film.course.pause).limit_denominator(1000)
    with av.open(file, "w", format="mp4" if codec == "libx264" else "webm") as container:
        stream: Any = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height = film.size
        stream.pix_fmt = "yuv420p"
        for frame in _drawn(film, tell):
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode())


def _milliseconds(film: Film) -> list[int]:
    """How long each picture stands; the whole takes as long as it should."""
    ends = np.rint(np.arange(film.count + 1) * film.course.pause * 1000).astype(int)
    return np.diff(ends).tolist()


def _toned(frame: Image.Image) -> Image.Image:
    """A grey picture in the greys of a GIF, none of them more than one off."""
    shown = Image.frombytes("P", frame.size, frame.convert("L").point(NEAREST).tobytes())
    shown.putpalette(np.repeat(GREYS, 3).tolist())
    return shown


def _palette(film: Film) -> Image.Image:
    """The colours of words and lines, and those that a few pictures need besides."""
    own = np.array([ImageColor.getrgb(text) for text in film.own_colours()])
    rest = np.repeat(GREYS[:, None], 3, 1)
    if film.journey.examples.images.shape[1] > 1:
        numbers = np.linspace(0, film.count - 1, min(KEYS, film.count)).round().astype(int)
        pictures = [film.pixels(float(film.course.places[k])).transpose(1, 2, 0) for k in numbers]
        wall = Image.fromarray(np.ascontiguousarray(np.concatenate(pictures)))
        chosen = wall.quantize(256 - len(own), dither=Image.Dither.NONE).getpalette() or []
        rest = np.array(chosen).reshape(-1, 3)
    apart = np.abs(rest[:, None] - own).max(2).min(1) >= ALIKE  # else Pillow might take one for the other
    palette = Image.new("P", (1, 1))
    palette.putpalette([*own.ravel().tolist(), *rest[apart].ravel().tolist()])
    return palette


ENCODE: dict[str, Encode] = {"gif": _gif, "webp": _webp, "apng": _apng, "mp4": _video}
