"""Tags on Explore: what the browser is told of them, and what it asks for."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import services, state
from app.words import escaped
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
    count = len(services.codes(run)[1])
    _kept(lambda tag: TagStore().save(run, state.owner(), tag.get("name"), tag.get("rows"), count), value)


def rename(run: Run, value: Any) -> None:
    _kept(lambda tag: TagStore().rename(run, state.owner(), tag.get("name"), tag.get("to")), value)


def delete(run: Run, value: Any) -> None:
    _kept(lambda tag: TagStore().delete(run, state.owner(), tag.get("name")), value)


def _kept(act: Callable[[Mapping[str, Any]], None], value: Any) -> None:
    """What cannot be done is said; a value that no explorer sends is passed over."""
    if not isinstance(value, Mapping):
        return
    try:
        act(value)
    except LatentscapeError as error:
        st.toast(escaped(str(error)), icon=":material/error:")
