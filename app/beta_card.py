"""The way from Home to the dial: a card whose picture shows what turning β does to the map of a run."""

import base64
import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import beta_lab, navigation, services, words
from vae_core.explorer.build import WEB
from vae_core.run import Run

CLOUDS = 5  # at as many betas, evenly in log β
POINTS = 300  # of each
SIDE, GAP, FOOT = 100, 16, 34  # units of the picture
SHOWN = 0.97  # share of the widest cloud's coordinates that its square holds
STYLE = """
:root { color-scheme: light dark; font: 14px system-ui, sans-serif; text-anchor: middle; }
.dots { stroke-width: 2.6; stroke-linecap: round; fill: none; }
.turn path { stroke: light-dark(#e3b6d0, #6f4560); stroke-width: 2; }
.turn circle { fill: #cc79a7; }
.turn text { fill: light-dark(#a3457e, #dd9abf); }
"""
_PALETTE = re.findall(r"const ON_\w+ = \[(.*?)\]", (WEB / "palette.js").read_text("utf-8"), re.DOTALL)
LIGHT, DARK = (re.findall(r"#\w{6}", colours) for colours in _PALETTE)  # of classes


def run_with_dial(runs: Sequence[Run]) -> Run | None:
    """The first finished one that opens, with a map that can be seen whole if there is one."""
    dialled = [run for run in runs if run.state == "finished" and beta_lab.has_dial(run)]
    dialled.sort(key=lambda run: run.config.model.latent != 2)
    return next((run for run in dialled if services.opens(run) and services.model(run).dial), None)


def card(run: Run) -> None:
    """The picture, a link that fills the card, one sentence."""
    with st.container(
        border=True, key="card-dial", gap="small", height="stretch", vertical_alignment="distribute"
    ):
        st.html(picture(run, str(run.path), services.stamp(run)))
        with st.container(gap=None):
            navigation.link(navigation.BETA, "Turn β by hand", run.id)
            title = words.escaped(services.bundle(run)[1]["data"].get("title", ""))
            st.caption(
                f"One model of {title} for every β: a small one keeps more of a picture, a large one makes "
                "a simpler, rounder map. Turn the dial and choose by eye."
            )


@st.cache_resource(show_spinner=False, max_entries=8)
def picture(_run: Run, path: str, stamp: int) -> str:
    """Markup of a picture: the run's cloud at a few betas, over their place on the dial."""
    model, (_, labels) = services.model(_run), services.codes(_run)
    assert model.dial
    betas = np.geomspace(model.dial.low, model.dial.high, CLOUDS)
    kl = services.bundle(_run)[1]["kl"]
    axes = np.sort(np.argsort(kl)[-2:])
    rows = np.linspace(0, len(labels) - 1, min(POINTS, len(labels))).astype(int)
    clouds = [model.at(float(beta)).mu[rows][:, axes] for beta in betas]  # (n, 1 or 2) each
    reach = max(float(np.quantile(np.abs(cloud), SHOWN)) for cloud in clouds) or 1.0
    width, height = CLOUDS * (SIDE + GAP) - GAP, SIDE + FOOT
    parts = [
        _cloud(cloud / reach, labels[rows], k * (SIDE + GAP) + SIDE / 2) for k, cloud in enumerate(clouds)
    ]
    said = f"The map at β {betas[0]:.2g} to {betas[-1]:.2g}: wide at first, drawn together in the end"
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f"<style>{STYLE}</style>{''.join(parts)}{_dial(betas)}</svg>"
    )
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    return f'<img class="dial-card" alt="{said}" src="{address}">'  # markup of a page may hold no SVG itself


def _cloud(places: np.ndarray, labels: np.ndarray, middle: float) -> str:
    """Points (n, 1 or 2) within -1 and 1, as one path of dots for each class."""
    if places.shape[1] == 1:
        places = np.column_stack([places, np.linspace(-0.5, 0.5, len(places))])
    kept = np.abs(places).max(1) <= 1
    xy = np.column_stack([middle + places[:, 0] * SIDE / 2, SIDE / 2 - places[:, 1] * SIDE / 2])
    paths = []
    for label in np.unique(labels):
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in xy[kept & (labels == label)])
        k = 9 if label < 0 else int(label) % len(LIGHT)
        paths.append(f'<path d="{dots}" style="stroke: light-dark({LIGHT[k]}, {DARK[k]})"/>')
    return f'<g class="dots">{"".join(paths)}</g>'


def _dial(betas: np.ndarray) -> str:
    """A line with a mark and its β below each cloud, the middle one under the hand."""
    y, middles = SIDE + 12, [k * (SIDE + GAP) + SIDE / 2 for k in range(CLOUDS)]
    marks = "".join(
        f'<circle cx="{x}" cy="{y}" r="{7 if k == CLOUDS // 2 else 2.5}"/>'
        f'<text x="{x}" y="{SIDE + FOOT - 2}">β {float(f"{beta:.2g}"):g}</text>'
        for k, (x, beta) in enumerate(zip(middles, betas))
    )
    return f'<g class="turn"><path d="M{middles[0]} {y}H{middles[-1]}"/>{marks}</g>'
