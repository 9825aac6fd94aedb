"""Data: bring one's own pictures, look after those that are kept, and see what is there to learn from."""

import streamlit as st

from app import data_cards, data_intake, gallery

with st.container(key="data"):
    st.html("<h1 class='page'>Pictures to learn from</h1>")
    gallery.heading("Your own pictures")
    with st.container(border=True, key="intake"):
        data_intake.intake()
    data_cards.just_kept()
    data_cards.own_sets()
    data_cards.built_in()
