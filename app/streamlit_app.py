"""Entry of the app: page configuration, navigation, and one place where errors become sentences."""

from pathlib import Path

import streamlit as st

from app import drawer, identity, messages, navigation

HERE = Path(__file__).parent

st.set_page_config(page_title="Latentscape", page_icon=str(HERE / "mark.svg"), layout="wide")
st.html(HERE / "style.css")
st.logo(HERE / "mark.svg", size="large")

page = st.navigation(navigation.pages(), position="top")
with messages.in_plain_words():
    page.run()
    identity.remember()
    drawer.close(page.url_path)
