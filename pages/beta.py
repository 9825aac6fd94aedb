"""Beta lab: one run at every beta, a dial that turns through them, and what to do with the one found."""

from functools import partial

import streamlit as st

from app import (
    beta_actions,
    beta_lab,
    beta_ladder,
    explorer,
    features,
    ladder_setup,
    picker,
    places,
    services,
    sharing,
    state,
    take_along,
)

hidden = state.hidden_panels()
head = st.container(horizontal=True, vertical_alignment="center", key=sharing.panel_key("run", hidden))
with head:
    chosen = beta_lab.choose()

subject = None
if chosen is None:
    beta_lab.nothing_yet()
elif chosen.is_ladder:
    beta_ladder.watch(chosen.name)
    subject = beta_lab.opened_ladder(chosen.name)
else:
    run = services.store().get(chosen.name)
    if run.state != "damaged" and not beta_lab.has_dial(run):
        beta_lab.without_dial(run)
    elif run.state != "finished":
        picker.not_finished(run)
    else:
        subject = beta_lab.opened(run)

if subject:
    sharing.follow(subject.name, subject.meta, subject.model)
    key = sharing.panel_key("share", hidden)
    with head, st.container(horizontal=True, horizontal_alignment="right", key=key):
        beta_actions.offer(subject, beta_lab.beta(subject, places.view(subject.name)))
        sharing.share(subject.run, subject.model, subject.where)
        beta_lab.ways_on(subject)
    if not subject.is_ladder:
        take_along.status(subject.run, "lab")
    explorer.explorer(
        subject.name,
        subject.bundle,
        subject.model,
        beside=None,
        extras=partial(services.extras, subject.run),
        news=features.lab_news(subject),
        hide=hidden,
        heard=partial(features.heard, subject.run),
        lab=True,
    )
    if not subject.is_ladder:
        beta_actions.status(subject.run)
        ladder_setup.offer(subject.run)
