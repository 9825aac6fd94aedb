"""Train: choose pictures and settings, watch the model learn, go on to explore it."""

import streamlit as st

from app import services, setup, watch

services.trainer().warm()  # while the person still chooses
run_id = watch.asked()

if run_id is not None:
    watch.watch(run_id)
else:
    with st.container(key="setup"):
        st.html("<h1 class='page'>Train a model of your own</h1>")
        pictures, settings = st.columns(2, gap="medium")
        with pictures:
            recipe = setup.choose_data()
        with settings:
            setup.choose_settings(recipe)
            setup.start(recipe)
