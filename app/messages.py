"""Errors as a person should meet them: one calm sentence, what to do, never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.words import escaped
from vae_core.errors import LatentscapeError

_log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong here that should not have. Nothing that was saved is lost; reload the page to go "
    "on. The server's log says what happened."
)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Show what goes wrong inside as a sentence in its place on the page.

    Streamlit's own stops and reruns are no errors (they are not `Exception`s) and pass through.
    """
    try:
        yield
    except LatentscapeError as error:
        problem(str(error))
    except Exception:
        _log.exception("Unexpected error on a page")
        problem(UNEXPECTED)


@contextmanager
def in_a_toast() -> Iterator[None]:
    """The same for callbacks, which run before there is a page to show anything on."""
    try:
        yield
    except LatentscapeError as error:
        st.toast(escaped(str(error)), icon=":material/error:")
    except Exception:
        _log.exception("Unexpected error in a callback")
        st.toast(UNEXPECTED, icon=":material/error:")


def problem(sentence: str) -> None:
    """What went wrong. The text may hold anything a person typed, so it is never read as markup."""
    st.error(escaped(sentence), icon=":material/error:")


def notice(sentence: str) -> None:
    """What is good to know and no error."""
    st.info(escaped(sentence), icon=":material/info:")
