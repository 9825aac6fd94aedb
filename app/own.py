"""Imported pictures as this visitor may see, use and change them."""

from contextlib import suppress
from urllib.parse import urlsplit

import streamlit as st

from app import state
from vae_core import data
from vae_core.config import OWN
from vae_core.data.library import Library
from vae_core.data.own import OwnData
from vae_core.errors import DataError
from vae_core.run import Run

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_local() -> bool:
    """Whether this server serves the owner of its machine alone.

    It listens on the loopback, and the browser came to it straight: behind a proxy anybody may. A proxy that
    adds no header of its own shows by the origin, which is the address that the browser knows. Then what the
    command line imported is this visitor's, too.
    """
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    hosts = {_host(headers.get("host", "localhost")), _host(headers.get("origin", "localhost"))}
    forwarded = any(name == "forwarded" or name.startswith("x-forwarded-") for name in headers)
    return st.get_option("server.address") in LOOPBACK and hosts <= LOOPBACK and not forwarded


def _host(address: str) -> str:
    """Of host:port, with a scheme before it or not; empty where it is neither."""
    with suppress(ValueError):
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return ""


def sets() -> list[OwnData]:
    """What this visitor may train on, newest first."""
    return Library().list(state.owner(), is_local())


def is_mine(found: OwnData) -> bool:
    """Whether this visitor may change and delete it."""
    return found.owner == state.owner() or (is_local() and not found.owner)


def lists(run: Run) -> bool:
    """Whether lists show a run to this visitor, see `is_listed`."""
    return run.starter or is_listed(run.owner, run.config.data.source if run.state != "damaged" else "")


def is_listed(owner: str, source: str) -> bool:
    """Whether lists show this visitor what `owner` trained on `source`: not where these are pictures that
    somebody does not share.

    Its owner may still hand out its address, which nobody can guess.
    """
    return owner == state.owner() or not source.startswith(OWN) or is_usable(source)


def has_own_pictures(run: Run) -> bool:
    """Whether a run shows pictures that somebody imported and does not share."""
    source = run.config.data.source
    if not source.startswith(OWN):
        return False
    with suppress(DataError):
        return not Library().get(source).shared
    return True


def is_usable(source: str) -> bool:
    """Whether this visitor may look at a source: built in, theirs, or shared."""
    if not source.startswith(OWN):
        return source in data.SOURCES
    try:
        Library().usable(source, state.owner(), is_local())
    except DataError:
        return False
    return True
