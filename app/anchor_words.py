"""Anchors as an address says them and as a browser reports them; what comes from either is checked.

An anchor is an example by its place among the run's points, or a code. An address says `12` or, behind a z,
`z0.5,-1.3`; a browser {"row": 12} or {"row": -1, "z": [0.5, -1.3]}.
"""

from collections.abc import Mapping
from typing import Any

DIMENSIONS = 1_000  # numbers of a code


def read(text: str) -> dict[str, Any]:
    """An anchor from an address; one that `checked` refuses where the text is none."""
    if text.startswith("z"):
        return {"row": -1, "z": numbers(text[1:])}
    return {"row": int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1}


def checked(given: Any, fewest: int, most: int) -> list[dict[str, Any]] | None:
    """So many anchors from a report, None where any makes no sense."""
    if not isinstance(given, list) or not fewest <= len(given) <= most:
        return None
    found: list[dict[str, Any]] = []
    for anchor in given:
        if not isinstance(anchor, Mapping):
            return None
        row, z = anchor.get("row"), anchor.get("z")
        if type(row) is int and 0 <= row < 2**31:
            found.append({"row": row})
        elif is_code(z):
            found.append({"row": -1, "z": z})
        else:
            return None
    return found


def numbers(text: str) -> list[float]:
    """Numbers from text, empty where any of it is none."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return found if is_code(found) else []


def is_code(value: Any, length: int | None = None) -> bool:
    """Whether it is a list of numbers, of that length if one is given."""
    if not isinstance(value, list) or not 0 < len(value) <= DIMENSIONS:
        return False
    return len(value) == (length or len(value)) and all(is_number(number) for number in value)


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e9  # not for NaN either
