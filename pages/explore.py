"""Explore: a map of one run, the picture under the hand, and ways to take it along."""

from functools import partial

import streamlit as st

from app import (
    beta_lab,
    compare,
    explorer,
    features,
    maps_view,
    picker,
    services,
    sharing,
    state,
    take_along,
    words,
)

hidden = state.hidden_panels()
head = st.container(horizontal=True, vertical_alignment="center", key=sharing.panel_key("run", hidden))
with head:
    run = picker.choose()

if run is None:
    picker.nothing_yet()
elif run.state != "finished":
    picker.not_finished(run)
else:
    bundle, meta = services.bundle(run)
    model = services.model(run)
    sharing.follow(run.id, meta, model)
    with head:
        st.markdown(words.facts(meta), width="stretch", help=words.FACTS)
        with st.container(horizontal=True, width="content", key=sharing.panel_key("share", hidden)):
            compare.choose(run)
            sharing.share(run, model)
            take_along.choose(run, "explore", view=partial(sharing.view, run, model))
            beta_lab.way_from_explore(run)
    take_along.status(run, "explore")
    explorer.explorer(
        run.id,
        bundle,
        model,
        beside=compare.beside(run),
        extras=partial(services.extras, run),
        news=features.news(run),
        hide=hidden,
        heard=partial(features.heard, run),
    )
    maps_view.status(run)
