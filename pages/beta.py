"""Beta lab: one run at every beta, a dial that turns through them, and what to do with the one found."""

from functools import partial

import streamlit as st

from app import (
    beta_actions,
    beta_lab,
    beta_singles,
    explorer,
    features,
    navigation,
    picker,
    places,
    services,
    sharing,
    state,
)

hidden = state.hidden_panels()
head = st.container(horizontal=True, vertical_alignment="center", key=sharing.panel_key("run", hidden))
with head:
    chosen = beta_lab.choose()

subject = None
if chosen is None:
    beta_lab.nothing_yet()
else:
    run = services.store().get(chosen[0])
    if not beta_lab.has_dial(run) and run.state != "damaged":
        beta_lab.without_dial(run)
    elif run.state != "finished":
        picker.not_finished(run)
    else:
        state.remember_run(run.id)
        subject = beta_lab.opened(run)

if subject:
    sharing.follow(subject.name, subject.meta, subject.model)
    beta = beta_lab.beta(subject, places.view(subject.name))
    with (
        head,
        st.container(horizontal=True, horizontal_alignment="right", key=sharing.panel_key("share", hidden)),
    ):
        if not subject.is_ladder:
            beta_actions.buttons(subject.run, beta)
        sharing.share(subject.run, subject.model, subject.where)
        if not subject.is_ladder:
            sharing.download(subject.run)
            navigation.link(navigation.EXPLORE, "Explore", subject.name, icon=":material/explore:")
    explorer.explorer(
        subject.name,
        subject.bundle,
        subject.model,
        beside=None,
        extras=partial(services.extras, subject.run),
        news={**features.news(subject.run), **beta_singles.news(subject.run, subject.meta)},
        hide=hidden,
        heard=partial(features.heard, subject.run),
        lab=True,
    )
    beta_actions.status(subject.run)
