"""Data sets as cards: one's own with what can be changed, shared ones, and those that are built in."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import streamlit as st

from app import data_download, gallery, messages, navigation, own, services, state, words
from vae_core import data
from vae_core.data.library import Library
from vae_core.data.own import OwnData
from vae_core.errors import DataMissingError, LatentscapeError

PICTURES = 10
CLASSES = 6
T = TypeVar("T")


def just_kept() -> None:
    """The way on, right after pictures were kept."""
    source = state.just_kept()
    if not source or not own.is_usable(source):
        return
    info = data.info(source)
    with st.container(border=True, key="just-kept", horizontal=True, vertical_alignment="center"):
        kept = f"**{words.escaped(info.title)}** is kept: {info.count:,} pictures."
        st.markdown(f":material/check_circle: {kept}", width="stretch")
        _train_button(source, primary=True)


def own_sets() -> None:
    """What this visitor imported, then what others share."""
    found = own.sets()
    mine = [each for each in found if own.is_mine(each)]
    if mine:
        gallery.heading("Your sets")
        _in_pairs(mine, _own_card)
    others = [each for each in found if not own.is_mine(each)]
    if others:
        gallery.heading("Shared by others")
        _in_pairs(others, _shared_card)


def built_in() -> None:
    """The sets that come with the app, or by download."""
    gallery.heading("Ready to use")
    _in_pairs(list(data.SOURCES.values()), _built_in_card)


def _in_pairs(items: Sequence[T], card: Callable[[T], None]) -> None:
    for first in range(0, len(items), 2):
        for column, item in zip(st.columns(2, gap="medium"), items[first : first + 2]):
            with column:
                card(item)


def _built_in_card(info: data.SourceInfo) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        here = data.available(info.name)
        if here:
            _pictures(info.name, info.title)
        st.markdown(f"**{words.escaped(info.title)}**  \n{words.escaped(info.blurb)}")
        st.caption(words.escaped(f"{info.source}. Licence: {info.licence}."))
        if here:
            _train_button(info.name)
        else:
            data_download.offer(info, primary=False)


def _own_card(found: OwnData) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        _pictures(found.source, found.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.escaped(found.name)}**", width="stretch")
            if found.shared:
                st.badge("Shared", icon=":material/group:", color="gray")
        st.caption(_about(found))
        with st.container(horizontal=True):
            _train_button(found.source)
            with st.popover("Change", icon=":material/edit:"):
                _change(found)


def _shared_card(found: OwnData) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        _pictures(found.source, found.name)
        st.markdown(f"**{words.escaped(found.name)}**")
        st.caption(_about(found))
        _train_button(found.source)


def _pictures(source: str, title: str) -> None:
    """A row of them; where they cannot be read, the reason."""
    try:
        gallery.strip(services.preview(source, PICTURES), f"Pictures of {title}", "row")
    except LatentscapeError as error:
        messages.problem(str(error))


def _about(found: OwnData) -> str:
    side = "×".join(str(extent) for extent in found.shape[1:])
    parts = [f"{found.count:,} pictures", f"{side} {'colour' if found.shape[0] == 3 else 'grey'}"]
    if found.classes:
        named = ", ".join(found.classes[:CLASSES])
        more = f" and {len(found.classes) - CLASSES:,} more" if len(found.classes) > CLASSES else ""
        parts.append(f"classes {named}{more}")
    return words.escaped(f"{' · '.join(parts)} · {words.size(found.bytes)}")


def _change(found: OwnData) -> None:
    """Name, classes, who may see it, and its end."""
    key = f"{found.id}/"
    name = st.text_input("Name", found.name, max_chars=80, key=state.data_key(f"{key}name"))
    classes = found.classes
    if classes:
        text = st.text_area(
            "Classes, one in a line",
            "\n".join(classes),
            height=min(300, 60 + 24 * len(classes)),
            key=state.data_key(f"{key}classes"),
        )
        classes = tuple(line.strip() for line in text.splitlines() if line.strip())
    if st.button(
        "Save names", key=f"save/{found.id}", disabled=(name, classes) == (found.name, found.classes)
    ):
        with messages.in_plain_words():
            Library().edit(found.source, found.owner, name=name, classes=classes)
            st.rerun()
    shared = st.toggle(
        "Let other visitors see and use it", found.shared, key=state.data_key(f"{key}shared:{found.shared}")
    )
    if shared != found.shared:
        Library().edit(found.source, found.owner, shared=shared)
        st.rerun()
    if st.button("Delete…", key=f"delete/{found.id}", icon=":material/delete:", type="tertiary"):
        _confirm(found)


@st.dialog("Delete these pictures?")
def _confirm(found: OwnData) -> None:
    st.write(
        f"**{words.escaped(found.name)}** with its {found.count:,} pictures is removed for good. "
        "Models trained on it can still be explored, but not trained further."
    )
    with st.container(horizontal=True):
        gone = st.button("Delete for good", type="primary", on_click=_delete, args=(found,))
        if st.button("Keep them") or gone:
            st.rerun()


def _delete(found: OwnData) -> None:
    with messages.in_a_toast():
        if own.is_mine(found):
            Library().delete(found.source, found.owner)


def _train_button(source: str, primary: bool = False) -> None:
    """Leads to the Train page with this source chosen."""
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    key = f"train/{source}/{kind}"
    if st.button("Train on it", type=kind, icon=":material/model_training:", key=key):
        if not own.is_usable(source):
            raise DataMissingError("These pictures are no longer here; choose others.")
        state.choose_source(source)
        state.put_just_kept("")
        navigation.go(navigation.TRAIN)
