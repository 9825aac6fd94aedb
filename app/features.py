"""What the explorer's features want from Python: what they are told, and what they ask for.

The browser half of each is a module of `vae_core/explorer/web`.
"""

from collections.abc import Callable
from typing import Any

from app import beta_singles, compare, directions_saved, maps_view, messages, services, tags_view
from app.beta_lab import Subject
from vae_core.run import Run

ASKED: dict[str, Callable[[Run, Any], None]] = {
    "beside": compare.close,
    "map": maps_view.ask,
    "tag": tags_view.save,
    "tag-renamed": tags_view.rename,
    "tag-deleted": tags_view.delete,
}  # by the name a feature asks with; values are unchecked


def news(run: Run) -> dict[str, Any]:
    """What the browser part is told about a run besides its bundle, by name; small, JSON-able."""
    directions = directions_saved.news(run, services.model(run).latent)
    return {"maps": maps_view.news(run), "tags": tags_view.news(run), "directions": directions}


def lab_news(subject: Subject) -> dict[str, Any]:
    """The same in the Beta lab, with what its views want; a ladder has no maps and tags of its own."""
    own = {} if subject.is_ladder else news(subject.run)
    return {**own, **beta_singles.news(subject.run, subject.meta)}


def heard(run: Run, name: str, value: Any) -> None:
    """A feature asks for something; what cannot be is said. Names that nobody knows are passed over."""
    if name in ASKED:
        with messages.in_a_toast():
            ASKED[name](run, value)
