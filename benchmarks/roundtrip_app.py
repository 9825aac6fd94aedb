"""The usual way, for comparison: a Streamlit slider whose value is decoded on the server into an image."""

import os

import numpy as np
import streamlit as st
import torch

from vae_core import decode, load

torch.set_num_threads(1)
model = st.cache_resource(load)(os.environ["LATENTSCAPE_BENCHMARK_RUN"]).model

z = np.zeros((1, model.latent), np.float32)
z[0, 0] = st.slider("z1", -3.0, 3.0, 0.0, 0.05)
st.image(decode(model, z)[0, 0].clip(0, 1), width=280, output_format="PNG")
