"""About: what this is, where it keeps things, whose work it stands on."""

import streamlit as st

from app import about

with st.container(key="about"):
    about.introduction()
    about.folders()
    about.licences()
