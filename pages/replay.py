"""Replay: a training watched again, moment by moment."""

import streamlit as st

from app import replay_take, replay_view

with st.container(key="replay"):
    head = st.container(horizontal=True, vertical_alignment="center")
    with head:
        run = replay_view.choose()
    if run is None:
        replay_view.nothing_yet()
    else:
        moments = replay_view.moments(run)
        with head:
            st.markdown(replay_view.title(run), width="stretch")
            replay_take.take(run)
        replay_view.show(run, moments)
