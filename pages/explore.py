"""Explore: a map of one run, the picture under the hand, and ways to take it along."""

from functools import partial

import streamlit as st

from app import explorer, features, picker, services, sharing, words

head = st.container(horizontal=True, vertical_alignment="center")
with head:
    run = picker.choose()

if run is None:
    picker.nothing_yet()
elif run.state != "finished":
    picker.not_finished(run)
else:
    bundle, meta = services.bundle(run)
    sharing.follow(run, meta["center"])
    with head:
        st.markdown(words.facts(meta), width="stretch", help=words.FACTS)
        with st.container(horizontal=True, width="content"):
            sharing.share(run)
            sharing.download(run)
    explorer.explorer(
        run,
        bundle,
        meta["latent"],
        extras=partial(services.extras, run),
        news=features.news(run),
        hide=(),
        heard=partial(features.heard, run),
    )
