"""Runs of a single beta beside a multi-rate one: finished ones as points on the plane, others how far."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import own, services, state
from vae_core import conventions
from vae_core.errors import LatentscapeError
from vae_core.explorer.parts import is_number
from vae_core.freezing import alone
from vae_core.run import Run

MOST = 100  # points; a plane with more says nothing
SHOWN = 3  # trainings on their way that a page tells of


def news(run: Run, meta: Mapping[str, Any]) -> dict[str, Any]:
    """{"singles", "conventions"} for the features of the lab; `run` is that of a bundle's description."""
    sigma = meta["report"].get("sigma")
    rows = conventions.as_news(run.config, meta["shape"], sigma if isinstance(sigma, int | float) else None)
    members = {member["run"] for member in meta.get("members", ())}
    return {"singles": [row for row in singles(run) if row["run"] not in members], "conventions": rows}


def singles(run: Run) -> list[dict[str, Any]]:
    """[{run, title, beta, distortion, rate, note}] of finished runs on the same data and likelihood."""
    found = (_point(run, other) for other in services.store().list() if _compares(run, other))
    return [point for point in found if point][:MOST]


def going(run: Run) -> list[Run]:
    """Trainings under way that repeat one beta of this run."""
    return [other for other in _repeats(run) if other.state == "running"][:SHOWN]


def broken(run: Run) -> list[Run]:
    """What was begun here in this visit and ended without a map."""
    begun = state.begun_alone(run.id)
    return [
        other for other in _repeats(run) if other.id in begun and other.state in ("interrupted", "diverged")
    ]


def _repeats(run: Run) -> list[Run]:
    """Unfinished runs with the settings of this one and a beta of its range."""
    return [
        other
        for other in services.store().list()
        if other.state not in ("damaged", "finished") and own.lists(other) and _is_alone(run, other)
    ]


def _is_alone(run: Run, other: Run) -> bool:
    objective = run.config.objective
    if other.config.model.kind != "vae" or not objective.beta_low <= other.config.beta <= objective.beta_high:
        return False
    expected = alone(run.config, other.config.beta)
    return expected.override({"name": ""}) == other.config.override({"name": ""})


def _compares(run: Run, other: Run) -> bool:
    """Whether it is a finished run of one beta of its own, on the same data with the same likelihood and as
    many latent dimensions: the curve of another model family lies elsewhere.
    """
    if other.state != "finished" or other.config.model.kind != "vae" or "frozen" in other.about:
        return False
    mine, its = run.config, other.config
    scaled = mine.model.likelihood in ("gaussian", "laplace")
    same = ("latent", "likelihood", *(["sigma"] if scaled else []))
    return (
        its.data == mine.data.model_copy(update={"map_points": its.data.map_points})
        and all(getattr(its.model, name) == getattr(mine.model, name) for name in same)
        and not _differ(run, other)
        and own.lists(other)
    )


def _differ(run: Run, other: Run) -> bool:
    """Whether the pictures are known to be different ones: a source may have changed since."""
    first, second = (each.about.get("data") for each in (run, other))
    sums = [about.get("checksum") for about in (first, second) if isinstance(about, dict)]
    return len(sums) == 2 and all(sums) and sums[0] != sums[1]


def _point(run: Run, other: Run) -> dict[str, Any] | None:
    """None for a run whose report does not say what is needed."""
    report = _report(other, str(other.path), services.stamp(other, "report.json"))
    figures = {name: report.get(name) for name in ("distortion", "rate")}
    if not all(map(is_number, figures.values())):
        return None
    return {
        "run": other.id,
        "title": other.title,
        "beta": other.config.beta,
        **figures,
        "note": _note(run, other),
    }


def _note(run: Run, other: Run) -> str:
    """In what else they differ, for a person."""
    mine, its = run.config, other.config
    parts = []
    if its.model != mine.model.model_copy(update={"kind": its.model.kind}):
        parts.append("another network")
    if its.training.epochs != mine.training.epochs:
        parts.append(f"{its.training.epochs:g} epochs")
    return ", ".join(parts)


@st.cache_resource(show_spinner=False, max_entries=512)
def _report(_run: Run, path: str, stamp: int) -> dict[str, Any]:
    try:
        return _run.report()
    except LatentscapeError:
        return {}
