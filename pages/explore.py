"""Explore: a map of one run, the picture under the hand, and ways to take it along."""

import streamlit as st

from app import explorer, messages, picker, services, sharing, state, words

notice = ""
with st.container(horizontal=True, vertical_alignment="center", key="explore-head"):
    run = picker.choose()
    if run and run.state == "finished":
        bundle, meta = services.bundle(run)
        try:
            state.follow_link(run.id, meta["center"])
        except state.LinkError as error:
            notice = str(error)
        st.markdown(words.facts(meta), width="stretch")
        sharing.share(run)
        sharing.download(run)

if notice:
    messages.notice(notice)
if run is None:
    picker.nothing_yet()
elif run.state == "finished":
    explorer.explorer(run.id, bundle, meta["latent"])
else:
    picker.not_finished(run)
