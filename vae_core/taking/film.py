"""A film of a path, picture by picture: what the decoder makes of each place, each of its pixels a square of
whole ones; on request with which anchors it lies between, how far it is and how far it can be trusted.
"""

from copy import copy
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from vae_core.errors import ExportError
from vae_core.film_parts import Look, write
from vae_core.taking.film_clock import Course
from vae_core.taking.journey import Journey

# Cividis (Nuñez, Anderton & Renslow 2018), ten even stops, as in web/path_colours.js: support, none to full.
CIVIDIS = np.array(
    [
        (0, 34, 78),
        (18, 53, 112),
        (59, 73, 108),
        (87, 93, 109),
        (112, 113, 115),
        (138, 134, 120),
        (165, 156, 116),
        (195, 179, 105),
        (225, 204, 85),
        (254, 232, 56),
    ]
)
BEYOND = 0.35  # how much is left of a picture past the ends
NARROWEST = 384  # pixels of a film with words
CHUNK = 100  # pictures that are decoded at a time
MOST = 4_000_000  # pixels of a picture


class Film:
    """Pictures of a journey on its course, for the encoders of `film_files`.

    Raises ExportError for pictures that are too large.
    """

    def __init__(
        self, journey: Journey, course: Course, pixels: int, labels: bool, dark: bool, step: int = 1
    ) -> None:
        """`pixels` of a picture's longer side, about; `step` that every size and place is a multiple of."""
        self.journey, self.course, self.has_labels = journey, course, labels
        _, height, width = journey.examples.images.shape[1:]
        self.zoom = max(step, pixels // max(height, width) // step * step)
        inner = (self.zoom * width, self.zoom * height)
        self.look = Look(dark, 1.0)
        self._own = self.look.all_colours()
        self.size = self._laid_out(inner, step) if labels else _multiple(inner, step)
        if self.size[0] * self.size[1] > MOST:
            raise ExportError(
                f"The film would be {self.size[0]} by {self.size[1]} pixels; choose a smaller one."
            )
        self._pixels: dict[float, np.ndarray] = {}

    @property
    def count(self) -> int:
        return len(self.course.places)

    @property
    def is_grey(self) -> bool:
        """Whether every picture is grey and nothing else is drawn."""
        return self.journey.examples.images.shape[1] == 1 and not self.has_labels

    def part(self, first: int, count: int) -> "Film":
        """So many of its pictures alone."""
        places = self.course.places[first : first + count]
        other = copy(self)
        other.course = replace(self.course, places=places, forward=len(places))
        return other

    def decode(self, numbers: range) -> None:
        """The pictures at those numbers, so that `draw` has them."""
        places = self.course.places[numbers.start : numbers.stop].tolist()
        wanted = np.array(sorted(set(places) - set(self._pixels)))
        if not len(wanted):
            return
        decoded = self.journey.decode(self.journey.codes_at(wanted))
        shown = np.rint(np.clip(decoded, 0, 1) * 255).astype(np.uint8)
        self._pixels |= {float(place): picture for place, picture in zip(wanted, shown, strict=True)}

    def pixels(self, place: float) -> np.ndarray:
        """The picture at a place (C, H, W) uint8, paler past the ends of the path."""
        if place not in self._pixels:
            number = int(np.flatnonzero(self.course.places == place)[0])
            self.decode(range(number // CHUNK * CHUNK, number // CHUNK * CHUNK + CHUNK))
        picture = self._pixels[place]
        return paler(picture, self.look) if self.journey.past(place) else picture

    def draw(self, number: int) -> Image.Image:
        """RGB of the film's size."""
        place = float(self.course.places[number])
        picture = enlarged(self.pixels(place), self.zoom)
        if not self.has_labels:
            if picture.size == self.size:
                return picture
            frame = Image.new("RGB", self.size, self.look.paper)
            frame.paste(picture, (0, 0))
            return frame
        frame = self._below.copy()
        frame.paste(picture, self._at)
        self._say(frame, place)
        return frame

    def _laid_out(self, inner: tuple[int, int], step: int) -> tuple[int, int]:
        """The film's size with words below; everything that stays is drawn here."""
        width = max(NARROWEST, inner[0])
        self.unit = unit = width / 448  # of what was designed
        edge = round(12 * unit / step) * step
        self._at = (edge + (width - inner[0]) // 2 // step * step, edge)
        self._left, self._right = edge, edge + width
        self._band = (edge + inner[1] + round(14 * unit), max(6, round(10 * unit)))
        size = _multiple((width + 2 * edge, self._band[0] + round(84 * unit)), step)
        self._below = Image.new("RGB", size, self.look.paper)
        top, high = self._band
        colours = [colour(share) for share in self.journey.support]
        steps = np.linspace(0, len(colours) - 1, width).round().astype(int)
        strip = np.array([_numbers(colours[k]) if colours[k] else _numbers(self.look.line) for k in steps])
        self._below.paste(
            Image.fromarray(np.repeat(strip[None].astype(np.uint8), high, 0)), (self._left, top)
        )
        pen = ImageDraw.Draw(self._below)
        for mark in self.journey.marks:
            x = self._x(float(mark))
            pen.line(
                [(x, top + high), (x, top + high + round(5 * unit))],
                fill=self.look.ink,
                width=max(1, round(2 * unit)),
            )
        return size

    def _x(self, place: float) -> float:
        return self._left + (self._right - self._left - 1) * place / max(1, self.journey.last)

    def _say(self, frame: Image.Image, place: float) -> None:
        """The anchors on both sides, how far it is from one to the other, and its support."""
        unit, look, journey = self.unit, self.look, self.journey
        top, high = self._band
        x, reach = self._x(place), round(4 * unit)
        pen = ImageDraw.Draw(frame)
        box = [x - reach, top - reach, x + reach, top + high + reach - 1]
        pen.rectangle(box, fill=look.paper, outline=look.ink, width=max(1, round(2 * unit)))
        leg, share = journey.leg_at(place)
        line, half = top + high + round(14 * unit), (self._right - self._left) * 0.42
        names = journey.names[leg : leg + 2]
        write(frame, (self._left, line), names[0], look.ink, 17 * unit, width=half, bold=True)
        write(frame, (self._right, line), names[1], look.ink, 17 * unit, width=half, bold=True, right=True)
        on = f"{round(100 * share)} % of the way"
        far = (on, "past the end", "before the beginning")[journey.past(place)]
        write(frame, (self._left, line + 26 * unit), far, look.quiet, 15 * unit)
        support = journey.support_at(place)
        known = f"support {round(100 * support)} %" if support == support else "support unknown"
        write(frame, (self._right, line + 26 * unit), known, look.quiet, 15 * unit, right=True)

    def own_colours(self) -> list[str]:
        """Those of words, lines and the band, which a palette of few colours must have."""
        band = [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in CIVIDIS]
        return [self.look.paper, self.look.ink, self.look.quiet, self.look.line, *band]


def enlarged(picture: np.ndarray, zoom: int) -> Image.Image:
    """(C, H, W) uint8 as RGB, each pixel a square of `zoom` by `zoom`."""
    pixels = np.repeat(picture, 3, 0) if len(picture) == 1 else picture
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0).repeat(zoom, 0).repeat(zoom, 1)))


def paler(picture: np.ndarray, look: Look) -> np.ndarray:
    """(C, H, W) uint8 as it looks past the ends of a path: much of it gone into the paper."""
    paper = np.array(_numbers(look.paper), np.float64)[: len(picture), None, None]
    return np.rint(paper + BEYOND * (picture - paper)).astype(np.uint8)


def colour(support: float) -> str:
    """Cividis at a share, as "#RRGGBB"; nothing where it is not known."""
    if support != support:
        return ""
    place = float(np.clip(support, 0, 1)) * (len(CIVIDIS) - 1)
    k = min(len(CIVIDIS) - 2, int(place))
    mix = np.rint(CIVIDIS[k] + (place - k) * (CIVIDIS[k + 1] - CIVIDIS[k])).astype(int)
    return "#{:02X}{:02X}{:02X}".format(*mix)


def _multiple(size: tuple[int, int], step: int) -> tuple[int, int]:
    width, height = (-(-side // step) * step for side in size)
    return width, height


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(text[k : k + 2], 16) for k in (1, 3, 5))
