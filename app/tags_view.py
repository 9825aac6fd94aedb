"""Tags on Explore: what the browser is told of them, and what it asks for."""

from collections.abc import Mapping
from typing import Any

from app import services, state
from vae_core.errors import LatentscapeError
from vae_core.run import Run
from vae_core.tags import TagStore


def news(run: Run) -> list[dict[str, Any]]:
    """[{name, rows}], as tags.js takes it."""
    try:
        return [{"name": tag.name, "rows": tag.rows} for tag in TagStore().list(run, state.owner())]
    except LatentscapeError:
        return []  # the sentence comes with the next tag; the map is not worth less without


def save(run: Run, value: Any) -> None:
    """This and what follows raise TagError and StorageError."""
    tag = _asked(value)
    if tag is not None:
        count = len(services.codes(run)[1])
        TagStore().save(run, state.owner(), tag.get("name"), tag.get("rows"), count)


def rename(run: Run, value: Any) -> None:
    tag = _asked(value)
    if tag is not None:
        TagStore().rename(run, state.owner(), tag.get("name"), tag.get("to"))


def delete(run: Run, value: Any) -> None:
    tag = _asked(value)
    if tag is not None:
        TagStore().delete(run, state.owner(), tag.get("name"))


def _asked(value: Any) -> Mapping[str, Any] | None:
    """None for a value that no explorer sends."""
    return value if isinstance(value, Mapping) else None
