"""Interpolate: a path through chosen examples, its frames as a film, and how far it can be trusted."""

import streamlit as st

from app import interpolate, picker, services, state, words

head = st.container(horizontal=True, vertical_alignment="center", key="interpolate-head")
with head:
    run = picker.choose()

if run is None:
    picker.nothing_yet()
elif run.state != "finished":
    picker.not_finished(run)
else:
    _, meta = services.bundle(run)
    if state.run_in_url() != run.id:
        state.put_run_in_url(run.id)
    with head:
        st.markdown(words.facts(meta), width="stretch", help=words.FACTS)
    interpolate.show(run)
