"""A path as a strip to print: its pictures side by side, each of their pixels a square of whole dots, 300 an
inch; above them the anchors, below each how far it can be trusted; beneath the nearest real examples, on
request, and the cross-fade, which a path has to be better than.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from vae_core import ways
from vae_core.errors import ExportError
from vae_core.film_parts import Look, write
from vae_core.first_way import first_way
from vae_core.run import Run
from vae_core.taking import journey
from vae_core.taking.film import colour, enlarged, paler
from vae_core.taking.journey import Journey
from vae_core.taking.kind import Choices, Tell
from vae_core.taking.whole import whole

DPI = 300
WIDTH = 3508  # dots across A4 on its side; wider only where pictures are
EDGE, GAP, LINE = 150, 8, 44  # dots around the strip, between pictures, of a line of text
NAMES = 290  # dots left of the rows, for what each is
BAND = 28  # dots of the band of support
PICTURES = 12  # about, where no number is asked for
FEWEST, MOST = 2, 120
MOST_DOTS = 200_000_000


@dataclass(frozen=True)
class Strip:
    """Picture `k` of row `r` is `zoom` times as large, at (`left` + k * `step`, `tops`[r])."""

    image: Image.Image
    left: int  # dots
    step: int
    tops: tuple[int, ...]  # of the path, the nearest examples if they are there, the cross-fade
    zoom: int


def size(run: Run, choices: Choices) -> int:
    """Bytes, about, without decoding. Raises ExportError, PathError, RunError, RunDamagedError."""
    way, count = asked(run, choices)
    held = io.BytesIO()
    drawn(journey.likely(run, way, count), choices.nearest).image.save(held, "PNG")
    return len(held.getvalue())


def save(run: Run, path: Path, choices: Choices, tell: Tell = lambda share: None) -> None:
    """As PNG. Raises ExportError, PathError, ConfigError, RunError, RunDamagedError, StorageError.

    `tell` hears the share done and may raise to call it off.
    """
    way, count = asked(run, choices)
    tell(0.0)
    found = journey.travelled(run, way, count, choices.beta, lambda share: tell(share / 2))
    made = drawn(found, choices.nearest)
    tell(0.8)
    note = PngInfo()
    note.add_itxt("Title", found.about)
    note.add_itxt("Software", "Latentscape")
    with whole(path) as temporary:
        made.image.save(temporary, "PNG", dpi=(DPI, DPI), pnginfo=note)
        tell(1.0)


def asked(run: Run, choices: Choices) -> tuple[ways.Way, int]:
    """The path and how many pictures. Raises ExportError for too few or too many."""
    way = choices.way or first_way(run)
    count = choices.count or usual(way)
    if not FEWEST <= count <= MOST:
        raise ExportError(f"A strip has {FEWEST} to {MOST} pictures, asked for are {count}.")
    return way, count


def usual(way: ways.Way) -> int:
    """About PICTURES, so that an even way has its anchors on some of them."""
    legs = journey.legs_of(way)
    steps = {n: n - 1 - 2 * journey.past_ends(way, n) for n in range(FEWEST, 3 * PICTURES)}
    fitting = [n for n, inner in steps.items() if inner >= legs and inner % legs == 0]
    return min(fitting, key=lambda n: abs(n - PICTURES))


def drawn(found: Journey, has_nearest: bool) -> Strip:
    """Raises ExportError where it would be larger than a printer takes."""
    look = Look(False, 1)
    rows = _rows(found, has_nearest and bool((found.nearest >= 0).all()))
    count, (_, height, width) = len(found.codes), found.examples.images.shape[1:]
    zoom = max(1, ((WIDTH - 2 * EDGE - NAMES) // count - GAP) // width)
    step, high = zoom * width + GAP, zoom * height
    left, top = EDGE + NAMES, EDGE + round(4.6 * LINE)
    tops, below = [], []
    for name in rows:
        tops.append(top)
        below.append(top + high)
        top += high + {"Path": BAND + 2.2 * LINE, "Nearest real": 1.8 * LINE}.get(name, LINE)
        top = round(top)
    paper = (max(WIDTH, left + count * step + EDGE), top + EDGE)
    if paper[0] * paper[1] > MOST_DOTS:
        raise ExportError("The strip would be larger than a printer takes; choose fewer pictures.")
    image = Image.new("RGB", paper, look.paper)
    strip = Strip(image, left, step, tuple(tops), zoom)
    for name, at in zip(rows, tops, strict=True):
        _say(image, (EDGE, at), name, look.ink, width=NAMES - 20)
        for k, picture in enumerate(rows[name]):
            is_past = found.past(k) and name != "Nearest real"
            shown = paler(picture, look) if is_past else picture
            image.paste(enlarged(shown, zoom), (left + k * step, at))
    _head(found, strip)
    _trust(found, strip, below[0])
    if len(rows) == 3:
        for k, row in enumerate(found.nearest):
            text = journey.name_of(found.examples, int(row))
            _say(image, (left + k * step, below[1] + 10), text, look.quiet, 0.6 * LINE, step - GAP)
    corner = (paper[0] - EDGE, paper[1] - EDGE + LINE)
    write(image, corner, "Latentscape", look.quiet, 0.7 * LINE, right=True)
    return strip


def _rows(found: Journey, has_nearest: bool) -> dict[str, np.ndarray]:
    """Pictures (F, C, H, W) uint8 by what they are."""
    rows = {"Path": found.decode(found.codes), "Cross-fade": found.cross_fade()}
    shown = {name: np.rint(np.clip(row, 0, 1) * 255).astype(np.uint8) for name, row in rows.items()}
    if not has_nearest:
        return shown
    near = found.examples.images[found.nearest]
    return {"Path": shown["Path"], "Nearest real": near, "Cross-fade": shown["Cross-fade"]}


def _head(found: Journey, strip: Strip) -> None:
    """What it is, and the anchors above the pictures where they stand."""
    image, look = strip.image, Look(False, 1)
    write(image, (EDGE, EDGE), found.about, look.ink, 1.3 * LINE, width=image.width - 2 * EDGE, bold=True)
    text = (
        "Support is the share of examples whose codes lie at least as lonely: "
        "0 % is far from all data, 100 % in the thick of it."
    )
    _say(image, (EDGE, EDGE + round(1.6 * LINE)), text, look.quiet, width=image.width - 2 * EDGE)
    pen, top = ImageDraw.Draw(image), strip.tops[0]
    for k, (mark, name) in enumerate(zip(found.marks, found.names, strict=True)):
        is_last = k == found.legs
        x = round(strip.left + mark * strip.step + (strip.step - GAP if is_last else 0))
        pen.line([(x, top - 58), (x, top - 10)], fill=look.ink, width=4)
        gap = float(found.marks[min(k + 1, found.legs)] - found.marks[min(k, found.legs - 1)])
        room = (0.47 if k >= found.legs - 1 else 0.9) * (gap + (found.legs == 1)) * strip.step
        at = (x - 14 if is_last else x + 14, top - 62)
        write(image, at, name, look.ink, 0.8 * LINE, width=max(60.0, room), right=is_last, bold=True)


def _trust(found: Journey, strip: Strip, top: int) -> None:
    """The band of support below the path's pictures, with its numbers where they have room."""
    look, wide = Look(False, 1), strip.step - GAP
    pen = ImageDraw.Draw(strip.image)
    for k, support in enumerate(found.support):
        x = strip.left + k * strip.step
        box = [x, top + 12, x + wide - 1, top + 12 + BAND - 1]
        pen.rectangle(box, fill=colour(float(support)) or look.line)
        if wide > 90 and support == support:
            text = f"{round(100 * support)} %"
            _say(strip.image, (x, top + 18 + BAND), text, look.quiet, 0.7 * LINE, wide)
    _say(strip.image, (EDGE, top + 8), "Support", look.quiet, 0.7 * LINE, NAMES - 20)


def _say(
    image: Image.Image,
    place: tuple[int, int],
    text: str,
    colour: str,
    size: float = 0.8 * LINE,
    width: float | None = None,
) -> None:
    write(image, place, text, colour, size, width=width)
