"""Directions that a visitor keeps with a run: keeping, renaming, deleting, bringing back; telling Explore."""

from dataclasses import replace
from typing import Any

import streamlit as st

from app import directions_state, messages, state
from app.words import escaped
from vae_core.directions import MOST, NAME_LENGTH, Direction, DirectionStore
from vae_core.errors import LatentscapeError
from vae_core.run import Run


def kept(run: Run, latent: int) -> dict[str, Direction]:
    """This visitor's, by name, in the order they were kept. Raises DirectionError for a damaged file."""
    found = DirectionStore().list(run, state.owner())
    return {each.name: each for each in found if len(each.z) == latent}


def told(direction: Direction, name: str | None = None) -> dict[str, Any]:
    """As direction_state.js takes it; `name` is what its amount goes by."""
    return {
        "name": direction.name if name is None else name,
        "title": direction.name if name is None else f"{direction.having} − {direction.without}",
        "note": "" if name is not None else f"{direction.having} − {direction.without}",
        "z": direction.z,
        "zero": direction.zero,
    }


def news(run: Run, latent: int) -> list[dict[str, Any]]:
    """What Explore's sliders are told; nothing where they cannot be read, which Attributes says."""
    try:
        found = kept(run, latent)
    except LatentscapeError:
        return []
    return [told(each) | {"title": f"{each.name}: {each.having} − {each.without}"} for each in found.values()]


def keep(run: Run, direction: Direction) -> None:
    """A popover with a name to keep the direction made here by."""
    count = _counted(run)
    with st.popover("Keep", icon=":material/bookmark_add:", key=directions_state.key(run.id, f"keep{count}")):
        st.caption("Kept with this run for you: added here, and a slider in Explore.")
        with st.form(directions_state.key(run.id, "keep-form"), border=False):
            st.text_input(
                "Name",
                max_chars=NAME_LENGTH,
                placeholder=f"{direction.having}"[:NAME_LENGTH],
                key=directions_state.key(run.id, "name"),
            )
            st.form_submit_button("Keep", on_click=_keep, args=(run, direction))


def manage(run: Run, found: dict[str, Direction]) -> None:
    """A popover with those that are kept, and the last deleted one to bring back."""
    gone: Direction | None = directions_state.value(run.id, "gone")
    if not found and not gone:
        return
    with st.popover(f"Kept ({len(found)})", icon=":material/bookmarks:"):
        st.caption(f"At most {MOST}. Their sliders are in Explore, below those of the dimensions.")
        for k, direction in enumerate(found.values()):
            _row(run, k, direction)
        if gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"Deleted: {escaped(gone.name)}", width="stretch")
                st.button(
                    "Undo", key=directions_state.key(run.id, "undo"), on_click=_bring_back, args=(run, gone)
                )


def _row(run: Run, k: int, direction: Direction) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        field = f"rename{k}/{direction.name}"
        st.text_input(
            escaped(f"{direction.having} − {direction.without}"),
            value=direction.name,
            max_chars=NAME_LENGTH,
            key=directions_state.key(run.id, field),
            on_change=_rename,
            args=(run, direction.name, field),
            help=f"Effect {direction.effect:.1f}, held-out accuracy {100 * direction.accuracy:.0f} %. "
            "Another name is taken with Enter.",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key=directions_state.key(run.id, f"delete{k}/{direction.name}"),
            on_click=_delete,
            args=(run, direction.name),
        )


def _counted(run: Run) -> int:
    """How often something was kept; a popover of another key is closed."""
    return directions_state.value(run.id, "count") or 0


def _keep(run: Run, direction: Direction) -> None:
    with messages.in_a_toast():
        name = directions_state.value(run.id, "name") or direction.having[:NAME_LENGTH]
        made = DirectionStore().save(run, state.owner(), replace(direction, name=name))
        directions_state.put(run.id, "name", "")
        directions_state.put(run.id, "count", _counted(run) + 1)
        st.toast(f"Kept as {escaped(made.name)}.", icon=":material/bookmark_added:")


def _rename(run: Run, name: str, field: str) -> None:
    with messages.in_a_toast():
        to = DirectionStore().rename(run, state.owner(), name, directions_state.value(run.id, field))
        choice = directions_state.chosen(run.id)
        choice["added"] = [to if each == name else each for each in choice.get("added", [])]
        if choice.get("apart") == name:
            choice["apart"] = to


def _delete(run: Run, name: str) -> None:
    with messages.in_a_toast():
        directions_state.put(run.id, "gone", DirectionStore().delete(run, state.owner(), name))


def _bring_back(run: Run, gone: Direction) -> None:
    with messages.in_a_toast():
        DirectionStore().save(run, state.owner(), gone)
        directions_state.put(run.id, "gone", None)
