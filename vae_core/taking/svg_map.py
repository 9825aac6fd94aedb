"""A run's map as SVG: circles and words that any drawing program takes apart. Needs no torch.

Up to two dimensions stand as they are, of more their two principal directions, as in a replay's last moment.
Two rings say where the prior N(0, I) has one and two standard deviations. No script, no style sheet, nothing
that is loaded.
"""

import re
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from vae_core.explorer import bundle
from vae_core.film_parts import Look
from vae_core.replay import views
from vae_core.run import Run
from vae_core.taking.whole import whole

Tell = Callable[[float], None]

SIDE, LEFT, TOP, LEGEND = 800, 60, 90, 260  # of the square, room around it; user units
CROWD = 2_000  # points from which dots are small
UNKNOWN = "without a class"
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # by XML 1.0


def write(run: Run, path: Path, tell: Tell = lambda share: None) -> None:
    """The map of a finished run. `tell` hears the share done. Raises RunError, BundleError, StorageError."""
    tell(0.0)
    text = drawn(run)
    with whole(path) as temporary:
        temporary.write_text(text, "utf-8")
        tell(1.0)


def size(run: Run) -> int:
    """Bytes of it, about."""
    _, tensors = bundle.read(run.bundle())
    return 2_500 + 40 * len(tensors["points.mu"])


def drawn(run: Run) -> str:
    """The SVG's text."""
    meta, tensors = bundle.read(run.bundle())
    view = views([tensors["points.mu"].astype(np.float32)], tensors["points.log_var"].astype(np.float32))[0]
    span, labels, names = float(view.spans[-1]), tensors["points.label"], list(meta["labels"])
    scale = SIDE / 2 / span
    places = np.array([LEFT + SIDE / 2, TOP + SIDE / 2]) + view.places[-1] * [scale, -scale]  # (N, 2)
    is_inside = (np.abs(view.places[-1]) <= span).all(1)
    look = Look(False, 1)
    known = [k for k in range(len(names)) if (labels == k).any()]
    groups = [(_text(names[k]) or f"class {k}", look.classes[k % 10], labels == k) for k in known]
    others = ~np.isin(labels, known)
    if others.any():
        groups.append((UNKNOWN if known else "", look.classes[9 if known else 4], others))
    beta = f", β = {meta['beta']:g}"
    left_out = f" {(~is_inside).sum()} lie outside." if not is_inside.all() else ""
    parts = [
        _words(LEFT, 44, run.title + beta, look.ink, 24, bold=True),
        _words(LEFT, 70, f"{len(places)} encoded examples of {_data(meta)}.{left_out}", look.quiet, 14),
        _rings(len(view.axes), scale, look),
        *(_dots(title, colour, places[rows & is_inside]) for title, colour, rows in groups),
        _words(LEFT + SIDE / 2, TOP + SIDE + 28, view.axes[0], look.quiet, 14, middle=True),
        *(_legend(number, title, colour) for number, (title, colour, _) in enumerate(groups) if title),
    ]
    if len(view.axes) > 1:
        turned = f' transform="rotate(-90 {LEFT - 20} {TOP + SIDE / 2:g})"'
        parts.append(
            _words(LEFT - 20, TOP + SIDE / 2, view.axes[1], look.quiet, 14, middle=True, more=turned)
        )
    return _page(run.title + beta, parts, look)


def _page(title: str, parts: list[str], look: Look) -> str:
    width, height = LEFT + SIDE + LEGEND, TOP + SIDE + 60
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="system-ui, sans-serif" role="img">\n'
        f"<title>{_text(title)}</title>\n<desc>A map of codes, made with Latentscape</desc>\n"
        f'<rect width="{width}" height="{height}" fill="{look.paper}"/>\n'
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{look.line}"/>\n'
        + "\n".join(filter(None, parts))
        + "\n</svg>\n"
    )


def _rings(dimensions: int, scale: float, look: Look) -> str:
    """One and two standard deviations of the prior; of a single dimension nothing is round."""
    middle = f'cx="{LEFT + SIDE / 2:g}" cy="{TOP + SIDE / 2:g}"'
    radii = [sigma * scale for sigma in (1, 2) if dimensions > 1 and sigma * scale < SIDE / 2]
    return "\n".join(
        f'<circle {middle} r="{radius:.2f}" fill="none" stroke="{look.line}"/>' for radius in radii
    )


def _dots(title: str, colour: str, places: np.ndarray) -> str:
    radius = 2.2 if len(places) > CROWD else 3.2
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>\n' for x, y in places.tolist())
    name = f" id={quoteattr(title)}" if re.fullmatch(r"[A-Za-z][\w-]*", title) else ""
    heading = f"<title>{title}</title>\n" if title else ""
    return f'<g{name} fill="{colour}" fill-opacity="0.8">\n{heading}{dots}</g>'


def _legend(number: int, title: str, colour: str) -> str:
    """One class; as many as there is room for."""
    y = TOP + 14 + 24 * number
    if y > TOP + SIDE:
        return ""
    dot = f'<circle cx="{LEFT + SIDE + 30}" cy="{y - 5}" r="6" fill="{colour}"/>'
    return dot + _words(LEFT + SIDE + 46, y, title, Look(False, 1).ink, 14, is_escaped=True)


def _words(
    x: float,
    y: float,
    text: str,
    colour: str,
    height: int,
    *,
    bold: bool = False,
    middle: bool = False,
    more: str = "",
    is_escaped: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    anchor = ' text-anchor="middle"' if middle else ""
    shown = text if is_escaped else _text(text)
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{height}"{weight}{anchor}{more}>{shown}</text>'
    )


def _text(text: str) -> str:
    """As XML holds it, on one line."""
    return escape(" ".join(FORBIDDEN.sub(" ", text).split()))


def _data(meta: dict) -> str:
    return str(meta["data"].get("title") or "pictures")
