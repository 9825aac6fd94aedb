"""What a film of a replay is drawn with: where things stand, colours, dots, curves, pictures, words."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vae_core.events import Steered

# Classes as in web/palette.js: Paul Tol's muted set and grey.
ON_LIGHT = [
    "#CC6677",
    "#332288",
    "#C9B44F",
    "#117733",
    "#5FB4DE",
    "#882255",
    "#44AA99",
    "#999933",
    "#AA4499",
    "#8A9099",
]
ON_DARK = [
    "#E07F90",
    "#8A7BE8",
    "#DDCC77",
    "#3FA866",
    "#88CCEE",
    "#C65590",
    "#5CC4B2",
    "#B5B54E",
    "#C871BD",
    "#A4ABB5",
]
FINE = 4  # times as large that lines and dots are drawn, to have soft edges
PHASES = 4  # fractions of a pixel, each way, that a dot is drawn for
OPACITY = 0.88
PALE = 0.3  # of a curve that is to come
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
USUAL = 0.97  # share of the values in sight for certain; a first plunge may leave the picture


class Look:
    """Colours and sizes; `scale` is the height over 720 pixels."""

    def __init__(self, dark: bool, scale: float) -> None:
        self.scale = scale
        self.paper, self.ink = ("#14171C", "#E8EBEF") if dark else ("#FFFFFF", "#1B1F24")
        self.quiet, self.line = ("#9AA1AB", "#363C45") if dark else ("#666B73", "#D9DDE3")
        self.classes = ON_DARK if dark else ON_LIGHT
        own = ("#F0853A", "#4AA8E0", "#DD9ABF") if dark else ("#B84F00", "#0069A6", "#A3457E")
        self.colours = dict(zip(("distortion", "rate", "beta"), own, strict=True))

    def all_colours(self) -> list[str]:
        return [self.paper, self.ink, self.quiet, self.line, *self.classes, *self.colours.values()]

    def size(self, pixels: Any) -> Any:
        """Pixels of a frame that is 720 high, for this one."""
        return pixels * self.scale


class Sheet:
    """Where everything stands in a frame of that size: the cloud left, what follows it right."""

    def __init__(self, size: tuple[int, int], look: Look) -> None:
        self.look = look
        edge = round(look.size(32))
        side = size[1] - 2 * edge
        self.square = (edge, edge, side)  # left, top, side of the cloud
        self.left = 2 * edge + side
        self.width = size[0] - self.left - edge
        self.clock = (edge + look.size(16), edge + look.size(12))
        self.title = (self.left, edge)
        self.below_title = (self.left, edge + look.size(32))

    def curve(self, number: int) -> tuple[int, int, int, int]:
        """Left, top, width and height of the first or second curve."""
        top = 150 if number == 0 else 340
        return self.left, round(self.look.size(top)), self.width, round(self.look.size(128))

    @property
    def strip(self) -> tuple[int, int, int]:
        """Left, top and width of the rows of pictures."""
        return self.left, round(self.look.size(540)), self.width


def dot_masks(radius: float) -> list[Image.Image]:
    """A dot's coverage for each fraction of a pixel, rows first."""
    return _dot_masks(round(radius, 2))


