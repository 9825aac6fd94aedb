"""How beta and the learning rate will go over a training, as two small curves before it starts."""

import base64
from collections.abc import Iterable

import streamlit as st

from vae_core.config import RunConfig
from vae_core.schedules import curves

WIDTH, HEIGHT, EDGE = 160, 32, 2  # px
COLOURS = {"beta": "#cc79a7", "lr": "#808080"}  # to be seen on light and dark


def show(config: RunConfig) -> None:
    """Both curves side by side; a plain autoencoder has no beta, so there is the learning rate alone."""
    drawn = curves(config.objective, config.training)
    figures = [_figure("lr", "Learning rate", points(drawn.progress, drawn.lr), _lr_note(config))]
    if config.model.kind != "ae":
        name = "Target rate" if config.kl == "capacity" else "β"
        figures.insert(0, _figure("beta", name, points(drawn.progress, drawn.beta), _beta_note(config)))
    st.html(f"<div class='schedules'>{''.join(figures)}</div>")


def points(progress: Iterable[float], values: Iterable[float]) -> str:
    """Of an SVG polyline: both in [0, 1], the values upwards."""
    wide, high = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    places = ((EDGE + wide * x, EDGE + high * (1 - y)) for x, y in zip(progress, values))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _figure(kind: str, name: str, line: str, note: str) -> str:
    """As an image, since Streamlit leaves no SVG in a page's HTML."""
    stroke = f"fill='none' stroke='{COLOURS[kind]}' stroke-width='1.5'"
    size = f"viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' {size}><polyline points='{line}' {stroke}/></svg>"
    return (
        f"<figure><figcaption class='{kind}'><b>{name}</b> {note}</figcaption>"
        f"<img alt='{name} over the training, {note}' src='data:image/svg+xml;base64,"
        f"{base64.b64encode(svg.encode()).decode()}'></figure>"
    )


def _beta_note(config: RunConfig) -> str:
    goal = config.objective
    if config.kl == "capacity":
        return f"up to {goal.target_rate:g} nats"
    if config.kl == "controlled":
        return f"from {config.beta:g}, then as the rate asks"
    if config.model.kind == "multirate":
        return f"{goal.beta_low:g} to {goal.beta_high:g}"
    return f"up to {config.beta:g}"


def _lr_note(config: RunConfig) -> str:
    falls = ", lowered on plateaus" if config.training.lr_schedule == "plateau" else ""
    return f"up to {config.training.lr:g}{falls}"
