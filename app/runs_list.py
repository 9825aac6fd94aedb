"""What the table of runs says of each, and which ones it lists."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from app import own, picker, services, state, steered, words
from vae_core import data, disk
from vae_core.errors import LatentscapeError
from vae_core.progress import was_stopped
from vae_core.run import Run

WHOSE = ("Yours", "Others'", "Starters")
MOST_KEPT = 4_000  # reports in memory


@dataclass(frozen=True)
class Row:
    """A run as the table shows it; figures are nats per example, None where there are none."""

    run: Run
    whose: str
    title: str
    data: str
    state: str
    rate: float | None
    distortion: float | None
    elbo: float | None
    seconds: float | None  # of training
    tags: tuple[str, ...]
    begun: datetime
    bytes: int
    course: str = ""  # what was set by hand while it trained

    @property
    def listed(self) -> str:
        """Its title, which tells nothing of its course, and whether that was changed."""
        return f"{self.title} · steered" if self.course else self.title

    @property
    def text(self) -> str:
        """All that a search looks at."""
        return "\n".join(
            (self.listed, self.data, self.state, self.run.id, self.run.marks.note, *self.tags)
        ).casefold()


def rows() -> list[Row]:
    """Of every run that this visitor's lists show: their own, others', starters; each newest first."""
    found = [run for run in services.store().list() if own.lists(run)]
    return sorted(map(_row, found), key=lambda row: WHOSE.index(row.whose))


def matching(
    rows: Iterable[Row],
    whose: str | None = None,
    text: str = "",
    tags: Sequence[str] = (),
    data: Sequence[str] = (),
    states: Sequence[str] = (),
) -> list[Row]:
    """Rows with every word of `text`, all `tags`, one of `data` and `states`; what is empty asks nothing."""
    wanted = text.casefold().split()
    return [
        row
        for row in rows
        if (not whose or row.whose == whose)
        and all(word in row.text for word in wanted)
        and set(tags) <= set(row.tags)
        and (not data or row.data in data)
        and (not states or row.state in states)
    ]


def is_mine(run: Run) -> bool:
    """Whether this visitor may change and delete it, see `own.is_mine`."""
    return not run.starter and (run.owner == state.owner() or (own.is_local() and not run.owner))


def _group(run: Run) -> int:
    """As picker.group; what the command line made on one's own machine is one's own here."""
    return 0 if is_mine(run) else picker.group(run)


def _row(run: Run) -> Row:
    standing = run.state
    report, size = _ended(run) if standing == "finished" else ({}, disk.used(run.path))
    return Row(
        run,
        whose=WHOSE[_group(run)],
        title=run.title,
        data=_data(run) if standing != "damaged" else "",
        state="stopped" if standing == "interrupted" and was_stopped(run) else words.STATES[standing],
        rate=_number(report.get("rate")),
        distortion=_number(report.get("distortion")),
        elbo=_number(report.get("elbo")),
        seconds=_number(report.get("seconds")),
        tags=run.marks.words,
        begun=run.created,
        bytes=size,
        course=steered.said(run),
    )


def _data(run: Run) -> str:
    """The data set as the run knew it, else as it is called now."""
    about = run.about.get("data")
    title = about.get("title") if isinstance(about, dict) else None
    if isinstance(title, str) and title:
        return title[:80]
    source = run.config.data.source
    return data.SOURCES[source].title if source in data.SOURCES else source


def _ended(run: Run) -> tuple[dict[str, Any], int]:
    """Report and bytes of a finished run, read once; no figures where the report cannot be read."""
    kept, key = _kept(), (str(run.path), services.stamp(run, "report.json"))
    if key not in kept:
        report: dict[str, Any] = {}
        with suppress(LatentscapeError):
            report = run.report()
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = (report, disk.used(run.path))
    return kept[key]


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[str, int], tuple[dict[str, Any], int]]:
    """By the run's folder and the report's stamp, the oldest first. Plain: a table asks hundreds of times."""
    return {}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