@lru_cache(maxsize=8)
def _dot_masks(radius: float) -> list[Image.Image]:
    reach = math.ceil(radius) + 1
    masks = []
    for phase in range(PHASES * PHASES):
        large = Image.new("L", (2 * reach * 8, 2 * reach * 8))
        x, y = (reach + (part + 0.5) / PHASES for part in (phase % PHASES, phase // PHASES))
        box = [8 * (x - radius), 8 * (y - radius), 8 * (x + radius), 8 * (y + radius)]
        ImageDraw.Draw(large).ellipse(box, fill=round(255 * OPACITY))
        masks.append(large.reduce(8))
    return masks


def curve_layers(
    sheet: Sheet,
    curves: Mapping[str, np.ndarray],
    total: int,
    kind: str,
    changes: Sequence[Steered] = (),
) -> tuple[Image.Image, Image.Image, Callable[[float], float]]:
    """A curve pale and strong, with changes of course, and the height of a value in pixels from its top."""
    _, _, width, height = sheet.curve(0)
    everything = np.concatenate([curves[f"step.{kind}"], curves[f"epoch.{kind}"]])
    low, high = (everything.min(), np.quantile(everything, USUAL)) if len(everything) else (0.0, 1.0)
    margin = max((high - low) * 0.08, 0.05)
    low, high = float(low - margin), float(high + margin)

    def place_of(value: float) -> float:
        return min(height, max(0.0, (high - value) / (high - low) * height))

    lines = []
    for name, wide in (("step", 1.25), ("epoch", 2.25)):
        x = np.sqrt(np.minimum(1, curves[f"{name}.step"] / total)) * width
        y = [place_of(float(value)) for value in curves[f"{name}.{kind}"]]
        lines.append((wide, list(zip(x.tolist(), y, strict=True))))
    layers = [_lines(sheet, lines, kind, strength) for strength in (PALE, 1.0)]
    for layer in layers:
        pen = ImageDraw.Draw(layer)
        for change in changes:
            at = math.sqrt(min(1, change.step / total)) * width
            colour = sheet.look.quiet if change.beta is None else sheet.look.colours["beta"]
            pen.line([(at, 0), (at, height)], fill=colour, width=max(1, round(sheet.look.size(2))))
    return layers[0], layers[1], place_of


def _lines(sheet: Sheet, lines: list[Any], kind: str, strength: float) -> Image.Image:
    _, _, width, height = sheet.curve(0)
    look = sheet.look
    cover = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(cover)
    for (wide, points), opacity in zip(lines, (0.5, 1.0), strict=True):
        if len(points) > 1:
            scaled = [(x * FINE, y * FINE) for x, y in points]
            fill = round(255 * opacity * strength)
            pen.line(scaled, fill=fill, width=max(1, round(look.size(wide) * FINE)), joint="curve")
    layer = Image.new("RGB", (width, height), look.paper)
    ImageDraw.Draw(layer).line([(0, height - 1), (width, height - 1)], fill=look.line)
    layer.paste(look.colours[kind], (0, 0), cover.reduce(FINE))
    return layer


def strip(frame: Image.Image, sheet: Sheet, originals: np.ndarray, copies: np.ndarray) -> None:
    """Two rows: pictures (K, C, H, W) uint8 and what was drawn of them."""
    left, top, width = sheet.strip
    gap = round(sheet.look.size(4))
    label = round(sheet.look.size(64))
    count = len(copies)
    side = max(1, min((width - label) // count - gap, round(sheet.look.size(56))))
    for row, (word, pictures) in enumerate((("held out", originals[:count]), ("rebuilt", copies))):
        y = top + row * (side + gap)
        size = sheet.look.size(14)
        write(frame, (left, y + side / 2 - size / 2), word, sheet.look.quiet, size)
        for k, picture in enumerate(pictures):
            colours = np.repeat(picture, 3, 0) if len(picture) == 1 else picture
            shown = Image.fromarray(np.ascontiguousarray(colours.transpose(1, 2, 0)))
            frame.paste(
                shown.resize((side, side), Image.Resampling.NEAREST), (left + label + k * (side + gap), y)
            )


def write(
    frame: Image.Image,
    place: Any,
    text: str,
    colour: str,
    size: float,
    *,
    width: float | None = None,
    right: bool = False,
    bold: bool = False,
    halo: str | None = None,
) -> None:
    """Text from its upper left, right, or (with a halo) middle; cut where it is wider than `width` pixels."""
    text = " ".join(text.split())  # what is laid out is one line
    font = _font(round(size), text.isascii())
    if font is None:
        text = text.replace("β", "beta").encode("ascii", "replace").decode()
        font = _font(round(size), True)
    while width and len(text) > 1 and font.getlength(text) > width:
        text = text.removesuffix("..")[:-1] + ".."
    anchor = "mm" if halo else "ra" if right else "la"
    pen = ImageDraw.Draw(frame)
    at = (float(place[0]), float(place[1]))
    if halo:
        pen.text(at, text, halo, font, anchor, stroke_width=max(2, round(size / 6)), stroke_fill=halo)
    pen.text(at, text, colour, font, anchor, stroke_width=size / 48 if bold else 0, stroke_fill=colour)


@lru_cache(maxsize=64)
def _font(size: int, is_ascii: bool) -> Any:
    """Pillow's own font knows little more than ASCII; one of the machine may know the rest. None without."""
    if is_ascii:
        return ImageFont.load_default(size)
    for name in FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return None
