"""Interpolate: between chosen examples, and how far what lies between can be trusted."""

import streamlit as st

from app import (
    corners,
    directions,
    interpolate,
    interpolate_modes,
    interpolate_take,
    picker,
    services,
    state,
    words,
)

SHOW = {"path": interpolate.show, "corners": corners.show, "attributes": directions.show}

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
        mode = interpolate_modes.choose(list(SHOW))
        interpolate_take.choose(run, mode)
    interpolate_take.status(run, mode)
    SHOW[mode](run)
