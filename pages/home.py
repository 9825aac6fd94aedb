"""Home: what this is, a map to touch, and the ways on."""

import streamlit as st

from app import beta_card, explorer, gallery, navigation, path_card, services, state, words

runs = services.store().list()
starters = services.starters(runs)
own = [run for run in runs if run.owner == state.owner() and not run.starter]
dialled = beta_card.run_with_dial([*starters, *own])

st.html(
    "<div class='hero'><h1>Walk through what a neural network has learnt</h1>"
    "<p>Train a small variational autoencoder on pictures, move over its map, and watch it draw what lies "
    "under your hand.</p></div>"
)
with st.container(horizontal=True):
    if starters and st.button("Explore this map", type="primary", icon=":material/explore:"):
        navigation.go(navigation.EXPLORE, starters[0].id)
    if dialled and st.button("Choose a β by eye", icon=":material/tune:"):
        navigation.go(navigation.BETA, dialled.id)
    kind = "secondary" if starters else "primary"
    if st.button("Train your own", type=kind, icon=":material/model_training:"):
        navigation.go(navigation.TRAIN)
    if st.button("Use your own pictures", type="tertiary", icon=":material/add_photo_alternate:"):
        navigation.go(navigation.DATA)

if starters:
    with st.container(key="miniature-place"):  # holds its height before anything is drawn
        explorer.miniature(services.bundle(starters[0])[0], key="miniature")

between, dial = st.columns(2, gap="medium")
if starters:
    with between:
        path_card.card(starters)
if dialled:
    with dial:
        beta_card.card(dialled)

if own:
    gallery.heading("Your recent runs")
    gallery.cards(own[:4], gallery.standing)
    if len(own) > 4:
        navigation.link(navigation.RUNS, f"All your {len(own)} runs", icon=":material/table_rows:")

if starters:
    gallery.heading("Trained already")
    gallery.cards(starters, lambda run: words.summary(services.bundle(run)[1]))
