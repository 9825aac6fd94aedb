"""One's own pictures on the Data page: upload, look, choose how they are made alike, keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import data_report, gallery, messages, state, words
from app.data_reading import Reading
from app.data_upload import File, Upload, take
from vae_core.config import fields
from vae_core.data.imports import Collected, Limits, Preparation
from vae_core.data.library import Library
from vae_core.errors import LatentscapeError

NONE = "(none)"
MOST = 1_000_000  # pictures
SIZES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128)
NAMES = {"crop": "Crop", "letterbox": "Whole, with bars", "grey": "Grey", "colour": "Colour"}


@dataclass
class Intake:
    """An upload and what was chosen for it; kept for the session."""

    upload: Upload
    images: str
    labels: str
    name: str
    reading: Reading
    preparation: Preparation | None = None  # once it is known

    def read(self) -> None:
        """Begin anew with the present choices."""
        self.reading.cancel()
        limits = self.reading.limits
        self.reading = Reading(self.upload, self.preparation, self.images, self.labels, limits).start()


def intake() -> None:
    """The whole section; redrawn by itself while pictures are being read."""
    found: Intake | None = state.intake()
    reads = found is not None and found.reading.running
    st.fragment(_section, run_every=0.4 if reads else None)(reads)


def _section(was_reading: bool) -> None:
    with messages.in_plain_words():
        found: Intake | None = state.intake()
        if (found is not None and found.reading.running) != was_reading:
            st.rerun()
        if found is None:
            _ask()
        else:
            _look(found)


def _ask() -> None:
    limits = _limits()
    most = limits.upload_bytes // 2**20
    files = st.file_uploader(
        "A zip of pictures, where folders are classes; or several pictures, an npz, CSV or IDX pair",
        accept_multiple_files=True,
        key=state.uploader_key(),
    )
    st.caption(
        "You see them before anything is kept. Nobody else does, unless you share them later. "
        f"Up to {most} MB at once."
    )
    data_report.formats(limits, most)
    if problem := state.data_value("refused"):
        messages.problem(problem)
    if files:
        state.renew_uploader()
        try:
            _begin(files, limits)
            state.put_data_value("refused", "")
        except LatentscapeError as error:
            state.put_data_value("refused", str(error))
        st.rerun()


def _limits() -> Limits:
    """Of this machine; all files of an upload together are no more than the server takes of one."""
    limits = Limits.of_this_machine()
    most = min(limits.upload_bytes, st.get_option("server.maxUploadSize") * 2**20)
    return limits.model_copy(update={"upload_bytes": most})


def _begin(files: Sequence[File], limits: Limits) -> None:
    upload = take(files, limits)
    images, labels = upload.contents.images, upload.contents.labels
    name = "".join(sign for sign in upload.path.stem if sign.isprintable())[:80].strip()
    name = name if upload.path.is_file() and name else "My pictures"
    reading = Reading(upload, None, images, labels, limits).start()
    state.put_intake(Intake(upload, images, labels, name, reading))
    state.put_just_kept("")


def _look(found: Intake) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{words.escaped(found.upload.title)}** · {words.size(found.upload.bytes)}")
        st.button("Choose other pictures", type="tertiary", icon=":material/close:", on_click=_drop)
    pictures, choices = st.columns([3, 2], gap="large")
    with pictures:
        _seen(found)
    with choices:
        _choose_parts(found)
        found.preparation = found.preparation or found.reading.preparation
        if found.preparation:
            _choose_preparation(found, found.preparation)
    if found.reading.found:
        _keep(found, found.reading.found)


def _seen(found: Intake) -> None:
    """Pictures as they will be learned from, or how far reading is."""
    reading = found.reading
    if reading.found:
        preview = reading.found.preview()
        gallery.strip(preview.pictures, "Pictures as they will be learned from", "row")
        data_report.summary(preview)
        data_report.skipped(preview.report, found.upload.title)
        return
    if reading.glance is not None:
        gallery.strip(reading.glance, "Some pictures as they will be learned from", "row")
    if reading.running:
        text = "Waiting for other visitors' pictures…" if reading.waits else "Looking at the pictures…"
        if reading.total:
            text = f"{reading.done:,} of {reading.total:,} files"
        st.progress(reading.share, text=text)
        st.button("Cancel", on_click=reading.cancel)
    elif reading.error:
        messages.problem(reading.error)
    else:
        messages.notice("Reading was called off.")
        st.button("Read them again", on_click=found.read)


def _choose_parts(found: Intake) -> None:
    """Which array or column is which."""
    contents = found.upload.contents
    if contents.kind == "arrays":
        shown = {array.name: str(array) for array in contents.arrays}
        if shown:
            _part(found, "images", "Pictures", list(shown), shown)
        _part(found, "labels", "Classes", ["", *shown], {"": NONE} | shown)
    elif contents.kind == "table":
        options = ["", *dict.fromkeys(contents.columns)]
        shown = {name: f"column {name}" if name.isdecimal() else name for name in options} | {"": NONE}
        _part(found, "labels", "Column of the class", options, shown)


def _part(found: Intake, part: str, label: str, options: list[str], shown: dict[str, str]) -> None:
    chosen = getattr(found, part)
    key = state.data_key(part)

    def changed() -> None:
        setattr(found, part, state.data_value(part) or "")
        found.read()

    st.selectbox(
        label,
        options,
        options.index(chosen) if chosen in options else None,
        format_func=lambda name: shown[name],
        key=key,
        on_change=changed,
    )


def _choose_preparation(found: Intake, now: Preparation) -> None:
    """How the pictures are made alike."""
    known = fields(Preparation)

    def common(name: str) -> dict[str, Any]:
        value = getattr(now, name)
        if state.data_value(name) not in (None, value):
            state.put_data_value(name, value)
        change = {"on_change": _chosen, "args": (found, name)}
        return {"key": state.data_key(name), "help": known[name].help, **change}

    sizes = sorted({*SIZES, now.size})
    st.select_slider("Size", sizes, now.size, format_func=lambda side: f"{side}×{side}", **common("size"))
    for name, label in (("colour", "Colours"), ("fit", "Made square by")):
        st.segmented_control(
            label,
            known[name].choices,
            default=getattr(now, name),
            format_func=NAMES.__getitem__,
            required=True,
            width="stretch",
            **common(name),
        )
    with st.container(horizontal=True, gap="medium"):
        st.toggle("Invert", now.invert, **common("invert"))
        st.toggle("Only black and white", now.binarise, **common("binarise"))
    st.number_input("At most so many pictures (0 = all)", 0, MOST, now.cap, step=1000, **common("cap"))


def _chosen(found: Intake, name: str) -> None:
    now, value = found.preparation, state.data_value(name)
    if now and value is not None and value != getattr(now, name):
        found.preparation = now.model_copy(update={name: value})
        found.read()


def _keep(found: Intake, collected: Collected) -> None:
    name, button = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    with name:
        found.name = st.text_input("Name", found.name, max_chars=80, key=state.data_key("name"))
    with button:
        wanted = st.button("Keep these pictures", type="primary", width="stretch")
    if wanted:
        kept = Library().add(collected, found.name, state.owner())
        state.put_just_kept(kept.source)
        state.put_intake(None)
        st.rerun()


def _drop() -> None:
    found: Intake | None = state.intake()
    if found:
        found.reading.cancel()
    state.put_intake(None)
