"""What adding a direction does, taken along: the film that the page shows, as a path of three codes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app import directions_state, take_along
from vae_core.run import Run
from vae_core.taking.film_kinds import FOLLOWING
from vae_core.ways import Way

PAGE = "attributes"  # as take_along tells pages apart


def choose(run: Run, mu: np.ndarray, begun: int, shown: Sequence[Mapping[str, Any]]) -> None:
    """The button that opens what there is to choose; codes mu (N, Z), the example that the page begins at and
    directions as it is told of them."""
    if shown and len(mu):
        take_along.choose(run, PAGE, FOLLOWING, way=lambda: way(run.id, mu, begun, shown))


def status(run: Run) -> None:
    """The file on its way, or ready."""
    take_along.status(run, PAGE)


def way(run_id: str, mu: np.ndarray, begun: int, shown: Sequence[Mapping[str, Any]]) -> Way:
    """Straight along the first direction, from -2 over 0 to 2, with what is added of the others.

    In the middle stands the example itself, where nothing else is added to it.
    """
    place = directions_state.place(run_id)
    start = place.get("start") or {"row": begun}
    row = start["row"] if 0 <= start["row"] < len(mu) else -1
    given = start.get("z", ())
    code = mu[row if row >= 0 else begun] if len(given) != mu.shape[1] else np.array(given)
    amounts = dict(place.get("amounts", ()))
    first, *others = shown
    added = [amounts.get(each["name"], 0.0) * np.array(each["z"]) for each in others]
    middle = np.sum([code, *added], axis=0)
    reach = directions_state.REACH * np.array(first["z"])
    is_example = row >= 0 and not any(amounts.get(each["name"]) for each in others)
    ends = [tuple((middle + side * reach).tolist()) for side in (-1, 1)]
    return Way((ends[0], row if is_example else tuple(middle.tolist()), ends[1]))
