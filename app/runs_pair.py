"""Two chosen runs: what is set differently, what came out, and the way to look at both."""

from typing import Any

import streamlit as st

from app import compare, controls, navigation, state, words
from app.runs_list import Row
from vae_core.config import NAMES, RunConfig, options

FIGURES = {"rate": "Rate", "distortion": "Distortion", "elbo": "ELBO"}  # nats per example


def panel(first: Row, second: Row) -> None:
    """How the second differs from the first."""
    with st.container(border=True, key="runs-pair", gap="small"):
        st.markdown(" and ".join(map(_heading, (first, second))))
        damaged = [row for row in (first, second) if row.run.state == "damaged"]
        if damaged:
            st.write(words.escaped(f"{damaged[0].title} is damaged, so its settings cannot be read."))
            return
        changes = differences(first.run.config, second.run.config)
        if first.course != second.course:
            changes.append(("Steered to", first.course or "nothing", second.course or "nothing"))
        if changes:
            lines = [
                f"- {label}: {words.escaped(one)} → **{words.escaped(two)}**" for label, one, two in changes
            ]
            st.markdown("\n".join(lines))
        else:
            st.write("Both have the same settings.")
        found = figures(first, second)
        if found:
            st.caption(words.escaped(" · ".join(found)))
        _way(first, second)


def _heading(row: Row) -> str:
    """Its title and when it began: runs of one class may all be called alike."""
    began = words.when(row.begun, st.context.timezone)
    return f"**{words.escaped(row.title)}** :small[{words.escaped(began)}]"


def differences(first: RunConfig, second: RunConfig) -> list[tuple[str, str, str]]:
    """Settings that differ, as the form calls them, with both values."""
    changes = []
    for path in options():
        one, two = controls.value_of(first, path), controls.value_of(second, path)
        if one != two:
            label = controls.LABELS.get(path, path.rpartition(".")[2].replace("_", " ").capitalize())
            changes.append((label, said(one), said(two)))
    return changes


def said(value: Any) -> str:
    """A setting's value as a person says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return " × ".join(map(str, value)) or "none"
    return NAMES.get(value, str(value))


def figures(first: Row, second: Row) -> list[str]:
    """What came out of both: Rate 5.1 → 7.3."""
    pairs = ((label, getattr(first, name), getattr(second, name)) for name, label in FIGURES.items())
    return [
        f"{label} {one:.1f} → {two:.1f}" for label, one, two in pairs if one is not None and two is not None
    ]


def _way(first: Row, second: Row) -> None:
    """To both side by side, or why that cannot be."""
    if first.run.state != "finished":
        obstacle = f"{first.title} is not finished"
    else:
        obstacle = compare.obstacle(first.run, second.run)
    if obstacle:
        st.caption(words.escaped(f"They cannot stand side by side on Explore: {obstacle}."))
        return
    st.page_link(
        navigation.EXPLORE,
        label="Compare them on Explore",
        icon=":material/compare:",
        query_params={**state.run_query(first.run.id), **state.beside_query()},
    )
