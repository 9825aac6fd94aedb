"""Where a one-file page opens, read from the query of a share link (app/links.py writes those).

Only its form is checked here: what does not fit the model is passed over by the browser (web/state.js).
"""

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

LONGEST = 64_000  # characters
View = dict[str, Any]  # as in web/state.js


def read(link: str, index: np.ndarray, mu: np.ndarray) -> View:
    """What a link, or what stands behind its `?`, says of the view; what makes no sense is passed over.

    `index` (N,) are the examples' numbers in their data set, `mu` (N, Z) their codes.
    """
    query = urlsplit(link).query if "?" in link else link
    asked = dict(parse_qsl(query, max_num_fields=100)) if len(query) <= LONGEST else {}
    view: View = {}
    for name, (key, understand) in _READERS.items():
        found = understand(asked[name]) if name in asked else None
        if found is not None:
            view[key] = found
    rows = np.flatnonzero(index == view.pop("example", -1))
    if len(rows):
        view["selected"] = int(rows[0])
        if "z" not in view and "beta" not in view:  # at another beta the browser knows its code
            view["z"] = mu[rows[0]].astype(float).tolist()
    return view


def _numbers(text: str) -> list[float] | None:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return found if all(math.isfinite(value) and abs(value) < 1000 for value in found) else None


def _number(text: str) -> float | None:
    found = _numbers(text)
    return found[0] if found and len(found) == 1 else None


def _counted(text: str, first: int) -> list[int] | None:
    parts = text.split(",")
    return [int(part) - first for part in parts] if all(re.fullmatch(r"\d{1,9}", p) for p in parts) else None


def _one(text: str, first: int) -> int | None:
    found = _counted(text, first)
    return found[0] if found and len(found) == 1 else None


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "beta": ("beta", _number),
    "example": ("example", lambda text: _one(text, 0)),
    "z": ("z", _numbers),
    "axes": ("axes", lambda text: _counted(text, 1)),
    "chart": ("chart", lambda text: text if text == "pca" else None),  # other maps stay with the server
    "off": ("hidden", lambda text: _counted(text, 0)),
    "colour": ("colour", lambda text: text[:100]),
    "tint": ("tint", lambda text: _one(text, 1)),
    "zoom": ("view", _numbers),
    "grid": ("grid", lambda text: text == "1"),
}
