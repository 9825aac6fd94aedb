"""Errors become sentences in place; Streamlit's own stops pass through; nothing unexpected is shown."""

import logging

from streamlit.testing.v1 import AppTest


def page(body: str) -> AppTest:
    script = "import streamlit as st\nfrom app import messages\nwith messages.in_plain_words():\n"
    return AppTest.from_string(f"{script}    {body}\nst.write('after')").run()


def test_our_own_errors_are_shown_as_text():
    app = page("from vae_core.errors import DataError; raise DataError('No *file* <b>here</b>.')")
    assert app.error[0].value == r"No \*file\* \<b\>here\</b\>\."
    assert app.markdown[0].value == "after"


def test_anything_else_is_calm_and_goes_to_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        app = page("raise KeyError('secret detail')")
    assert "secret" not in app.error[0].value
    assert "reload the page" in app.error[0].value
    assert "secret detail" in caplog.text
    assert not app.exception


def test_a_stop_is_a_stop():
    app = page("st.stop()")
    assert not app.error
    assert not app.markdown
